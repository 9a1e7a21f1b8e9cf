package policy

import (
	"strings"
	"testing"
)

// A view that cannot feed its metric is an error that names the metric.
func TestWrongViewsAreNamed(t *testing.T) {
	for view, want := range map[string]string{
		`{"take": "sum", "labels": {"a": {"constant": "x"}}}`:                                "a view selects no instrument",
		`{"instruments": ["i"], "take": "distribution", "labels": {"a": {"constant": "x"}}}`: `takes a "distribution", which cannot feed a counter`,
		`{"instruments": ["i"], "take": "sum"}`:                                              "the view on i does not feed each of its labels",
		`{"instruments": ["i"], "take": "sum", "labels": {"b": {"constant": "x"}}}`:          `the view on i does not feed label "a"`,
	} {
		_, err := Parse([]byte(`{"version": "1", "metrics": [{"name": "m_total", "type": "counter", "series_limit": 1,
			"labels": [{"name": "a", "domain": "enum", "values": ["x"]}], "views": [` + view + `]}]}`))
		if err == nil || !strings.Contains(err.Error(), `metric "m_total": `) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
