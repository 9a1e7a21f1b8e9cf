package privacy

import "unicode/utf8"

// looks tell cheaply what a text may hold: a rule is tried only where the text has the look of what it finds. For an
// ordinary text no rule is tried.
type looks uint16

const (
	urls           looks = 1 << iota // ://
	parameters                       // a secret's name before an equals sign
	authorizations                   // the header's name
	bearers                          // the scheme's
	jwts                             // eyJ
	keys                             // what API keys start with
	keyNamed                         // a name that ends with key
	ats                              // @
	stops                            // four numbers with stops between
	colons                           // two colons together, or seven
	sixDigits                        // six digits, near each other
	nineDigits
	written // escapes and characters beyond ASCII: what else it holds shows when it is read
)

// digits returns how many digits a number has at least that is found where a text has these looks.
func (l looks) digits() int {
	switch l {
	case sixDigits:
		return 6
	case nineDigits:
		return mostDigits
	}
	return 0
}

// Classes of bytes, as lookAt tells them apart.
const (
	classPlain = iota // parts digits
	classApart        // may stand within a number, three of them at most
	classDigit
	classTrigger // the start or the end of something; plain or apart besides
)

var classes = func() (table [256]uint8) {
	for _, char := range []byte(" ()/+") {
		table[char] = classApart
	}
	for char := '0'; char <= '9'; char++ {
		table[char] = classDigit
	}
	for _, char := range []byte(`:@%\JA.-_=bBzZkK`) {
		table[char] = classTrigger
	}
	for char := utf8.RuneSelf; char < len(table); char++ {
		table[char] = classTrigger
	}
	table[blank] = classTrigger
	return table
}()

// lookAt tells what a text may hold. In a shadow a blank stands for what was found, and parts digits; elsewhere it is
// read as a space.
func lookAt[Text string | []byte](text Text, inShadow bool) looks {
	var found looks
	colonsSeen, digits, gap, numbers := 0, 0, 0, 0
	for position := 0; position < len(text); position++ {
		char := text[position]
		class := classes[char]
		if class == classDigit {
			digits, gap = digits+1, 0
			if digits >= 6 {
				if found |= sixDigits; digits >= 9 {
					found |= nineDigits
				}
			}
			if numbers >= 3 {
				found |= stops
			}
			continue
		}
		parts := class != classApart
		if class == classTrigger {
			switch char {
			case '.':
				parts = false
				if position > 0 && isDigit(text[position-1]) {
					numbers++
				} else {
					numbers = 0
				}
				if ends(text, position, "ya29") || ends(text, position, "SG") {
					found |= keys
				}
			case ':':
				if colonsSeen++; colonsSeen >= 7 || (position > 0 && text[position-1] == ':') {
					found |= colons
				}
				if starts(text, position, "://") {
					found |= urls
				}
			case blank:
				parts = inShadow
			default:
				parts = char != '-' && char != '_'
				found |= hint(text, position, char)
			}
		}
		if char != '.' {
			numbers = 0
		}
		if gap++; gap > 3 || parts {
			digits = 0
		}
	}
	return found
}

// isApart tells whether a byte may stand within a number.
func isApart(char byte) bool {
	return classes[char] == classApart || char == '.' || char == '-' || char == '_'
}

// hint tells what the byte at a position, and those beside it, hint at.
func hint[Text string | []byte](text Text, position int, char byte) looks {
	switch char {
	case '@':
		return ats
	case 'J':
		if ends(text, position, "ey") {
			return jwts
		}
	case 'A':
		if startsAny(text, position, keysFromA) {
			return keys
		}
	case '-':
		if endsAny(text, position, keysToHyphen) || (position >= 4 && ends(text, position-1, "xox")) {
			return keys
		}
	case '_':
		if endsAny(text, position, keysToUnderscore) {
			return keys
		}
	case '=':
		if isSecretName(text, position) {
			return parameters
		}
	case 'b', 'B':
		if hasFolded(text, position, "bearer") {
			return bearers
		}
	case 'z', 'Z':
		if position >= 6 && hasFolded(text, position-6, "uthoriz") {
			return authorizations
		}
	case 'k', 'K':
		if isKeyName(text, position) {
			return keyNamed
		}
	default:
		return written // % \ and what is beyond ASCII
	}
	return 0
}

// What keyStarts have at the byte that gives them away.
var (
	keysFromA        = []string{"AIza", "AKIA", "ASIA", "ABIA", "ACCA", "AQ."}
	keysToHyphen     = []string{"sk", "GOCSPX", "glpat", "xapp", "pypi", "xai", "pplx", "nvapi", "tvly"}
	keysToUnderscore = []string{"gho", "ghp", "ghu", "ghs", "ghr", "github", "sk", "rk", "pk", "whsec", "npm", "hf", "r8",
		"doo", "dop", "dor", "fw", "lsv2", "glsa"}
)

// isSecretName tells whether the name before an equals sign may be one of those that `secret` and queryKey list.
func isSecretName[Text string | []byte](text Text, end int) bool {
	if end < 4 {
		return false
	}
	last := [4]byte{text[end-4] | 0x20, text[end-3] | 0x20, text[end-2] | 0x20, text[end-1] | 0x20}
	switch string(last[:]) {
	case "word", "sswd", "rase", "pass", "cret", "oken", "ture":
		return true
	}
	switch string(last[1:]) {
	case "pwd", "sig", "key":
		return true
	}
	return false
}

func isKeyName[Text string | []byte](text Text, position int) bool {
	if position == 0 || position+3 >= len(text) || !hasFolded(text, position, "key") {
		return false
	}
	switch text[position+3] {
	case '"', '\'', '\t', ' ', ':', '=':
	default:
		return false
	}
	switch text[position-1] | 0x20 {
	case 'i', 't', 's', 'h', 'n', '_' | 0x20, ' ', '-' | 0x20:
		return true
	}
	return false
}

func starts[Text string | []byte](text Text, position int, with string) bool {
	if len(text)-position < len(with) {
		return false
	}
	for at := range len(with) {
		if text[position+at] != with[at] {
			return false
		}
	}
	return true
}

func ends[Text string | []byte](text Text, position int, with string) bool {
	return position >= len(with) && starts(text, position-len(with), with)
}

func startsAny[Text string | []byte](text Text, position int, with []string) bool {
	for _, each := range with {
		if starts(text, position, each) {
			return true
		}
	}
	return false
}

func endsAny[Text string | []byte](text Text, position int, with []string) bool {
	for _, each := range with {
		if ends(text, position, each) {
			return true
		}
	}
	return false
}

// hasFolded is starts in whatever case, for a word in lower case.
func hasFolded[Text string | []byte](text Text, position int, word string) bool {
	if len(text)-position < len(word) {
		return false
	}
	for at := range len(word) {
		if text[position+at]|0x20 != word[at] {
			return false
		}
	}
	return true
}
