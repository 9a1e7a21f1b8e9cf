package privacy

import (
	"bytes"
	"regexp"
	"strconv"
)

// HMRC manual NIM39110 lists the prefixes of a National Insurance number; QQ is the one of its examples.
const (
	ninoPrefix = `(?:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]|QQ)`
	nino       = `(` + ninoPrefix + `(?: ?[0-9]{6} ?[A-D]|` + ninoPairs + `))`
	ninoPairs  = `(?: [0-9]{2} [0-9]{2} [0-9]{2} |-[0-9]{2}-[0-9]{2}-[0-9]{2}-)[A-D]`
	// In lower case nine characters together may be a hash.
	smallNINO = `(?i:(` + ninoPrefix + ninoPairs + `))`

	// Sex, year, month, department, municipality, order, key; months past 12 stand for an uncertain date of birth.
	nir = `([1-478][ .-]?[0-9]{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9][0-9])` +
		`[ .-]?(?:[0-9]{2}|2[ABab])[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{2})`

	dni = `((?:[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})-?[A-Za-z])`
	nie = `([XYZxyz]-?[0-9]{7}-?[A-Za-z])`

	myNumber = `([0-9]{4}(?: [0-9]{4} |-[0-9]{4}-|[0-9]{4})[0-9]{4})`
	taxID    = `([1-9][0-9](?:(?: [0-9]{3}){3}|(?:\.[0-9]{3}){3}|(?:/[0-9]{3}){3}|(?:-[0-9]{3}){3}|[0-9]{9}))`

	ssn      = `([0-9]{3}-[0-9]{2}-[0-9]{4})`
	namedSSN = `(?i:ssn|social[ _-]security)(?i:[ _-]?(?:number|no|nr|num))?[.]?["']?[ :=#]{0,3}["']?` +
		`([0-9]{3} ?[0-9]{2} ?[0-9]{4})`
)

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

var minute = regexp.MustCompile(
	`\A(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]\z`)

// Numbers with a letter: they have fewer digits, or fewer in a row, than the others.
var letterIDRules = []rule{
	{"fr_nir", byNumber(nir, "123478", isNIR)},
	{"uk_nino", byCandidate(nino+wordEnds, ninoStarts(isUpper), nil)},
	{"uk_nino", byCandidate(smallNINO+wordEnds, ninoStarts(isLetter), nil)},
	{"es_dni", byNumber(dni, "0123456789", isDNI)},
	{"es_dni", byCandidate(nie+wordEnds, at([]string{"X", "Y", "Z", "x", "y", "z"}, (*shadow).wordStarts), isDNI)},
}

var digitIDRules = []rule{
	{"jp_my_number", byNumber(myNumber, "0123456789", isMyNumber)},
	{"de_tax_id", byNumber(taxID, "123456789", isTaxID)},
	{"us_ssn", byNumber(ssn, "0123456789", isSSN)},
	{"us_ssn", byCandidate(namedSSN+wordEnds, ssnWord, isSSN)},
}

// ninoStarts returns a candidate function: where two letters start a word, are no prefix that is never given out, and a
// digit follows, behind a blank or a hyphen at most.
func ninoStarts(belongs func(byte) bool) func(*shadow, int) int {
	return func(s *shadow, from int) int {
		for position := from; position+8 < len(s.text); position++ {
			if !belongs(s.text[position]) || !belongs(s.text[position+1]) || !s.wordStarts(position) {
				continue
			}
			if next := s.text[position+2]; !isDigit(next) && (next != ' ' && next != '-' || !isDigit(s.text[position+3])) {
				continue
			}
			switch [2]byte{s.text[position] &^ 0x20, s.text[position+1] &^ 0x20} {
			case [2]byte{'B', 'G'}, [2]byte{'G', 'B'}, [2]byte{'K', 'N'}, [2]byte{'N', 'K'}, [2]byte{'N', 'T'},
				[2]byte{'T', 'N'}, [2]byte{'Z', 'Z'}:
			default:
				return position
			}
		}
		return -1
	}
}

func isUpper(char byte) bool { return 'A' <= char && char <= 'Z' }

func isLetter(char byte) bool { return isWord(char) && !isDigit(char) }

func ssnWord(s *shadow, from int) int {
	for position := from; position+11 < len(s.text); position++ {
		if char := s.text[position]; char == 's' || char == 'S' {
			rest := s.text[position:]
			if bytes.EqualFold(rest[:3], []byte("ssn")) || bytes.EqualFold(rest[:6], []byte("social")) {
				return position
			}
		}
	}
	return -1
}

// isSSN tells whether digits may be a US Social Security number. It has no check digit; 000, 666, 900-999, group 00
// and serial 0000 are never given out. Without its hyphens it is a number like any other, unless a word before it says
// what it is.
func isSSN(s *shadow, found span) bool {
	digits := string(digitsOf(s.text[found.start:found.end]))
	area := digits[:3]
	return area != "000" && area != "666" && area[0] != '9' && digits[3:5] != "00" && digits[5:] != "0000"
}

// isMyNumber tells whether 12 digits are an individual number of Japan (ordinance 85 of 2014, article 5).
func isMyNumber(s *shadow, found span) bool {
	text := s.text[found.start:found.end]
	digits := digitsOf(text)
	if bytes.Count(digits, digits[:1]) == len(digits) {
		return false
	}
	weighed := 0
	for at := 1; at <= 11; at++ {
		weight := at + 1
		if at > 6 {
			weight = at - 5
		}
		weighed += int(digits[11-at]-'0') * weight
	}
	check := 0
	if remainder := weighed % 11; remainder > 1 {
		check = 11 - remainder
	}
	return int(digits[11]-'0') == check && (len(text) > len(digits) || !minute.Match(digits))
}

// isTaxID tells whether 11 digits are a Steuer-Identifikationsnummer (section 139b AO; ISO/IEC 7064, MOD 11,10). Of the
// first ten digits exactly one occurs twice or three times.
func isTaxID(s *shadow, found span) bool {
	digits := digitsOf(s.text[found.start:found.end])
	var times [10]int
	for _, char := range digits[:10] {
		times[char-'0']++
	}
	repeated := 0
	for _, count := range times {
		if count > 3 {
			return false
		}
		if count > 1 {
			repeated++
		}
	}
	product := 10
	for _, char := range digits[:10] {
		sum := (int(char-'0') + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	return repeated == 1 && int(digits[10]-'0') == (11-product)%10
}

// isNIR tells whether 15 characters are a numéro d'inscription au répertoire (INSEE): key = 97 - number mod 97. The
// departments of Corsica, 2A and 2B, count as 19 and 18.
func isNIR(s *shadow, found span) bool {
	text := compact(s.text[found.start:found.end])
	number := bytes.ReplaceAll(bytes.ReplaceAll(text[:13], []byte("2A"), []byte("19")), []byte("2B"), []byte("18"))
	value, err := strconv.ParseInt(string(number), 10, 64)
	key, keyErr := strconv.ParseInt(string(text[13:]), 10, 64)
	return err == nil && keyErr == nil && key == 97-value%97
}

// isDNI tells whether 8 characters and a letter are a DNI or NIE (Orden INT/2058/2008): letter = number mod 23.
func isDNI(s *shadow, found span) bool {
	text := compact(s.text[found.start:found.end])
	if text[0] >= 'X' {
		text[0] = '0' + text[0] - 'X'
	}
	value, err := strconv.Atoi(string(text[:8]))
	return err == nil && text[8] == dniLetters[value%23]
}

// compact returns a copy without separators, in upper case.
func compact(text []byte) []byte {
	kept := make([]byte, 0, len(text))
	for _, char := range text {
		if char != ' ' && char != '.' && char != '-' {
			kept = append(kept, char)
		}
	}
	return bytes.ToUpper(kept)
}
