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

// search is a rule, and what a text looks like where it may find something.
type search struct {
	rule
	needs looks
}

var searches = slices.Concat(
	where(urls, escapedRules[:1]), where(parameters, escapedRules[1:]), where(authorizations, authorizationRules),
	where(bearers, bearerRules), where(jwts, jwtRules), where(keys, keyRules), where(keyNamed, namedKeyRules),
	where(parameters, queryKeyRules), where(ats, emailRules), where(colons, networkRules[:1]), where(stops, networkRules[1:]),
	where(sixDigits, []rule{uuidRule}), where(sixDigits, internationalPhoneRules), where(nineDigits, cardRules),
	where(sixDigits, letterIDRules), where(nineDigits, digitIDRules), where(nineDigits, nationalPhoneRules),
)

func where(needs looks, rules []rule) []search {
	var found []search
	for _, each := range rules {
		found = append(found, search{each, needs})
	}
	return found
}

// Kinds are the kinds of personal data.
var Kinds = kindsOf(searches)

func kindsOf(searches []search) []string {
	var kinds []string
	for _, each := range searches {
		if each.kind != "" && !slices.Contains(kinds, each.kind) {
			kinds = append(kinds, each.kind)
		}
	}
	return kinds
}

// Find returns the personal data of a text from left to right, none of it overlapping.
func Find(text string) []Datum {
	if lookAt(text, false) == 0 {
		return nil
	}
	return find(text)
}

// Mask returns the text with each personal datum replaced by its kind in brackets, and the data that it found. What is
// masked stays as it is.
func Mask(text string) (string, []Datum) {
	found := Find(text)
	return replace(text, found), found
}

// replace returns the text with each datum replaced by its kind in brackets.
func replace(text string, found []Datum) string {
	if len(found) == 0 {
		return text
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
	return masked.String()
}

// MaskNamed is Mask for a text whose name may tell what it is: of an attribute x-api-key, of a field ssn.
func MaskNamed(name, text string) (string, []Datum) {
	if !isTelling(name) {
		return Mask(text)
	}
	before := name + ": "
	named := Find(before + text)
	for len(named) > 0 && named[0].Start < len(before) {
		named = named[1:]
	}
	for at := range named {
		named[at].Start -= len(before)
		named[at].End -= len(before)
	}
	// What is found in the text alone goes besides: an address of which the name says nothing.
	masked, found := Mask(replace(text, named))
	return masked, append(named, found...)
}

// isTelling tells whether a name may say that what it names is a secret, or a number that has no shape of its own.
func isTelling(name string) bool {
	for _, each := range []string{"key", "authorization", "ssn", "security_number"} {
		if at := len(name) - len(each); at >= 0 && hasFolded(name, at, each) {
			return true
		}
	}
	return false
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
	if before := lookAt(raw, true); before&written != 0 {
		s := &shadow{text: raw}
		for _, each := range searches[:len(escapedRules)] {
			if before&each.needs != 0 {
				found = append(found, s.apply(each.rule, nil)...)
			}
		}
	}
	seen, offsets := readingOf(raw)
	s := &shadow{text: seen}
	for range mostPasses {
		known, now := len(found), lookAt(s.text, true)
		for _, each := range searches {
			if now&each.needs != 0 {
				s.least = each.needs.digits()
				found = append(found, s.apply(each.rule, offsets)...)
			}
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
