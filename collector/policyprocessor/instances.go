package policyprocessor

import (
	"sync"
	"time"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// instance is a process that sends metrics, and what it has been admitted with.
type instance struct {
	mu     sync.Mutex
	tables []*table // by the metric's position in the policy; nil where no limit applies
	last   time.Time

	holders map[policy.Measured]holder // the editions that count
}

// instances are those that have sent metrics within the expiration; at most `limit`.
type instances struct {
	policy     *policy.Policy
	limit      int
	expiration time.Duration
	now        func() time.Time

	mu     sync.Mutex
	known  map[string]*instance
	purged time.Time
}

func newInstances(found *policy.Policy, limit int, expiration time.Duration, now func() time.Time) *instances {
	return &instances{policy: found, limit: limit, expiration: expiration, now: now, known: map[string]*instance{}, purged: now()}
}

// find returns an instance, made if need be; nil where as many as the limit are known.
func (i *instances) find(key string) *instance {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now()
	if now.Sub(i.purged) >= i.expiration/8 {
		i.purge(now)
	}
	found := i.known[key]
	if found == nil {
		if len(i.known) >= i.limit {
			return nil
		}
		found = &instance{tables: make([]*table, len(i.policy.Metrics))}
		i.known[key] = found
	}
	found.last = now
	return found
}

// count returns how many instances are known now.
func (i *instances) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.purge(i.now())
	return len(i.known)
}

func (i *instances) purge(now time.Time) {
	i.purged = now
	for key, each := range i.known {
		if now.Sub(each.last) >= i.expiration {
			delete(i.known, key)
		}
	}
}

// table returns what the instance has been admitted with for a metric; nil where no limit applies. Under its lock.
func (i *instance) table(metric *policy.Metric) *table {
	if i.tables[metric.Index] == nil && isLimited(metric) {
		i.tables[metric.Index] = newTable(metric)
	}
	return i.tables[metric.Index]
}
