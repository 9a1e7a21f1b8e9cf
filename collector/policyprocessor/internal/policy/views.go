package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// Take is what a semantic view takes from an instrument's data points.
type Take string

// The takes.
const (
	TakeSum          Take = "sum"
	TakeCount        Take = "count"
	TakeLast         Take = "last value"
	TakeDistribution Take = "distribution"
)

// takes tells what can feed a metric of a type.
var takes = map[Type][]Take{
	Counter:   {TakeSum, TakeCount},
	Gauge:     {TakeSum, TakeLast},
	Histogram: {TakeDistribution},
}

// View is a semantic view: what of one instrument, under each of its names, feeds a metric.
type View struct {
	Instruments  []string            `json:"instruments"`
	Take         Take                `json:"take"`
	Labels       map[string]*Source  `json:"labels"`
	Where        map[string][]string `json:"where"`
	IgnoreScopes []string            `json:"ignore_scopes"`

	Metric *Metric `json:"-"`

	direct  bool
	sources []*Source // in the order of the metric's labels
}

// Source tells where a view takes a label's value from.
type Source struct {
	// Attributes are names of an attribute: the first that a point carries counts.
	Attributes []string `json:"attributes"`
	// Constant is one value, whatever the point carries.
	Constant string `json:"constant"`
	// Classified is a class of an attribute's value.
	Classified *Classified `json:"classified"`
	// Overridden takes precedence over Attributes, where it has an entry.
	Overridden *Overridden `json:"overridden"`
}

// Classified gives `absent` without the attribute, the table's entry for its value, else `otherwise`.
type Classified struct {
	Attribute string            `json:"attribute"`
	Absent    string            `json:"absent"`
	Otherwise string            `json:"otherwise"`
	Table     map[string]string `json:"table"`
}

// Overridden gives the table's entry for the value of an attribute, where there is one.
type Overridden struct {
	Attribute string            `json:"attribute"`
	Table     map[string]string `json:"table"`
}

// direct returns the view of a metric that comes under its own name: a sender that keeps to the contract already.
func (m *Metric) direct() *View {
	view := &View{Instruments: []string{m.Name}, Take: TakeSum, Metric: m, direct: true}
	switch {
	case m.Type == Histogram:
		view.Take = TakeDistribution
	case m.Type == Gauge:
		view.Take = TakeLast
	}
	for _, label := range m.Labels {
		view.sources = append(view.sources, &Source{Attributes: []string{label.Name}})
	}
	return view
}

func (v *View) compile(metric *Metric) error {
	v.Metric = metric
	switch {
	case len(v.Instruments) == 0:
		return errors.New("a view selects no instrument")
	case !slices.Contains(takes[metric.Type], v.Take):
		return fmt.Errorf("a view takes a %q, which cannot feed a %s", v.Take, metric.Type)
	case len(v.Labels) != len(metric.Labels):
		return fmt.Errorf("the view on %s does not feed each of its labels", v.Instruments[0])
	}
	for _, label := range metric.Labels {
		source := v.Labels[label.Name]
		if source == nil {
			return fmt.Errorf("the view on %s does not feed label %q", v.Instruments[0], label.Name)
		}
		v.sources = append(v.sources, source)
	}
	return nil
}

// IsDirect tells whether the view is that of a metric which comes under its own name.
func (v *View) IsDirect() bool { return v.direct }

// ViewsOn returns the views on an instrument, and its name as they have it: in lower case, as instruments are told apart
// (OpenTelemetry metrics API, instrument name syntax).
func (p *Policy) ViewsOn(instrument string) ([]*View, string) {
	if views := p.Views[instrument]; views != nil {
		return views, instrument
	}
	lower := strings.ToLower(instrument)
	return p.Views[lower], lower
}

// TakesFrom tells whether the view looks at what a scope has measured.
func (v *View) TakesFrom(scope string) bool { return !slices.Contains(v.IgnoreScopes, scope) }

// Selects tells whether the view takes a data point with these attributes.
func (v *View) Selects(attributes pcommon.Map) bool {
	for name, accepted := range v.Where {
		raw, ok := attributes.Get(name)
		if !ok || !slices.Contains(accepted, textOf(raw)) {
			return false
		}
	}
	return true
}

// Resolve returns the value of the metric's label at a position, for a data point with these attributes.
func (v *View) Resolve(position int, attributes pcommon.Map, buckets *privacy.Buckets) Value {
	label, source := v.Metric.Labels[position], v.sources[position]
	switch {
	case source.Constant != "":
		return label.resolveText(source.Constant, buckets)
	case source.Classified != nil:
		return label.resolveText(source.Classified.of(attributes), buckets)
	case source.Overridden != nil:
		if text, ok := source.Overridden.of(attributes); ok {
			return label.resolveText(text, buckets)
		}
	}
	for _, name := range source.Attributes {
		if raw, ok := attributes.Get(name); ok && raw.Type() != pcommon.ValueTypeEmpty {
			return label.Resolve(raw, true, buckets)
		}
	}
	return Value{Text: label.missing()}
}

func (c *Classified) of(attributes pcommon.Map) string {
	raw, ok := attributes.Get(c.Attribute)
	if !ok || raw.Type() == pcommon.ValueTypeEmpty {
		return c.Absent
	}
	if class, ok := c.Table[textOf(raw)]; ok {
		return class
	}
	return c.Otherwise
}

func (o *Overridden) of(attributes pcommon.Map) (string, bool) {
	raw, ok := attributes.Get(o.Attribute)
	if !ok {
		return "", false
	}
	text, ok := o.Table[textOf(raw)]
	return text, ok
}
