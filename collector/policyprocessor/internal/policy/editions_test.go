package policy

import (
	"strings"
	"testing"
)

// Editions that exclude nothing, or name what is no instrument, are refused with what is wrong.
func TestBrokenEditions(t *testing.T) {
	const metrics = `[{"name": "a", "type": "counter", "series_limit": 1, "views": [{"instruments": ["x", "y"], "take": "sum"}]}]`
	for editions, want := range map[string]string{
		`null`: "editions 0 are null",
		`{"measures": "m", "names": [["x"]], "apart": "op"}`:               "they need 2 to 64 names",
		`{"measures": "m", "names": [["x"], ["y"]]}`:                       "an attribute in `apart`",
		`{"measures": "m", "names": [["x"], []], "apart": "op"}`:           "one of them has no instrument",
		`{"measures": "m", "names": [["x"], ["y", "x"]], "apart": "op"}`:   "x is named twice",
		`{"measures": "m", "names": [["x"], ["other"]], "apart": "op"}`:    "no view selects other",
		`{"measures": "m", "names": [["x"], ["y"]], "apart": "op"}, null`:  "editions 1 are null",
		`{"measures": "m", "names": [["x"], ["Y"]], "apart": "op"}`:        "no view selects Y",
		`{"measures": "m", "names": [` + many(65) + `], "apart": "op"}`:    "they need 2 to 64 names",
		`{"measures": "m", "names": [["x"], ["y"], ["a"]], "apart": "op"}`: "",
	} {
		_, err := Parse([]byte(`{"version": "1", "metrics": ` + metrics + `, "editions": [` + editions + `]}`))
		if want == "" && err == nil {
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", editions, err, want)
		}
	}
}

func many(times int) string { return strings.TrimSuffix(strings.Repeat(`["x"], `, times), ", ") }
