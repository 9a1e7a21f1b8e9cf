package otlptokenextension

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
)

// The least that a token may have: with less it could be guessed.
const minTokenBytes = 16

// Config is what the extension is told. With neither option set no token is asked for.
type Config struct {
	// Token is what senders must show as `Authorization: Bearer TOKEN` (RFC 6750).
	Token configopaque.String `mapstructure:"token"`
	// TokenFile is a file that holds it instead, one token a line; a changed file is taken without a restart.
	TokenFile string `mapstructure:"token_file"`

	_ struct{}
}

var _ component.Config = (*Config)(nil)

func createDefaultConfig() component.Config { return &Config{} }

// Validate tells what is wrong with the options, never with the token's content.
func (c *Config) Validate() error {
	switch {
	case c.Token != "" && c.TokenFile != "":
		return errors.New("token: set it or token_file, not both")
	case strings.Contains(string(c.Token), "$"):
		return errors.New("token: it holds a $, which a configuration expands; put it into token_file")
	case c.Token != "":
		return checkTokens("token", string(c.Token))
	case c.TokenFile != "":
		content, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return fmt.Errorf("token_file: %w", err)
		}
		return checkTokens("token_file", string(content))
	}
	return nil
}

// asked tells whether senders have to show a token.
func (c *Config) asked() bool { return c.Token != "" || c.TokenFile != "" }

// checkTokens checks the tokens of a text as the bearer token extension reads them: the first word of each line.
func checkTokens(option, text string) error {
	found := 0
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words[0]) < minTokenBytes {
			return fmt.Errorf("%s: a token of %d bytes; %d or more are needed", option, len(words[0]), minTokenBytes)
		}
		found++
	}
	if found == 0 {
		return fmt.Errorf("%s: it holds no token", option)
	}
	return nil
}
