package privacy

import (
	"bytes"
	"regexp"
)

const (
	// RFC 6750 section 2.1. A full stop at the end belongs to the sentence.
	b64token = `([A-Za-z0-9._~+/-]*[A-Za-z0-9_~+/-]={0,2})`
	bearer   = `(?i:bearer(?:[ _-]?token)?(?:[ \t]{1,8}["'<]?|\+|[ \t]{0,4}[:=][ \t]{0,4}["']?)` + b64token + `)`
	// RFC 9110 section 11.6.2: what follows the scheme of this header lets one in, whatever the scheme.
	authorization = `(?i:authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["'(\[]{0,3}(?:basic|token|api-?key|key|negotiate)(?:[ \t]{1,8}|\+)` +
		b64token + `)`
	// A key of no known shape, by its name: a header, a variable, a field of JSON.
	namedKey = `(?i:(?:api|access|secret|auth|subscription)[ _-]?key["']?[ \t]{0,4}[:=][ \t]{0,4}["'(]?` +
		`([A-Za-z0-9._~+/-]{8,}={0,2}))`
	// key alone is the name of many things: only what looks made at random.
	queryKey = `[?&]key=([A-Za-z0-9_-]{20,})`
	apiKey   = `(sk-(?:ant|proj|svcacct|admin|or|lf)-[A-Za-z0-9_-]{6,}` + // Anthropic, OpenAI, OpenRouter, Langfuse
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
		`|do[opr]_v1_[a-f0-9]{32,}` + // DigitalOcean
		`|AQ\.[A-Za-z0-9_-]{20,}` + // Google, since 2025
		`|nvapi-[A-Za-z0-9_-]{20,}` + // NVIDIA
		`|tvly-[A-Za-z0-9_-]{16,}` + // Tavily
		`|fw_[A-Za-z0-9]{20,}` + // Fireworks
		`|csk-[A-Za-z0-9]{20,}` + // Cerebras
		`|lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}` + // LangSmith
		`|glsa_[A-Za-z0-9_]{20,}` + // Grafana
		`|sk-[A-Za-z0-9_-]{0,64}\*{3,}[A-Za-z0-9_-]*)` + // as OpenAI repeats a wrong one
		`|((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})(?:\z|[^A-Za-z0-9])` // AWS
	plainSK = `(sk-[A-Za-z0-9_-]{16,})`
)

var keyStarts = []string{"sk-", "AIza", "GOCSPX-", "ya29.", "gh", "github_pat_", "glpat-", "AKIA", "ASIA", "ABIA", "ACCA", "xox", "xapp-",
	"sk_", "rk_", "pk_", "whsec_", "SG.", "npm_", "pypi-", "hf_", "gsk_", "xai-", "pplx-", "r8_", "do", "AQ.", "nvapi-", "tvly-", "fw_", "csk-", "lsv2_", "glsa_"}

var (
	headerBefore = regexp.MustCompile(`(?i)authorization["']?[` + spaces + `]{0,4}[:=,]?[` + spaces + `]{0,4}["'(]{0,2}\n?\z`)
	plainWord    = regexp.MustCompile(`\A[A-Za-z]?[a-z]*(?:[_-][a-z]+)*=?\z`)
	words        = regexp.MustCompile(`\A[A-Za-z]?[a-z]*(?:[._~+/-]+[A-Za-z]?[a-z]*)*=*\z`)
	longRun      = regexp.MustCompile(`[A-Za-z0-9]{24}`)
)

var (
	authorizationRules = []rule{{"bearer_token", byCandidate(authorization, wordOf("authorization", nil), nil)}}
	bearerRules        = []rule{{"bearer_token", byCandidate(bearer, wordOf("bearer", (*shadow).wordStarts), isToken)}}
	jwtRules           = []rule{{"jwt", findJWTs}}
	keyRules           = []rule{
		{"api_key", byCandidate(apiKey, at(keyStarts, (*shadow).wordStarts), nil)},
		{"api_key", byCandidate(plainSK, at([]string{"sk-"}, (*shadow).wordStarts), isMadeUp)},
	}
	namedKeyRules = []rule{{"api_key", byCandidate(namedKey, keyNames, isNoWord)}}
	queryKeyRules = []rule{{"api_key", byCandidate(queryKey, at([]string{"?key=", "&key="}, nil), isMixed)}}
)

// hasWord tells whether a text starts with a word, in whatever case.
func hasWord(text []byte, word string) bool {
	return len(text) >= len(word) && bytes.EqualFold(text[:len(word)], []byte(word))
}

// wordOf returns a candidate function: where a word stands, in whatever case, and `starts`, where given, agrees.
func wordOf(word string, starts func(s *shadow, position int) bool) func(*shadow, int) int {
	lower, upper := word[0], word[0]-'a'+'A'
	return func(s *shadow, from int) int {
		for position := from; position+len(word) <= len(s.text); position++ {
			if char := s.text[position]; (char == lower || char == upper) && hasWord(s.text[position:], word) &&
				(starts == nil || starts(s, position)) {
				return position
			}
		}
		return -1
	}
}

func keyNames(s *shadow, from int) int {
	for position := from; position+6 < len(s.text); position++ {
		switch s.text[position] | 0x20 {
		case 'a':
			if hasWord(s.text[position:], "api") || hasWord(s.text[position:], "access") || hasWord(s.text[position:], "auth") {
				return position
			}
		case 's':
			if hasWord(s.text[position:], "secret") || hasWord(s.text[position:], "subscription") {
				return position
			}
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

// isMadeUp tells a key from words joined by hyphens: it has a digit, or is long without a hyphen.
func isMadeUp(s *shadow, found span) bool {
	return bytes.ContainsFunc(s.text[found.start:found.end], isAny('0', '9')) || longRun.Match(s.text[found.start:found.end])
}

func isNoWord(s *shadow, found span) bool {
	return !words.Match(s.text[found.start:found.end])
}

func isMixed(s *shadow, found span) bool {
	text := s.text[found.start:found.end]
	return bytes.ContainsFunc(text, isAny('a', 'z')) && bytes.ContainsFunc(text, isAny('A', 'Z')) && bytes.ContainsFunc(text, isAny('0', '9'))
}

func isAny(first, last rune) func(rune) bool {
	return func(char rune) bool { return first <= char && char <= last }
}

// findJWTs finds tokens of RFC 7519: three parts, five when encrypted, two when cut off; eyJ is base64url of {". A run
// without the other parts is passed over, so that no run is read twice.
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

// jwtParts returns the length of the parts that follow the header: two, or four, of which the last two are not empty; or
// one that is a token's payload.
func jwtParts(text []byte) int {
	length := 0
	for part := range 4 {
		if length >= len(text) || text[length] != '.' {
			if part == 0 || (part == 1 && (length < 5 || !bytes.HasPrefix(text, []byte(".eyJ")))) {
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
