package policyprocessor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Values that come one after the other are admitted as in the process: vectors/domains.json tells how.
func TestSequenceVectors(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "vectors", "domains.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Sequences []struct {
			Name, Metric string
			Inputs       []any
			Expected     []string
		}
	}
	if err := json.Unmarshal(content, &file); err != nil || len(file.Sequences) == 0 {
		t.Fatalf("%d sequences, %v", len(file.Sequences), err)
	}
	b := newBench(t, nil)
	for _, sequence := range file.Sequences {
		metric := b.policy.ByName[sequence.Metric]
		table := newTable(metric)
		for at, input := range sequence.Inputs {
			raw := pcommon.NewValueEmpty()
			if err := raw.FromRaw(input); err != nil {
				t.Fatal(err)
			}
			value := metric.Labels[0].Resolve(raw, input != nil, b.buckets).Text
			labels := setOf([]string{value})
			if got := table.find(&labels).values[0]; got != sequence.Expected[at] {
				t.Errorf("%s: %v is %s, want %s", sequence.Name, input, got, sequence.Expected[at])
			}
		}
	}
}
