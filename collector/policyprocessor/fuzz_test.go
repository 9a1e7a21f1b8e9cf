package policyprocessor

import (
	"maps"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// seed gives a fuzz target its first inputs: a payload as it is sent, and choices that payloads are made from.
func seed(f *testing.F, wire []byte, err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire, false)
	for step := range byte(8) {
		choices := make([]byte, 200)
		for at := range choices {
			choices[at] = byte(at)*(2*step+1) + step
		}
		f.Add(choices, true)
	}
}

// No payload that can be received stops the Collector; only what is declared comes out; nothing is lost where nothing is
// refused; and what has come out comes out again.
func FuzzMetrics(f *testing.F) {
	in := one().counter(requests, labels{"provider": "p", "status": 7, "task_type": true}, 1, 1).gauge(queue, success, 2).
		histogram(duration, []float64{0.5, 1, 2, 5, 10, 30, 60}, []uint64{1, 0, 0, 0, 0, 0, 0, 1}, 3).
		counter(hits, labels{"client_ip": "203.0.113.9", "endpoint": "/a/{id}"}, 1, 1).
		counter(cacheOps, labels{"cache_type": "redis", "result": "hit"}, 1, 1)
	wire, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(in.Metrics)
	seed(f, wire, err)
	b, refused := newBench(f, nil), map[string]int64{}
	for _, metric := range b.policy.Metrics { // limits so low that few series meet them
		if metric.OneHot == "" { // whose states are admitted together, below the limit that the contract has for it
			metric.SeriesLimit = 3
		}
		for _, label := range metric.Labels {
			label.Limit = min(label.Limit, 2)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, made bool) {
		in := (&source{body}).metrics(b.policy)
		if !made {
			var err error
			if in, err = (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(body); err != nil {
				return
			}
		}
		b.TB = t
		b.instances = newInstances(b.policy, b.instances.limit, b.instances.expiration, b.instances.now)
		before := amountsOf(in)
		out, _ := b.process(t.Context(), in)
		b.checkDeclared(out)
		if now := b.told("refused_points", "reason"); maps.Equal(refused, now) {
			b.checkConserved(before, out)
		} else {
			refused = now
		}
		b.checkAgain(out)
	})
}

// No traces stop the Collector; no span is lost; ids, times, kinds and numbers stay; nothing is left to mask.
func FuzzTraces(f *testing.F) {
	in := ptrace.NewTraces()
	span := in.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	nested(span.Attributes().PutEmpty("nested"), address)
	span.Links().AppendEmpty().Attributes().PutStr("a", address)
	span.Events().AppendEmpty().SetName("tel 415-555-2671")
	wire, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(in)
	seed(f, wire, err)
	f.Fuzz(func(t *testing.T, body []byte, made bool) {
		in := (&source{body}).traces()
		if !made {
			var err error
			if in, err = (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body); err != nil {
				return
			}
		}
		scrub, marshal := newTestScrubber(t, signalTraces), (&ptrace.ProtoMarshaler{}).MarshalTraces
		before := outlineOfTraces(in)
		once, _ := scrub.traces(t.Context(), in)
		if after := outlineOfTraces(once); after != before {
			t.Errorf("it was\n%s\nand is\n%s", before, after)
		}
		first, _ := marshal(once)
		twice, _ := scrub.traces(t.Context(), once)
		if second, _ := marshal(twice); string(first) != string(second) {
			t.Errorf("%q is scrubbed again, to %q", first, second)
		}
	})
}

// The same of logs.
func FuzzLogs(f *testing.F) {
	in := plog.NewLogs()
	record := in.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	nested(record.Body(), address)
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(in)
	seed(f, wire, err)
	f.Fuzz(func(t *testing.T, body []byte, made bool) {
		in := (&source{body}).logs()
		if !made {
			var err error
			if in, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(body); err != nil {
				return
			}
		}
		scrub, marshal := newTestScrubber(t, signalLogs), (&plog.ProtoMarshaler{}).MarshalLogs
		before := outlineOfLogs(in)
		once, _ := scrub.logs(t.Context(), in)
		if after := outlineOfLogs(once); after != before {
			t.Errorf("it was\n%s\nand is\n%s", before, after)
		}
		first, _ := marshal(once)
		twice, _ := scrub.logs(t.Context(), once)
		if second, _ := marshal(twice); string(first) != string(second) {
			t.Errorf("%q is scrubbed again, to %q", first, second)
		}
	})
}
