package cost

import (
	"encoding/binary"
	"errors"
	"testing"
)

// grown makes a message of a kind out of choices: fields that it has and fields that it has not, of every wire type.
func grown(choices []byte, is kind, depth int) (content, rest []byte) {
	for len(choices) > 3 && choices[0] != 0xff {
		number, shape, size := uint64(choices[0]%24), choices[1], int(choices[2])
		choices = choices[3:]
		if number == 0 {
			number = 1000
		}
		var each field
		if number < uint64(len(schema[is])) {
			each = schema[is][number]
		} else if number == 1000 {
			each = schema[is][deprecated]
		}
		var inside []byte
		switch {
		case each.message != none && depth < 12:
			inside, choices = grown(choices, each.message, depth+1)
			content = append(content, wire(number, inside)...)
		case shape%4 == 0:
			content = append(binary.AppendUvarint(content, number<<3|varint), shape&0x7f)
		case shape%4 == 1:
			content = append(binary.AppendUvarint(content, number<<3|fixed64), make([]byte, 8)...)
		default:
			inside = choices[:min(size%40, len(choices))]
			content = append(content, wire(number, inside)...)
		}
	}
	if len(choices) > 0 {
		choices = choices[1:]
	}
	return content, choices
}

// No body stops the meter; it never counts less than the decoder takes; it refuses nothing that the decoder takes, but
// groups and what is nested too deep; and it counts the same however the body is cut.
func FuzzProtobuf(f *testing.F) {
	for _, signal := range signals {
		f.Add(byte(signal), sample(f, signal, false), byte(7), false)
		choices := make([]byte, 400)
		for at := range choices {
			choices[at] = byte(at*7) + byte(signal)
		}
		f.Add(byte(signal), choices, byte(11), true)
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte, piece byte, made bool) {
		signal := Signal(which % 3)
		if made {
			body, _ = grown(body, requests[signal], 0)
		}
		got, refused := counted(NewProtobuf(signal, unlimited), body, max(1, len(body)))
		if again, wrong := counted(NewProtobuf(signal, unlimited), body, int(piece)+1); again != got && refused == nil ||
			(wrong == nil) != (refused == nil) {
			t.Errorf("%d, %v as a whole; %d, %v by %d", got, refused, again, wrong, int(piece)+1)
		}
		decoded, err := decode(signal, body, false)
		if err != nil {
			return
		}
		if refused != nil {
			if !errors.Is(refused, errGroup) && !errors.Is(refused, ErrTooDeep) {
				t.Errorf("%v: the decoder takes it", refused)
			}
			return
		}
		checkCovers(t, "it", got, decoded)
	})
}

// The same of JSON.
func FuzzJSON(f *testing.F) {
	for _, signal := range signals {
		f.Add(byte(signal), sample(f, signal, true), byte(7))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte, piece byte) {
		signal := Signal(which % 3)
		got, refused := counted(NewJSON(unlimited), body, int(piece)+1)
		decoded, err := decode(signal, body, true)
		if err != nil || refused != nil {
			return
		}
		checkCovers(t, string(body), got, decoded)
	})
}
