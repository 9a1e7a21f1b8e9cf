package otlptokenextension

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension/extensionauth"
	"go.opentelemetry.io/collector/extension/extensiontest"
)

const token = "a token of the tests"

var word = strings.ReplaceAll(token, " ", "-")

// started returns the authenticator of a configuration, stopped when the test ends.
func started(t *testing.T, config *Config) extensionauth.Server {
	t.Helper()
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	made, err := NewFactory().Create(t.Context(), extensiontest.NewNopSettings(Type), config)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := made.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return made.(extensionauth.Server)
}

func written(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Without a token all are let in.
func TestNobodyIsAskedWithoutAToken(t *testing.T) {
	server := started(t, createDefaultConfig().(*Config))
	if _, err := server.Authenticate(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// With one only those who show it; what was shown is in no error.
func TestATokenIsAskedForWhereOneIsSet(t *testing.T) {
	second := word + "-the-second"
	for name, config := range map[string]*Config{
		"token":      {Token: "a-token-of-the-tests"},
		"token_file": {TokenFile: written(t, "\n"+word+" of the shop\n"+second+"\n")},
	} {
		server := started(t, config)
		for _, shown := range []string{"", "Bearer", "Bearer other", word, "Basic " + word, "Bearer " + word + "x"} {
			_, err := server.Authenticate(t.Context(), map[string][]string{"Authorization": {shown}})
			if err == nil {
				t.Errorf("%s: %q is let in", name, shown)
			} else if shown != "" && strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v tells the token", name, err)
			}
		}
		for _, header := range []string{"Authorization", "authorization"} {
			if _, err := server.Authenticate(t.Context(), map[string][]string{header: {"Bearer " + word}}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	server := started(t, &Config{TokenFile: written(t, word+"\n"+second)})
	if _, err := server.Authenticate(t.Context(), map[string][]string{"Authorization": {"Bearer " + second}}); err != nil {
		t.Error(err)
	}
}

// A wrong option is named, and the token is not.
func TestWrongOptionsAreNamed(t *testing.T) {
	for _, each := range []struct {
		config Config
		want   string
	}{
		{Config{Token: "x", TokenFile: "y"}, "token: set it or token_file, not both"},
		{Config{Token: "hunter2"}, "token: a token of 7 bytes; 16 or more are needed"},
		{Config{Token: "$ecret-of-the-tests"}, "token: it holds a $, which a configuration expands; put it into token_file"},
		{Config{Token: " \n"}, "token: it holds no token"},
		{Config{TokenFile: written(t, word+"\nhunter2")}, "token_file: a token of 7 bytes; 16 or more are needed"},
		{Config{TokenFile: written(t, "\n")}, "token_file: it holds no token"},
		{Config{TokenFile: "missing"}, "token_file: open missing: no such file or directory"},
	} {
		if err := each.config.Validate(); err == nil || err.Error() != each.want {
			t.Errorf("got %v, want %s", err, each.want)
		}
	}
}

// The options are read under the names that the README has.
func TestOptionsAreReadFromAConfiguration(t *testing.T) {
	config := createDefaultConfig().(*Config)
	read := confmap.NewFromStringMap(map[string]any{"token": "t", "token_file": "f"})
	if err := read.Unmarshal(config); err != nil {
		t.Fatal(err)
	}
	if config.Token != "t" || config.TokenFile != "f" {
		t.Errorf("got %v", config)
	}
}
