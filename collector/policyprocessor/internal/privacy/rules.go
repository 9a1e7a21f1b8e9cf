package privacy

import (
	"bytes"
	"regexp"
	"unicode/utf8"
)

// blank stands in a shadow for what was found already or stands masked. No pattern takes it in, and to what is beside it
// it is neither letter nor digit.
const blank = 0

// wordEnds follows a datum that is no part of a longer word: RE2 has no lookahead, so it consumes one character.
// ASCII only: Japanese text has no blanks around a number.
const wordEnds = `(?:\z|[^A-Za-z0-9])`

// notBeforeDigits is wordEnds where a full stop with more digits behind it would make a fraction, or a longer address.
const notBeforeDigits = `(?:\z|\.(?:\z|[^0-9])|[^A-Za-z0-9.])`

// span is a range of bytes of a shadow.
type span struct{ start, end int }

// finder returns the spans of one kind of data in a shadow, from left to right, none overlapping.
type finder func(*shadow) []span

// rule is a kind of personal data and what finds it. A rule without a kind finds what is no personal data, and keeps
// later rules away from it.
type rule struct {
	kind string
	find finder
}

// shadow is a text as the rules see it: ASCII counterparts of typographic variants, blanks where data were found.
type shadow struct {
	text   []byte
	starts []numberStart // nil when not known yet
	least  int           // how many digits the rule that is tried takes in at least
}

// numberStart is where a number may start, and how many digits follow, near each other; more than mostDigits are not
// counted.
type numberStart struct{ position, digits int }

const mostDigits = 9

// take puts spans out of reach of further rules.
func (s *shadow) take(spans []span) {
	for _, each := range spans {
		clear(s.text[each.start:each.end])
	}
	s.starts = nil
}

// before returns the byte before a position, a space at the start.
func (s *shadow) before(position int) byte {
	if position == 0 {
		return ' '
	}
	return s.text[position-1]
}

// wordStarts tells whether no word runs up to a position.
func (s *shadow) wordStarts(position int) bool {
	return !isWord(s.before(position))
}

// numberStarts returns the positions of opening brackets, and of digits that no word or number runs up to.
func (s *shadow) numberStarts() []numberStart {
	if s.starts == nil {
		s.starts = make([]numberStart, 0, 16)
		for position, char := range s.text {
			if char == '(' || (isDigit(char) && s.wordStarts(position) && !s.inFraction(position)) {
				s.starts = append(s.starts, numberStart{position, s.digitsFrom(position)})
			}
		}
	}
	return s.starts
}

// digitsFrom counts digits as lookAt does: at most three bytes that may stand within a number part them.
func (s *shadow) digitsFrom(position int) int {
	digits, gap := 0, 0
	for ; position < len(s.text) && digits < mostDigits; position++ {
		if char := s.text[position]; isDigit(char) {
			digits, gap = digits+1, 0
		} else if gap++; gap > 3 || !isApart(char) {
			break
		}
	}
	return digits
}

// inFraction tells whether a digit, or a datum, and a full stop stand before a position.
func (s *shadow) inFraction(position int) bool {
	return position >= 2 && s.text[position-1] == '.' && (isDigit(s.text[position-2]) || s.text[position-2] == blank)
}

// upTo returns at most `runes` characters before a position, for words that tell what follows.
func (s *shadow) upTo(position, runes int) []byte {
	start := position
	for ; runes > 0 && start > 0; runes-- {
		_, size := utf8.DecodeLastRune(s.text[:start])
		start -= size
	}
	return s.text[start:position]
}

// accept decides on a match by more than its pattern.
type accept func(s *shadow, found span) bool

// byNumber returns a finder of numbers: the pattern is tried wherever one may start, with one of the bytes `first`.
func byNumber(pattern, first string, accepts accept) finder {
	return byNumberBefore(pattern+wordEnds, first, accepts)
}

// byNumberBefore is byNumber for a pattern that says itself what may follow its groups, of which one takes part.
func byNumberBefore(pattern, first string, accepts accept) finder {
	compiled := regexp.MustCompile(`\A(?:` + pattern + `)`)
	var firsts [256]bool
	for _, char := range []byte(first) {
		firsts[char] = true
	}
	return func(s *shadow) []span {
		var spans []span
		taken := 0
		for _, start := range s.numberStarts() {
			position := start.position
			if position < taken || start.digits < s.least || !firsts[s.text[position]] {
				continue
			}
			found, ok := matchAt(compiled, s.text, position)
			if ok && (accepts == nil || accepts(s, found)) {
				spans = append(spans, found)
				taken = found.end
			}
		}
		return spans
	}
}

// byCandidate returns a finder of what a pattern takes in at the positions that `next` proposes.
//
// next returns the first position from `from` on at which a datum may start, -1 where there is none. What matches and
// is not accepted is passed over as a whole.
func byCandidate(pattern string, next func(s *shadow, from int) int, accepts accept) finder {
	compiled := regexp.MustCompile(`\A(?:` + pattern + `)`)
	return func(s *shadow) []span {
		var spans []span
		for position := next(s, 0); position >= 0; {
			found, ok := matchAt(compiled, s.text, position)
			if ok && (accepts == nil || accepts(s, found)) {
				spans = append(spans, found)
			}
			from := position + 1
			if ok {
				from = max(from, found.end)
			}
			position = next(s, from)
		}
		return spans
	}
}

// matchAt returns the group that took part in a match at a position.
func matchAt(compiled *regexp.Regexp, text []byte, position int) (span, bool) {
	groups := compiled.FindSubmatchIndex(text[position:])
	for at := 2; at < len(groups); at += 2 {
		if groups[at] >= 0 {
			return span{position + groups[at], position + groups[at+1]}, true
		}
	}
	return span{}, false
}

// at returns a candidate function: where one of the literals stands, and `starts`, where given, agrees.
func at(literals []string, starts func(s *shadow, position int) bool) func(*shadow, int) int {
	var first [256]bool
	for _, literal := range literals {
		first[literal[0]] = true
	}
	return func(s *shadow, from int) int {
		for position := from; position < len(s.text); position++ {
			if !first[s.text[position]] {
				continue
			}
			for _, literal := range literals {
				if bytes.HasPrefix(s.text[position:], []byte(literal)) && (starts == nil || starts(s, position)) {
					return position
				}
			}
		}
		return -1
	}
}

// digitsOf returns the ASCII digits of a text.
func digitsOf(text []byte) []byte {
	digits := make([]byte, 0, len(text))
	for _, char := range text {
		if isDigit(char) {
			digits = append(digits, char)
		}
	}
	return digits
}

func isDigit(char byte) bool { return '0' <= char && char <= '9' }

func isWord(char byte) bool {
	return isDigit(char) || ('A' <= char && char <= 'Z') || ('a' <= char && char <= 'z')
}

func isHex(char byte) bool {
	return isDigit(char) || ('A' <= char && char <= 'F') || ('a' <= char && char <= 'f')
}
