package privacy

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// Whatever the text: no panic, spans in order and within it, what is beside them stays, nothing is left to find once it
// is masked, and no look that saves a search loses what it would have found.
func FuzzMask(f *testing.F) {
	for _, seed := range []string{
		"bob@example.com", "tel 415-555-2671 ssn 123456789", "redis://:p@h [email] 10.0.0.1", "１２３-45-6789\xff",
		"4111 1111 1111 1111", "QQ 12 34 56 C", "2001:db8::1%eth0", "Bearer " + "abcdefghijklmnop", "+49 30 901820", "[iban]]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked, found := Mask(text)
		rest, position := masked, 0
		for _, datum := range found {
			if datum.Start < position || datum.End <= datum.Start || datum.End > len(text) || !slices.Contains(Kinds, datum.Kind) {
				t.Fatalf("%v of %q", found, text)
			}
			before := text[position:datum.Start] + "[" + datum.Kind + "]"
			if !strings.HasPrefix(rest, before) {
				t.Fatalf("%q is %q", text, masked)
			}
			rest, position = rest[len(before):], datum.End
		}
		if rest != text[position:] {
			t.Errorf("%q is %q", text, masked)
		}
		if again, _ := Mask(masked); again != masked {
			t.Errorf("%q is %q, and then %q", text, masked, again)
		}
		if all := findSlowly(text); !slices.Equal(all, found) {
			t.Errorf("%q: a look at it loses %v of %v", text, found, all)
		}
	})
}

// findSlowly is find with every rule tried everywhere: no look at the text, no count of digits.
func findSlowly(text string) []Datum {
	raw := []byte(strings.ReplaceAll(text, "\x00", " "))
	blankMasks(raw)
	var found []Datum
	if bytes.ContainsAny(raw, `%\`) {
		escaped := &shadow{text: raw}
		for _, each := range escapedRules {
			found = append(found, escaped.apply(each, nil)...)
		}
	}
	seen, offsets := readingOf(raw)
	s := &shadow{text: seen}
	for range mostPasses {
		known := len(found)
		for _, each := range searches {
			found = append(found, s.apply(each.rule, offsets)...)
		}
		if len(found) == known {
			break
		}
	}
	slices.SortFunc(found, func(a, b Datum) int { return a.Start - b.Start })
	return found
}

// FuzzBucket holds that an address gives one of 515 buckets, which stays one, however it is spelled.
func FuzzBucket(f *testing.F) {
	for _, seed := range []string{"203.0.113.9:80", "[2001:db8::1%eth0]:443", "::ffff:10.0.0.1", "v4-0a", "2002:cb00:7109::1", " 127.0.0.1 "} {
		f.Add(seed)
	}
	buckets, err := NewBuckets([]byte("the salt of the tests, no secret"), networks)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		bucket := buckets.Bucket(text)
		if !isBucket(bucket) || buckets.Bucket(bucket) != bucket {
			t.Errorf("%q is in %q, which is in %q", text, bucket, buckets.Bucket(bucket))
		}
		if padded := "\t" + text + " "; len(padded) <= maxAddressBytes && buckets.Bucket(padded) != bucket {
			t.Errorf("%q is in %q, with blanks in %q", text, bucket, buckets.Bucket(padded))
		}
	})
}
