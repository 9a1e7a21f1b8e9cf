package policyprocessor

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// No payload that can be received may stop the Collector, and what comes out is declared.
func FuzzMetrics(f *testing.F) {
	in := one().counter(requests, labels{"provider": "p", "status": 7, "task_type": true}, 1, 1).gauge(queue, success, 2).
		histogram(duration, []float64{0.5, 1, 2, 5, 10, 30, 60}, []uint64{1, 0, 0, 0, 0, 0, 0, 1}, 3).
		counter(hits, labels{"client_ip": "203.0.113.9", "endpoint": "/a/{id}"}, 1, 1).
		counter(cacheOps, labels{"cache_type": "redis", "result": "hit"}, 1, 1)
	seed, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(in.Metrics)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	b := newBench(f, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(body)
		if err != nil {
			return
		}
		b.TB = t
		b.send(in)
	})
}

// The same of traces, of which nothing that is masked may be left to mask.
func FuzzTraces(f *testing.F) {
	in := ptrace.NewTraces()
	span := in.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	nested(span.Attributes().PutEmpty("nested"), address)
	span.Links().AppendEmpty().Attributes().PutStr("a", address)
	span.Events().AppendEmpty().SetName("tel 415-555-2671")
	seed, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
		if err != nil {
			return
		}
		once, _ := newTestScrubber(t, signalTraces).traces(t.Context(), in)
		first, _ := (&ptrace.ProtoMarshaler{}).MarshalTraces(once)
		twice, _ := newTestScrubber(t, signalTraces).traces(t.Context(), once)
		second, _ := (&ptrace.ProtoMarshaler{}).MarshalTraces(twice)
		if string(first) != string(second) {
			t.Errorf("%q is scrubbed again, to %q", first, second)
		}
	})
}

// The same of logs.
func FuzzLogs(f *testing.F) {
	in := plog.NewLogs()
	record := in.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	nested(record.Body(), address)
	seed, err := (&plog.ProtoMarshaler{}).MarshalLogs(in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(body)
		if err != nil {
			return
		}
		once, _ := newTestScrubber(t, signalLogs).logs(t.Context(), in)
		first, _ := (&plog.ProtoMarshaler{}).MarshalLogs(once)
		twice, _ := newTestScrubber(t, signalLogs).logs(t.Context(), once)
		second, _ := (&plog.ProtoMarshaler{}).MarshalLogs(twice)
		if string(first) != string(second) {
			t.Errorf("%q is scrubbed again, to %q", first, second)
		}
	})
}
