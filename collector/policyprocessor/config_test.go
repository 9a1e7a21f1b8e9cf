package policyprocessor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/processor/processortest"
)

const policyFile = "../config/policy.json"

func configOf(t *testing.T, options map[string]any) *Config {
	t.Helper()
	config := createDefaultConfig()
	if err := confmap.NewFromStringMap(options).Unmarshal(config); err != nil {
		t.Fatal(err)
	}
	return config.(*Config)
}

// A wrong option is named, with what would be right; a right one is taken.
func TestOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "salt")
	if err := os.WriteFile(file, []byte(testSalt+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options map[string]any
		wrong   string
	}{
		"a salt":           {map[string]any{"client_ip_salt": testSalt}, ""},
		"a file":           {map[string]any{"client_ip_salt_file": file}, ""},
		"no salt":          {map[string]any{}, "client_ip_salt: set it, or client_ip_salt_file"},
		"both":             {map[string]any{"client_ip_salt": testSalt, "client_ip_salt_file": file}, "not both"},
		"a short salt":     {map[string]any{"client_ip_salt": "short"}, "it has 5 bytes; 16 or more are needed"},
		"no such file":     {map[string]any{"client_ip_salt_file": "/nowhere/salt"}, "client_ip_salt_file: open /nowhere"},
		"no policy":        {map[string]any{"client_ip_salt": testSalt, "policy_file": ""}, "policy_file"},
		"no instances":     {map[string]any{"client_ip_salt": testSalt, "max_instances": 0}, "max_instances: 0"},
		"no time to leave": {map[string]any{"client_ip_salt": testSalt, "instance_expiration": "0s"}, "instance_expiration"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, told := test.options["policy_file"]; !told {
				test.options["policy_file"] = policyFile
			}
			config := configOf(t, test.options)
			err := config.Validate()
			if test.wrong == "" {
				salt, saltErr := config.salt()
				if err != nil || saltErr != nil || string(salt) != testSalt {
					t.Errorf("%v, %v", err, saltErr)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.wrong) || strings.Contains(err.Error(), testSalt) {
				t.Errorf("got %v, want %q", err, test.wrong)
			}
		})
	}
}

// Nothing that is printed of the processor shows the salt.
func TestTheSaltIsNeverPrinted(t *testing.T) {
	b := newBench(t, nil)
	config := configOf(t, map[string]any{"client_ip_salt": testSalt})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, each := range []any{config.Salt, b.buckets, b.identify} {
			if text := fmt.Sprintf(verb, each); strings.Contains(text, testSalt) || strings.Contains(text, "116, 104, 101, 32") {
				t.Errorf("%s of %T shows it", verb, each)
			}
		}
	}
}

// The factory makes a processor for each signal, which starts and stops; one without a readable policy is refused.
func TestFactory(t *testing.T) {
	factory := NewFactory()
	config := configOf(t, map[string]any{"client_ip_salt": testSalt, "policy_file": policyFile})
	settings := processortest.NewNopSettings(Type)
	metrics, err := factory.CreateMetrics(t.Context(), settings, config, consumertest.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	traces, err := factory.CreateTraces(t.Context(), settings, config, consumertest.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	logs, err := factory.CreateLogs(t.Context(), settings, config, consumertest.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []component.Component{metrics, traces, logs} {
		if err := each.Start(t.Context(), nil); err != nil {
			t.Error(err)
		}
		if err := each.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	config.PolicyFile = "nowhere.json"
	if _, err := factory.CreateMetrics(t.Context(), settings, config, consumertest.NewNop()); err == nil {
		t.Error("a policy that is not there is taken")
	}
}
