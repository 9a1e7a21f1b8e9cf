package policyprocessor

import (
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// conforming is a payload as this project's library sends it, with all that a point can carry besides its labels.
func conforming() pmetric.Metrics {
	in := one().
		counter(logins, labels{"status": "success", "method": "jwt"}, 5, 7).
		gauge(active, labels{"connection_type": "http"}, 3).
		histogram(duration, []float64{0.5, 1, 2, 5, 10, 30, 60}, []uint64{1, 0, 0, 0, 0, 0, 0, 1}, 30)
	attributes := in.metrics.At(0).Sum().DataPoints().At(0).Attributes()
	attributes.Clear()
	attributes.PutStr("status", "success") // in the contract's order
	attributes.PutStr("method", "jwt")
	in.metrics.At(1).Gauge().DataPoints().At(0).SetIntValue(3)
	for at, exemplars := range []pmetric.ExemplarSlice{
		in.metrics.At(0).Sum().DataPoints().At(0).Exemplars(),
		in.metrics.At(1).Gauge().DataPoints().At(0).Exemplars(),
		in.metrics.At(2).Histogram().DataPoints().At(0).Exemplars(),
	} {
		exemplar := exemplars.AppendEmpty()
		exemplar.SetDoubleValue(float64(at))
		exemplar.FilteredAttributes().PutStr("user", address)
		exemplar.SetTraceID([16]byte{1})
	}
	point := in.metrics.At(2).Histogram().DataPoints().At(0)
	point.SetMin(0.25)
	point.SetMax(70)
	for metric := range in.metrics.Len() {
		in.metrics.At(metric).SetDescription(address)
		in.metrics.At(metric).Metadata().PutStr("user", address)
	}
	return in.Metrics
}

// What moves as it came carries nothing but what the contract declares, and is what would be made anew.
func TestWhatMovesWholeIsWhatWouldBeMadeAnew(t *testing.T) {
	b := newBench(t, nil)
	moved, err := b.process(t.Context(), conforming())
	if err != nil {
		t.Fatal(err)
	}
	if text := bytesOf(t, moved); strings.Contains(text, address) {
		t.Errorf("%q", text)
	}
	spoilt := conforming()
	for _, metric := range spoilt.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		// One attribute more, and no point can be moved.
		for _, point := range numbersOf(metric).All() {
			point.Attributes().PutStr("more", "x")
		}
		if metric.Type() == pmetric.MetricTypeHistogram {
			metric.Histogram().DataPoints().At(0).Attributes().PutStr("more", "x")
		}
	}
	made, err := b.process(t.Context(), spoilt)
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(t, moved) != bytesOf(t, made) {
		first, _ := (&pmetric.JSONMarshaler{}).MarshalMetrics(moved)
		second, _ := (&pmetric.JSONMarshaler{}).MarshalMetrics(made)
		t.Errorf("moved %s\nmade  %s", first, second)
	}
}

// A batch that is used again holds nothing of the payload before.
func TestABatchThatIsUsedAgainIsEmpty(t *testing.T) {
	b := newBench(t, nil)
	want := map[string]float64{"one " + logins + " success|jwt": 5, "one " + active + " http": 3, "one " + duration: 2}
	for range 3 {
		b.equal(b.send(conforming()), want)
	}
	b.equal(b.send(one().counter(logins, labels{"status": "failure"}, 1, 1).Metrics),
		map[string]float64{"one " + logins + " failure|other": 1})
}
