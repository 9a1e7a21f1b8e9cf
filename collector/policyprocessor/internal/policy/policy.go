// Package policy reads policy.json, which is rendered from the telemetry contract, and turns attribute values into
// values of the domains that it declares.
package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"

	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// Type is what Prometheus is told that a metric is.
type Type string

// The types of metrics.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Combine tells how two values of a gauge become one.
type Combine string

// The rules: a state is combined like a maximum, so that the worst one holds; a ratio is computed from its counter.
const (
	Sum   Combine = "sum"
	Max   Combine = "max"
	State Combine = "state"
	Share Combine = "ratio"
)

// Policy is what every sender is held to.
type Policy struct {
	Version  string    `json:"version"`
	Networks networks  `json:"networks"`
	Metrics  []*Metric `json:"metrics"`
	// Editions are names of instruments that measure the same.
	Editions []*Editions `json:"editions"`

	ByName map[string]*Metric `json:"-"`
	// Views are the semantic views on each instrument, and the one of each metric that comes under its own name.
	Views map[string][]*View `json:"-"`
	// EditionOf is the edition that an instrument belongs to.
	EditionOf map[string]Edition `json:"-"`
}

// Metric is a metric of the contract. Index is its position in the policy.
type Metric struct {
	Name        string    `json:"name"`
	Type        Type      `json:"type"`
	Description string    `json:"description"`
	Unit        string    `json:"unit"`
	SeriesLimit int       `json:"series_limit"`
	Boundaries  []float64 `json:"boundaries"`
	Combine     Combine   `json:"combine"`
	Ratio       *Ratio    `json:"ratio"`
	OneHot      string    `json:"one_hot"`
	Labels      []*Label  `json:"labels"`
	FedBy       []*View   `json:"views"`

	Index int `json:"-"`
}

// Ratio is a gauge's origin: the share of Label=Value in the sum of a counter over that label.
type Ratio struct {
	Counter string `json:"counter"`
	Label   string `json:"label"`
	Value   string `json:"value"`
}

// Label is a label and the domain that its values come from.
type Label struct {
	Name       string            `json:"name"`
	Domain     string            `json:"domain"`
	Values     []string          `json:"values"`
	Aliases    map[string]string `json:"aliases"`
	IgnoreCase bool              `json:"ignore_case"`
	Limit      int               `json:"limit"`
	Pattern    string            `json:"pattern"`
	Known      []string          `json:"known"`
	UpperCase  bool              `json:"upper_case"`
	SortedPair bool              `json:"sorted_pair"`

	table   map[string]string
	always  map[string]bool
	pattern *regexp.Regexp
	cache   cache
}

type networks struct {
	Private     []netip.Prefix `json:"private"`
	Loopback    []netip.Prefix `json:"loopback"`
	Unspecified []netip.Prefix `json:"unspecified"`
	Carriers    []struct {
		Network  netip.Prefix `json:"network"`
		Offset   int          `json:"offset"`
		Inverted bool         `json:"inverted"`
	} `json:"carriers"`
}

// Read reads and checks a policy. An error names the file and what is wrong with it.
func Read(path string) (*Policy, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the policy cannot be read: %w", err)
	}
	found, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s is no policy: %w; render it again from the contract", path, err)
	}
	return found, nil
}

// Parse reads a policy from JSON and checks it.
func Parse(content []byte) (*Policy, error) {
	found := &Policy{ByName: map[string]*Metric{}, Views: map[string][]*View{}}
	if err := json.Unmarshal(content, found); err != nil {
		return nil, err
	}
	if found.Version == "" || len(found.Metrics) == 0 {
		return nil, errors.New("it has no version or no metrics")
	}
	for index, metric := range found.Metrics {
		if metric == nil {
			return nil, fmt.Errorf("metric %d is null", index)
		}
		metric.Index = index
		if err := metric.compile(); err != nil {
			return nil, fmt.Errorf("metric %q: %w", metric.Name, err)
		}
		if found.ByName[metric.Name] != nil {
			return nil, fmt.Errorf("metric %q is declared twice", metric.Name)
		}
		found.ByName[metric.Name] = metric
		if metric.Ratio != nil {
			continue
		}
		for _, view := range append([]*View{metric.direct()}, metric.FedBy...) {
			for _, instrument := range view.Instruments {
				found.Views[instrument] = append(found.Views[instrument], view)
			}
		}
	}
	for _, metric := range found.Metrics {
		if err := found.checkRatio(metric); err != nil {
			return nil, fmt.Errorf("metric %q: %w", metric.Name, err)
		}
	}
	if err := found.readEditions(); err != nil {
		return nil, err
	}
	for _, carrier := range found.Networks.Carriers {
		if carrier.Offset < 0 || carrier.Offset > 12 || carrier.Network.Addr().Is4() {
			return nil, fmt.Errorf("network %s cannot carry an IPv4 address at byte %d", carrier.Network, carrier.Offset)
		}
	}
	return found, nil
}

// Buckets returns the buckets of client addresses under a salt.
func (p *Policy) Buckets(salt []byte) (*privacy.Buckets, error) {
	lists := privacy.Networks{
		Private:     p.Networks.Private,
		Loopback:    p.Networks.Loopback,
		Unspecified: p.Networks.Unspecified,
	}
	for _, each := range p.Networks.Carriers {
		lists.Carriers = append(lists.Carriers, privacy.Carrier{
			Network: each.Network, Offset: each.Offset, Inverted: each.Inverted,
		})
	}
	return privacy.NewBuckets(salt, lists)
}

// Position returns the position of a label, -1 where there is none.
func (m *Metric) Position(label string) int {
	return slices.IndexFunc(m.Labels, func(each *Label) bool { return each != nil && each.Name == label })
}

func (m *Metric) compile() error {
	switch m.Type {
	case Counter:
	case Gauge:
		if !slices.Contains([]Combine{Sum, Max, State, Share}, m.Combine) {
			return fmt.Errorf("a gauge combines by sum, max, state or ratio, not %q", m.Combine)
		}
	case Histogram:
		if len(m.Boundaries) == 0 || !slices.IsSorted(m.Boundaries) || len(slices.Compact(slices.Clone(m.Boundaries))) < len(m.Boundaries) {
			return errors.New("a histogram needs boundaries, each above the one before")
		}
	default:
		return fmt.Errorf("its type is %q, not counter, gauge or histogram", m.Type)
	}
	if m.Name == "" || m.SeriesLimit < 1 {
		return errors.New("it needs a name and a series_limit of at least 1")
	}
	for at, label := range m.Labels {
		if label == nil || m.Position(label.Name) != at {
			return fmt.Errorf("label %d is null, or is declared before", at)
		}
		if err := label.compile(); err != nil {
			return fmt.Errorf("label %q: %w", label.Name, err)
		}
	}
	if at := m.Position(m.OneHot); m.OneHot != "" && (m.Type != Gauge || at < 0 || m.Labels[at].Domain != "enum") {
		return fmt.Errorf("one_hot is %q, which is no label of an enum", m.OneHot)
	}
	for _, view := range m.FedBy {
		if view == nil {
			return errors.New("a view is null")
		}
		if err := view.compile(m); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) checkRatio(metric *Metric) error {
	if (metric.Combine == Share) != (metric.Ratio != nil) {
		return errors.New("combine=ratio and a ratio belong together")
	}
	if metric.Ratio == nil {
		return nil
	}
	counter := p.ByName[metric.Ratio.Counter]
	if counter == nil || counter.Type != Counter || counter.Position(metric.Ratio.Label) < 0 {
		return fmt.Errorf("its ratio is of %q, which is no counter with the label %q", metric.Ratio.Counter, metric.Ratio.Label)
	}
	for _, label := range metric.Labels {
		if counter.Position(label.Name) < 0 {
			return fmt.Errorf("its label %q is none of %s", label.Name, counter.Name)
		}
	}
	return nil
}
