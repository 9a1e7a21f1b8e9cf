package policyprocessor

import (
	"math"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// texts are what names, values and messages are made of: personal data, masks, values of the domains, and what breaks
// parsers.
var texts = []string{
	address, "tel 415-555-2671", "4111 1111 1111 1111", "203.0.113.9", "[2001:db8::1]:443", "QQ 12 34 56 C", "Bearer " + "abcdefghijklmnop",
	"redis://:pass" + "word@cache:6379/0", "[email]", "[ip] ", "v4-0a", "other", "unmatched", "invalid", "openai", "gpt-5", "GET", "get",
	"success", "open", "closed", "half_open", "hit", "redis", "/a/{id}", "/a/123456", "１２３-45-6789", "\xff\xfe", "", "\x00", "a\nb",
	strings.Repeat("x", 300), "a/b", "true", "200", "app", "one", "timeout", "used", "basic",
}

// numbers are amounts, among them those that no point may have.
var numbers = []float64{0, 1, 2, 0.5, 7, 1e9, 1 << 53, 1e280, -1, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e300}

// source makes payloads out of a fuzzer's bytes: every byte is a choice, and where they end everything is 0.
type source struct{ data []byte }

func (s *source) below(limit int) int {
	if len(s.data) == 0 {
		return 0
	}
	first := int(s.data[0])
	s.data = s.data[1:]
	return first % limit
}

// seldom is true for one byte in 64: most payloads have nothing wrong.
func (s *source) seldom() bool { return s.below(64) == 63 }

func (s *source) text() string {
	choice := s.below(len(texts) + 8)
	if choice < len(texts) {
		return texts[choice]
	}
	size := min(s.below(32), len(s.data))
	raw := string(s.data[:size])
	s.data = s.data[size:]
	return raw
}

func (s *source) number() float64 {
	if s.seldom() {
		return numbers[s.below(len(numbers))]
	}
	return float64(s.below(100))
}

func (s *source) timestamp() pcommon.Timestamp { return pcommon.Timestamp(s.below(256)) }

func (s *source) value(to pcommon.Value, depth int) {
	switch kind := s.below(12); {
	case kind < 6:
		to.SetStr(s.text())
	case kind == 6:
		to.SetInt(int64(s.number()))
	case kind == 7:
		to.SetDouble(s.number())
	case kind == 8:
		to.SetBool(s.seldom())
	case kind == 9:
		to.SetEmptyBytes().FromRaw([]byte(s.text()))
	case kind == 10 && depth < 2*maxDepth:
		list := to.SetEmptySlice()
		for range s.below(3) {
			s.value(list.AppendEmpty(), depth+1)
		}
	case kind == 11 && depth < 2*maxDepth:
		s.attributes(to.SetEmptyMap(), depth+1)
	}
}

func (s *source) attributes(to pcommon.Map, depth int, names ...string) {
	for _, name := range names {
		if !s.seldom() {
			s.value(to.PutEmpty(name), depth)
		}
	}
	for range s.below(3) {
		s.value(to.PutEmpty(s.text()), depth)
	}
}

func (s *source) metrics(contract *policy.Policy) pmetric.Metrics {
	in := pmetric.NewMetrics()
	for range 1 + s.below(3) {
		resource := in.ResourceMetrics().AppendEmpty()
		s.attributes(resource.Resource().Attributes(), 0, serviceName, serviceInstance)
		for range 1 + s.below(2) {
			scope := resource.ScopeMetrics().AppendEmpty()
			scope.Scope().SetName(s.text())
			for range 1 + s.below(4) {
				s.metric(scope.Metrics().AppendEmpty(), contract)
			}
		}
	}
	return in
}

func (s *source) metric(to pmetric.Metric, contract *policy.Policy) {
	declared := contract.Metrics[s.below(len(contract.Metrics))]
	to.SetName(declared.Name)
	names := make([]string, 0, len(declared.Labels))
	for _, label := range declared.Labels {
		names = append(names, label.Name)
	}
	if s.seldom() {
		to.SetName(s.text())
	} else if len(declared.FedBy) > 0 && s.below(4) == 3 {
		view := declared.FedBy[s.below(len(declared.FedBy))]
		to.SetName(view.Instruments[s.below(len(view.Instruments))])
		names = attributesOf(view)
		if edition, there := contract.EditionOf[to.Name()]; there {
			names = append(names, edition.Of.Apart)
		}
	}
	to.SetDescription(s.text())
	kind := declared.Type
	if s.seldom() {
		kind = []policy.Type{policy.Counter, policy.Gauge, policy.Histogram, "summary", "exponential"}[s.below(5)]
	}
	switch kind {
	case policy.Counter:
		sum := to.SetEmptySum()
		sum.SetIsMonotonic(!s.seldom())
		sum.SetAggregationTemporality(s.temporality())
		s.numbers(sum.DataPoints(), names)
	case policy.Gauge:
		s.numbers(to.SetEmptyGauge().DataPoints(), names)
	case policy.Histogram:
		histogram := to.SetEmptyHistogram()
		histogram.SetAggregationTemporality(s.temporality())
		for range 1 + s.below(3) {
			s.histogram(histogram.DataPoints().AppendEmpty(), declared.Boundaries, names)
		}
	case "summary":
		to.SetEmptySummary().DataPoints().AppendEmpty().QuantileValues().AppendEmpty().SetValue(s.number())
	default:
		to.SetEmptyExponentialHistogram().DataPoints().AppendEmpty().Positive().BucketCounts().FromRaw([]uint64{1})
	}
}

// attributesOf returns the names of the attributes that a view looks at.
func attributesOf(view *policy.View) []string {
	var names []string
	for _, source := range view.Labels {
		names = append(names, source.Attributes...)
	}
	for name := range view.Where {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *source) temporality() pmetric.AggregationTemporality {
	if s.seldom() {
		return pmetric.AggregationTemporality(s.below(4))
	}
	return pmetric.AggregationTemporalityCumulative
}

func (s *source) numbers(to pmetric.NumberDataPointSlice, names []string) {
	for range 1 + s.below(4) {
		point := to.AppendEmpty()
		s.attributes(point.Attributes(), 0, names...)
		if s.seldom() {
			point.SetIntValue(int64(s.below(256)) - 100)
		} else {
			point.SetDoubleValue(s.number())
		}
		point.SetStartTimestamp(s.timestamp())
		point.SetTimestamp(s.timestamp())
		if s.seldom() {
			point.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
			point.Exemplars().AppendEmpty().FilteredAttributes().PutStr("who", address)
		}
	}
}

func (s *source) histogram(to pmetric.HistogramDataPoint, boundaries []float64, names []string) {
	s.attributes(to.Attributes(), 0, names...)
	boundaries = slices.Clone(boundaries)
	if s.seldom() && len(boundaries) > 0 {
		boundaries[s.below(len(boundaries))] = s.number()
	}
	counts := make([]uint64, len(boundaries)+1)
	if s.seldom() {
		counts = make([]uint64, s.below(len(boundaries)+4))
	}
	total := uint64(0)
	for at := range counts {
		counts[at] = uint64(s.below(4))
		total += counts[at]
	}
	if s.seldom() {
		total = math.MaxUint64 - uint64(s.below(4))
	}
	to.ExplicitBounds().FromRaw(boundaries)
	to.BucketCounts().FromRaw(counts)
	to.SetCount(total)
	if !s.seldom() {
		to.SetSum(s.number())
	}
	to.SetStartTimestamp(s.timestamp())
	to.SetTimestamp(s.timestamp())
}

func (s *source) traces() ptrace.Traces {
	in := ptrace.NewTraces()
	for range 1 + s.below(2) {
		resource := in.ResourceSpans().AppendEmpty()
		resource.SetSchemaUrl(s.text())
		s.attributes(resource.Resource().Attributes(), 0, serviceName)
		scope := resource.ScopeSpans().AppendEmpty()
		scope.Scope().SetName(s.text())
		for range 1 + s.below(3) {
			s.span(scope.Spans().AppendEmpty())
		}
	}
	return in
}

func (s *source) span(to ptrace.Span) {
	to.SetName(s.text())
	to.SetTraceID([16]byte{byte(s.below(256))})
	to.SetSpanID([8]byte{byte(s.below(256))})
	to.SetKind(ptrace.SpanKind(s.below(8)))
	to.SetFlags(uint32(s.below(256)))
	to.SetStartTimestamp(s.timestamp())
	to.SetEndTimestamp(s.timestamp())
	to.SetDroppedEventsCount(uint32(s.below(256)))
	to.TraceState().FromRaw(s.text())
	to.Status().SetCode(ptrace.StatusCode(s.below(4)))
	to.Status().SetMessage(s.text())
	s.attributes(to.Attributes(), 0, "http.url")
	for range s.below(3) {
		event := to.Events().AppendEmpty()
		event.SetName(s.text())
		event.SetTimestamp(s.timestamp())
		s.attributes(event.Attributes(), 0)
	}
	for range s.below(3) {
		link := to.Links().AppendEmpty()
		link.SetTraceID([16]byte{byte(s.below(256))})
		link.SetSpanID([8]byte{byte(s.below(256))})
		link.TraceState().FromRaw(s.text())
		s.attributes(link.Attributes(), 0)
	}
}

func (s *source) logs() plog.Logs {
	in := plog.NewLogs()
	for range 1 + s.below(2) {
		resource := in.ResourceLogs().AppendEmpty()
		resource.SetSchemaUrl(s.text())
		s.attributes(resource.Resource().Attributes(), 0, serviceName)
		scope := resource.ScopeLogs().AppendEmpty()
		scope.Scope().SetVersion(s.text())
		for range 1 + s.below(3) {
			record := scope.LogRecords().AppendEmpty()
			record.SetTimestamp(s.timestamp())
			record.SetObservedTimestamp(s.timestamp())
			record.SetSeverityNumber(plog.SeverityNumber(s.below(30)))
			record.SetSeverityText(s.text())
			record.SetEventName(s.text())
			record.SetSpanID([8]byte{byte(s.below(256))})
			record.SetFlags(plog.LogRecordFlags(s.below(256)))
			s.value(record.Body(), 0)
			s.attributes(record.Attributes(), 0)
		}
	}
	return in
}
