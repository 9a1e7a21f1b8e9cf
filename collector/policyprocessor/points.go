package policyprocessor

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"techsapo.example/collector/policyprocessor/internal/policy"
	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// So much less than the largest float that no sum of points can reach infinity; telemetry/engine/amounts.py has it too.
const largest = 1e290

// The most that a count can be for a float to hold it exactly.
const largestCount = 1 << 53

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
	edition *editionReader // nil where nothing else measures the same

	key []byte
}

func (r *reader) numbers(points pmetric.NumberDataPointSlice, monotonic bool) {
	r.expect(points.Len())
	for _, each := range r.targets {
		each.batch.fed = wholeSlice{times: each.batch.fed.times + 1, isNumbers: true, numbers: points}
	}
	for _, point := range points.All() {
		value, why, refused := valueOf(point, monotonic)
		if !refused && r.edition.isDuplicate(point.Attributes()) {
			why, refused = reasonEdition, true
		}
		if refused {
			r.counts.refused[why]++
			continue
		}
		for _, each := range r.targets {
			if !each.view.Selects(point.Attributes()) {
				continue
			}
			told := series{start: point.StartTimestamp(), time: point.Timestamp(), value: value, points: 1}
			r.add(each, point.Attributes(), &told)
		}
	}
}

func (r *reader) histograms(points pmetric.HistogramDataPointSlice) {
	r.expect(points.Len())
	for _, each := range r.targets {
		each.batch.fed = wholeSlice{times: each.batch.fed.times + 1, histograms: points}
	}
	for _, point := range points.All() {
		why, refused := refuseHistogram(point)
		if !refused && r.edition.isDuplicate(point.Attributes()) {
			why, refused = reasonEdition, true
		}
		if refused {
			r.counts.refused[why]++
			continue
		}
		for _, each := range r.targets {
			if !each.view.Selects(point.Attributes()) {
				continue
			}
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

// valueOf returns a point's value, or why the point is refused.
func valueOf(point pmetric.NumberDataPoint, monotonic bool) (float64, reason, bool) {
	value := point.DoubleValue()
	if point.ValueType() == pmetric.NumberDataPointValueTypeInt {
		value = float64(point.IntValue())
	}
	switch {
	case point.Flags().NoRecordedValue() || point.ValueType() == pmetric.NumberDataPointValueTypeEmpty:
		return 0, reasonNoValue, true
	case !isFinite(value) || (monotonic && value < 0):
		return 0, reasonBroken, true
	}
	return value, "", false
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
	position := 0
	for name := range attributes.All() {
		if name != labels[position].Name {
			return false
		}
		position++
	}
	position = 0
	asSent := true
	for _, raw := range attributes.All() {
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
