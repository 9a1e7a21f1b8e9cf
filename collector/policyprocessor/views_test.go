package policyprocessor

import (
	"maps"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

const (
	served      = "http.server.request.duration"
	httpTotal   = "techsapo_http_requests_total"
	httpSeconds = "techsapo_http_request_duration_seconds"
	dbDuration  = "db.client.operation.duration"
	dbSeconds   = "techsapo_db_operation_duration_seconds"
	llmDuration = "gen_ai.client.operation.duration"
	heapTotal   = "nodejs_heap_size_total_bytes"
	used        = "techsapo_memory_usage_bytes"
)

var (
	httpBounds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
	dbBounds   = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}
	llmBounds  = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
)

// observed adds a histogram of `count` measurements in its first bucket, of 0.001 each.
func (p payload) observed(name string, boundaries []float64, attributes labels, count uint64) payload {
	counts := make([]uint64, len(boundaries)+1)
	counts[0] = count
	p.histogram(name, boundaries, counts, float64(count)/1000)
	last := p.metrics.At(p.metrics.Len() - 1).Histogram().DataPoints().At(0)
	if err := last.Attributes().FromRaw(attributes); err != nil {
		panic(err)
	}
	return p
}

// A web server's raw durations are requests by status, and a distribution in which the statuses have become one.
func TestARawInstrumentFeedsItsMetrics(t *testing.T) {
	b := newBench(t, nil)
	in := one()
	for status, count := range map[int]uint64{200: 3, 404: 2} {
		in.observed(served, httpBounds, labels{
			"http.request.method": "GET", "http.route": "/users/{id}", "http.response.status_code": status,
			"server.address": "zoe.example", "url.scheme": "https",
		}, count)
	}
	in.observed("HTTP.Server.Request.Duration", httpBounds, labels{"http.request.method": "GET"}, 1)
	b.equal(b.send(in.Metrics), map[string]float64{
		"one " + httpTotal + " GET|/users/{id}|200": 3, "one " + httpTotal + " GET|/users/{id}|404": 2,
		"one " + httpTotal + " GET|unmatched|other": 1,
		"one " + httpSeconds + " GET|/users/{id}":   5, "one " + httpSeconds + " GET|unmatched": 1,
	})
	if got := b.told("refused_points", "reason"); len(got) != 0 {
		t.Errorf("refused %v", got)
	}
}

// Boundaries of its own spoil a histogram's distribution, and not its count.
func TestOtherBoundariesSpoilTheDistributionAlone(t *testing.T) {
	b := newBench(t, nil)
	in := one().observed(served, []float64{1, 2}, labels{"http.request.method": "GET"}, 4)
	b.equal(b.send(in.Metrics), map[string]float64{"one " + httpTotal + " GET|unmatched|other": 4})
	if got := b.told("refused_points", "reason"); !maps.Equal(got, map[string]int64{"wrong_boundaries": 1}) {
		t.Errorf("refused %v", got)
	}
}

// A point that no view can take is refused once, however many views there are.
func TestAWrongRawPointIsRefusedOnce(t *testing.T) {
	for why, wrong := range map[string]func(pmetric.Metric){
		"delta": func(in pmetric.Metric) {
			in.Histogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		},
		"broken":     func(in pmetric.Metric) { in.Histogram().DataPoints().At(0).SetCount(99) },
		"wrong_type": func(in pmetric.Metric) { in.SetEmptyGauge().DataPoints().AppendEmpty().SetDoubleValue(1) },
	} {
		b := newBench(t, nil)
		in := one().observed(served, httpBounds, labels{"http.request.method": "GET"}, 4)
		wrong(in.metrics.At(0))
		b.equal(b.send(in.Metrics), map[string]float64{})
		if got := b.told("refused_points", "reason"); !maps.Equal(got, map[string]int64{why: 1}) {
			t.Errorf("refused %v, want one for %s", got, why)
		}
	}
}

// A view selects by attribute values, and tells the outcome by whether there is an error.
func TestAViewSelectsAndClassifies(t *testing.T) {
	b := newBench(t, nil)
	in := one().
		observed(dbDuration, dbBounds, labels{"db.system.name": "redis", "db.operation.name": "get"}, 3).
		observed(dbDuration, dbBounds, labels{"db.system.name": "redis", "db.operation.name": "get", "error.type": "X"}, 2).
		observed(dbDuration, dbBounds, labels{"db.system.name": "mysql", "db.operation.name": "SELECT"}, 1).
		observed(dbDuration, []float64{1, 2}, labels{"db.system.name": "postgresql", "db.operation.name": "SELECT"}, 9)
	b.equal(b.send(in.Metrics), map[string]float64{
		"one techsapo_redis_operations_total GET|success": 3, "one techsapo_redis_operations_total GET|error": 2,
		"one techsapo_mysql_queries_total select|success": 1,
		"one " + dbSeconds + " redis|GET":                 5, "one " + dbSeconds + " mysql|SELECT": 1,
	})
	if got := b.told("refused_points", "reason"); len(got) != 0 {
		t.Errorf("refused %v of what nobody asks for", got)
	}
}

// A call of a raw sender has no price here: it is counted as such, never as a cost of 0.
func TestRawCallsOfModelsHaveNoPrice(t *testing.T) {
	b := newBench(t, nil)
	call := labels{"gen_ai.system": "openai", "gen_ai.request.model": "gpt-5", "server.address": "openrouter.ai"}
	in := one().observed(llmDuration, llmBounds, call, 2)
	call["error.type"], call["techsapo.task_type"] = "429", "premium"
	in.scoped("another").observed(llmInference, llmBounds, call, 1)
	in.observed("gen_ai.client.token.usage", []float64{1, 4}, labels{
		"gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-5", "gen_ai.token.type": "input",
	}, 7000)
	b.equal(b.send(in.Metrics), map[string]float64{
		"one techsapo_llm_requests_total openrouter|gpt-5|success|other":        2,
		"one techsapo_llm_requests_total openrouter|gpt-5|rate_limited|premium": 1,
		"one techsapo_llm_response_time_seconds openrouter|gpt-5":               3,
		"one techsapo_llm_unpriced_calls_total openrouter|gpt-5":                3,
		"one techsapo_llm_token_usage_total openai|input|gpt-5":                 7,
	})
}

// V8's heap goes before resident memory, whichever comes first; both never add up.
func TestAGaugeIsToldByTheFirstOfItsInstruments(t *testing.T) {
	for _, heapFirst := range []bool{true, false} {
		b := newBench(t, nil)
		in := one()
		for range 2 {
			if heapFirst {
				in.gauge("v8js.memory.heap.limit", labels{"v8js.heap.space.name": "new_space"}, 100)
			} else {
				in.gauge("process.memory.usage", nil, 5000)
			}
			heapFirst = !heapFirst
		}
		in.gauge("v8js.memory.heap.limit", labels{"v8js.heap.space.name": "old_space"}, 20)
		b.equal(b.send(in.Metrics), map[string]float64{"one " + heapTotal: 120, "one " + used + " process": 5000})
	}
	b := newBench(t, nil)
	b.equal(b.send(one().gauge("process.memory.usage", nil, 7).Metrics),
		map[string]float64{"one " + heapTotal: 7, "one " + used + " process": 7})
}

// Sizes that a scope measures wrongly are left out.
func TestAScopeIsLeftOut(t *testing.T) {
	b := newBench(t, nil)
	sizes := []float64{256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216}
	in := one().observed("http.server.request.body.size", sizes, nil, 2)
	b.equal(b.send(in.Metrics), map[string]float64{"one techsapo_http_request_size_bytes": 2})
	in.ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().SetName("opentelemetry.instrumentation.asgi")
	b.equal(b.send(in.Metrics), map[string]float64{})
}

// This project's own instruments come raw from a stock SDK: counters, the ratio of one, states, addresses.
func TestOwnInstrumentsComeRaw(t *testing.T) {
	b := newBench(t, nil)
	in := one().counter("techsapo.cache.requests", labels{"cache_type": "redis", "result": "hit"}, 3, 1).
		counter(cacheOps, labels{"cache_type": "redis", "result": "miss"}, 1, 1).
		gauge("techsapo.circuit_breaker.state", labels{"service": "a", "state": "open"}, 1).
		counter("techsapo.rate_limit.hits", labels{"endpoint": "/a", "client_ip": "10.1.2.3"}, 2, 1).
		counter("techsapo.rate_limit.hits", labels{"otel.metric.overflow": true}, 5, 1)
	b.equal(b.send(in.Metrics), map[string]float64{
		"one " + cacheOps + " redis|hit": 3, "one " + cacheOps + " redis|miss": 1, "one " + ratio + " redis": 0.75,
		"one " + breaker + " a|open": 1, "one " + breaker + " a|half_open": 0, "one " + breaker + " a|closed": 0,
		"one " + hits + " /a|private": 2, "one " + hits + " unmatched|invalid": 5,
	})
}
