package cost

import (
	"fmt"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// attributes puts a value of every type, and lists in lists.
func attributes(into pcommon.Map) {
	into.PutStr("text", "a text")
	into.PutBool("truth", true)
	into.PutInt("integer", -1)
	into.PutDouble("number", 0.5)
	into.PutEmptyBytes("bytes").FromRaw([]byte("bytes"))
	list := into.PutEmptySlice("list")
	list.AppendEmpty().SetStr("a")
	list.AppendEmpty().SetEmptySlice().AppendEmpty().SetEmptyMap().PutStr("b", "c")
	into.PutEmptyMap("map").PutEmptyMap("in a map").PutStr("d", "e")
}

// sampleMetrics returns metrics with everything in them that metrics can have.
func sampleMetrics() pmetric.Metrics {
	made := pmetric.NewMetrics()
	of := made.ResourceMetrics().AppendEmpty()
	of.SetSchemaUrl("https://opentelemetry.io/schemas/1.30.0")
	attributes(of.Resource().Attributes())
	in := of.ScopeMetrics().AppendEmpty()
	in.Scope().SetName("scope")
	in.Scope().SetVersion("1")
	attributes(in.Scope().Attributes())
	exemplars := func(into pmetric.ExemplarSlice) {
		one := into.AppendEmpty()
		one.SetDoubleValue(1)
		one.SetTraceID([16]byte{1})
		attributes(one.FilteredAttributes())
		into.AppendEmpty().SetIntValue(1)
	}
	next := func(name string) pmetric.Metric {
		one := in.Metrics().AppendEmpty()
		one.SetName(name)
		one.SetDescription("what it is")
		one.SetUnit("s")
		attributes(one.Metadata())
		return one
	}
	number := next("gauge").SetEmptyGauge().DataPoints().AppendEmpty()
	number.SetIntValue(1)
	attributes(number.Attributes())
	exemplars(number.Exemplars())
	next("sum").SetEmptySum().DataPoints().AppendEmpty().SetDoubleValue(2)
	spread := next("histogram").SetEmptyHistogram().DataPoints().AppendEmpty()
	spread.BucketCounts().FromRaw([]uint64{1, 2, 3})
	spread.ExplicitBounds().FromRaw([]float64{1, 2})
	attributes(spread.Attributes())
	exemplars(spread.Exemplars())
	exponential := next("exponential").SetEmptyExponentialHistogram().DataPoints().AppendEmpty()
	exponential.Positive().BucketCounts().FromRaw([]uint64{1, 200, 3})
	exponential.Negative().BucketCounts().FromRaw([]uint64{0, 0, 0, 0})
	attributes(exponential.Attributes())
	exemplars(exponential.Exemplars())
	quantiles := next("summary").SetEmptySummary().DataPoints().AppendEmpty()
	quantiles.QuantileValues().AppendEmpty().SetQuantile(0.5)
	attributes(quantiles.Attributes())
	return made
}

func sampleTraces() ptrace.Traces {
	made := ptrace.NewTraces()
	of := made.ResourceSpans().AppendEmpty()
	attributes(of.Resource().Attributes())
	for range 3 {
		one := of.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		one.SetTraceID([16]byte{1})
		one.SetName("GET /users/{id}")
		one.TraceState().FromRaw("a=b")
		one.Status().SetMessage("an error")
		attributes(one.Attributes())
		happened := one.Events().AppendEmpty()
		happened.SetName("exception")
		attributes(happened.Attributes())
		linked := one.Links().AppendEmpty()
		linked.TraceState().FromRaw("c=d")
		attributes(linked.Attributes())
	}
	return made
}

func sampleLogs() plog.Logs {
	made := plog.NewLogs()
	of := made.ResourceLogs().AppendEmpty()
	attributes(of.Resource().Attributes())
	for range 3 {
		one := of.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		attributes(one.Body().SetEmptyMap())
		attributes(one.Attributes())
		one.SetSeverityText("ERROR")
		one.SetEventName("an.event")
	}
	return made
}

// sample returns a payload of a signal as it is sent.
func sample(tb testing.TB, signal Signal, asJSON bool) []byte {
	tb.Helper()
	return [...]func(testing.TB, bool) []byte{Metrics: metricsBody, Traces: tracesBody, Logs: logsBody}[signal](tb, asJSON)
}

func metricsBody(tb testing.TB, asJSON bool) []byte {
	if asJSON {
		return must(tb)((&pmetric.JSONMarshaler{}).MarshalMetrics(sampleMetrics()))
	}
	return must(tb)((&pmetric.ProtoMarshaler{}).MarshalMetrics(sampleMetrics()))
}

func tracesBody(tb testing.TB, asJSON bool) []byte {
	if asJSON {
		return must(tb)((&ptrace.JSONMarshaler{}).MarshalTraces(sampleTraces()))
	}
	return must(tb)((&ptrace.ProtoMarshaler{}).MarshalTraces(sampleTraces()))
}

func logsBody(tb testing.TB, asJSON bool) []byte {
	if asJSON {
		return must(tb)((&plog.JSONMarshaler{}).MarshalLogs(sampleLogs()))
	}
	return must(tb)((&plog.ProtoMarshaler{}).MarshalLogs(sampleLogs()))
}

func must(tb testing.TB) func([]byte, error) []byte {
	return func(body []byte, err error) []byte {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return body
	}
}

// points returns a payload of one counter, as a sender with so many label sets sends it.
func points(count int) []byte {
	made := pmetric.NewMetrics()
	one := made.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	one.SetName("techsapo_rate_limit_hits_total")
	into := one.SetEmptySum().DataPoints()
	into.EnsureCapacity(count)
	for at := range count {
		point := into.AppendEmpty()
		point.SetTimestamp(1_700_000_000_000_000_000)
		point.SetStartTimestamp(1_700_000_000_000_000_000)
		point.SetDoubleValue(float64(at))
		point.Attributes().PutStr("endpoint", "/login")
		point.Attributes().PutStr("client_ip", fmt.Sprintf("203.0.%d.%d", at/256%256, at%256))
	}
	body, _ := (&pmetric.ProtoMarshaler{}).MarshalMetrics(made)
	return body
}
