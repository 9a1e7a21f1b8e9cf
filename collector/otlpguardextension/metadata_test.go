package otlpguardextension

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

var reasons = []string{
	string(reasonLarge), string(reasonDeep), string(reasonMalformed), string(reasonBusy), string(reasonSlow),
}

// The metadata tells the type and the stability that the factory has, the reasons that there are, and the figure as it is.
func TestTheMetadataIsThatOfTheFactory(t *testing.T) {
	content, err := confmaptest.LoadConf("metadata.yaml")
	if err != nil {
		t.Fatal(err)
	}
	factory := NewFactory()
	if got := content.Get("type"); got != factory.Type().String() || factory.Stability() != component.StabilityLevelBeta {
		t.Errorf("got %v", got)
	}
	if got, want := content.Get("attributes::reason::enum"), fmt.Sprint(reasons); fmt.Sprint(got) != want || len(answers) != len(reasons) {
		t.Errorf("reasons are %v, want %s", got, want)
	}
	g := newGuarded(t, nil)
	g.figures.tell(t.Context(), reasonBusy)
	var all metricdata.ResourceMetrics
	if err := g.telemetry.Reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	told := all.ScopeMetrics[0].Metrics[0]
	documented := "telemetry::metrics::" + strings.TrimPrefix(told.Name, "otelcol_")
	if content.Get(documented+"::description") != told.Description || content.Get(documented+"::unit") != told.Unit {
		t.Errorf("%s is not in the metadata as %q", told.Name, told.Description)
	}
	if sum, is := told.Data.(metricdata.Sum[int64]); !is || !sum.IsMonotonic {
		t.Errorf("%s is %T", told.Name, told.Data)
	}
}

// The README names every option, the figure, each reason and what a sender is told for it.
func TestTheReadmeNamesWhatThereIs(t *testing.T) {
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range slices.Concat(reasons, []string{
		"decoded_limit_mib", "max_concurrent", "max_wait", "read_timeout", "otelcol_extension_techsapo_otlp_guard_refused_requests",
	}) {
		if !strings.Contains(string(content), "`"+each+"`") {
			t.Errorf("README.md does not say what %s is", each)
		}
	}
}
