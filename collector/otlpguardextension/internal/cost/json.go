package cost

// What a JSON body's signs cost. Where a bracket stands is not looked at: each counts as the dearest that it can open.
const (
	perObject  = 242 // a span, in a list of pointers
	perElement = 52  // a string in a list
)

// JSON counts what a body in JSON costs to decode.
type JSON struct {
	limit   int64
	bytes   int64
	level   int
	quoted  bool
	escaped bool
}

// NewJSON returns a meter that refuses what would take more than `limit` bytes.
func NewJSON(limit int64) *JSON { return &JSON{limit: limit} }

// Bytes returns what has been read takes.
func (j *JSON) Bytes() int64 { return j.bytes }

// Add counts the next piece of a body.
func (j *JSON) Add(piece []byte) error {
	j.bytes += perByte * int64(len(piece))
	for _, sign := range piece {
		if j.quoted {
			switch {
			case j.escaped:
				j.escaped = false
			case sign == '\\':
				j.escaped = true
			case sign == '"':
				j.quoted = false
			}
			continue
		}
		switch sign {
		case '"':
			j.quoted = true
		case ',':
			j.bytes += perElement
		case '{', '[':
			if sign == '{' {
				j.bytes += perObject
			} else {
				j.bytes += perElement
			}
			if j.level++; j.level > MaxDepth {
				return ErrTooDeep
			}
		case '}', ']':
			j.level--
		}
	}
	if j.bytes > j.limit {
		return ErrTooLarge
	}
	return nil
}
