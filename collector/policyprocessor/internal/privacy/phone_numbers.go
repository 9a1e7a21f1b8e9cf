package privacy

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

// North American Numbering Plan: neither part starts with 0 or 1, and N11 is a service.
const (
	area     = `[2-9](?:[02-8][0-9]|1[02-9])`
	exchange = `[2-9](?:[02-9][0-9]|1[02-9])`
	northAm  = `1[ .+-]?\(?` + area + `\)?[ .+-]?` + exchange + `[ .+-]?[0-9]{4}`
)

// After + or 00. As many digits as the country has, so that a number that follows is left alone; of other
// countries 15 with the code (E.164). Up to three characters between digits, as in +49 (30) 123456; a + is the blank of a
// form's data.
const (
	apart = `[ .()/+-]`
	digit = apart + `{0,3}[0-9]`
	known = `(?:44(?: ?\(0\))?(?:` + digit + `){9,10}|81(?: ?\(0\))?(?:` + digit + `){9,10}` +
		`|49(?: ?\(0\))?(?:` + digit + `){6,11}|33(?: ?\(0\))?(?:` + digit + `){9}|34(?:` + digit + `){9})`
	// Not the countries above: their codes stand without a blank between the two digits.
	others = `(?:[25-79](?:` + digit + `){7,14}|3(?:[0-25-9]|` + apart + `{1,3}[0-9])(?:` + digit + `){6,13}` +
		`|4(?:[0-35-8]|` + apart + `{1,3}[0-9])(?:` + digit + `){6,13}|8(?:[02-9]|` + apart + `{1,3}[0-9])(?:` + digit + `){6,13})`
	worldwide = `(?:` + northAm + `|` + known + `|` + others + `)`
	// 011 is what the US dials for 00, 010 what Japan does.
	dialled     = `(?:00 ?|01[01][ -])(?:` + northAm + `|` + known + `)`
	withoutPlus = `(?:44|81|49|33) ?\(0\)(?:` + digit + `){6,11}`
)

const (
	// An area code behind its trunk zero: 020, (020), or (0)20 as of an international number.
	british1 = `(?:\(02[0-9]\)|02[0-9]|\(0\)[ -]?2[0-9])[ -]?[0-9]{4}[ -]?[0-9]{4}`
	british2 = `(?:\(0` + three + `\)|0` + three + `|\(0\)[ -]?` + three + `)[ -]?[0-9]{3}[ -]?[0-9]{4}`
	three    = `(?:1[0-9]1|11[0-9]|[389][0-9]{2})`
	british3 = `(?:\(0[17][0-9]{3}\)|0[17][0-9]{3}|\(0\)[ -]?[17][0-9]{3})[ -]?[0-9]{3}[ -]?[0-9]{2,3}`
	british4 = `07[0-9]{2}[ -][0-9]{4}[ -][0-9]{4}`

	japanese1 = `(?:\(0[0-9]{1,4}\)[ -]?|0[0-9]{1,4}[ -])[0-9]{1,4}[ -][0-9]{3,4}`
	japanese2 = `0[0-9]{1,4}\([0-9]{1,4}\)[0-9]{4}`
	japanese3 = `0[0-9]{1,4}\.[0-9]{3,4}\.[0-9]{3,4}`

	american = `(?:1[ .-]?)?(?:\(` + area + `\)[ .-]?` + exchange + `[ .-]?|` + area + `[ .-]` + exchange + `[ .-]` +
		`|` + area + `/` + exchange + `-)[0-9]{4}`

	french1 = `0[1-9](?:(?: [0-9]{2}){4}|(?:\.[0-9]{2}){4})`
	// Not among more pairs: a MAC address may be written so.
	french2 = `(0[1-9](?:-[0-9]{2}){4})(?:\z|-(?:\z|[^0-9\x00])|[^A-Za-z0-9-])`
	french3 = `0 8[0-9]{2}(?: [0-9]{3}){2}`

	// The longest is tried first: groups that follow may be of another number. (0 30) and (02 21) are the way of DIN
	// 5008 until 2001.
	german = `(?:\(0[1-9][0-9]{1,4}\)[ /-]?|0[1-9][0-9]{1,4}(?: ?[/-] ?| )|\(0\)[ -]?[1-9][0-9]{1,4}[ /-]` +
		`|\(0 ?[1-9][0-9]?(?: [0-9]{2}){0,2}\) ?|0 ?[1-9][0-9]?(?: [0-9]{2}){0,2} / )[0-9]{2,8}`
	germanGroup = `[ -][0-9]{1,5}`

	spanishStart = `(?:6[0-9]|7[1-4]|[89][1-9]|[89]0)`
	spanish1     = spanishStart + `[0-9](?: [0-9]{3} [0-9]{3}|\.[0-9]{3}\.[0-9]{3}|-[0-9]{3}-[0-9]{3})`
	spanish2     = spanishStart + `[0-9](?:(?: [0-9]{2}){3}|(?:\.[0-9]{2}){3}|(?:-[0-9]{2}){3})`
	spanish3     = `[89][1-9](?: [0-9]{3} [0-9]{2} [0-9]{2}|\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}|-[0-9]{3}-[0-9]{2}-[0-9]{2})`
	spanish4     = spanishStart + `[0-9][ -][0-9]{6}`
	spanish5     = `\([89][1-9]\) ?[0-9]{3} ?[0-9]{2} ?[0-9]{2}`

	trunkZero = `0[1-9][0-9]{8,9}|01[567][0-9]{9,10}`
	bare      = `1?` + area + exchange + `[0-9]{4}|` + spanishStart + `[0-9]{7}`
	// Behind a word for a telephone: a short number with its trunk zero, or one with its country and no +.
	named = `0[1-9][0-9]{6,10}|44[1-9][0-9]{8,9}|81[1-9][0-9]{8,9}|49[1-9][0-9]{6,10}|33[1-9][0-9]{8}|34[6-9][0-9]{8}`
)

var wordBefore = regexp.MustCompile(
	`(?i)(?:(?:\A|[^a-z])(?:tel|tél|telefono?|teléfono|telefax|fax|mobile?|móvil|cell|call(?:ed|ing)?|sms|handy|portable` +
		`|dial(?:l?ed|l?ing)?)|(?-i:[a-z](?:Tel|Fax|Mobile|Cell))|phone|whatsapp|電話|携帯)(?:nummer|番号|s)?` +
		`(?:[ _-]?(?:number|no|nr))?[.]?["']?[ :=#]{0,3}["']?\+?\n?\z`)

// Semantic versioning: digits behind a + are the build's.
var versionBefore = regexp.MustCompile(`[0-9]\.[0-9]{1,9}\.[0-9]{1,9}(?:-[0-9A-Za-z.-]{1,20})?\n?\z`)

// Common Log Format: status, size and time follow the request line, and are grouped like a number of the US.
var requestBefore = regexp.MustCompile(`HTTP/[0-9](?:\.[0-9])?" \n?\z`)

var internationalPhoneRules = []rule{
	{"phone", byCandidate(`(\+ ?`+worldwide+`)`+wordEnds, at([]string{"+"}, nil), isNoBuild)},
	{"phone", byNumber(`(`+dialled+`)`, "0", nil)},
	{"phone", byNumber(`(`+withoutPlus+`)`, "348", nil)},
}

// A national number is known by its grouping or by its trunk zero. Ten bare digits (US) or nine (Spain) are as well a
// size or a time: they are a phone number when they are the whole text, or when a word such as tel stands before them.
var nationalPhoneRules = []rule{
	national(american, "(123456789", inGroups),
	national(french1, "0", inGroups),
	{"phone", byNumberBefore(french2, "0", func(s *shadow, found span) bool {
		return inGroups(s, found) && !amongPairs(s, found.start)
	})},
	national(french3, "0", inGroups),
	national(japanese1, "(0", withDigits(10, 11)),
	national(japanese2, "(0", withDigits(10, 11)),
	national(japanese3, "(0", withDigits(10, 11)),
	national(british1, "(0", withDigits(10, 11)),
	national(british2, "(0", withDigits(10, 11)),
	national(british3, "(0", withDigits(10, 11)),
	national(british4, "(0", withDigits(10, 11)),
	national(german+germanGroup+germanGroup+germanGroup, "(0", withDigits(9, 13)),
	national(german+germanGroup+germanGroup, "(0", withDigits(9, 13)),
	national(german+germanGroup, "(0", withDigits(9, 13)),
	national(german, "(0", withDigits(9, 13)),
	national(spanish1, "6789", inGroups),
	national(spanish2, "6789", inGroups),
	national(spanish3, "6789", inGroups),
	national(spanish4, "6789", inGroups),
	national(spanish5, "(", inGroups),
	{"phone", byNumberBefore(`(`+trunkZero+`)`+notBeforeDigits, "0", inGroups)},
	{"phone", byNumberBefore(`(`+bare+`)`+notBeforeDigits, "123456789", isBarePhone)},
	{"phone", byNumberBefore(`(`+named+`)`+notBeforeDigits, "0348", isNamedPhone)},
}

func national(pattern, first string, accepts accept) rule {
	return rule{"phone", byNumber(`(`+pattern+`)`, first, accepts)}
}

func isNoBuild(s *shadow, found span) bool {
	return !versionBefore.Match(s.upTo(found.start, 48))
}

func amongPairs(s *shadow, position int) bool {
	return position >= 2 && s.text[position-1] == '-' && (isDigit(s.text[position-2]) || s.text[position-2] == blank)
}

func inGroups(s *shadow, found span) bool {
	return !requestBefore.Match(s.upTo(found.start, 12))
}

func withDigits(fewest, most int) accept {
	return func(s *shadow, found span) bool {
		digits := len(digitsOf(s.text[found.start:found.end]))
		return fewest <= digits && digits <= most && inGroups(s, found)
	}
}

func isBarePhone(s *shadow, found span) bool {
	if found.end-found.start == len(bytes.TrimFunc(s.text, isSpace)) {
		return true
	}
	return isNamedPhone(s, found)
}

// The window is wider than what it is searched for, so that it cuts no word off.
func isNamedPhone(s *shadow, found span) bool {
	return wordBefore.Match(s.upTo(found.start, 48))
}

// isSpace is Python's notion of a blank, so that both engines see the same texts.
func isSpace(char rune) bool {
	return unicode.IsSpace(char) || ('\x1c' <= char && char <= '\x1f')
}

// spaces is isSpace as a class of a pattern.
var spaces = strings.Join([]string{`\t-\r`, `\x1c-\x20`, `\x{85}`, `\x{a0}`, `\x{1680}`, `\x{2000}-\x{200a}`, `\x{2028}`,
	`\x{2029}`, `\x{202f}`, `\x{205f}`, `\x{3000}`}, "")
