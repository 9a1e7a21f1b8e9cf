package privacy

import (
	"bytes"
	"unicode/utf8"
)

// In a query, which may stand alone (url.query), in a form's data, in the fragment of OAuth 2.0, in a connection string.
const secret = `(?i:(?:(?:[?&#]|; ?)?(?:password|passwd|passphrase|pwd|pass|secret|client_secret|token|access_token` +
	`|refresh_token|id_token|auth_token|sig|signature|x-amz-signature|x-amz-security-token)|(?:[?&#]|; ?)api[_-]?key)=)`

// Passwords in URLs. Escapes are a part of them: what they stand for would end a password.
var escapedRules = []rule{
	{"url_password", findURLPasswords},
	{"url_password", byCandidate(secret+`([^`+spaces+`&;#"'<>\x00]+)`, parameterStarts, nil)},
}

var afterSeparator = at([]string{"?", "&", "#", ";"}, nil)

// parameterStarts returns the first position from `from` on at which a parameter may start: at the very start, or with
// what is before it.
func parameterStarts(s *shadow, from int) int {
	if from == 0 && len(s.text) > 0 {
		return 0
	}
	return afterSeparator(s, from)
}

// findURLPasswords finds passwords in the userinfo of URLs, RFC 3986 section 3.2.1. Those with an unescaped @ or / are
// taken in too, a port is not: up to the last @ of the authority, else up to the first @ at all.
func findURLPasswords(s *shadow) []span {
	var spans []span
	for from := 0; ; {
		at := bytes.Index(s.text[from:], []byte("://"))
		if at < 0 {
			return spans
		}
		at += from
		from = at + 1
		user := at + 3 + runOf(s.text[at+3:], func(char rune) bool {
			return !isSpace(char) && !bytes.ContainsRune([]byte("/?#:\"'<>\x00"), char)
		})
		if user >= len(s.text) || s.text[user] != ':' || isPort(s.text[user+1:]) {
			continue
		}
		if length := passwordLength(s.text[user+1:]); length > 0 {
			spans = append(spans, span{user + 1, user + 1 + length})
			from = user + 1 + length
		}
	}
}

// isPort tells whether a text starts with a port and the rest of a URL.
func isPort(text []byte) bool {
	digits := 0
	for digits < len(text) && isDigit(text[digits]) {
		digits++
	}
	return 1 <= digits && digits <= 5 && digits < len(text) && bytes.IndexByte([]byte("/?#"), text[digits]) >= 0
}

func passwordLength(text []byte) int {
	authority := runOf(text, func(char rune) bool {
		return !isSpace(char) && !bytes.ContainsRune([]byte("/?#\"'<>\x00"), char)
	})
	if last := bytes.LastIndexByte(text[:authority], '@'); last > 0 {
		return last
	}
	left := 256
	length := runOf(text, func(char rune) bool {
		left--
		return left >= 0 && !isSpace(char) && !bytes.ContainsRune([]byte("\"'<>@\x00"), char)
	})
	if length < len(text) && text[length] == '@' {
		return length
	}
	return 0
}

// runOf returns the length in bytes of the characters at the start that belong to a class.
func runOf(text []byte, belongs func(rune) bool) int {
	length := 0
	for length < len(text) {
		char, size := utf8.DecodeRune(text[length:])
		if !belongs(char) {
			break
		}
		length += size
	}
	return length
}
