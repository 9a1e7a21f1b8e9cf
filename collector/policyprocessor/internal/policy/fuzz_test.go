package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"techsapo.example/collector/policyprocessor/internal/privacy"
)

var salt = []byte("the salt of the tests, no secret")

// A file is a policy that can be worked with, or is refused in one line: no file stops the Collector by a panic.
func FuzzParse(f *testing.F) {
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "config", "policy.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	for _, small := range []string{
		`{"version": "1", "metrics": [{"name": "a", "type": "counter", "series_limit": 1, "labels": [
			{"name": "b", "domain": "bounded", "limit": 1, "pattern": "x", "known": ["x"], "sorted_pair": true},
			{"name": "c", "domain": "enum", "values": ["x"], "aliases": {"y": "x"}, "ignore_case": true}, {"name": "d", "domain": "masked"}],
			"views": [{"instruments": ["A.b"], "take": "count", "where": {"q": ["1"]}, "labels": {"b": {"constant": "x"},
			"c": {"classified": {"attribute": "e", "absent": "x", "otherwise": "y"}}, "d": {"attributes": ["f"], "overridden": {"attribute": "g"}}}}]}]}`,
		`{"version": "1", "metrics": [{"name": "a", "type": "gauge", "combine": "ratio", "series_limit": 1,
			"ratio": {"counter": "c", "label": "r", "value": "hit"}}, {"name": "c", "type": "counter", "series_limit": 1,
			"labels": [{"name": "r", "domain": "template", "limit": 1}]}]}`,
		`{"version": "1", "metrics": [{"name": "a", "type": "gauge", "combine": "state", "one_hot": "s", "series_limit": 1,
			"labels": [{"name": "s", "domain": "enum", "values": ["open"]}]}, {"name": "h", "type": "histogram", "boundaries": [1],
			"series_limit": 1}], "networks": {"carriers": [{"network": "2002::/16", "offset": 2}]}}`,
	} {
		f.Add([]byte(small))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		found, err := Parse(content)
		if err != nil {
			if strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("the error has several lines: %v", err)
			}
			return
		}
		buckets, err := found.Buckets(salt)
		if err != nil {
			t.Fatal(err)
		}
		buckets.Bucket("2002:cb00:7109::1")
		attributes := pcommon.NewMap()
		for _, metric := range found.Metrics {
			for at, label := range metric.Labels {
				attributes.PutStr(label.Name, "x")
				for _, view := range metric.FedBy {
					view.Selects(attributes)
					view.Resolve(at, attributes, buckets)
				}
				label.Resolve(pcommon.NewValueStr("x"), true, buckets)
			}
			found.ViewsOn(strings.ToUpper(metric.Name))
		}
	})
}

// Whatever an attribute holds, each label makes a value of its domain out of it, which it keeps from then on.
func FuzzResolve(f *testing.F) {
	for _, text := range []string{"openai", "other", "Get", "b:a", "/a/{id}", "/a/123456", "203.0.113.9", "zoe@example.com", "STRASSE ß", "ﬀ"} {
		f.Add(text, 1.5, byte(0))
	}
	for kind := range byte(6) {
		f.Add("x", 200.0, kind)
	}
	policy := rendered(f)
	buckets, err := policy.Buckets(salt)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, number float64, kind byte) {
		raw := pcommon.NewValueStr(text)
		switch kind % 6 {
		case 1:
			raw.SetDouble(number)
		case 2:
			raw.SetInt(int64(number))
		case 3:
			raw.SetBool(number > 0)
		case 4:
			raw.SetEmptyBytes().FromRaw([]byte(text))
		case 5:
			raw.SetEmptyMap().PutStr(text, text)
		}
		for _, metric := range policy.Metrics {
			for _, label := range metric.Labels {
				value := label.Resolve(raw, true, buckets).Text
				if again := label.Resolve(pcommon.NewValueStr(value), true, buckets).Text; again != value {
					t.Errorf("%s of %s: %q is %q, and then %q", label.Name, metric.Name, raw.AsString(), value, again)
				}
				if !label.Always(value) && len(privacy.Find(value)) > 0 {
					t.Errorf("%s of %s: %q is %q", label.Name, metric.Name, raw.AsString(), value)
				}
				if strings.IndexByte(value, 0xFF) >= 0 || len(value) > 4*maxText {
					t.Errorf("%s of %s: %q cannot be part of a key", label.Name, metric.Name, value)
				}
			}
		}
	})
}
