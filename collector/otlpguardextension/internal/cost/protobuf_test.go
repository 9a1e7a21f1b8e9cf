package cost

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
)

const unlimited = math.MaxInt64 / 64

// wire returns a field of a length, or of a number where it is no message.
func wire(number uint64, content []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(nil, number<<3|length), uint64(len(content))), content...)
}

// place is where a message is found: the request's signal, and the numbers of the fields around it.
type place struct {
	signal Signal
	path   []uint64
}

func (p place) wrap(content []byte) []byte {
	for at := len(p.path) - 1; at >= 0; at-- {
		content = wire(p.path[at], content)
	}
	return content
}

// places returns where each message is found, by the shortest way.
func places() map[kind]place {
	found := map[kind]place{metricsRequest: {Metrics, nil}, tracesRequest: {Traces, nil}, logsRequest: {Logs, nil}}
	open := []kind{metricsRequest, tracesRequest, logsRequest}
	for len(open) > 0 {
		is := open[0]
		open = open[1:]
		for number, each := range schema[is] {
			if _, there := found[each.message]; each.message != none && number != deprecated && !there {
				found[each.message] = place{found[is].signal, append(slices.Clone(found[is].path), uint64(number))}
				open = append(open, each.message)
			}
		}
	}
	return found
}

// Every field that there is or could be, many times over, in each message: what the decoder takes for it is counted, and
// so is what it only takes for a while.
func TestWhatTheDecoderTakesIsCounted(t *testing.T) {
	const times = 1000
	numbers := []uint64{1000}
	for number := range uint64(24) {
		numbers = append(numbers, number+1)
	}
	for is, where := range places() {
		for _, number := range numbers {
			for name, value := range map[string][]byte{
				"varint":       binary.AppendUvarint(nil, number<<3|varint),
				"fixed":        binary.AppendUvarint(nil, number<<3|fixed64),
				"empty":        wire(number, nil),
				"one byte":     wire(number, []byte{0}),
				"eight bytes":  wire(number, make([]byte, 8)),
				"a value":      wire(number, wire(1, []byte{'x'})),
				"two messages": wire(number, []byte{0x0a, 0, 0x12, 0}),
			} {
				switch name {
				case "varint":
					value = append(value, 1)
				case "fixed":
					value = append(value, make([]byte, 8)...)
				}
				body := where.wrap(bytes.Repeat(value, times))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				decoded, err := decode(where.signal, body, false)
				if err != nil {
					continue
				}
				runtime.ReadMemStats(&after)
				got, err := counted(NewProtobuf(where.signal, unlimited), body, len(body))
				what := fmt.Sprintf("%d %s of %d", number, name, is)
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
				checkCovers(t, what, got, decoded)
				// A list that grows is moved again and again: all of that is five times its size in the end.
				if taken := int64(after.TotalAlloc - before.TotalAlloc); taken > 3*got+4096 {
					t.Errorf("%s: %d bytes counted, %d were taken", what, got, taken)
				}
			}
		}
	}
}

// However a body is cut, the same is counted.
func TestPiecesCountAsTheWhole(t *testing.T) {
	for name, signal := range signals {
		body := sample(t, signal, false)
		want, err := counted(NewProtobuf(signal, unlimited), body, len(body))
		if err != nil || want <= perByte*int64(len(body)) {
			t.Fatalf("%s: %d, %v", name, want, err)
		}
		for piece := 1; piece < 40; piece++ {
			if got, err := counted(NewProtobuf(signal, unlimited), body, piece); got != want || err != nil {
				t.Errorf("%s by %d: got %d, %v, want %d", name, piece, got, err, want)
			}
		}
	}
}

// A hundred thousand points with two attributes each are far below the limit, and not counted at more than thrice what
// they take.
func TestAPayloadThatIsMeantIsNotRefused(t *testing.T) {
	body := points(100_000)
	got, err := counted(NewProtobuf(Metrics, 128<<20), body, 32<<10)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := decode(Metrics, body, false)
	if err != nil {
		t.Fatal(err)
	}
	checkCovers(t, "points", got, decoded)
	if held := heap(decoded); got > 3*held || got > 64<<20 {
		t.Errorf("%d bytes counted for %d, of which %d are held", got, len(body), held)
	}
}

// What is over the limit, nested too deep or broken is refused, and nothing that is not.
func TestWhatIsRefused(t *testing.T) {
	const limit = 1 << 20
	value := func(levels int) []byte {
		var content []byte
		for range levels {
			content = wire(5, wire(1, content))
		}
		return wire(1, wire(1, wire(1, wire(2, content))))
	}
	for name, each := range map[string]struct {
		body []byte
		want error
	}{
		"nothing":                    {nil, nil},
		"empty messages":             {bytes.Repeat([]byte{0x0a, 0}, limit/150), nil},
		"too many of them":           {bytes.Repeat([]byte{0x0a, 0}, limit/146), ErrTooLarge},
		"a long text":                {wire(1, wire(3, make([]byte, limit/2-1000))), nil},
		"a text that is too long":    {wire(1, wire(3, make([]byte, limit/2))), ErrTooLarge},
		"packed numbers":             {wire(1, wire(2, wire(2, wire(10, wire(1, wire(8, wire(2, make([]byte, limit/18)))))))), ErrTooLarge},
		"a packed length of its own": {binary.AppendUvarint(append(wire(1, wire(2, wire(2, wire(10, wire(1, wire(8, nil))))))[:10], 0x42, 0x0a, 0x12), 1<<62), ErrMalformed},
		"nested":                     {value(120), nil},
		"nested too deep":            {value(126), ErrTooDeep},
		"an unknown field":           {wire(999, []byte("x")), nil},
		"a group":                    {[]byte{0x3b, 0x3c}, ErrMalformed},
		"the end of a group":         {[]byte{0x3c}, ErrMalformed},
		"field zero":                 {[]byte{0x02, 0}, ErrMalformed},
		"a field over its message":   {[]byte{0x0a, 2, 0x0a, 1, 0, 0}, ErrMalformed},
		"a tag over its message":     {[]byte{0x0a, 1, 0xf2, 0x01, 0}, ErrMalformed},
		"a varint without an end":    {bytes.Repeat([]byte{0x80}, 10), ErrMalformed},
		"a negative length":          {append([]byte{0x0a}, bytes.Repeat([]byte{0xff}, 9)...), nil},
		"a cut length":               {[]byte{0x0a, 0x80}, nil},
	} {
		if _, err := counted(NewProtobuf(Metrics, limit), each.body, max(1, len(each.body))); !errors.Is(err, each.want) {
			t.Errorf("%s: got %v, want %v", name, err, each.want)
		}
	}
}

// A tag that is written longer than it need be, or above 32 bits, is the field that the decoder takes it for.
func TestATagMeansWhatTheDecoderTakesItFor(t *testing.T) {
	for name, tag := range map[string][]byte{
		"long":         {0x8a, 0x80, 0x80, 0x00},
		"above":        binary.AppendUvarint(nil, 1<<35|0x0a),
		"eleventh bit": {0x8a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e},
	} {
		body := bytes.Repeat(append(tag, 0), 1000)
		decoded, err := decode(Metrics, body, false)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if heap(decoded) < 100_000 {
			t.Errorf("%s: the decoder does not take it for field 1", name)
		}
		got, err := counted(NewProtobuf(Metrics, unlimited), body, 7)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkCovers(t, name, got, decoded)
	}
}
