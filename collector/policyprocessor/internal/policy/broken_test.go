package policy

import (
	"strings"
	"testing"
)

// A policy in which something is missing or does not fit is refused, with what it is: none stops the start by a panic.
func TestBrokenPolicies(t *testing.T) {
	for metric, want := range map[string]string{
		`null`: "metric 0 is null",
		`{"name": "a", "type": "counter", "series_limit": 1, "labels": [null]}`:                                                                 "label 0 is null",
		`{"name": "a", "type": "counter", "series_limit": 1, "views": [null]}`:                                                                  "a view is null",
		`{"name": "a", "type": "counter", "series_limit": 1, "labels": [{"name": "b", "domain": "masked"}, {"name": "b", "domain": "masked"}]}`: "label 1 is null, or is declared before",
		`{"name": "a", "type": "gauge", "combine": "state", "series_limit": 1, "one_hot": "b"}`:                                                 "one_hot is \"b\"",
		`{"name": "a", "type": "histogram", "series_limit": 1, "boundaries": [2, 1]}`:                                                           "each above the one before",
		`{"name": "a", "type": "histogram", "series_limit": 1, "boundaries": [1, 1]}`:                                                           "each above the one before",
	} {
		_, err := Parse([]byte(`{"version": "1", "metrics": [` + metric + `]}`))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", metric, err, want)
		}
	}
}
