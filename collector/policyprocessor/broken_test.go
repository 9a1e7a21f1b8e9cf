package policyprocessor

import (
	"testing"

	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
)

// A payload that nobody should send is one that somebody sends: each of these goes in as it comes from the wire, and what
// stands beside it comes out.

// broken are metrics in which something is missing or does not fit, each added to a payload in which all is well.
var broken = map[string]func(payload){
	"fewer buckets than another point of the series": func(p payload) { p.buckets([]uint64{1, 0, 0, 0, 0, 0, 0, 0}, []uint64{1}) },
	"more buckets than another point of the series":  func(p payload) { p.buckets([]uint64{1, 0, 0, 0, 0, 0, 0, 0}, make([]uint64, 9)) },
	"buckets in the second point alone":              func(p payload) { p.buckets(nil, []uint64{1, 0, 0, 0, 0, 0, 0, 0}) },
	"no bucket in any point":                         func(p payload) { p.buckets(nil, nil) },
	"boundaries that run over": func(p payload) {
		p.histogram(duration, make([]float64, 1000), []uint64{1}, 1)
	},
	"a metric without data": func(p payload) { p.metrics.AppendEmpty().SetName(logins) },
	"metrics without points": func(p payload) {
		for _, name := range []string{logins, queue, duration, served, breaker, ratio, cacheOps} {
			p.metrics.AppendEmpty().SetName(name)
			p.metrics.At(p.metrics.Len() - 1).SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		}
	},
	"a metric without a name": func(p payload) { p.counter("", nil, 1, 1) },
	"attributes without values": func(p payload) {
		p.counter(hits, nil, 1, 1)
		attributes := p.metrics.At(p.metrics.Len() - 1).Sum().DataPoints().At(0).Attributes()
		for _, name := range []string{"client_ip", "endpoint", "", ""} {
			attributes.PutEmpty(name)
		}
	},
	"a resource without anything": func(p payload) { p.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty() },
	"names that are no text": func(p payload) {
		p.ResourceMetrics().AppendEmpty().Resource().Attributes().PutEmptyMap(serviceName).PutStr("\xff", "\xff")
	},
	"a state of no breaker": func(p payload) { p.gauge(breaker, labels{"state": "open"}, -1) },
}

// buckets adds a histogram of two points that tell of one series.
func (p payload) buckets(first, second []uint64) {
	p.histogram(duration, []float64{0.5, 1, 2, 5, 10, 30, 60}, first, 1)
	points := p.metrics.At(p.metrics.Len() - 1).Histogram().DataPoints()
	points.At(0).CopyTo(points.AppendEmpty())
	points.At(1).BucketCounts().FromRaw(second)
}

// No payload of metrics stops the Collector, and what is well in it comes out.
func TestBrokenMetricsDoNotStopTheCollector(t *testing.T) {
	config := configOf(t, map[string]any{"client_ip_salt": testSalt, "policy_file": policyFile})
	for name, add := range broken {
		t.Run(name, func(t *testing.T) {
			sink := new(consumertest.MetricsSink)
			under, err := NewFactory().CreateMetrics(t.Context(), processortest.NewNopSettings(Type), config, sink)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = under.Shutdown(t.Context()) }()
			in := one()
			add(in)
			in.counter(logins, success, 7, 1)
			wire, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(in.Metrics)
			if err != nil {
				t.Fatal(err)
			}
			received, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(wire)
			if err != nil {
				t.Fatal(err)
			}
			if err := under.ConsumeMetrics(t.Context(), received); err != nil {
				t.Fatal(err)
			}
			if told := amountsOf(sink.AllMetrics()[0])[logins]; told == nil || told.sum != 7 {
				t.Errorf("got %+v beside it", told)
			}
		})
	}
}

// No traces stop the Collector: links without anything, and those whose attributes have been taken away, among them.
func TestBrokenTracesDoNotStopTheCollector(t *testing.T) {
	in := ptrace.NewTraces()
	in.ResourceSpans().AppendEmpty()
	in.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	spans := in.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	spans.AppendEmpty()
	span := spans.AppendEmpty()
	span.Events().AppendEmpty()
	span.Attributes().PutEmpty("")
	empties(span.Attributes())
	for range 1000 {
		link := span.Links().AppendEmpty()
		empties(link.Attributes())
		link.Attributes().Clear()
	}
	sink := new(consumertest.TracesSink)
	under, err := NewFactory().CreateTraces(t.Context(), processortest.NewNopSettings(Type), createDefaultConfig(), sink)
	if err != nil {
		t.Fatal(err)
	}
	wire, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(in)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		received, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(wire)
		if err != nil {
			t.Fatal(err)
		}
		if err := under.ConsumeTraces(t.Context(), received); err != nil {
			t.Fatal(err)
		}
	}
	out := sink.AllTraces()[1].ResourceSpans().At(2).ScopeSpans().At(0).Spans()
	if sink.SpanCount() != 4 || out.At(1).Links().Len() != 1000 || out.At(1).Attributes().Len() != span.Attributes().Len() {
		t.Errorf("got %d spans with %d links", sink.SpanCount(), out.At(1).Links().Len())
	}
}

// No logs stop the Collector: records and bodies without anything among them.
func TestBrokenLogsDoNotStopTheCollector(t *testing.T) {
	in := plog.NewLogs()
	in.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty()
	records := in.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	records.AppendEmpty()
	records.AppendEmpty().Body().SetEmptyMap()
	empties(records.AppendEmpty().Body().SetEmptyMap())
	records.AppendEmpty().Body().SetEmptyBytes()
	sink := new(consumertest.LogsSink)
	under, err := NewFactory().CreateLogs(t.Context(), processortest.NewNopSettings(Type), createDefaultConfig(), sink)
	if err != nil {
		t.Fatal(err)
	}
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(in)
	if err != nil {
		t.Fatal(err)
	}
	received, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
	if err != nil {
		t.Fatal(err)
	}
	if err := under.ConsumeLogs(t.Context(), received); err != nil || sink.LogRecordCount() != 4 {
		t.Errorf("%d records, %v", sink.LogRecordCount(), err)
	}
}

// empties adds values of every type that hold nothing.
func empties(to pcommon.Map) {
	to.PutEmpty("nothing")
	to.PutStr("text", "")
	to.PutEmptyBytes("bytes")
	to.PutEmptyMap("map").PutEmptyMap("inner")
	to.PutEmptySlice("list").AppendEmpty().SetEmptySlice().AppendEmpty()
}
