package policyprocessor

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// 100 providers give 16 and other, their sum kept; the earliest are admitted whatever the order of the payload, and
// known ones always.
func TestALabelsLimit(t *testing.T) {
	b := newBench(t, nil)
	in := one()
	for _, at := range rand.Perm(100) {
		name := fmt.Sprintf("p%02d", 99-at) // by their names the last would be first
		in.counter(requests, labels{"task_type": "basic", "provider": name, "status": "success"}, 1, 1000+at)
	}
	want := map[string]float64{"one " + requests + " basic|other|success": 84}
	for at := range 16 {
		want[fmt.Sprintf("one %s basic|p%02d|success", requests, 99-at)] = 1
	}
	b.equal(b.send(in.Metrics), want)
	late := one().counter(requests, labels{"task_type": "basic", "provider": "openai", "status": "success"}, 1, 5).
		counter(requests, labels{"task_type": "basic", "provider": "p00", "status": "success"}, 2, 5)
	b.equal(b.send(late.Metrics), map[string]float64{
		"one " + requests + " basic|openai|success": 1, "one " + requests + " basic|other|success": 2,
	})
	if got := b.told("overflow_points", "metric"); got[requests] != 85 {
		t.Errorf("%v overflowed", got)
	}
}

// Past a metric's limit of series whole label sets become other; buckets of addresses never do.
func TestAMetricsLimitOfSeries(t *testing.T) {
	b := newBench(t, nil)
	b.policy.ByName[hits].SeriesLimit = 3
	in := one()
	for at := range 5 {
		in.counter(hits, labels{"endpoint": "/a", "client_ip": fmt.Sprintf("v4-%02x", at)}, 1, 1+at)
	}
	b.equal(b.send(in.Metrics), map[string]float64{
		"one " + hits + " /a|v4-00": 1, "one " + hits + " /a|v4-01": 1, "one " + hits + " /a|v4-02": 1,
		"one " + hits + " other|v4-03": 1, "one " + hits + " other|v4-04": 1,
	})
}

// However often and in whatever order a growing set of series is sent, no series ever falls and the sum is kept.
func TestNoSeriesEverFalls(t *testing.T) {
	b := newBench(t, nil)
	before := map[string]float64{}
	type series struct {
		provider string
		status   string
		start    int
	}
	sent := map[series]float64{}
	total := 0.0
	for round := range 60 {
		for range 5 {
			each := series{fmt.Sprintf("p%d", rand.IntN(2+round)), "success", 0}
			if rand.IntN(2) == 0 {
				each.status = "error"
			}
			for known := range sent {
				if known.provider == each.provider && known.status == each.status {
					each = known
				}
			}
			if each.start == 0 {
				each.start = round*100 + rand.IntN(100) + 1
			}
			sent[each]++
			total++
		}
		in := one()
		for each, value := range sent {
			in.counter(requests, labels{"task_type": "basic", "provider": each.provider, "status": each.status}, value, each.start)
		}
		now, sum := b.send(in.Metrics), 0.0
		for key, value := range now {
			sum += value
			if value < before[key] {
				t.Fatalf("round %d: %s fell from %v to %v", round, key, before[key], value)
			}
		}
		for key := range before {
			if _, there := now[key]; !there {
				t.Fatalf("round %d: %s is gone", round, key)
			}
		}
		if sum != total {
			t.Fatalf("round %d: %v came out of %v", round, sum, total)
		}
		before = now
	}
}

// A hundred thousand addresses are at most 515 values, and their sum is the number of hits.
func TestAddressesAreBounded(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter(hits, labels{"endpoint": "/a", "client_ip": "not an address"}, 1, 1)
	points := in.metrics.At(0).Sum().DataPoints()
	for at := range 100_000 {
		address := fmt.Sprintf("%d.%d.%d.%d", 1+at%223, at/223%256, at%251, at%13)
		if at%3 == 0 {
			address = fmt.Sprintf("2001:db8:%x:%x::1", at%65536, at/7)
		}
		number(points.AppendEmpty(), labels{"endpoint": "/a", "client_ip": address}, 1, 1)
	}
	got, sum := b.send(in.Metrics), 0.0
	for _, value := range got {
		sum += value
	}
	if len(got) > 515 || len(got) < 500 || sum != 100_001 {
		t.Errorf("%d series of %v", len(got), sum)
	}
}

// Senders that do not say which instance they are stay apart, and each stays what it was.
func TestASenderWithoutAnInstanceGetsOne(t *testing.T) {
	b := newBench(t, nil)
	ids := map[string]string{}
	for range 2 {
		for _, pid := range []string{"1", "2"} {
			for key := range b.send(from(map[string]any{serviceName: "web", "process.pid": pid}).counter(logins, success, 1, 1).Metrics) {
				id, _, _ := strings.Cut(key, " ")
				if known := ids[pid]; known != "" && known != id {
					t.Errorf("%s was %s and is %s", pid, known, id)
				}
				ids[pid] = id
			}
		}
	}
	if ids["1"] == ids["2"] || !strings.HasPrefix(ids["1"], "hashed-") {
		t.Errorf("got %v", ids)
	}
}

// A name or id with personal data is masked or hashed, and two of them stay apart.
func TestPersonalDataInAResource(t *testing.T) {
	b := newBench(t, nil)
	ids := map[string]bool{}
	for _, id := range []string{"10.0.0.1:8080", "10.0.0.2:8080"} {
		out, err := b.process(t.Context(), from(map[string]any{
			serviceName: "of zoe@example.com", serviceInstance: id, serviceVersion: "192.0.2.1", "user.email": "zoe@example.com",
		}).counter(logins, success, 1, 1).Metrics)
		if err != nil {
			t.Fatal(err)
		}
		attributes := out.ResourceMetrics().At(0).Resource().Attributes()
		ids[textOf(attributes, serviceInstance)] = true
		if textOf(attributes, serviceName) != "of [email]" || textOf(attributes, serviceVersion) != "[ip]" || attributes.Len() != 3 {
			t.Errorf("got %v", attributes.AsRaw())
		}
	}
	if len(ids) != 2 || ids["10.0.0.1:8080"] {
		t.Errorf("got %v", ids)
	}
}

// An address as the id is personal data by itself.
func TestAnAddressAsTheInstance(t *testing.T) {
	b := newBench(t, nil)
	for key := range b.send(from(map[string]any{serviceInstance: "10.0.0.1:8080"}).counter(logins, success, 1, 1).Metrics) {
		if !strings.HasPrefix(key, "hashed-") {
			t.Errorf("got %s", key)
		}
	}
}

// Past the limit of instances points are refused and counted; an instance that has expired makes room.
func TestTheLimitOfInstances(t *testing.T) {
	b := newBench(t, func(config *Config) { config.MaxInstances = 2 })
	send := func(id string) int {
		return len(b.send(from(map[string]any{serviceInstance: id}).counter(logins, success, 1, 1).Metrics))
	}
	if got := []int{send("a"), send("b"), send("c")}; fmt.Sprint(got) != "[1 1 0]" {
		t.Errorf("got %v", got)
	}
	if got := b.told("refused_points", "reason"); got[string(reasonInstances)] != 1 {
		t.Errorf("told %v", got)
	}
	b.now = b.now.Add(60 * time.Second)
	send("b")
	b.now = b.now.Add(60 * time.Second)
	if got := []int{send("c"), send("b"), send("a")}; fmt.Sprint(got) != "[1 1 0]" || b.instances.count() != 2 {
		t.Errorf("got %v, %d known", got, b.instances.count())
	}
}

// Payloads of one instance and of others may come at the same time (under the race detector).
func TestPayloadsSideBySide(t *testing.T) {
	b := newBench(t, nil)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for round := range 50 {
				in := from(map[string]any{serviceInstance: fmt.Sprint(worker % 3)})
				in.counter(requests, labels{"provider": fmt.Sprintf("p%d", round)}, 1, round+1)
				if _, err := b.process(t.Context(), in.Metrics); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if b.instances.count() != 3 {
		t.Errorf("%d instances", b.instances.count())
	}
}
