package policyprocessor

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// documented is what metadata.yaml tells of this processor, as far as it can be compared.
type documented struct {
	Type   string `mapstructure:"type"`
	Status struct {
		Stability map[string][]string `mapstructure:"stability"`
	} `mapstructure:"status"`
	Telemetry struct {
		Metrics map[string]struct {
			Description string   `mapstructure:"description"`
			Unit        string   `mapstructure:"unit"`
			Attributes  []string `mapstructure:"attributes"`
			Sum         struct {
				Monotonic bool `mapstructure:"monotonic"`
			} `mapstructure:"sum"`
		} `mapstructure:"metrics"`
	} `mapstructure:"telemetry"`
	Attributes map[string]struct {
		Enum []string `mapstructure:"enum"`
	} `mapstructure:"attributes"`
}

// figure is one of the processor's own: what a document says about it, or what it tells of itself.
type figure struct {
	name, description, unit string
	counts                  bool
	attributes              string
}

func readMetadata(t *testing.T) documented {
	t.Helper()
	content, err := confmaptest.LoadConf("metadata.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var found documented
	if err := content.Unmarshal(&found, confmap.WithIgnoreUnused()); err != nil {
		t.Fatal(err)
	}
	return found
}

// observed returns every figure, once each of them has something to tell.
func observed(t *testing.T) []figure {
	t.Helper()
	telemetry := componenttest.NewTelemetry()
	defer func() { _ = telemetry.Shutdown(t.Context()) }()
	own, err := newFigures(telemetry.NewTelemetrySettings())
	if err != nil {
		t.Fatal(err)
	}
	stop, err := own.observeInstances(telemetry.NewTelemetrySettings(), "1", func() int { return 1 })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stop() }()
	counts := newTally()
	counts.refused[reasonDelta], counts.overflow[hits], counts.scrubbed["email"], counts.unknown = 1, 1, 1, []string{"x"}
	counts.tell(t.Context(), own, signalLogs)
	var all metricdata.ResourceMetrics
	if err := telemetry.Reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	var found []figure
	for _, each := range all.ScopeMetrics[0].Metrics {
		is := figure{name: each.Name, description: each.Description, unit: each.Unit}
		switch data := each.Data.(type) {
		case metricdata.Sum[int64]:
			is.counts, is.attributes = data.IsMonotonic, keysOf(data.DataPoints[0].Attributes)
		case metricdata.Gauge[int64]:
			is.attributes = keysOf(data.DataPoints[0].Attributes)
		}
		found = append(found, is)
	}
	return byName(found)
}

func keysOf(attributes attribute.Set) string {
	var keys []string
	for _, each := range attributes.ToSlice() {
		keys = append(keys, string(each.Key))
	}
	return strings.Join(keys, " ")
}

func byName(figures []figure) []figure {
	slices.SortFunc(figures, func(a, b figure) int { return cmp.Compare(a.name, b.name) })
	return figures
}

// metadata.yaml tells each of the processor's own figures as it is: name, description, unit, type and attributes.
func TestTheFiguresAreThoseOfTheMetadata(t *testing.T) {
	var want []figure
	for name, each := range readMetadata(t).Telemetry.Metrics {
		slices.Sort(each.Attributes)
		want = append(want, figure{
			"otelcol_" + name, each.Description, each.Unit, each.Sum.Monotonic, strings.Join(each.Attributes, " "),
		})
	}
	if got := observed(t); !slices.Equal(got, byName(want)) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// README.md lists the same figures with their attributes, and each reason for which a point is refused.
func TestTheFiguresAreThoseOfTheReadme(t *testing.T) {
	content, described := readme(t), readMetadata(t)
	rows := regexp.MustCompile("(?m)^\\| `(otelcol_[a-z_]+)` \\|(.*?)\\|").FindAllStringSubmatch(content, -1)
	var got, want []string
	for _, row := range rows {
		got = append(got, row[1]+": "+strings.Join(regexp.MustCompile("`([a-z]+)`").FindAllString(row[2], -1), " "))
	}
	for _, each := range observed(t) {
		keys := ""
		if each.attributes != "" {
			keys = "`" + strings.ReplaceAll(each.attributes, " ", "` `") + "`"
		}
		want = append(want, each.name+": "+keys)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, name := range described.Attributes["reason"].Enum {
		if !strings.Contains(content, name) {
			t.Errorf("README.md does not say what %s is", name)
		}
	}
}

// The metadata tells the type and the stability that the factory has, and the reasons and signals that there are.
func TestTheMetadataIsThatOfTheFactory(t *testing.T) {
	described, factory := readMetadata(t), NewFactory()
	beta := described.Status.Stability["beta"]
	if described.Type != factory.Type().String() || !slices.Equal(beta, []string{"metrics", "traces", "logs"}) ||
		factory.MetricsStability() != component.StabilityLevelBeta || factory.TracesStability() != component.StabilityLevelBeta ||
		factory.LogsStability() != component.StabilityLevelBeta {
		t.Errorf("%s is %v", described.Type, described.Status.Stability)
	}
	reasons := []string{
		string(reasonDelta), string(reasonType), string(reasonBoundaries), string(reasonBroken), string(reasonNoValue),
		string(reasonInstances), string(reasonEdition),
	}
	if got := described.Attributes["reason"].Enum; !slices.Equal(got, reasons) {
		t.Errorf("reasons are %v, want %v", got, reasons)
	}
	if got := described.Attributes["signal"].Enum; !slices.Equal(got, []string{signalMetrics, signalTraces, signalLogs}) {
		t.Errorf("signals are %v", got)
	}
}
