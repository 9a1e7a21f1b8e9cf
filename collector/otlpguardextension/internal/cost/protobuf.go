package cost

import (
	"fmt"
	"math"
)

// The wire types of protobuf.
const (
	varint     = 0
	fixed64    = 1
	length     = 2
	startGroup = 3
	endGroup   = 4
	fixed32    = 5
)

// No OTLP message has a group, and the decoder reads what is in one as if it were the message's own.
var errGroup = fmt.Errorf("%w: it has a group", ErrMalformed)

const maxVarint = 10

// maxStart is the longest that the start of a field can be: its tag, and its length or its value as a varint.
const maxStart = 2 * maxVarint

// open is a message that is being read: what it is, and where in the body it ends.
type open struct {
	end  int64
	kind kind
}

// Protobuf counts what a body in protobuf costs to decode, and takes nothing from the heap for it.
//
// It reads tags as the decoder does, so that whatever that makes a struct of is counted here.
type Protobuf struct {
	limit  int64
	bytes  int64
	offset int64 // how much of the body has been read
	skip   int64 // how much of what follows is a value
	level  int
	stack  [MaxDepth]open
	// The start of a field that was cut.
	carry   [maxStart]byte
	carried int
}

// NewProtobuf returns a meter for a request of a signal that refuses what would take more than `limit` bytes.
func NewProtobuf(signal Signal, limit int64) *Protobuf {
	p := &Protobuf{limit: limit}
	p.stack[0] = open{math.MaxInt64, requests[signal]}
	return p
}

// Bytes tells what the pieces so far take.
func (p *Protobuf) Bytes() int64 { return p.bytes }

// Add counts the next piece of a body.
func (p *Protobuf) Add(piece []byte) error {
	p.bytes += perByte * int64(len(piece))
	if p.carried > 0 {
		before := p.carried
		held := before + copy(p.carry[before:], piece)
		used, err := p.start(p.carry[:held])
		if err != nil {
			return err
		}
		if used == 0 {
			p.carried = held
			return nil
		}
		p.carried, piece = 0, piece[used-before:]
	}
	for len(piece) > 0 {
		skipped := min(p.skip, int64(len(piece)))
		p.skip -= skipped
		p.offset += skipped
		if piece = piece[skipped:]; len(piece) == 0 {
			break
		}
		used, err := p.start(piece)
		if err != nil {
			return err
		}
		if used == 0 {
			p.carried = copy(p.carry[:], piece)
			break
		}
		piece = piece[used:]
	}
	if p.bytes > p.limit {
		return ErrTooLarge
	}
	return nil
}

// start reads the start of one field, and tells how long it is: 0 where it is cut.
func (p *Protobuf) start(piece []byte) (int, error) {
	for p.offset == p.stack[p.level].end {
		p.level--
	}
	tag, used, err := readVarint(piece, 0)
	if used == 0 || err != nil {
		return 0, err
	}
	var size uint64
	switch tag & 7 {
	case varint:
		_, used, err = readVarint(piece, used)
	case fixed64:
		size = 8
	case fixed32:
		size = 4
	case length:
		size, used, err = readVarint(piece, used)
	case startGroup, endGroup:
		err = errGroup
	default:
		err = ErrMalformed
	}
	// As in the decoder, what a number has above 32 bits is not looked at.
	number := int32(tag >> 3) // #nosec G115
	if used == 0 || err != nil {
		return 0, err
	}
	p.offset += int64(used)
	inside := p.stack[p.level]
	if number <= 0 || p.offset > inside.end || size > uint64(inside.end-p.offset) { // #nosec G115
		return 0, ErrMalformed
	}
	return used, p.enter(inside.kind, number, tag&7 == length, int64(size)) // #nosec G115
}

// enter counts a field of a message, and goes on in it where it is a message too, else behind its value.
func (p *Protobuf) enter(kind kind, number int32, whole bool, size int64) error {
	var is field
	if number < int32(len(schema[none])) {
		is = schema[kind][number]
	} else if number == 1000 {
		is = schema[kind][deprecated]
	}
	p.bytes += int64(is.bytes)
	if p.bytes > p.limit {
		return ErrTooLarge
	}
	if !whole || is.message == none {
		p.skip = size
		if whole {
			p.bytes += int64(is.packed) * min(size, p.limit)
		}
		return nil
	}
	if p.level++; p.level == MaxDepth {
		return ErrTooDeep
	}
	p.stack[p.level] = open{p.offset + size, is.message}
	return nil
}

// readVarint returns the number at a place and where it ends; 0 where it is cut.
func readVarint(piece []byte, at int) (uint64, int, error) {
	var value uint64
	for shift := 0; shift < 7*maxVarint; shift += 7 {
		if at >= len(piece) {
			return 0, 0, nil
		}
		next := piece[at]
		at++
		value |= uint64(next&0x7f) << shift
		if next < 0x80 {
			return value, at, nil
		}
	}
	return 0, 0, ErrMalformed
}
