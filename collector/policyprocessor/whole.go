package policyprocessor

import "go.opentelemetry.io/collector/pdata/pmetric"

// wholeSlice is the data points that have fed a batch, as they came. Where they leave as they came, which is what a sender
// that keeps to the contract gives, they move as one slice: no point is made anew.
type wholeSlice struct {
	times      int // that points have come; only those of one time can be moved
	isNumbers  bool
	numbers    pmetric.NumberDataPointSlice
	histograms pmetric.HistogramDataPointSlice
}

// isWhole tells whether the points that came, so many, are the series that leave: with the contract's labels and their
// values, none merged, none refused, none moved to other. Of a one-hot gauge other values leave than came.
func (b *batch) isWhole(points int) bool {
	if points != len(b.order) || b.metric.OneHot != "" {
		return false
	}
	for _, each := range b.order {
		if !each.asSent || each.points != 1 {
			return false
		}
	}
	return true
}

// moveNumbers moves the points where they are whole, without what no label asks for; false where they are not.
func (b *batch) moveNumbers(to pmetric.NumberDataPointSlice) bool {
	if b.fed.times != 1 || !b.fed.isNumbers || !b.isWhole(b.fed.numbers.Len()) {
		return false
	}
	b.fed.numbers.MoveAndAppendTo(to)
	for at, point := range to.All() {
		point.Exemplars().RemoveIf(func(pmetric.Exemplar) bool { return true })
		point.SetFlags(pmetric.DefaultDataPointFlags)
		if point.ValueType() != pmetric.NumberDataPointValueTypeDouble {
			point.SetDoubleValue(b.order[at].value)
		}
	}
	return true
}

// moveHistograms is moveNumbers for histograms.
func (b *batch) moveHistograms(to pmetric.HistogramDataPointSlice) bool {
	if b.fed.times != 1 || b.fed.isNumbers || !b.isWhole(b.fed.histograms.Len()) {
		return false
	}
	b.fed.histograms.MoveAndAppendTo(to)
	for _, point := range to.All() {
		point.Exemplars().RemoveIf(func(pmetric.Exemplar) bool { return true })
		point.SetFlags(pmetric.DefaultDataPointFlags)
		point.RemoveMin()
		point.RemoveMax()
	}
	return true
}
