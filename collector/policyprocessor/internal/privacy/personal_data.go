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
	raw := []byte(text)
	for at := range raw {
		if raw[at] == blank {
			raw[at] = ' '
		}
	}
	blankMasks(raw)
	var found []Datum
	if bytes.ContainsAny(raw, `%\`) && mayHoldCredential(raw) {
		s := &shadow{text: raw}
		for _, each := range escapedRules {
			found = append(found, s.apply(each, nil)...)
		}
	}
	seen, offsets := readingOf(raw)
	rules := rulesFor(seen)
	s := &shadow{text: seen}
	for range mostPasses {
		known := len(found)
		for _, each := range rules {
			found = append(found, s.apply(each, offsets)...)
		}
		if len(found) == known {
			break
		}
	}
	slices.SortFunc(found, func(a, b Datum) int { return a.Start - b.Start })
	return found
}

// apply returns what a rule finds, and puts it out of reach of further rules. Offsets tell where the bytes of the shadow
// stand in the text; nil where nothing has moved.
func (s *shadow) apply(each rule, offsets []int) []Datum {
	spans := each.find(s)
	if len(spans) == 0 {
		return nil
	}
	s.take(spans)
	if each.kind == "" {
		return nil
	}
	found := make([]Datum, 0, len(spans))
	for _, at := range spans {
		datum := Datum{at.start, at.end, each.kind}
		if offsets != nil {
			datum.Start, datum.End = offsets[at.start], offsets[at.end]
		}
		found = append(found, datum)
	}
	return found
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
	credential, at, network, six, nine, written bool
}

func (l looks) suspicious() bool {
	return l.credential || l.at || l.network || l.six || l.written
}

// lookAt tells what a text may hold before it is read; `written` where it has escapes or typographic variants.
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
		case char == '@':
			found.at = true
		case char == '%', char == '\\', char >= utf8.RuneSelf:
			found.written = true
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
	case ' ', '.', '(', ')', '/', '_', '+', '-', blank: // a blank of the input is read as a space
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
	found.at = bytes.IndexByte(text, '@') >= 0
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
