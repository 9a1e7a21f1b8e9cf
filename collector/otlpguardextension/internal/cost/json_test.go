package cost

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Where a list stands in the JSON of a signal, and what can be in it.
var lists = map[string]struct {
	signal Signal
	around string
}{
	"resources":      {Metrics, `{"resourceMetrics":[%s]}`},
	"scopes":         {Metrics, `{"resourceMetrics":[{"scopeMetrics":[%s]}]}`},
	"metrics":        {Metrics, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[%s]}]}]}`},
	"numbers":        {Metrics, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[%s]}}]}]}]}`},
	"distributions":  {Metrics, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[%s]}}]}]}]}`},
	"exponential":    {Metrics, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"exponentialHistogram":{"dataPoints":[%s]}}]}]}]}`},
	"quantiles":      {Metrics, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"summary":{"dataPoints":[{"quantileValues":[%s]}]}}]}]}]}`},
	"boundaries":     {Metrics, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"explicitBounds":[%s]}]}}]}]}]}`},
	"exemplars":      {Metrics, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"exemplars":[%s]}]}}]}]}]}`},
	"keys":           {Traces, `{"resourceSpans":[{"resource":{"entityRefs":[{"idKeys":[%s]}]}}]}`},
	"spans":          {Traces, `{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}`},
	"events":         {Traces, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"events":[%s]}]}]}]}`},
	"links":          {Traces, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"links":[%s]}]}]}]}`},
	"log records":    {Logs, `{"resourceLogs":[{"scopeLogs":[{"logRecords":[%s]}]}]}`},
	"log attributes": {Logs, `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[%s]}]}]}]}`},
	"log body":       {Logs, `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"arrayValue":{"values":[%s]}}}]}]}]}`},
}

// Whatever a list of JSON holds, what the decoder takes for it is counted.
func TestWhatTheDecoderTakesOfJSONIsCounted(t *testing.T) {
	taken := 0
	for name, each := range lists {
		for _, item := range []string{`{}`, `1`, `"1"`, `"k"`, `{"value":{"boolValue":true}}`, `{"asInt":"1"}`, `{"sum":{}}`, `{"stringValue":"x"}`} {
			body := []byte(fmt.Sprintf(each.around, strings.Repeat(item+",", 3000)+item))
			decoded, err := decode(each.signal, body, true)
			if err != nil {
				continue
			}
			taken++
			got, err := counted(NewJSON(unlimited), body, 1000)
			if err != nil {
				t.Errorf("%s of %s: %v", name, item, err)
			}
			checkCovers(t, name+" of "+item, got, decoded)
		}
	}
	if taken < 2*len(lists) {
		t.Errorf("the decoder takes only %d", taken)
	}
}

// What is in a text costs nothing of its own, however it is quoted and cut; what is behind it does.
func TestATextOfBracketsIsAText(t *testing.T) {
	for _, inside := range []string{strings.Repeat("{[,", 1000), strings.Repeat(`\"{`, 1000), strings.Repeat(`\\`, 1000), `\n`} {
		body := []byte(`"` + inside + `"{}`)
		for _, piece := range []int{1, 3, 10_000} {
			want := perByte*int64(len(body)) + perObject
			if got, err := counted(NewJSON(unlimited), body, piece); got != want || err != nil {
				t.Errorf("%.10s: got %d, %v, want %d", inside, got, err, want)
			}
		}
	}
}

// Over the limit, or nested too deep, JSON is refused.
func TestWhatIsRefusedOfJSON(t *testing.T) {
	const limit = 1 << 20
	for name, each := range map[string]struct {
		body string
		want error
	}{
		"a little":          {`{"resourceSpans":[{},{}]}`, nil},
		"objects":           {"[" + strings.Repeat("{},", limit/290) + "{}]", ErrTooLarge},
		"numbers":           {"[" + strings.Repeat("1,", limit/52) + "1]", ErrTooLarge},
		"a text":            {`"` + strings.Repeat("x", limit/2) + `"`, ErrTooLarge},
		"nested":            {strings.Repeat("[", MaxDepth), nil},
		"nested too deep":   {strings.Repeat("[", MaxDepth+1), ErrTooDeep},
		"one after another": {strings.Repeat("[]", MaxDepth+1), nil},
	} {
		if _, err := counted(NewJSON(limit), []byte(each.body), 100); !errors.Is(err, each.want) {
			t.Errorf("%s: got %v, want %v", name, err, each.want)
		}
	}
}
