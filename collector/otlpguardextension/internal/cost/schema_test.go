package cost

import (
	"reflect"
	"slices"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// What pdata calls the messages.
var names = map[string]kind{
	"ExportMetricsServiceRequest": metricsRequest, "ExportTraceServiceRequest": tracesRequest,
	"ExportLogsServiceRequest": logsRequest, "ResourceMetrics": resourceMetrics, "ResourceSpans": resourceSpans,
	"ResourceLogs": resourceLogs, "Resource": resource, "EntityRef": entityRef, "ScopeMetrics": scopeMetrics,
	"ScopeSpans": scopeSpans, "ScopeLogs": scopeLogs, "InstrumentationScope": scope, "Metric": metric, "Gauge": gauge,
	"Sum": sum, "Histogram": histogram, "ExponentialHistogram": exponentialHistogram, "Summary": summary,
	"NumberDataPoint": numberPoint, "HistogramDataPoint": histogramPoint, "ExponentialHistogramDataPoint": exponentialPoint,
	"ExponentialHistogramDataPointBuckets": buckets, "SummaryDataPoint": summaryPoint,
	"SummaryDataPointValueAtQuantile": quantile, "Exemplar": exemplar, "Span": span, "SpanEvent": event, "SpanLink": link,
	"Status": status, "LogRecord": logRecord, "KeyValue": keyValue, "AnyValue": anyValue, "ArrayValue": arrayValue,
	"KeyValueList": keyValueList,
}

// known returns the fields of a struct of pdata that cost something, as the schema has them, and the messages in them.
// What a message has one of cannot be seen in its type: it is added by hand.
func known(message reflect.Type) ([]field, []reflect.Type) {
	var fields []field
	var within []reflect.Type
	for at := range message.NumField() {
		of := message.Field(at).Type
		switch {
		case of.Kind() == reflect.String:
			fields = append(fields, text)
		case of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.String:
			fields = append(fields, listedText)
		case of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Pointer:
			fields = append(fields, pointed(names[of.Elem().Elem().Name()], uint16(rounded(int(of.Elem().Elem().Size())))))
			within = append(within, of.Elem().Elem())
		case of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Struct:
			fields = append(fields, inline(names[of.Elem().Name()], uint16(of.Elem().Size())))
			within = append(within, of.Elem())
		case of.Kind() == reflect.Slice && message.Name() == "ExponentialHistogramDataPointBuckets":
			fields = append(fields, packedVarint)
		case of.Kind() == reflect.Slice:
			fields = append(fields, number)
		case of.Kind() == reflect.Struct && names[of.Name()] != none:
			fields = append(fields, field{message: names[of.Name()]})
			within = append(within, of)
		}
	}
	switch names[message.Name()] {
	case metric:
		fields = append(fields, chosen(gauge, 32), chosen(sum, 40), chosen(histogram, 40), chosen(exponentialHistogram, 40), chosen(summary, 32))
	case numberPoint, exemplar:
		fields = append(fields, chosen(none, 8), chosen(none, 8))
	case anyValue:
		fields = append(fields, chosen(none, 32), chosen(none, 8), chosen(none, 8), chosen(none, 8), chosen(arrayValue, 32),
			chosen(keyValueList, 32), chosen(none, 40), chosen(none, 8))
	}
	return fields, within
}

// The schema has every message that the decoder makes, in every place, with the size that it has in this version.
func TestTheSchemaIsThatOfTheDecoder(t *testing.T) {
	open := []reflect.Type{}
	for _, request := range []any{pmetric.Metrics{}, ptrace.Traces{}, plog.Logs{}} {
		open = append(open, reflect.TypeOf(request).Field(0).Type.Elem())
	}
	// Those of what a message has one of, which its type does not tell.
	metrics := pmetric.NewMetrics().ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()
	for _, set := range []func(pmetric.Metric){
		func(m pmetric.Metric) { m.SetEmptyGauge() }, func(m pmetric.Metric) { m.SetEmptySum() },
		func(m pmetric.Metric) { m.SetEmptyHistogram() }, func(m pmetric.Metric) { m.SetEmptyExponentialHistogram() },
		func(m pmetric.Metric) { m.SetEmptySummary() },
		func(m pmetric.Metric) { m.Metadata().PutEmptySlice("a") }, func(m pmetric.Metric) { m.Metadata().PutEmptyMap("a") },
	} {
		one := metrics.AppendEmpty()
		set(one)
		open = append(open, chosenIn(reflect.ValueOf(one).Field(0).Elem())...)
	}
	seen := map[kind]bool{}
	for len(open) > 0 {
		next := open[0]
		open = open[1:]
		is, named := names[next.Name()]
		if !named {
			t.Fatalf("%s is not in the schema", next)
		}
		if seen[is] {
			continue
		}
		seen[is] = true
		want, within := known(next)
		open = append(open, within...)
		var got []field
		for _, each := range schema[is] {
			if each != (field{}) {
				got = append(got, each)
			}
		}
		slices.SortFunc(got, byContent)
		slices.SortFunc(want, byContent)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the decoder %v", next, got, want)
		}
	}
	if len(seen) != int(kinds)-1 {
		t.Errorf("the decoder has %d messages, the schema %d", len(seen), kinds-1)
	}
}

// chosenIn returns the messages in the interfaces of a message, and of its attributes.
func chosenIn(message reflect.Value) []reflect.Type {
	var found []reflect.Type
	for at := range message.NumField() {
		switch value := message.Field(at); value.Kind() {
		case reflect.Interface:
			if !value.IsNil() && value.Elem().Elem().Field(0).Kind() == reflect.Pointer {
				found = append(found, value.Elem().Elem().Field(0).Type().Elem())
			}
		case reflect.Struct:
			found = append(found, chosenIn(value)...)
		case reflect.Slice:
			for each := range value.Len() {
				found = append(found, chosenIn(value.Index(each))...)
			}
		}
	}
	return found
}

func byContent(a, b field) int {
	order := func(f field) int { return int(f.message)<<32 | int(f.bytes)<<8 | int(f.packed) }
	return order(a) - order(b)
}
