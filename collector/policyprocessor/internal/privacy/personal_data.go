// Package privacy masks personal data in text and turns client addresses into buckets.
//
// It is the counterpart of telemetry/privacy in Python; the files in vectors/ hold both to the same results.
//
// Overlaps: rules apply in the order of allRules, each from left to right; what one rule has taken is out of reach of
// those that follow. So the password of a URL goes before the e-mail address that it forms with its host, and a card
// number before the national phone number that its digits would be.
package privacy

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Datum is a personal datum in a text: the bytes from Start to End, and the kind, one of Kinds.
type Datum struct {
	Start, End int
	Kind       string
}

// Taking a datum can bring another within reach of an earlier rule: seldom, and never for long.
const mostPasses = 4

// A UUID's digits are no number. Its rule stands after those whose data may hold one, such as e-mail addresses.
var uuidRule = rule{"", findUUIDs}

var allRules = slices.Concat(credentialRules, emailRules, networkRules, []rule{uuidRule}, internationalPhoneRules,
	cardRules, letterIDRules, digitIDRules, nationalPhoneRules)

// Kinds are the kinds of personal data.
var Kinds = kindsOf(allRules)

func kindsOf(rules []rule) []string {
	var kinds []string
	for _, each := range rules {
		if each.kind != "" && !slices.Contains(kinds, each.kind) {
			kinds = append(kinds, each.kind)
		}
	}
	return kinds
}

// Find returns the personal data of a text from left to right, none of it overlapping.
func Find(text string) []Datum {
	looks := lookAt(text)
	if !looks.suspicious() {
		return nil
	}
	return find(text)
}

// Mask returns the text with each personal datum replaced by its kind in brackets, and the data that it found. What is
// masked stays as it is.
func Mask(text string) (string, []Datum) {
	found := Find(text)
	if len(found) == 0 {
		return text, nil
	}
	var masked strings.Builder
	position := 0
	for _, datum := range found {
		masked.WriteString(text[position:datum.Start])
		masked.WriteByte('[')
		masked.WriteString(datum.Kind)
		masked.WriteByte(']')
		position = datum.End
	}
	masked.WriteString(text[position:])
	return masked.String(), found
}

func find(text string) []Datum {
	seen, offsets := counterpart(text)
	rules := rulesFor(seen)
	if len(rules) == 0 {
		return nil
	}
	s := &shadow{text: seen}
	var found []Datum
	for range mostPasses {
		known := len(found)
		for _, each := range rules {
			spans := each.find(s)
			if len(spans) == 0 {
				continue
			}
			s.take(spans)
			if each.kind == "" {
				continue
			}
			for _, at := range spans {
				datum := Datum{at.start, at.end, each.kind}
				if offsets != nil {
					datum.Start, datum.End = offsets[at.start], offsets[at.end]
				}
				found = append(found, datum)
			}
		}
		if len(found) == known {
			break
		}
	}
	slices.SortFunc(found, func(a, b Datum) int { return a.Start - b.Start })
	return found
}

// counterpart returns a text in which masks are blanks and typographic variants are ASCII. Offsets tell where each of
// its bytes stands in the text; nil where nothing has moved.
func counterpart(text string) ([]byte, []int) {
	seen := []byte(text)
	var offsets []int
	if strings.IndexFunc(text, func(char rune) bool { return asciiOf(char) != char }) >= 0 {
		seen, offsets = seen[:0], make([]int, 0, len(text)+1)
		for position := 0; position < len(text); {
			char, size := utf8.DecodeRuneInString(text[position:])
			if ascii := asciiOf(char); ascii != char {
				seen = append(seen, byte(ascii))
				offsets = append(offsets, position)
			} else {
				seen = append(seen, text[position:position+size]...)
				for at := range size {
					offsets = append(offsets, position+at)
				}
			}
			position += size
		}
		offsets = append(offsets, len(text))
	}
	for at := range seen {
		if seen[at] == blank {
			seen[at] = ' '
		}
	}
	blankMasks(seen)
	return seen, offsets
}

// asciiOf returns the ASCII counterpart of a fullwidth form, or of a dash or blank of Japanese and French typography.
func asciiOf(char rune) rune {
	switch {
	case char < utf8.RuneSelf:
		return char
	case 0xFF01 <= char && char <= 0xFF5E:
		return char - 0xFF01 + 0x21
	}
	switch char {
	case 0x00A0, 0x2002, 0x2003, 0x2007, 0x2009, 0x202F, 0x3000:
		return ' '
	case 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0x30FC, 0xFF70:
		return '-'
	}
	return char
}

// blankMasks puts what is masked already out of reach.
func blankMasks(text []byte) {
	for from := 0; ; {
		at := bytes.IndexByte(text[from:], '[')
		if at < 0 {
			return
		}
		from += at + 1
		for _, kind := range Kinds {
			rest := text[from:]
			if len(rest) > len(kind) && rest[len(kind)] == ']' && string(rest[:len(kind)]) == kind {
				clear(text[from-1 : from+len(kind)+1])
			}
		}
	}
}

// looks are a few cheap looks at a text: for an ordinary one no rule is tried.
type looks struct {
	credential, at, network, six, nine, wide bool
}

func (l looks) suspicious() bool {
	return l.credential || l.at || l.network || l.six || l.wide
}

// lookAt tells what a text may hold before its typographic variants are read as ASCII; `wide` where it has any.
func lookAt(text string) looks {
	var found looks
	colons, stops, digits, gap := 0, 0, 0, 0
	for position := range len(text) {
		char := text[position]
		switch {
		case isDigit(char):
			digits, gap = digits+1, 0
			found.six = found.six || digits >= 6
			found.nine = found.nine || digits >= 9
			continue
		case char == ':':
			colons++
		case char == '.':
			stops++
		case char == '@', char == '%':
			found.at = true
		case char >= utf8.RuneSelf:
			found.wide = true
		}
		if gap++; gap > 3 || !isApart(char) {
			digits = 0
		}
	}
	found.network = colons >= 2 || stops >= 3
	found.credential = mayHoldCredential([]byte(text))
	return found
}

func isApart(char byte) bool {
	switch char {
	case ' ', '.', '(', ')', '/', '-', blank: // a blank of the input is read as a space
		return true
	}
	return false
}

// rulesFor returns the rules that may find something.
func rulesFor(text []byte) []rule {
	found := lookAtShadow(text)
	var rules []rule
	if found.credential {
		rules = append(rules, credentialRules...)
	}
	if found.at {
		rules = append(rules, emailRules...)
	}
	if found.network {
		rules = append(rules, networkRules...)
	}
	if found.six {
		rules = append(append(rules, uuidRule), internationalPhoneRules...)
		if found.nine {
			rules = append(rules, cardRules...)
		}
		rules = append(rules, letterIDRules...)
		if found.nine {
			rules = append(append(rules, digitIDRules...), nationalPhoneRules...)
		}
	}
	return rules
}

// lookAtShadow is lookAt where a blank stands for what is masked, and parts digits.
func lookAtShadow(text []byte) looks {
	var found looks
	colons, stops, digits, gap := 0, 0, 0, 0
	for _, char := range text {
		switch {
		case isDigit(char):
			digits, gap = digits+1, 0
			found.six = found.six || digits >= 6
			found.nine = found.nine || digits >= 9
			continue
		case char == ':':
			colons++
		case char == '.':
			stops++
		}
		if gap++; gap > 3 || char == blank || !isApart(char) {
			digits = 0
		}
	}
	found.at = bytes.IndexByte(text, '@') >= 0 || bytes.Contains(text, []byte("%40"))
	found.network = colons >= 2 || stops >= 3
	found.credential = mayHoldCredential(text)
	return found
}

func findUUIDs(s *shadow) []span {
	var spans []span
	for position := 0; position+36 <= len(s.text); position++ {
		if s.text[position+8] == '-' && (position == 0 || !isHex(s.text[position-1])) && isUUID(s.text[position:position+36]) &&
			(position+36 == len(s.text) || !isHex(s.text[position+36])) {
			spans = append(spans, span{position, position + 36})
			position += 35
		}
	}
	return spans
}

func isUUID(text []byte) bool {
	for at, char := range text {
		switch at {
		case 8, 13, 18, 23:
			if char != '-' {
				return false
			}
		default:
			if !isHex(char) {
				return false
			}
		}
	}
	return true
}
