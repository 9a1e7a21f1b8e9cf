package policyprocessor

import (
	"cmp"
	"slices"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// table is what an instance has been admitted with for one metric, while it lives: what went to `other` stays there, or
// else `other` would fall, which reads as a reset.
//
// Bounded twice, as telemetry/engine/series.py is: a label takes its known values and others while fewer than its limit
// are seen, the metric takes series_limit label sets; past either, bounded and template labels become `other`.
type table struct {
	metric   *policy.Metric
	admitted map[string]struct{}
	seen     []map[string]struct{} // of each label; nil where it has no limit
}

func newTable(metric *policy.Metric) *table {
	seen := make([]map[string]struct{}, len(metric.Labels))
	for at, label := range metric.Labels {
		if label.Limited() {
			seen[at] = map[string]struct{}{}
		}
	}
	return &table{metric, map[string]struct{}{}, seen}
}

// isLimited tells whether a metric has labels that a limit applies to: the others have a finite domain.
func isLimited(metric *policy.Metric) bool {
	return slices.ContainsFunc(metric.Labels, (*policy.Label).Limited)
}

// admit moves the series of a batch that are past a limit to `other`.
//
// New label sets are admitted in the order of their start timestamps, so that every Collector that a process sends to
// decides as the process would; then in the order of their labels.
func (t *table) admit(in *batch, counts *tally) {
	var fresh []string
	for _, key := range in.order {
		if _, known := t.admitted[key]; !known {
			fresh = append(fresh, key)
		}
	}
	slices.SortFunc(fresh, func(a, b string) int {
		return cmp.Or(cmp.Compare(in.found[a].start, in.found[b].start), cmp.Compare(a, b))
	})
	moved := map[string]bool{}
	for _, key := range fresh {
		from := in.found[key]
		labels := t.find(from.labels)
		if slices.Equal(labels, from.labels) {
			continue
		}
		counts.overflow[t.metric.Name] += from.points
		delete(in.found, key)
		moved[key] = true
		target := *from
		target.labels = labels
		if to := keyOf(labels); in.found[to] != nil {
			in.found[to].merge(t.metric, target)
		} else {
			in.found[to] = &target
			in.order = append(in.order, to)
		}
	}
	if len(moved) > 0 {
		in.order = slices.DeleteFunc(in.order, func(key string) bool { return moved[key] })
	}
}

// find returns the label set that a label set is admitted as.
func (t *table) find(labels []string) []string {
	if _, known := t.admitted[keyOf(labels)]; known {
		return labels
	}
	within := slices.Clone(labels)
	for at, seen := range t.seen {
		if seen == nil || t.metric.Labels[at].Always(within[at]) {
			continue
		}
		if _, known := seen[within[at]]; !known && len(seen) >= t.metric.Labels[at].Limit {
			within[at] = policy.Other
		}
	}
	key := keyOf(within)
	if _, known := t.admitted[key]; known {
		return within
	}
	if len(t.admitted) >= t.metric.SeriesLimit {
		for at, seen := range t.seen {
			if seen != nil {
				within[at] = policy.Other
			}
		}
		key = keyOf(within)
	}
	t.admitted[key] = struct{}{}
	for at, seen := range t.seen {
		if seen != nil && !policy.IsStandIn(within[at]) {
			seen[within[at]] = struct{}{}
		}
	}
	return within
}
