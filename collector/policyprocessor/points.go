package policyprocessor

import (
	"math"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"techsapo.example/collector/policyprocessor/internal/policy"
	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// So much less than the largest float that no sum of points can reach infinity; telemetry/engine/amounts.py has it too.
const largest = 1e290

// The most that a count can be for a float to hold it exactly.
const largestCount = 1 << 53

// separator stands between the labels of a key: no domain has a value with it.
const separator = 0xFF

// labelSet is the values of a metric's labels, in their order, and the key that stands for them.
type labelSet struct {
	key    string
	values []string
}

// newLabelSet returns the label set of a key. The values share the key's memory, and so keep nothing of a payload.
func newLabelSet(key []byte, labels int) labelSet {
	made := labelSet{string(key), make([]string, 0, labels)}
	for begin, rest := 0, made.key; len(made.values) < labels; rest = made.key[begin:] {
		end := strings.IndexByte(rest, separator)
		made.values = append(made.values, rest[:end])
		begin += end + 1
	}
	return made
}

// setOf returns the label set of values.
func setOf(values []string) labelSet {
	var key []byte
	for _, value := range values {
		key = append(append(key, value...), separator)
	}
	return newLabelSet(key, len(values))
}

// series is a label set and what all points that have it add up to.
type series struct {
	*labelSet

	admitted bool // by the instance's table, which the label set is of
	start    pcommon.Timestamp
	time     pcommon.Timestamp
	value    float64 // of a number; of a histogram the sum
	points   int64

	buckets pcommon.UInt64Slice // a histogram's, of the payload itself
	counts  []uint64            // the same, once points have been merged
	sent    pcommon.Map         // the attributes of the payload, where they are the labels as they are
	asSent  bool
}

// batch holds the series of one metric in one payload, in the order in which they came.
type batch struct {
	metric *policy.Metric
	found  map[string]*series
	order  []*series
	free   []series
}

func newBatch(metric *policy.Metric) *batch {
	return &batch{metric: metric, found: map[string]*series{}}
}

// expect makes room for so many series.
func (b *batch) expect(points int) {
	if len(b.order) == 0 && points > 1 {
		b.found = make(map[string]*series, points)
		b.order = make([]*series, 0, points)
		b.free = make([]series, points)
	}
}

// add merges what a point tells into its series.
func (b *batch) add(key []byte, of *table, told *series) {
	if known := b.found[string(key)]; known != nil {
		known.merge(b.metric, told)
		return
	}
	if told.labelSet = of.known(key); told.labelSet != nil {
		told.admitted = true
	} else {
		made := newLabelSet(key, len(b.metric.Labels))
		told.labelSet = &made
	}
	b.put(told)
}

// put adds a copy of a series, or merges it into the one that has its key.
func (b *batch) put(told *series) {
	if known := b.found[told.key]; known != nil {
		known.merge(b.metric, told)
		return
	}
	if len(b.free) == 0 {
		b.free = make([]series, 1)
	}
	kept := &b.free[0]
	b.free = b.free[1:]
	*kept = *told
	b.found[kept.key] = kept
	b.order = append(b.order, kept)
}

// merge adds another series of the same metric to this one.
func (s *series) merge(metric *policy.Metric, other *series) {
	s.start = earlier(s.start, other.start)
	s.time = max(s.time, other.time)
	s.points += other.points
	if metric.Type == policy.Gauge && metric.Combine != policy.Sum {
		s.value = max(s.value, other.value)
	} else {
		s.value += other.value
	}
	if metric.Type != policy.Histogram {
		return
	}
	if s.counts == nil {
		s.counts = s.buckets.AsRaw()
	}
	for at := range s.counts {
		s.counts[at] += other.bucket(at)
	}
}

// bucket returns the count of a histogram's bucket.
func (s *series) bucket(at int) uint64 {
	if s.counts != nil {
		return s.counts[at]
	}
	return s.buckets.At(at)
}

// earlier returns the earlier of two start timestamps, of which either may be unknown.
func earlier(first, second pcommon.Timestamp) pcommon.Timestamp {
	if first == 0 || (second != 0 && second < first) {
		return second
	}
	return first
}

// target is where a semantic view puts what it takes. The table is nil where the metric has no limit.
type target struct {
	view  *policy.View
	batch *batch
	table *table
}

// reader adds the points of one metric to the batches of all views on it.
type reader struct {
	targets []target
	buckets *privacy.Buckets
	counts  *tally

	key []byte
}

func (r *reader) numbers(points pmetric.NumberDataPointSlice, monotonic bool) {
	r.expect(points.Len())
	for _, point := range points.All() {
		value := point.DoubleValue()
		if point.ValueType() == pmetric.NumberDataPointValueTypeInt {
			value = float64(point.IntValue())
		}
		switch {
		case point.Flags().NoRecordedValue() || point.ValueType() == pmetric.NumberDataPointValueTypeEmpty:
			r.counts.refused[reasonNoValue]++
			continue
		case !isFinite(value) || (monotonic && value < 0):
			r.counts.refused[reasonBroken]++
			continue
		}
		for _, each := range r.targets {
			told := series{start: point.StartTimestamp(), time: point.Timestamp(), value: value, points: 1}
			r.add(each, point.Attributes(), &told)
		}
	}
}

func (r *reader) histograms(points pmetric.HistogramDataPointSlice) {
	r.expect(points.Len())
	for _, point := range points.All() {
		if why, refused := refuseHistogram(point); refused {
			r.counts.refused[why]++
			continue
		}
		for _, each := range r.targets {
			told := series{start: point.StartTimestamp(), time: point.Timestamp(), points: 1}
			switch each.view.Take {
			case policy.TakeCount:
				told.value = float64(point.Count())
			case policy.TakeSum:
				told.value = point.Sum()
			default:
				if !hasBoundaries(point, each.view.Metric.Boundaries) {
					r.counts.refused[reasonBoundaries]++
					continue
				}
				told.value, told.buckets = point.Sum(), point.BucketCounts()
			}
			r.add(each, point.Attributes(), &told)
		}
	}
}

func (r *reader) expect(points int) {
	for _, each := range r.targets {
		each.batch.expect(points)
	}
}

func refuseHistogram(point pmetric.HistogramDataPoint) (reason, bool) {
	if point.Flags().NoRecordedValue() {
		return reasonNoValue, true
	}
	// A histogram may do without buckets (OTLP); one that has them has one more than boundaries.
	buckets := point.BucketCounts().Len()
	if buckets != point.ExplicitBounds().Len()+1 && (buckets != 0 || point.ExplicitBounds().Len() != 0) {
		return reasonBroken, true
	}
	total := uint64(0)
	for at := range buckets {
		count := point.BucketCounts().At(at)
		if count > largestCount {
			return reasonBroken, true
		}
		total += count
	}
	if buckets != 0 && total != point.Count() || point.Count() > largestCount {
		return reasonBroken, true
	}
	if !point.HasSum() || !isFinite(point.Sum()) || point.Sum() < 0 {
		return reasonBroken, true
	}
	return "", false
}

func hasBoundaries(point pmetric.HistogramDataPoint, boundaries []float64) bool {
	if point.ExplicitBounds().Len() != len(boundaries) {
		return false
	}
	for at, boundary := range boundaries {
		if point.ExplicitBounds().At(at) != boundary {
			return false
		}
	}
	return true
}

// add turns attributes into the labels of a view's metric, and adds what the view takes to their series. An attribute
// that no label asks for is not looked at.
func (r *reader) add(to target, attributes pcommon.Map, told *series) {
	if !to.view.Selects(attributes) {
		return
	}
	r.key = r.key[:0]
	if to.view.IsDirect() && r.inOrder(to.view, attributes, told) {
		told.sent = attributes
	} else {
		r.key = r.key[:0]
		for position := range to.view.Metric.Labels {
			r.take(to.view.Resolve(position, attributes, r.buckets))
		}
	}
	to.batch.add(r.key, to.table, told)
}

// inOrder takes the labels from attributes that have their names and order, as this project's library sends them; false
// where they have not. The series is as it was sent where the values, too, are what the contract admits.
func (r *reader) inOrder(view *policy.View, attributes pcommon.Map, told *series) bool {
	labels := view.Metric.Labels
	if attributes.Len() != len(labels) {
		return false
	}
	position, asSent := 0, true
	for name, raw := range attributes.All() {
		if name != labels[position].Name {
			return false
		}
		value := labels[position].Resolve(raw, true, r.buckets)
		asSent = asSent && raw.Type() == pcommon.ValueTypeStr && raw.Str() == value.Text
		r.take(value)
		position++
	}
	told.asSent = asSent
	return true
}

func (r *reader) take(value policy.Value) {
	if value.Kind != "" {
		r.counts.scrubbed[value.Kind]++
	}
	r.key = append(append(r.key, value.Text...), separator)
}

func isFinite(value float64) bool {
	return math.Abs(value) <= largest // false for NaN, too
}
