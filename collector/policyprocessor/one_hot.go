package policyprocessor

import "slices"

// Of the values of a one-hot gauge's label, such as the states of a circuit breaker, one holds; the contract lists the
// worst first. It is the counterpart of telemetry/engine/one_hot.py.

// addExcluded adds, at 0, the values that cannot hold while another one does: a sender may tell the one alone.
func (b *batch) addExcluded() {
	at := b.metric.Position(b.metric.OneHot)
	for _, holds := range slices.Clone(b.order) {
		if holds.value <= 0 {
			continue
		}
		for _, value := range b.metric.Labels[at].Values {
			values := slices.Clone(holds.values)
			values[at] = value
			if labels := setOf(values); b.found[labels.key] == nil {
				b.put(&series{labelSet: &labels, start: holds.start, time: holds.time})
			}
		}
	}
}

// keepWorst lets the worst of several values that hold, as behind `other`, hold alone: it is 1, the others are 0.
func (b *batch) keepWorst() {
	at := b.metric.Position(b.metric.OneHot)
	worst := map[string]*series{}
	for _, each := range b.order {
		if each.value <= 0 {
			continue
		}
		subject := b.subject(each, at)
		if known := worst[subject]; known == nil || b.rank(each, at) < b.rank(known, at) {
			worst[subject] = each
		}
	}
	for _, each := range b.order {
		holds := each.value > 0 && worst[b.subject(each, at)] == each
		if each.value = 0; holds {
			each.value = 1
		}
	}
}

// subject returns the key of a series' other labels.
func (b *batch) subject(of *series, at int) string {
	return setOf(slices.Delete(slices.Clone(of.values), at, at+1)).key
}

func (b *batch) rank(of *series, at int) int {
	values := b.metric.Labels[at].Values
	if rank := slices.Index(values, of.values[at]); rank >= 0 {
		return rank
	}
	return len(values)
}
