package policyprocessor

import (
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"
)

const address = "zoe@example.com"

func newTestScrubber(t testing.TB, signal string) *scrubber {
	t.Helper()
	own, err := newFigures(componenttest.NewNopTelemetrySettings())
	if err != nil {
		t.Fatal(err)
	}
	return newScrubber(own, signal)
}

// nested fills a value with lists, maps and bytes that hold a datum, in keys, too.
func nested(value pcommon.Value, datum string) {
	list := value.SetEmptySlice()
	list.AppendEmpty().SetStr("to " + datum)
	list.AppendEmpty().SetEmptyBytes().FromRaw([]byte(datum))
	inner := list.AppendEmpty().SetEmptyMap()
	inner.PutStr(datum, datum)
	inner.PutInt("count", 7)
	inner.PutEmptyMap("deeper").PutStr("k", "<"+datum+">")
}

// Every string of a span is masked; ids, numbers and types stay.
func TestTracesAreScrubbed(t *testing.T) {
	in := ptrace.NewTraces()
	resource := in.ResourceSpans().AppendEmpty()
	resource.SetSchemaUrl("https://u:secret@example.com/")
	resource.Resource().Attributes().PutStr("owner", address)
	scope := resource.ScopeSpans().AppendEmpty()
	scope.SetSchemaUrl("https://u:secret@example.com/")
	scope.Scope().SetName(address)
	scope.Scope().SetVersion(address)
	scope.Scope().Attributes().PutStr(address, "x")
	span := scope.Spans().AppendEmpty()
	span.SetName("GET " + address)
	span.SetTraceID([16]byte{1})
	span.TraceState().FromRaw("a=" + address)
	span.Status().SetMessage(address)
	nested(span.Attributes().PutEmpty("nested"), address)
	event := span.Events().AppendEmpty()
	event.SetName(address)
	event.Attributes().PutStr("message", address)
	link := span.Links().AppendEmpty()
	link.SetSpanID([8]byte{2})
	link.TraceState().FromRaw("a=" + address)
	link.Attributes().PutStr("plain", "kept nowhere")

	out, err := newTestScrubber(t, signalTraces).traces(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := (&ptrace.JSONMarshaler{}).MarshalTraces(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{address, "secret", "em9lQGV4YW1wbGUuY29t", "kept nowhere"} {
		if strings.Contains(string(seen), gone) {
			t.Errorf("%q is in %s", gone, seen)
		}
	}
	found := out.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	list, _ := found.Attributes().Get("nested")
	inner := list.Slice().At(2).Map()
	count, _ := inner.Get("count")
	masked, _ := inner.Get("[email]")
	switch {
	case found.Name() != "GET [email]", found.TraceID() != [16]byte{1}, found.Links().At(0).SpanID() != [8]byte{2}:
		t.Errorf("got %s", seen)
	case list.Slice().At(1).Type() != pcommon.ValueTypeBytes, count.Int() != 7, masked.Str() != "[email]", inner.Len() != 3:
		t.Errorf("got %v", list.AsRaw())
	}
}

// Every string of a log record is masked, whatever its body nests.
func TestLogsAreScrubbed(t *testing.T) {
	in := plog.NewLogs()
	scope := in.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty()
	record := scope.LogRecords().AppendEmpty()
	nested(record.Body(), address)
	record.SetSeverityText(address)
	record.SetEventName(address)
	record.Attributes().PutStr("k"+address, address)
	out, err := newTestScrubber(t, signalLogs).logs(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := (&plog.JSONMarshaler{}).MarshalLogs(out)
	if err != nil || strings.Contains(string(seen), address) || strings.Count(string(seen), "[email]") < 6 {
		t.Errorf("%v: %s", err, seen)
	}
}

// A value that nests without end is cut off instead of followed.
func TestDeepValuesAreCutOff(t *testing.T) {
	in := plog.NewLogs()
	value := in.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body()
	for range 1000 {
		value = value.SetEmptySlice().AppendEmpty()
	}
	value.SetStr(address)
	out, err := newTestScrubber(t, signalLogs).logs(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	depth := 0
	body := out.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body()
	for body.Type() == pcommon.ValueTypeSlice && body.Slice().Len() > 0 {
		body = body.Slice().At(0)
		depth++
	}
	if depth > maxDepth {
		t.Errorf("it is still %d deep", depth)
	}
}

// References to entities, which name attributes by their keys, leave with neither signal.
func TestEntityReferencesAreRemoved(t *testing.T) {
	told := func(resource pcommon.Resource) {
		reference := entity.ResourceEntityRefs(resource).AppendEmpty()
		reference.SetType(address)
		reference.SetSchemaUrl("https://u:secret@example.com/")
		reference.IdKeys().Append(address)
		reference.DescriptionKeys().Append(address)
	}
	traces, logs := ptrace.NewTraces(), plog.NewLogs()
	told(traces.ResourceSpans().AppendEmpty().Resource())
	told(logs.ResourceLogs().AppendEmpty().Resource())
	if _, err := newTestScrubber(t, signalTraces).traces(t.Context(), traces); err != nil {
		t.Fatal(err)
	}
	if _, err := newTestScrubber(t, signalLogs).logs(t.Context(), logs); err != nil {
		t.Fatal(err)
	}
	for _, resource := range []pcommon.Resource{traces.ResourceSpans().At(0).Resource(), logs.ResourceLogs().At(0).Resource()} {
		if left := entity.ResourceEntityRefs(resource).Len(); left != 0 {
			t.Errorf("%d are left", left)
		}
	}
}
