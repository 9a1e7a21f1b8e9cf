package privacy

import (
	"bytes"
	"regexp"
	"unicode/utf8"
)

// RFC 6750 section 2.1 (b64token). A full stop at the end belongs to the sentence.
const (
	bearer = `(?i:bearer(?:[ \t]{1,8}|%20|\+)([A-Za-z0-9._~+/-]*[A-Za-z0-9_~+/-]={0,2}))`
	secret = `(?i:[?&;](?:password|passwd|passphrase|pwd|pass|secret|client_secret|token|access_token|refresh_token` +
		`|id_token|auth_token|api_?key)=)`
	apiKey = `(sk-(?:ant|proj|svcacct|admin|or|lf)-[A-Za-z0-9_-]{6,}` + // Anthropic, OpenAI, OpenRouter, Langfuse
		`|AIza[A-Za-z0-9_-]{30,}` + // Google
		`|GOCSPX-[A-Za-z0-9_-]{20,}` +
		`|ya29\.[A-Za-z0-9_-]{20,}` +
		`|gh[opusr]_[A-Za-z0-9]{16,}` + // GitHub
		`|github_pat_[A-Za-z0-9_]{20,}` +
		`|glpat-[A-Za-z0-9_-]{16,}` + // GitLab
		`|xox[a-z]-[A-Za-z0-9-]{10,}` + // Slack
		`|xapp-[A-Za-z0-9-]{10,}` +
		`|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}` + // Stripe
		`|whsec_[A-Za-z0-9+/=]{16,}` +
		`|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}` + // SendGrid
		`|npm_[A-Za-z0-9]{30,}` +
		`|pypi-[A-Za-z0-9_-]{30,}` +
		`|hf_[A-Za-z0-9]{20,}` + // Hugging Face
		`|gsk_[A-Za-z0-9]{20,}` + // Groq
		`|xai-[A-Za-z0-9]{20,}` +
		`|pplx-[A-Za-z0-9]{20,}` + // Perplexity
		`|r8_[A-Za-z0-9]{20,}` + // Replicate
		`|do[opr]_v1_[a-f0-9]{32,})` + // DigitalOcean
		`|((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})(?:\z|[^A-Za-z0-9])` // AWS
	plainSK = `(sk-[A-Za-z0-9_-]{16,})`
)

var keyStarts = []string{"sk-", "AIza", "GOCSPX-", "ya29.", "gh", "github_pat_", "glpat-", "AKIA", "ASIA", "ABIA", "ACCA", "xox", "xapp-",
	"sk_", "rk_", "pk_", "whsec_", "SG.", "npm_", "pypi-", "hf_", "gsk_", "xai-", "pplx-", "r8_", "do"}

var (
	headerBefore = regexp.MustCompile(`(?i)authorization["']?[` + spaces + `]{0,4}[:=,]?[` + spaces + `]{0,4}["'(]{0,2}\n?\z`)
	plainWord    = regexp.MustCompile(`\A[A-Za-z]?[a-z]*=?\z`)
	secretHint   = regexp.MustCompile(`(?i:word|sswd|rase|.pwd|pass|cret|oken|ikey|_key)=`)
)

var credentialRules = []rule{
	{"url_password", findURLPasswords},
	{"url_password", byCandidate(secret+`([^`+spaces+`&;#"'<>\x00]+)`, at([]string{"?", "&", ";"}, nil), nil)},
	{"bearer_token", byCandidate(bearer, bearerStarts, isToken)},
	{"jwt", findJWTs},
	{"api_key", byCandidate(apiKey, at(keyStarts, (*shadow).wordStarts), nil)},
	{"api_key", byCandidate(plainSK, at([]string{"sk-"}, (*shadow).wordStarts), hasDigit)},
}

// mayHoldCredential tells, cheaply, whether a text may hold a credential.
func mayHoldCredential(text []byte) bool {
	for position, char := range text {
		before := text[:position]
		found := false
		switch char {
		case ':':
			found = bytes.HasPrefix(text[position:], []byte("://"))
		case 'J':
			found = bytes.HasSuffix(before, []byte("ey"))
		case 'A':
			found = hasAnyPrefix(text[position:], "AIza", "AKIA", "ASIA", "ABIA", "ACCA")
		case '.':
			found = hasAnySuffix(before, "ya29", "SG")
		case '-':
			found = hasAnySuffix(before, "sk", "GOCSPX", "glpat", "xapp", "pypi", "xai", "pplx") ||
				(position >= 4 && bytes.Equal(before[position-4:position-1], []byte("xox")))
		case '_':
			found = hasAnySuffix(before, "gho", "ghp", "ghu", "ghs", "ghr", "github", "sk", "rk", "pk", "whsec", "npm", "hf",
				"gsk", "r8", "doo", "dop", "dor")
		case '=':
			found = secretHint.Match(text[max(0, position-8) : position+1])
		case 'e', 'E':
			found = hasAnyPrefix(text[position:], "earer", "EARER")
		}
		if found {
			return true
		}
	}
	return false
}

func hasAnyPrefix(text []byte, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if bytes.HasPrefix(text, []byte(prefix)) {
			return true
		}
	}
	return false
}

func hasAnySuffix(text []byte, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if bytes.HasSuffix(text, []byte(suffix)) {
			return true
		}
	}
	return false
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

func bearerStarts(s *shadow, from int) int {
	for position := from; position+6 < len(s.text); position++ {
		if (s.text[position] == 'b' || s.text[position] == 'B') && s.wordStarts(position) &&
			bytes.EqualFold(s.text[position:position+6], []byte("bearer")) {
			return position
		}
	}
	return -1
}

// isToken tells a token from the next word of a sentence; after an Authorization header everything is one.
func isToken(s *shadow, found span) bool {
	token := s.text[found.start:found.end]
	scheme := bytes.LastIndexFunc(s.text[:found.start], func(char rune) bool { return char == 'b' || char == 'B' })
	if scheme >= 0 && headerBefore.Match(s.upTo(scheme, 32)) {
		return true
	}
	return len(token) >= 20 || (len(token) >= 8 && !plainWord.Match(token))
}

func hasDigit(s *shadow, found span) bool {
	return bytes.IndexFunc(s.text[found.start:found.end], func(char rune) bool { return '0' <= char && char <= '9' }) >= 0
}

// findJWTs finds tokens of RFC 7519: three parts, five when encrypted; eyJ is base64url of {". A run without the other
// parts is passed over, so that no run is read twice.
func findJWTs(s *shadow) []span {
	var spans []span
	for from := 0; ; {
		at := bytes.Index(s.text[from:], []byte("eyJ"))
		if at < 0 {
			return spans
		}
		start := from + at
		from = start + 1
		end := start + 3 + base64Run(s.text[start+3:])
		if end == start+3 || !s.wordStarts(start) {
			continue
		}
		from = end
		if parts := jwtParts(s.text[end:]); parts > 0 {
			spans = append(spans, span{start, end + parts})
			from = end + parts
		}
	}
}

// jwtParts returns the length of the parts that follow the header: two, or four, of which the last two are not empty.
func jwtParts(text []byte) int {
	length := 0
	for part := range 4 {
		if length >= len(text) || text[length] != '.' {
			if part < 2 {
				return 0
			}
			break
		}
		run := base64Run(text[length+1:])
		if part >= 2 && run == 0 {
			break
		}
		length += 1 + run
	}
	return length
}

func base64Run(text []byte) int {
	length := 0
	for length < len(text) && (isWord(text[length]) || text[length] == '_' || text[length] == '-') {
		length++
	}
	return length
}
