package otlpguardextension

import (
	"testing"
	"time"

	"go.opentelemetry.io/collector/confmap"
)

// A wrong option is named, with what it got and what it may be.
func TestWrongOptionsAreNamed(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"decoded_limit_mib: got 7; it is 8 to 1048576":       func(c *Config) { c.DecodedLimitMiB = 7 },
		"decoded_limit_mib: got 1048577; it is 8 to 1048576": func(c *Config) { c.DecodedLimitMiB = 1<<20 + 1 },
		"max_concurrent: got 0; it is 1 to 1048576":          func(c *Config) { c.MaxConcurrent = 0 },
		"max_wait: got -1s; it is not negative":              func(c *Config) { c.MaxWait = -time.Second },
		"read_timeout: got 0s; it is positive":               func(c *Config) { c.ReadTimeout = 0 },
	} {
		config := createDefaultConfig().(*Config)
		change(config)
		if err := config.Validate(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The options are read under the names that the README has, and what is not told is the default.
func TestOptionsAreReadFromAConfiguration(t *testing.T) {
	config := createDefaultConfig().(*Config)
	if want := (Config{DecodedLimitMiB: 128, MaxConcurrent: 4, MaxWait: 10 * time.Second, ReadTimeout: 10 * time.Second}); *config != want {
		t.Errorf("got %v by default", *config)
	}
	read := confmap.NewFromStringMap(map[string]any{
		"decoded_limit_mib": 64, "max_concurrent": 2, "max_wait": "3s", "read_timeout": "4s",
	})
	if err := read.Unmarshal(config); err != nil {
		t.Fatal(err)
	}
	want := Config{DecodedLimitMiB: 64, MaxConcurrent: 2, MaxWait: 3 * time.Second, ReadTimeout: 4 * time.Second}
	if *config != want || config.Validate() != nil {
		t.Errorf("got %v", *config)
	}
}
