package privacy

import (
	"bytes"
	"net/netip"
)

// The longest spelling of an IPv6 address is 45 characters; a longer run is something else.
const longestRun = 64

// IP addresses: every one is personal data, loopback and private ones included, no list to argue about. Four parts are
// an address, also where a version was meant; v1.2.3.4 and five parts are none.
var networkRules = []rule{
	{"ip", findIPv6},
	{"ip", findIPv4},
}

// findIPv6 finds runs of hex digits and colons that are an IPv6 address of RFC 4291 section 2.2. A name of a
// programming language (abc::def, x[::2]) and a time of day are none.
func findIPv6(s *shadow) []span {
	var spans []span
	for position := 0; position < len(s.text); {
		end := ipv6RunEnd(s, position)
		if end < 0 {
			position++
			continue
		}
		if found, ok := addressIn(s, span{position, end}); ok {
			spans = append(spans, found)
		}
		position = end
	}
	return spans
}

// ipv6RunEnd returns the end of a run of groups that starts at a position, -1 where none does.
func ipv6RunEnd(s *shadow, position int) int {
	if !isHex(s.text[position]) && s.text[position] != ':' {
		return -1
	}
	if position > 0 && isHex(s.text[position-1]) {
		return -1
	}
	end := position
	for range 2 {
		for digits := 0; end < len(s.text) && isHex(s.text[end]) && digits < 4; digits++ {
			end++
		}
		if end >= len(s.text) || s.text[end] != ':' {
			return -1
		}
		end++
	}
	for end < len(s.text) && (isHex(s.text[end]) || s.text[end] == ':' || s.text[end] == '.') {
		end++
	}
	return end
}

func addressIn(s *shadow, run span) (span, bool) {
	text := s.text[run.start:run.end]
	if len(text) > longestRun || (!bytes.Contains(text, []byte("::")) && bytes.Count(text, []byte(":")) < 7) {
		return span{}, false
	}
	if run.end < len(s.text) && isWord(s.text[run.end]) {
		return span{}, false
	}
	glued := !s.wordStarts(run.start)
	for _, skipped := range []int{0, bytes.IndexByte(text, ':') + 1} {
		address := text[skipped:]
		if glued && (skipped == 0 || bytes.HasPrefix(address, []byte(":"))) {
			continue
		}
		for _, length := range likelyLengths(address) {
			if length > 0 && isIPv6(address[:length]) {
				start := run.start + skipped
				return span{start, start + length}, true
			}
		}
	}
	return span{}, false
}

// likelyLengths returns how long an address may be that ends with punctuation, or with a port behind a full stop or a
// colon.
func likelyLengths(address []byte) []int {
	kept := len(bytes.TrimRight(address, ".:"))
	before := bytes.LastIndexAny(address[:kept], ".:")
	if bytes.HasPrefix(address[kept:], []byte("::")) {
		return []int{len(address), kept + 2, kept, before}
	}
	return []int{kept, before}
}

func isIPv6(text []byte) bool {
	if bytes.HasPrefix(text, []byte("::")) && !bytes.ContainsAny(text[2:], ":.") && string(text) != "::1" {
		return false // one group alone
	}
	// Two words of hex digits may be names: abc::def.
	if bytes.Count(text, []byte(":")) < 3 && !bytes.ContainsFunc(text, isAny('0', '9')) {
		return false
	}
	address, err := netip.ParseAddr(string(text))
	return err == nil && address.Is6()
}

// findIPv4 finds four numbers up to 255 with stops between, of up to three digits each.
func findIPv4(s *shadow) []span {
	var spans []span
	taken := 0
	for _, start := range s.numberStarts() {
		position := start.position
		if position < taken {
			continue
		}
		if end := ipv4End(s.text, position); end > 0 && isNoBrowser(s, span{position, end}) {
			spans = append(spans, span{position, end})
			taken = end
		}
	}
	return spans
}

// ipv4End returns the end of an address that starts at a position, 0 where none does. What follows it is as
// notBeforeDigits has it.
func ipv4End(text []byte, position int) int {
	for part := range 4 {
		number, from := 0, position
		for position < len(text) && isDigit(text[position]) && position-from < 3 {
			number = 10*number + int(text[position]-'0')
			position++
		}
		if position == from || number > 255 {
			return 0
		}
		if part < 3 {
			if position >= len(text) || text[position] != '.' {
				return 0
			}
			position++
		}
	}
	switch {
	case position == len(text):
	case text[position] == '.':
		if position+1 < len(text) && isDigit(text[position+1]) {
			return 0
		}
	case isWord(text[position]):
		return 0
	}
	return position
}

// isNoBrowser tells an address from the reduced version of a browser: Chrome/120.0.0.0 would be that of a network.
func isNoBrowser(s *shadow, found span) bool {
	start := found.start
	product := start > 1 && s.text[start-1] == '/' && isLetter(s.text[start-2])
	return !product || !bytes.HasSuffix(s.text[start:found.end], []byte(".0.0.0"))
}
