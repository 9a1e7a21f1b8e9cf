package policyprocessor

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

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
	slab   []series // of which free is what is left

	fed wholeSlice
}

func newBatch(metric *policy.Metric) *batch {
	return &batch{metric: metric, found: map[string]*series{}}
}

// expect makes room for so many series, of which no more than series_limit are left: points may be refused, or meet.
func (b *batch) expect(points int) {
	points = min(points, b.metric.SeriesLimit)
	if len(b.order) == 0 && points > 1 {
		if len(b.slab) < points {
			b.found = make(map[string]*series, points)
			b.order = make([]*series, 0, points)
			b.slab = make([]series, points)
		}
		b.free = b.slab[:points]
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
