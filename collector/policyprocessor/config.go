package policyprocessor

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
)

// The least that the salt of client addresses may be: with less all IPv4 addresses could be tried for all salts.
const minSaltBytes = 16

// Config is what the processor is told.
type Config struct {
	// PolicyFile is the policy that `techsapo-telemetry render` writes from the contract.
	PolicyFile string `mapstructure:"policy_file"`
	// Salt is the secret that the buckets of client addresses depend on, the same as the senders'.
	Salt configopaque.String `mapstructure:"client_ip_salt"`
	// SaltFile is a file that holds that secret, instead of Salt. Line ends behind it do not belong to it.
	SaltFile string `mapstructure:"client_ip_salt_file"`
	// MaxInstances is how many instances of services may send metrics at a time; those past it are refused.
	MaxInstances int `mapstructure:"max_instances"`
	// InstanceExpiration is how long after its last metrics an instance is forgotten: that of the exporter, or longer.
	InstanceExpiration time.Duration `mapstructure:"instance_expiration"`

	_ struct{}
}

var _ component.Config = (*Config)(nil)

func createDefaultConfig() component.Config {
	return &Config{MaxInstances: 1000, InstanceExpiration: 90 * time.Second}
}

// Validate tells what is wrong with the options, never with the salt's content.
func (c *Config) Validate() error {
	switch {
	case c.PolicyFile == "":
		return errors.New("policy_file: it must name the policy that is rendered from the contract")
	case c.Salt == "" && c.SaltFile == "":
		return errors.New("client_ip_salt: set it, or client_ip_salt_file, to the senders' salt of client addresses")
	case c.Salt != "" && c.SaltFile != "":
		return errors.New("client_ip_salt: set it or client_ip_salt_file, not both")
	case strings.Contains(string(c.Salt), "$"):
		return errors.New("client_ip_salt: it holds a $, which a configuration expands; put it into client_ip_salt_file")
	case c.MaxInstances < 1:
		return fmt.Errorf("max_instances: %d is less than 1", c.MaxInstances)
	case c.InstanceExpiration <= 0:
		return fmt.Errorf("instance_expiration: %s is not more than 0", c.InstanceExpiration)
	}
	_, err := c.salt()
	return err
}

// salt returns the salt as Python takes it: the bytes without line ends behind them.
func (c *Config) salt() ([]byte, error) {
	option, text := "client_ip_salt", string(c.Salt)
	if c.SaltFile != "" {
		content, err := os.ReadFile(c.SaltFile)
		if err != nil {
			return nil, fmt.Errorf("client_ip_salt_file: %w", err)
		}
		option, text = "client_ip_salt_file", string(content)
	}
	text = strings.TrimRight(text, "\r\n")
	if len(text) < minSaltBytes {
		return nil, fmt.Errorf("%s: it has %d bytes; %d or more are needed", option, len(text), minSaltBytes)
	}
	return []byte(text), nil
}
