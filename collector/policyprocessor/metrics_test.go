package policyprocessor

import (
	"maps"
	"math"
	"slices"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
)

func pKey(name string) attribute.Key { return attribute.Key(name) }

var success = labels{"status": "success", "method": "jwt"}

// What the contract does not know is dropped and counted; what no label asks for is gone.
func TestOnlyWhatIsDeclaredComesOut(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter("no_such_metric", nil, 1, 1).
		counter(logins, labels{"status": "success", "method": "jwt", "user": "zoe"}, 2, 1)
	b.equal(b.send(in.Metrics), map[string]float64{"one " + logins + " success|jwt": 2})
	if got := b.told("unknown_metrics", ""); got[""] != 1 {
		t.Errorf("%v unknown metrics are told", got)
	}
}

// Points, Metric objects, scopes and ResourceMetrics of one payload become one series; int and double as double.
func TestEverythingOfOnePayloadAddsUp(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(logins, success, 1.5, 30).counter(logins, success, 2, 10)
	number(in.metrics.At(0).Sum().DataPoints().AppendEmpty(), success, 4, 20)
	in.metrics.At(0).Sum().DataPoints().At(1).SetIntValue(4)
	in.metrics.At(0).CopyTo(in.ResourceMetrics().At(0).ScopeMetrics().AppendEmpty().Metrics().AppendEmpty())
	again := in.ResourceMetrics().AppendEmpty()
	in.ResourceMetrics().At(0).CopyTo(again)
	again.Resource().Attributes().PutStr("host.name", "elsewhere")
	in.metrics.At(0).SetDescription("another")

	out, err := b.process(t.Context(), in.Metrics)
	if err != nil || out.ResourceMetrics().Len() != 1 {
		t.Fatalf("%d resources, %v", out.ResourceMetrics().Len(), err)
	}
	metrics := out.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	point := metrics.At(0).Sum().DataPoints().At(0)
	if metrics.Len() != 1 || metrics.At(0).Sum().DataPoints().Len() != 1 || point.DoubleValue() != 2*(1.5+2+4+1.5+4) {
		t.Errorf("%v points of %v", metrics.At(0).Sum().DataPoints().Len(), point.DoubleValue())
	}
	if point.StartTimestamp() != 10 || point.Timestamp() != 130 {
		t.Errorf("from %d to %d, want the earliest start and the latest time", point.StartTimestamp(), point.Timestamp())
	}
	declared := b.policy.ByName[logins]
	if metrics.At(0).Description() != declared.Description || metrics.At(0).Unit() != declared.Unit {
		t.Errorf("%q in %q", metrics.At(0).Description(), metrics.At(0).Unit())
	}
}

// Histograms add up bucket by bucket, and what came in stays as it was.
func TestHistogramsAddUp(t *testing.T) {
	b := newBench(t, nil)
	boundaries := []float64{0.5, 1, 2, 5, 10, 30, 60}
	in := one().histogram(duration, boundaries, []uint64{1, 2, 0, 0, 0, 0, 0, 1}, 70).
		histogram(duration, boundaries, []uint64{0, 1, 1, 0, 0, 0, 0, 0}, 3.5)
	out, err := b.process(t.Context(), in.Metrics)
	if err != nil {
		t.Fatal(err)
	}
	points := out.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Histogram().DataPoints()
	point := points.At(0)
	if points.Len() != 1 || point.Count() != 6 || point.Sum() != 73.5 ||
		!slices.Equal(point.BucketCounts().AsRaw(), []uint64{1, 3, 1, 0, 0, 0, 0, 1}) ||
		!slices.Equal(point.ExplicitBounds().AsRaw(), boundaries) {
		t.Errorf("%d points of %d, %v, %v", points.Len(), point.Count(), point.Sum(), point.BucketCounts().AsRaw())
	}
	if in.metrics.At(0).Histogram().DataPoints().At(0).BucketCounts().At(1) != 2 {
		t.Error("the payload was changed")
	}
}

// A point that is wrong is refused with its reason, and the others go on.
func TestPointsAreRefusedOneByOne(t *testing.T) {
	good := []float64{0.5, 1, 2, 5, 10, 30, 60}
	eight := []uint64{1, 0, 0, 0, 0, 0, 0, 1}
	for name, test := range map[string]struct {
		why   reason
		wrong func(payload)
	}{
		"delta": {reasonDelta, func(p payload) {
			p.counter(logins, success, 1, 1)
			p.metrics.At(p.metrics.Len() - 1).Sum().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		}},
		"delta histogram": {reasonDelta, func(p payload) {
			p.histogram(duration, good, eight, 1)
			p.metrics.At(p.metrics.Len() - 1).Histogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		}},
		"no temporality": {reasonBroken, func(p payload) {
			p.counter(logins, success, 1, 1)
			p.metrics.At(p.metrics.Len() - 1).Sum().SetAggregationTemporality(pmetric.AggregationTemporalityUnspecified)
		}},
		"a counter that falls": {reasonType, func(p payload) {
			p.counter(logins, success, 1, 1)
			p.metrics.At(p.metrics.Len() - 1).Sum().SetIsMonotonic(false)
		}},
		"a gauge for a counter":     {reasonType, func(p payload) { p.gauge(logins, success, 1) }},
		"a counter for a gauge":     {reasonType, func(p payload) { p.counter(queue, nil, 1, 1) }},
		"a counter for a histogram": {reasonType, func(p payload) { p.counter(duration, nil, 1, 1) }},
		"a summary": {reasonType, func(p payload) {
			metric := p.metrics.AppendEmpty()
			metric.SetName(logins)
			metric.SetEmptySummary().DataPoints().AppendEmpty()
		}},
		"an exponential histogram": {reasonType, func(p payload) {
			metric := p.metrics.AppendEmpty()
			metric.SetName(duration)
			metric.SetEmptyExponentialHistogram().DataPoints().AppendEmpty()
		}},
		"NaN":       {reasonBroken, func(p payload) { p.counter(logins, success, math.NaN(), 1) }},
		"infinite":  {reasonBroken, func(p payload) { p.gauge(queue, nil, math.Inf(-1)) }},
		"too large": {reasonBroken, func(p payload) { p.gauge(queue, nil, 1e300) }},
		"negative":  {reasonBroken, func(p payload) { p.counter(logins, success, -1, 1) }},
		"no value": {reasonNoValue, func(p payload) {
			p.gauge(queue, nil, 1)
			point := p.metrics.At(p.metrics.Len() - 1).Gauge().DataPoints().At(0)
			point.SetFlags(point.Flags().WithNoRecordedValue(true))
		}},
		"other boundaries": {reasonBoundaries, func(p payload) {
			p.histogram(duration, []float64{0.5, 1, 2, 5, 10, 30, 61}, eight, 1)
		}},
		"fewer boundaries": {reasonBoundaries, func(p payload) { p.histogram(duration, good[1:], eight[1:], 1) }},
		"unequal buckets":  {reasonBroken, func(p payload) { p.histogram(duration, good, eight[1:], 1) }},
		"a wrong count": {reasonBroken, func(p payload) {
			p.histogram(duration, good, eight, 1)
			p.metrics.At(p.metrics.Len() - 1).Histogram().DataPoints().At(0).SetCount(3)
		}},
		"counts that run over": {reasonBroken, func(p payload) {
			p.histogram(duration, good, []uint64{1 << 63, 1 << 63, 0, 0, 0, 0, 0, 0}, 1)
		}},
		"a sum of NaN": {reasonBroken, func(p payload) { p.histogram(duration, good, eight, math.NaN()) }},
		"no sum": {reasonBroken, func(p payload) {
			p.histogram(duration, good, eight, 1)
			p.metrics.At(p.metrics.Len() - 1).Histogram().DataPoints().At(0).RemoveSum()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			in := one().counter(logins, labels{"status": "failure"}, 7, 1)
			test.wrong(in)
			in.histogram(duration, good, eight, 30)
			b.equal(b.send(in.Metrics), map[string]float64{"one " + logins + " failure|other": 7, "one " + duration: 2})
			if got := b.told("refused_points", "reason"); !maps.Equal(got, map[string]int64{string(test.why): 1}) {
				t.Errorf("told %v, want one for %s", got, test.why)
			}
		})
	}
}

// Gauges that become one series combine by the contract's rule.
func TestGaugesCombineByTheirRule(t *testing.T) {
	b := newBench(t, nil)
	in := one().gauge(queue, labels{"queue_name": "No Name"}, 3).gauge(queue, nil, 2).
		gauge(active, labels{"connection_type": "http"}, 3).gauge(active, labels{"connection_type": "http"}, 2).
		gauge(breaker, labels{"service": "No Name", "state": "open"}, 0).
		gauge(breaker, labels{"state": "open"}, 1)
	b.equal(b.send(in.Metrics), map[string]float64{
		"one " + queue + " other": 3, "one " + active + " http": 5, "one " + breaker + " other|open": 1,
		"one " + breaker + " other|half_open": 0, "one " + breaker + " other|closed": 0,
	})
}

// Of the states of a circuit breaker one holds: the others are 0, told or not, and of several the worst is it.
func TestOneStateHolds(t *testing.T) {
	b := newBench(t, nil)
	in := one().gauge(breaker, labels{"service": "a", "state": "closed"}, 1).
		gauge(breaker, labels{"service": "b", "state": "half_open"}, 1).
		gauge(breaker, labels{"service": "b", "state": "closed"}, 1).
		gauge(breaker, labels{"service": "c", "state": "open"}, -1).
		gauge(breaker, labels{"service": "d", "state": "open"}, 2)
	b.equal(b.send(in.Metrics), map[string]float64{
		"one " + breaker + " a|open": 0, "one " + breaker + " a|half_open": 0, "one " + breaker + " a|closed": 1,
		"one " + breaker + " b|open": 0, "one " + breaker + " b|half_open": 1, "one " + breaker + " b|closed": 0,
		"one " + breaker + " c|open": 0,
		"one " + breaker + " d|open": 1, "one " + breaker + " d|half_open": 0, "one " + breaker + " d|closed": 0,
	})
}

// A sum that may fall is what Prometheus takes for a gauge.
func TestAGaugeMayComeAsASum(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(active, labels{"connection_type": "http"}, 3, 1)
	in.metrics.At(0).Sum().SetIsMonotonic(false)
	b.equal(b.send(in.Metrics), map[string]float64{"one " + active + " http": 3})
}

// The ratio that a sender tells is not believed: it follows the counter.
func TestTheRatioComesFromItsCounter(t *testing.T) {
	b := newBench(t, nil)
	in := one().gauge(ratio, labels{"cache_type": "redis"}, 17).
		counter(cacheOps, labels{"cache_type": "redis", "result": "hit"}, 3, 1).
		counter(cacheOps, labels{"cache_type": "redis", "result": "miss"}, 1, 1).
		counter(cacheOps, labels{"cache_type": "memory", "result": "hit"}, 0, 1)
	got := b.send(in.Metrics)
	if got["one "+ratio+" redis"] != 0.75 {
		t.Errorf("got %v", got)
	}
	if _, told := got["one "+ratio+" memory"]; told {
		t.Error("a ratio of nothing is told")
	}
	b.equal(b.send(one().gauge(ratio, labels{"cache_type": "redis"}, 17).Metrics), map[string]float64{})
}

// The log names what looks like a metric, never what may be somebody's.
func TestNamesThatAreTold(t *testing.T) {
	for name, want := range map[string]bool{
		"http.client.request.duration": true, "v8js.memory.heap.space.size": true, "p99": true, "v1.2.3": true,
		"card4111111111111111": false, "tel14155552671": false, "ip203.0.113.9": false, "zoe@example.com": false, "No Name": false,
	} {
		if got := isPlain(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
