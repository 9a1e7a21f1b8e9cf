package privacy

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// readingOf returns what a text says, whatever the typography and the escapes that it is written in, and where each of its
// bytes stands in the text; nil where none has moved.
//
// Read as ASCII: fullwidth forms, and the dashes and blanks of Japanese and French typography. Left out: characters
// that are not seen, such as a zero-width space. Undone: escapes of URLs (%40, also when escaped again, and UTF-8 in
// them) and of JSON (\u0040, \/); an escaped line break is a blank. Letters and digits have no reason to be escaped in
// a URL: 5%41 stays.
func readingOf(text []byte) ([]byte, []int) {
	if isPlain(text) {
		return text, nil
	}
	found := reading{text: make([]byte, 0, len(text)), offsets: make([]int, 0, len(text)+1)}
	for position := 0; position < len(text); {
		switch rest := text[position:]; {
		case rest[0] == '%':
			position += found.percent(rest, position)
		case rest[0] == '\\':
			position += found.backslash(rest, position)
		case rest[0] < utf8.RuneSelf:
			found.put(rest[:1], position)
			position++
		default:
			char, size := utf8.DecodeRune(rest)
			found.char(char, rest[:size], position)
			position += size
		}
	}
	return found.text, append(found.offsets, len(text))
}

// isPlain tells whether a text says what it is: it has no escapes, and no characters that are read as others.
func isPlain(text []byte) bool {
	for _, char := range text {
		if char == '%' || char == '\\' || char >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

type reading struct {
	text    []byte
	offsets []int
}

func (r *reading) put(raw []byte, position int) {
	for at, char := range raw {
		r.text = append(r.text, char)
		r.offsets = append(r.offsets, position+at)
	}
}

// char puts a character that is no escape; `raw` are its bytes, all at their own places.
func (r *reading) char(char rune, raw []byte, position int) {
	switch ascii := asciiOf(char); {
	case ascii != char:
		r.meant(ascii, position)
	case !isInvisible(char):
		r.put(raw, position)
	}
}

// meant puts a character that an escape stands for, all of its bytes at one place.
func (r *reading) meant(char rune, position int) {
	if char == 0 {
		char = ' '
	}
	if char = asciiOf(char); isInvisible(char) {
		return
	}
	r.text = utf8.AppendRune(r.text, char)
	for len(r.offsets) < len(r.text) {
		r.offsets = append(r.offsets, position)
	}
}

// percent reads what starts with a percent sign, and returns the length of what it has read.
func (r *reading) percent(text []byte, position int) int {
	if length := r.percentUTF8(text, position); length > 0 {
		return length
	}
	// %25 is a percent sign where nothing that can be escaped follows it.
	for length := percentSigns(text); length >= 1; length -= 2 {
		if char, ok := hexByte(text[length:]); ok && isEscaped(char) {
			r.meant(rune(char), position)
			return length + 2
		}
	}
	r.put(text[:1], position)
	return 1
}

// percentSigns returns the length of a percent sign that is escaped again and again.
func percentSigns(text []byte) int {
	length := 1
	for bytes.HasPrefix(text[length:], []byte("25")) {
		length += 2
	}
	return length
}

// percentUTF8 reads a run of escaped bytes that are UTF-8, and returns its length; 0 where they are not.
func (r *reading) percentUTF8(text []byte, position int) int {
	var run []byte
	var starts []int
	length := 0
	for length < len(text) && text[length] == '%' {
		signs := percentSigns(text[length:])
		char, ok := hexByte(text[length+signs:])
		if !ok || char < utf8.RuneSelf {
			break
		}
		run, starts = append(run, char), append(starts, position+length)
		length += signs + 2
	}
	if !utf8.Valid(run) {
		r.put(text[:length], position)
		return length
	}
	for at := 0; at < len(run); {
		char, size := utf8.DecodeRune(run[at:])
		r.meant(char, starts[at])
		at += size
	}
	return length
}

// backslash reads what starts with a backslash, and returns the length of what it has read.
func (r *reading) backslash(text []byte, position int) int {
	if len(text) > 1 {
		switch char := text[1]; char {
		case 'n', 'r', 't':
			r.meant(' ', position)
			return 2
		case '"', '\'', '/', '\\':
			r.meant(rune(char), position)
			return 2
		case 'u':
			if len(text) >= 6 {
				high, ok := hexByte(text[2:])
				low, alsoOK := hexByte(text[4:])
				if char := rune(high)<<8 | rune(low); ok && alsoOK && (char < 0xD800 || char > 0xDFFF) {
					r.meant(char, position)
					return 6
				}
			}
		}
	}
	r.put(text[:1], position)
	return 1
}

// isEscaped tells whether a character is one that URLs escape: ASCII, neither letter nor digit, to be seen or a blank.
func isEscaped(char byte) bool {
	return ' ' <= char && char <= '~' && !isWord(char)
}

func hexByte(text []byte) (byte, bool) {
	if len(text) < 2 || !isHex(text[0]) || !isHex(text[1]) {
		return 0, false
	}
	return hexDigit(text[0])<<4 | hexDigit(text[1]), true
}

func hexDigit(char byte) byte {
	if isDigit(char) {
		return char - '0'
	}
	return (char | 0x20) - 'a' + 10
}

// asciiOf returns the ASCII counterpart of a fullwidth form, or of a dash or blank of Japanese and French typography.
func asciiOf(char rune) rune {
	switch {
	case char < utf8.RuneSelf:
		return char
	case 0xFF01 <= char && char <= 0xFF5E:
		return char - 0xFF01 + 0x21
	case 0x2000 <= char && char <= 0x200A:
		return ' '
	}
	switch char {
	case 0x00A0, 0x1680, 0x202F, 0x205F, 0x3000:
		return ' '
	case 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2043, 0x207B, 0x2212, 0x30FC, 0xFE58, 0xFE63, 0xFF70:
		return '-'
	}
	return char
}

func isInvisible(char rune) bool {
	return strings.ContainsRune("\u00ad\ufeff", char) || (0x200B <= char && char <= 0x200F) ||
		(0x202A <= char && char <= 0x202E) || (0x2060 <= char && char <= 0x2064)
}
