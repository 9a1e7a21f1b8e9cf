package privacy

import (
	"strconv"
	"strings"
)

// issuer is who gives out payment cards: prefixes as first and last of equal length, and lengths of numbers.
type issuer struct {
	prefixes [][2]int
	lengths  []int
}

// Only these: no issuer here starts with 1, so that a time in nanoseconds (19 digits until 2033) is none.
var issuers = []issuer{
	{[][2]int{{4, 4}}, []int{13, 16, 19}},                                       // Visa
	{[][2]int{{51, 55}, {2221, 2720}}, []int{16}},                               // Mastercard
	{[][2]int{{34, 34}, {37, 37}}, []int{15}},                                   // American Express
	{[][2]int{{300, 305}, {3095, 3095}, {36, 36}, {38, 39}}, []int{14, 16, 19}}, // Diners Club
	{[][2]int{{6011, 6011}, {644, 649}, {65, 65}}, []int{16, 19}},               // Discover
	{[][2]int{{3528, 3589}}, []int{16, 17, 18, 19}},                             // JCB
	{[][2]int{{62, 62}, {81, 81}}, []int{16, 17, 18, 19}},                       // UnionPay
	{ // Maestro
		[][2]int{{5018, 5018}, {5020, 5020}, {5038, 5038}, {5893, 5893}, {6304, 6304}, {6759, 6759}, {6761, 6763}},
		[]int{12, 13, 14, 15, 16, 17, 18, 19},
	},
	{[][2]int{{2200, 2204}}, []int{16, 17, 18, 19}},       // Mir
	{[][2]int{{60, 60}, {82, 82}, {508, 508}}, []int{16}}, // RuPay
}

// Groups are apart by one of these, the same between all.
var cardSeparators = []string{" ", "\\.", "_", "/", "\\+", "-", "  ", " - "}

// inGroupsOf returns a pattern of groups with one of the separators between them, each a group of the pattern.
func inGroupsOf(separators []string, pattern func(separator string) string) string {
	var alternatives []string
	for _, separator := range separators {
		alternatives = append(alternatives, "("+pattern(separator)+")"+wordEnds)
	}
	return strings.Join(alternatives, "|")
}

var (
	sixteen = inGroupsOf(cardSeparators, func(apart string) string {
		return "[0-9]{4}" + apart + "[0-9]{4}" + apart + "[0-9]{4}" + apart + "[0-9]{4}"
	})
	grouped = inGroupsOf(cardSeparators, func(apart string) string {
		return "[0-9]{4}" + apart + "[0-9]{4}" + apart + "[0-9]{4}" + apart + "[0-9]{1,4}(?:" + apart + "[0-9]{1,3})?"
	}) + "|" + inGroupsOf(cardSeparators[:6], func(apart string) string {
		return "[0-9]{4}" + apart + "[0-9]{6}" + apart + "[0-9]{4,5}"
	}) + `|([0-9]{6}[ .-][0-9]{10,13})` + wordEnds + `|([0-9]{8}[ .-][0-9]{8})` + wordEnds
)

const (
	cardStarts = "234568"
	// ISO/IEC 7813: on track 1 a letter stands before the number, and a caret behind it.
	track = `%B([2-68][0-9]{11,18})\^`
)

// Payment card numbers: ISO/IEC 7812, by issuer and length, with the Luhn check digit. The longest first: what is no
// card in 17 to 19 digits may be one in 16.
var cardRules = []rule{
	{"card", byNumber(`([2-68][0-9]{11,18})`, cardStarts, isCard)},
	{"card", byNumberBefore(grouped, cardStarts, isCard)},
	{"card", byNumberBefore(sixteen, cardStarts, isCard)},
	{"card", byCandidate(track, at([]string{"%B"}, nil), isCard)},
}

func isCard(s *shadow, found span) bool {
	digits := digitsOf(s.text[found.start:found.end])
	if !luhn(digits) {
		return false
	}
	for _, each := range issuers {
		if each.gives(digits) {
			return true
		}
	}
	return false
}

func (i issuer) gives(digits []byte) bool {
	long := false
	for _, length := range i.lengths {
		long = long || length == len(digits)
	}
	if !long {
		return false
	}
	for _, prefix := range i.prefixes {
		begins, err := strconv.Atoi(string(digits[:len(strconv.Itoa(prefix[0]))]))
		if err == nil && prefix[0] <= begins && begins <= prefix[1] {
			return true
		}
	}
	return false
}

// luhn tells whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B).
func luhn(digits []byte) bool {
	total := 0
	for at := range digits {
		value := int(digits[len(digits)-1-at]-'0') * (1 + at%2)
		if value > 9 {
			value -= 9
		}
		total += value
	}
	return total%10 == 0
}
