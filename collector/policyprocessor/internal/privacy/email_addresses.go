package privacy

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"
)

// E-mail addresses: RFC 5321 mailboxes as people write them, internationalised ones included.
var emailRules = []rule{{"email", findEmails}}

var addressLiteral = regexp.MustCompile(`\A\[(?:IPv6:)?[0-9A-Fa-f:.]{3,45}\]`)

// findEmails looks at what surrounds each @.
func findEmails(s *shadow) []span {
	var spans []span
	taken := 0
	for position := 0; position < len(s.text); position++ {
		if s.text[position] != '@' {
			continue
		}
		start := localStart(s.text, position, taken)
		if start < 0 {
			continue
		}
		length := domainLength(s.text[position+1:])
		if length == 0 {
			continue
		}
		found := span{start, position + 1 + length}
		// The one that starts first holds: a quoted local part may have an address in it.
		if quoted, ok := firstQuoted(s.text, taken, start); ok {
			found = quoted
		}
		spans = append(spans, found)
		taken = found.end
		position = taken - 1
	}
	return spans
}

// localStart returns where the local part before a position starts, -1 where there is none.
func localStart(text []byte, end, taken int) int {
	if end > 0 && text[end-1] == '"' {
		return quotedStart(text, end-1, taken)
	}
	start := end
	for start > taken {
		char, size := utf8.DecodeLastRune(text[:start])
		if !isAtom(text, start-size, char) {
			break
		}
		start -= size
	}
	if start == end {
		return -1
	}
	return start
}

// firstQuoted returns the first address with a quoted local part that starts in a range.
func firstQuoted(text []byte, from, to int) (span, bool) {
	for ; from < to; from++ {
		if text[from] != '"' {
			continue
		}
		closing := bytes.IndexByte(text[from+1:], '"')
		if closing < 0 {
			return span{}, false
		}
		after := from + 1 + closing + 1
		if after >= len(text) || text[after] != '@' || quotedStart(text, after-1, from) != from {
			continue
		}
		if length := domainLength(text[after+1:]); length > 0 {
			return span{from, after + 1 + length}, true
		}
	}
	return span{}, false
}

func quotedStart(text []byte, closing, taken int) int {
	opening := bytes.LastIndexByte(text[taken:closing], '"')
	if opening < 0 {
		return -1
	}
	opening += taken
	quoted := text[opening+1 : closing]
	if length := utf8.RuneCount(quoted); length < 1 || length > 64 || bytes.ContainsAny(quoted, "\r\n\x00") {
		return -1
	}
	return opening
}

// isAtom tells whether a character may stand in a local part, RFC 5322 atext. What parts words in a sentence or a pattern
// belongs to a name only inside it (o'brien); what parts the pieces of a URL, / = ? & # and |, ends it.
func isAtom(text []byte, position int, char rune) bool {
	switch char {
	case '%', '.', '+', '-':
		return true
	case '\'', '!', '$', '*', '^', '~', '`':
		before, _ := utf8.DecodeLastRune(text[:position])
		after, _ := utf8.DecodeRune(text[position+1:])
		return position > 0 && isNameChar(before) && position+1 < len(text) && isNameChar(after)
	}
	return isNameChar(char)
}

// isNameChar tells whether a character is a letter or a digit of any script, a mark on one, or the underscore.
func isNameChar(char rune) bool {
	return isLetterOrDigit(char) || isMark(char)
}

// isLetterOrDigit is \w of Python: letters and numbers of all scripts, and the underscore.
func isLetterOrDigit(char rune) bool {
	if char < utf8.RuneSelf {
		return char == '_' || isWord(byte(char))
	}
	return char != utf8.RuneError && (unicode.IsLetter(char) || unicode.IsNumber(char))
}

// marks are those that letters of Hebrew, Arabic, Indic and South-East Asian scripts carry.
var marks = [][2]rune{
	{0x0300, 0x036F}, {0x0483, 0x0487}, {0x0591, 0x05C7}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06ED},
	{0x0900, 0x0963}, {0x0966, 0x0DFF}, {0x0E01, 0x0E4E}, {0x0E80, 0x0FBC}, {0x1000, 0x109F}, {0x1780, 0x17D3}, {0x1AB0, 0x1AFF},
	{0x1DC0, 0x1DFF}, {0x20D0, 0x20F0}, {0x3099, 0x309A}, {0xFE20, 0xFE2F},
}

func isMark(char rune) bool {
	if char < marks[0][0] {
		return false
	}
	for _, each := range marks {
		if each[0] <= char && char <= each[1] {
			return true
		}
	}
	return false
}

// domainLength returns the length of the domain that a text starts with, 0 where it starts with none: as many labels as
// leave a top-level domain at the end.
func domainLength(text []byte) int {
	if literal := addressLiteral.Find(text); literal != nil {
		return len(literal)
	}
	var ends []int
	for end := 0; len(ends) < 32; {
		label := 0
		run := runOf(text[end:], func(char rune) bool {
			label++
			return isNameChar(char) || char == '-'
		})
		end += run
		if run == 0 || utf8.RuneCount(text[end-run:end]) > 63 || end >= len(text) || text[end] != '.' {
			break
		}
		end++
		ends = append(ends, end)
	}
	for at := len(ends) - 1; at >= 0; at-- {
		if top := topLevelLength(text[ends[at]:]); top > 0 {
			return ends[at] + top
		}
	}
	return 0
}

// topLevelLength returns the length of a top-level domain. It is in one script: the Japanese word after example.com
// does not belong to it.
func topLevelLength(text []byte) int {
	if bytes.HasPrefix(text, []byte("xn--")) {
		length := 4
		for length < len(text) && length < 63 && (isWord(text[length]) || text[length] == '-') {
			length++
		}
		if length >= 6 {
			return length
		}
	}
	letters := 0
	for letters < len(text) && letters < 24 && isWord(text[letters]) && !isDigit(text[letters]) {
		letters++
	}
	if letters >= 2 {
		return letters
	}
	count := 0
	length := runOf(text, func(char rune) bool {
		count++
		return count <= 24 && char >= utf8.RuneSelf && (isMark(char) || (isLetterOrDigit(char) && !unicode.IsDigit(char)))
	})
	if utf8.RuneCount(text[:length]) >= 2 {
		return length
	}
	return 0
}
