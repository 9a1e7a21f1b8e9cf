package policyprocessor

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
)

// README.md's example is a configuration that is taken.
func TestTheReadmesExampleIsTaken(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(blocks) != 1 {
		t.Fatalf("%d examples", len(blocks))
	}
	file := t.TempDir() + "/example.yaml"
	example := strings.ReplaceAll(blocks[0][1], "${env:TECHSAPO_CLIENT_IP_SALT}", testSalt)
	if err := os.WriteFile(file, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	content, err := confmaptest.LoadConf(file)
	if err != nil {
		t.Fatal(err)
	}
	own, err := content.Sub("processors::" + Type.String())
	if err != nil {
		t.Fatal(err)
	}
	config := createDefaultConfig()
	if err := own.Unmarshal(config); err != nil {
		t.Fatal(err)
	}
	if err := confmap.Validate(config); err != nil {
		t.Error(err)
	}
}

// The series that README.md shows is what becomes of the other one.
func TestTheReadmesSeriesComesOut(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(hits, labels{"endpoint": "/login", "client_ip": "203.0.113.9", "user": address}, 3, 1)
	for key, value := range b.send(in.Metrics) {
		_, bucket, _ := strings.Cut(key, "|")
		if shown := `{endpoint="/login", client_ip="` + bucket + `"} 3`; value != 3 || !strings.Contains(readme(t), shown) {
			t.Errorf("README.md has no %s", shown)
		}
	}
}

// README.md lists every option, with its default.
func TestTheReadmeListsTheOptions(t *testing.T) {
	for option, standard := range map[string]string{
		"policy_file": "needed", "client_ip_salt": "", "client_ip_salt_file": "", "max_instances": "1000",
		"instance_expiration": "90s",
	} {
		if row := strings.ReplaceAll("| `"+option+"` | "+standard+" |", "|  |", "| |"); !strings.Contains(readme(t), row) {
			t.Errorf("README.md has no row %s", row)
		}
	}
}

func readme(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
