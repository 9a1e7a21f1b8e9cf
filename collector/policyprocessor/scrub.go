package policyprocessor

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"

	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// Values nested deeper than this are emptied: no instrumentation nests so deep, and every level costs stack.
const maxDepth = 32

// scrubber masks personal data in traces and logs: in every string and every byte value, keys and names included.
type scrubber struct {
	figures *figures
	signal  string
}

func newScrubber(own *figures, signal string) *scrubber { return &scrubber{own, signal} }

func (s *scrubber) traces(ctx context.Context, in ptrace.Traces) (ptrace.Traces, error) {
	counts := newTally()
	defer counts.tell(ctx, s.figures, s.signal)
	for _, resource := range in.ResourceSpans().All() {
		counts.resource(resource.Resource())
		counts.set(resource.SchemaUrl(), resource.SetSchemaUrl)
		for _, scope := range resource.ScopeSpans().All() {
			counts.scope(scope.Scope())
			counts.set(scope.SchemaUrl(), scope.SetSchemaUrl)
			for at, span := range scope.Spans().All() {
				if err := gone(ctx, at); err != nil {
					return in, err
				}
				counts.span(span)
			}
		}
	}
	return in, nil
}

func (s *scrubber) logs(ctx context.Context, in plog.Logs) (plog.Logs, error) {
	counts := newTally()
	defer counts.tell(ctx, s.figures, s.signal)
	for _, resource := range in.ResourceLogs().All() {
		counts.resource(resource.Resource())
		counts.set(resource.SchemaUrl(), resource.SetSchemaUrl)
		for _, scope := range resource.ScopeLogs().All() {
			counts.scope(scope.Scope())
			counts.set(scope.SchemaUrl(), scope.SetSchemaUrl)
			for at, record := range scope.LogRecords().All() {
				if err := gone(ctx, at); err != nil {
					return in, err
				}
				counts.attributes(record.Attributes(), 0)
				counts.value("", record.Body(), 0)
				counts.set(record.SeverityText(), record.SetSeverityText)
				counts.set(record.EventName(), record.SetEventName)
			}
		}
	}
	return in, nil
}

// often is after how many records it is asked whether anybody waits for them: a payload of ordinary size is never left, as
// a sender that has closed its side may still have sent it whole.
const often = 1024

// gone returns why nobody waits for a large payload any more, nil where somebody may; `at` counts its records.
func gone(ctx context.Context, at int) error {
	if at%often != often-1 {
		return nil
	}
	return ctx.Err()
}

func (t *tally) span(span ptrace.Span) {
	t.set(span.Name(), span.SetName)
	t.state(span.TraceState())
	t.set(span.Status().Message(), span.Status().SetMessage)
	t.attributes(span.Attributes(), 0)
	for _, event := range span.Events().All() {
		t.set(event.Name(), event.SetName)
		t.attributes(event.Attributes(), 0)
	}
	// A link keeps its ids; what its attributes say is nowhere needed.
	for _, link := range span.Links().All() {
		t.state(link.TraceState())
		link.Attributes().RemoveIf(func(string, pcommon.Value) bool { return true })
	}
}

func (t *tally) resource(resource pcommon.Resource) {
	t.attributes(resource.Attributes(), 0)
	// They name attributes by their keys, which may have been masked, and are needed by nobody yet (OTEP 264).
	entity.ResourceEntityRefs(resource).RemoveIf(func(entity.EntityRef) bool { return true })
}

func (t *tally) scope(scope pcommon.InstrumentationScope) {
	t.set(scope.Name(), scope.SetName)
	t.set(scope.Version(), scope.SetVersion)
	t.attributes(scope.Attributes(), 0)
}

// state empties a trace state that holds personal data: masked it would be none any more (W3C Trace Context).
func (t *tally) state(state pcommon.TraceState) {
	if _, found := t.mask(state.AsRaw()); found {
		state.FromRaw("")
	}
}

func (t *tally) set(text string, set func(string)) {
	if masked, found := t.mask(text); found {
		set(masked)
	}
}

func (t *tally) mask(text string) (string, bool) {
	masked, found := privacy.Mask(text)
	t.count(found)
	return masked, len(found) > 0
}

func (t *tally) count(found []privacy.Datum) {
	for _, datum := range found {
		t.scrubbed[datum.Kind]++
	}
}

// value masks a value in place, whatever it nests; its type stays. The name is its attribute's, "" where it has none.
func (t *tally) value(name string, value pcommon.Value, depth int) {
	switch value.Type() {
	case pcommon.ValueTypeStr:
		if masked, found := privacy.MaskNamed(name, value.Str()); len(found) > 0 {
			t.count(found)
			value.SetStr(masked)
		}
	case pcommon.ValueTypeBytes:
		if masked, found := privacy.MaskNamed(name, string(value.Bytes().AsRaw())); len(found) > 0 {
			t.count(found)
			value.Bytes().FromRaw([]byte(masked))
		}
	case pcommon.ValueTypeMap:
		if depth >= maxDepth {
			value.SetEmptyMap()
			return
		}
		t.attributes(value.Map(), depth+1)
	case pcommon.ValueTypeSlice:
		if depth >= maxDepth {
			value.SetEmptySlice()
			return
		}
		for _, each := range value.Slice().All() {
			t.value(name, each, depth+1)
		}
	}
}

// Keys of one map that are masked: each costs a walk of the map. No instrumentation has so many that hold personal data.
const maxRenamed = 64

// attributes masks values and keys. Keys that become the same after it keep the value of the first; past maxRenamed an
// attribute goes with its key.
func (t *tally) attributes(attributes pcommon.Map, depth int) {
	var renamed []string
	var gone map[string]bool
	for key, value := range attributes.All() {
		t.value(key, value, depth)
		if len(privacy.Find(key)) == 0 {
			continue
		}
		if gone == nil {
			gone = map[string]bool{}
		}
		if !gone[key] && len(renamed) < maxRenamed {
			renamed = append(renamed, key)
		}
		gone[key] = true
	}
	for _, key := range renamed {
		masked, _ := t.mask(key)
		if value, ok := attributes.Get(key); ok {
			if _, taken := attributes.Get(masked); !taken {
				kept := pcommon.NewValueEmpty()
				value.MoveTo(kept)
				kept.MoveTo(attributes.PutEmpty(masked))
			}
		}
	}
	if gone != nil {
		attributes.RemoveIf(func(key string, _ pcommon.Value) bool { return gone[key] })
	}
}
