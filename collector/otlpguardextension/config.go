package otlpguardextension

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
)

// Config is what the guard is told. Small bodies, of up to 64 KiB, pass whatever it says.
type Config struct {
	// DecodedLimitMiB is what all large bodies that are being decoded and processed may take together. One that would
	// take more alone is refused.
	DecodedLimitMiB int64 `mapstructure:"decoded_limit_mib"`
	// MaxConcurrent is how many large bodies over HTTP, and how many requests over gRPC, are received at a time.
	MaxConcurrent int64 `mapstructure:"max_concurrent"`
	// MaxWait is how long a request waits for others to be done; the sender is then told to try again.
	MaxWait time.Duration `mapstructure:"max_wait"`
	// ReadTimeout is how long a large body over HTTP, or a request over gRPC, may take to come.
	ReadTimeout time.Duration `mapstructure:"read_timeout"`

	_ struct{}
}

var _ component.Config = (*Config)(nil)

func createDefaultConfig() component.Config {
	return &Config{DecodedLimitMiB: 128, MaxConcurrent: 4, MaxWait: 10 * time.Second, ReadTimeout: 10 * time.Second}
}

// Validate tells what is wrong with the options.
func (c *Config) Validate() error {
	var errs error
	for _, each := range []struct {
		option string
		got    int64
		least  int64
		most   int64
	}{
		// With less not every small body's worth could be decoded: 64 KiB can become 5 MiB.
		{"decoded_limit_mib", c.DecodedLimitMiB, 8, 1 << 20},
		{"max_concurrent", c.MaxConcurrent, 1, 1 << 20},
	} {
		if each.got < each.least || each.got > each.most {
			errs = errors.Join(errs, fmt.Errorf("%s: got %d; it is %d to %d", each.option, each.got, each.least, each.most))
		}
	}
	if c.MaxWait < 0 {
		errs = errors.Join(errs, fmt.Errorf("max_wait: got %s; it is not negative", c.MaxWait))
	}
	if c.ReadTimeout <= 0 {
		errs = errors.Join(errs, fmt.Errorf("read_timeout: got %s; it is positive", c.ReadTimeout))
	}
	return errs
}
