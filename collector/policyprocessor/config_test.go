package policyprocessor

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
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

// loaded returns what testdata/config.yaml says under a name, and what is wrong with it.
func loaded(t *testing.T, name string) (*Config, error) {
	t.Helper()
	all, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	one, err := all.Sub(component.NewIDWithName(Type, name).String())
	if err != nil || len(one.AllKeys()) == 0 {
		t.Fatalf("testdata/config.yaml has no %s: %v", name, err)
	}
	config := createDefaultConfig()
	if err := one.Unmarshal(config); err != nil {
		return nil, err
	}
	return config.(*Config), confmap.Validate(config)
}

// What is set is taken, what is not has its default, and the salt is the same from the file.
func TestOptionsAreTaken(t *testing.T) {
	for name, want := range map[string]*Config{
		"defaults": {PolicyFile: policyFile, Salt: testSalt, MaxInstances: 1000, InstanceExpiration: 90 * time.Second},
		"all": {
			PolicyFile: policyFile, SaltFile: "testdata/salt", MaxInstances: 20, InstanceExpiration: 5 * time.Minute,
		},
	} {
		config, err := loaded(t, name)
		if err != nil || !reflect.DeepEqual(config, want) {
			t.Errorf("%s: got %+v, %v", name, config, err)
			continue
		}
		if salt, err := config.salt(); err != nil || string(salt) != testSalt {
			t.Errorf("%s: the salt has %d bytes, %v", name, len(salt), err)
		}
	}
}

// A wrong option is named, with what would be right; the salt is in no error.
func TestWrongOptionsAreNamed(t *testing.T) {
	for name, want := range map[string]string{
		"no_salt":         "client_ip_salt: set it, or client_ip_salt_file, to the senders' salt of client addresses",
		"two_salts":       "client_ip_salt: set it or client_ip_salt_file, not both",
		"short_salt":      "client_ip_salt: it has 15 bytes; 16 or more are needed",
		"expanded_salt":   "client_ip_salt: it holds a $, which a configuration expands; put it into client_ip_salt_file",
		"no_salt_file":    "client_ip_salt_file: open testdata/none: no such file or directory",
		"short_salt_file": "client_ip_salt_file: it has 5 bytes; 16 or more are needed",
		"no_policy":       "policy_file: it must name the policy that is rendered from the contract",
		"no_instances":    "max_instances: 0 is less than 1",
		"no_time":         "instance_expiration: 0s is not more than 0",
		"unknown_option":  "has invalid keys: salt",
	} {
		_, err := loaded(t, name)
		if err == nil || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), testSalt) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
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

// The factory makes a processor for each signal, which starts, takes a payload, says whether it changes it, and stops.
func TestFactory(t *testing.T) {
	factory, settings, next := NewFactory(), processortest.NewNopSettings(Type), consumertest.NewNop()
	config, err := loaded(t, "defaults")
	if err != nil {
		t.Fatal(err)
	}
	if err := componenttest.CheckConfigStruct(factory.CreateDefaultConfig()); err != nil {
		t.Error(err)
	}
	metrics, err := factory.CreateMetrics(t.Context(), settings, config, next)
	if err != nil {
		t.Fatal(err)
	}
	traces, err := factory.CreateTraces(t.Context(), settings, config, next)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := factory.CreateLogs(t.Context(), settings, config, next)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []consumer.Capabilities{metrics.Capabilities(), traces.Capabilities(), logs.Capabilities()} {
		if !each.MutatesData {
			t.Error("a payload is changed in place, and another pipeline may have it as well")
		}
	}
	for under, consume := range map[component.Component]func() error{
		metrics: func() error { return metrics.ConsumeMetrics(t.Context(), pmetric.NewMetrics()) },
		traces:  func() error { return traces.ConsumeTraces(t.Context(), ptrace.NewTraces()) },
		logs:    func() error { return logs.ConsumeLogs(t.Context(), plog.NewLogs()) },
	} {
		if err := under.Start(t.Context(), componenttest.NewNopHost()); err != nil {
			t.Error(err)
		}
		if err := consume(); err != nil {
			t.Error(err)
		}
		if err := under.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A policy that cannot be read stops the start, and is named.
func TestAPolicyThatIsNotThere(t *testing.T) {
	config := configOf(t, map[string]any{"client_ip_salt": testSalt, "policy_file": "nowhere.json"})
	_, err := NewFactory().CreateMetrics(t.Context(), processortest.NewNopSettings(Type), config, consumertest.NewNop())
	if err == nil || !strings.Contains(err.Error(), "nowhere.json") {
		t.Errorf("got %v", err)
	}
}
