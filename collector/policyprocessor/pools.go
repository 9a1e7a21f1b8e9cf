package policyprocessor

import (
	"sync"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// Batches of more series than this are not kept for the next payload.
const keptSeries = 4096

// batchPools keep emptied batches for the next payload, of each metric by its position in the policy: what a payload
// needs of memory is most of what it costs.
type batchPools []sync.Pool

func (p batchPools) get(metric *policy.Metric) *batch {
	if kept, ok := p[metric.Index].Get().(*batch); ok {
		return kept
	}
	return newBatch(metric)
}

// put takes a batch that is of no more use; nothing of the payload stays in it.
func (p batchPools) put(used *batch) {
	if len(used.slab) > keptSeries || len(used.order) > keptSeries {
		return
	}
	clear(used.found)
	clear(used.order)
	clear(used.slab)
	used.order, used.free, used.fed = used.order[:0], nil, wholeSlice{}
	p[used.metric.Index].Put(used)
}
