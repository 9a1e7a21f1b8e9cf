package policyprocessor

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// outline is what scrubbing must not change in traces and logs: everything but texts. It is read in tests only.
type outline struct{ strings.Builder }

func (o *outline) line(parts ...any) { fmt.Fprintln(o, parts...) }

func outlineOfTraces(in ptrace.Traces) string {
	o := &outline{}
	for _, resource := range in.ResourceSpans().All() {
		o.line("resource", resource.Resource().DroppedAttributesCount())
		o.attributes(resource.Resource().Attributes(), 0)
		for _, scope := range resource.ScopeSpans().All() {
			o.line("scope", scope.Scope().DroppedAttributesCount())
			o.attributes(scope.Scope().Attributes(), 0)
			for _, span := range scope.Spans().All() {
				o.span(span)
			}
		}
	}
	return o.String()
}

func (o *outline) span(span ptrace.Span) {
	o.line("span", span.TraceID(), span.SpanID(), span.ParentSpanID(), span.Kind(), span.Flags(), span.Status().Code(),
		span.StartTimestamp(), span.EndTimestamp(), span.DroppedAttributesCount(), span.DroppedEventsCount(),
		span.DroppedLinksCount())
	o.attributes(span.Attributes(), 0)
	for _, event := range span.Events().All() {
		o.line("event", event.Timestamp(), event.DroppedAttributesCount())
		o.attributes(event.Attributes(), 0)
	}
	for _, link := range span.Links().All() { // their attributes are taken away
		o.line("link", link.TraceID(), link.SpanID(), link.Flags(), link.DroppedAttributesCount())
	}
}

func outlineOfLogs(in plog.Logs) string {
	o := &outline{}
	for _, resource := range in.ResourceLogs().All() {
		o.line("resource", resource.Resource().DroppedAttributesCount())
		o.attributes(resource.Resource().Attributes(), 0)
		for _, scope := range resource.ScopeLogs().All() {
			o.line("scope", scope.Scope().DroppedAttributesCount())
			o.attributes(scope.Scope().Attributes(), 0)
			for _, record := range scope.LogRecords().All() {
				o.line("record", record.Timestamp(), record.ObservedTimestamp(), record.SeverityNumber(), record.TraceID(),
					record.SpanID(), record.Flags(), record.DroppedAttributesCount())
				o.value("body", record.Body(), 0)
				o.attributes(record.Attributes(), 0)
			}
		}
	}
	return o.String()
}

// attributes tells of those whose key holds no personal data: the others get another key, and may become one.
func (o *outline) attributes(attributes pcommon.Map, depth int) {
	for key, value := range attributes.All() {
		if !strings.Contains(key, "[") && len(privacy.Find(key)) == 0 {
			o.value(key, value, depth)
		}
	}
}

func (o *outline) value(key string, value pcommon.Value, depth int) {
	o.line(depth, key, value.Type())
	switch value.Type() {
	case pcommon.ValueTypeInt, pcommon.ValueTypeDouble, pcommon.ValueTypeBool:
		o.line(value.AsString())
	case pcommon.ValueTypeMap:
		if depth < maxDepth { // what is deeper is taken away
			o.attributes(value.Map(), depth+1)
		}
	case pcommon.ValueTypeSlice:
		if depth < maxDepth {
			for _, each := range value.Slice().All() {
				o.value("", each, depth+1)
			}
		}
	}
}
