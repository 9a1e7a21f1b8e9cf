package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

func rendered(t testing.TB) *Policy {
	t.Helper()
	found, err := Read(filepath.Join("..", "..", "..", "config", "policy.json"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

type domainVectors struct {
	Salt    string
	Vectors []struct {
		Name, Metric, Label, Expected string
		Input                         any
	}
}

// An attribute value becomes what Python makes of it, in every domain.
func TestDomainVectors(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "vectors", "domains.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file domainVectors
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	policy := rendered(t)
	buckets, err := policy.Buckets([]byte(file.Salt))
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range file.Vectors {
		metric := policy.ByName[vector.Metric]
		label := metric.Labels[metric.Position(vector.Label)]
		raw := pcommon.NewValueEmpty()
		if err := raw.FromRaw(vector.Input); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time from the cache
			if got := label.Resolve(raw, vector.Input != nil, buckets).Text; got != vector.Expected {
				t.Errorf("%s: %v is %q, want %q", vector.Name, vector.Input, got, vector.Expected)
			}
		}
	}
}
