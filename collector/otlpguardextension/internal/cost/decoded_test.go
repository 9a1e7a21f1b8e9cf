package cost

import (
	"reflect"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

var signals = map[string]Signal{"metrics": Metrics, "traces": Traces, "logs": Logs}

// decode returns what pdata makes of a body, as a value to look into.
func decode(signal Signal, body []byte, asJSON bool) (reflect.Value, error) {
	var found any
	var err error
	switch {
	case signal == Metrics && asJSON:
		found, err = (&pmetric.JSONUnmarshaler{}).UnmarshalMetrics(body)
	case signal == Metrics:
		found, err = (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(body)
	case signal == Traces && asJSON:
		found, err = (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body)
	case signal == Traces:
		found, err = (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	case asJSON:
		found, err = (&plog.JSONUnmarshaler{}).UnmarshalLogs(body)
	default:
		found, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(body)
	}
	if err != nil {
		return reflect.Value{}, err
	}
	return reflect.ValueOf(found).Field(0), nil
}

// heap returns how many bytes of the heap a value holds outside of itself.
func heap(value reflect.Value) int64 {
	var sum int64
	switch value.Kind() {
	case reflect.String:
		return rounded(value.Len())
	case reflect.Pointer:
		if !value.IsNil() {
			sum = rounded(int(value.Type().Elem().Size())) + heap(value.Elem())
		}
	case reflect.Interface:
		if !value.IsNil() {
			sum = heap(value.Elem())
		}
	case reflect.Slice:
		sum = int64(value.Cap()) * int64(value.Type().Elem().Size())
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return sum
		}
		for at := range value.Len() {
			sum += heap(value.Index(at))
		}
	case reflect.Struct:
		for at := range value.NumField() {
			sum += heap(value.Field(at))
		}
	}
	return sum
}

// rounded returns how many bytes the heap gives where so many are asked for.
func rounded(size int) int64 { return int64(cap(append([]byte(nil), make([]byte, size)...))) }

// counted returns what a meter counts of a body that comes in pieces of a length.
func counted(meter Meter, body []byte, piece int) (int64, error) {
	for at := 0; at < len(body); at += piece {
		if err := meter.Add(body[at:min(at+piece, len(body))]); err != nil {
			return meter.Bytes(), err
		}
	}
	return meter.Bytes(), nil
}

// The request itself, which is there whatever is in it.
const ofRequest = 24

func checkCovers(t *testing.T, what string, got int64, decoded reflect.Value) {
	t.Helper()
	if held := heap(decoded) - ofRequest; got < held {
		t.Errorf("%s: %d bytes counted, %d are held", what, got, held)
	}
}
