package policyprocessor

import (
	"math"
	"slices"

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

// series is a label set and what all points that have it add up to.
type series struct {
	labels []string
	start  pcommon.Timestamp
	time   pcommon.Timestamp
	value  float64 // of a number; of a histogram the sum
	counts []uint64
	points int64
}

// batch holds the series of one metric in one payload, in the order in which they came.
type batch struct {
	metric *policy.Metric
	found  map[string]*series
	order  []string
}

func newBatch(metric *policy.Metric) *batch {
	return &batch{metric: metric, found: map[string]*series{}}
}

// add merges what a point tells into its series.
func (b *batch) add(key []byte, labels []string, told series) {
	known := b.found[string(key)]
	if known == nil {
		told.labels = slices.Clone(labels)
		b.found[string(key)] = &told
		b.order = append(b.order, string(key))
		return
	}
	known.merge(b.metric, told)
}

// merge adds another series of the same metric to this one.
func (s *series) merge(metric *policy.Metric, other series) {
	s.start = earlier(s.start, other.start)
	s.time = max(s.time, other.time)
	s.points += other.points
	if metric.Type == policy.Gauge && metric.Combine != policy.Sum {
		s.value = max(s.value, other.value)
	} else {
		s.value += other.value
	}
	for at := range s.counts {
		s.counts[at] += other.counts[at]
	}
}

// earlier returns the earlier of two start timestamps, of which either may be unknown.
func earlier(first, second pcommon.Timestamp) pcommon.Timestamp {
	if first == 0 || (second != 0 && second < first) {
		return second
	}
	return first
}

// reader adds the points of one metric to a batch.
type reader struct {
	metric  *policy.Metric
	batch   *batch
	buckets *privacy.Buckets
	counts  *tally

	key    []byte
	labels []string
}

func (r *reader) numbers(points pmetric.NumberDataPointSlice) {
	for _, point := range points.All() {
		value := point.DoubleValue()
		if point.ValueType() == pmetric.NumberDataPointValueTypeInt {
			value = float64(point.IntValue())
		}
		switch {
		case point.Flags().NoRecordedValue() || point.ValueType() == pmetric.NumberDataPointValueTypeEmpty:
			r.counts.refused[reasonNoValue]++
			continue
		case !isFinite(value) || (r.metric.Type == policy.Counter && value < 0):
			r.counts.refused[reasonBroken]++
			continue
		}
		r.resolve(point.Attributes())
		r.batch.add(r.key, r.labels, series{
			start: point.StartTimestamp(), time: point.Timestamp(), value: value, points: 1,
		})
	}
}

func (r *reader) histograms(points pmetric.HistogramDataPointSlice) {
	for _, point := range points.All() {
		if why, refused := r.refuseHistogram(point); refused {
			r.counts.refused[why]++
			continue
		}
		r.resolve(point.Attributes())
		r.batch.add(r.key, r.labels, series{
			start: point.StartTimestamp(), time: point.Timestamp(), value: point.Sum(),
			counts: point.BucketCounts().AsRaw(), points: 1,
		})
	}
}

func (r *reader) refuseHistogram(point pmetric.HistogramDataPoint) (reason, bool) {
	if point.Flags().NoRecordedValue() {
		return reasonNoValue, true
	}
	boundaries := point.ExplicitBounds()
	if boundaries.Len() != len(r.metric.Boundaries) {
		return reasonBoundaries, true
	}
	for at, boundary := range r.metric.Boundaries {
		if boundaries.At(at) != boundary {
			return reasonBoundaries, true
		}
	}
	if point.BucketCounts().Len() != len(r.metric.Boundaries)+1 {
		return reasonBroken, true
	}
	total := uint64(0)
	for _, count := range point.BucketCounts().All() {
		if count > largestCount {
			return reasonBroken, true
		}
		total += count
	}
	if total != point.Count() || !point.HasSum() || !isFinite(point.Sum()) || point.Sum() < 0 {
		return reasonBroken, true
	}
	return "", false
}

// resolve turns attributes into the labels of the metric, and into the key of their series. An attribute that no label
// asks for is not looked at.
func (r *reader) resolve(attributes pcommon.Map) {
	r.key, r.labels = r.key[:0], r.labels[:0]
	for _, label := range r.metric.Labels {
		raw, present := attributes.Get(label.Name)
		value := label.Resolve(raw, present, r.buckets)
		if value.Kind != "" {
			r.counts.scrubbed[value.Kind]++
		}
		r.labels = append(r.labels, value.Text)
		r.key = append(append(r.key, value.Text...), separator)
	}
}

// keyOf returns the key of a label set.
func keyOf(labels []string) string {
	var key []byte
	for _, value := range labels {
		key = append(append(key, value...), separator)
	}
	return string(key)
}

func isFinite(value float64) bool {
	return math.Abs(value) <= largest // false for NaN, too
}
