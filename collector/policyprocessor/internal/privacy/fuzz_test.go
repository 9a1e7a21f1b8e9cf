package privacy

import "testing"

// Whatever the text: no panic, spans in order and within it, and nothing left to find once it is masked.
func FuzzMask(f *testing.F) {
	for _, seed := range []string{"bob@example.com", "tel 415-555-2671 ssn 123456789", "redis://:p@h [email] 10.0.0.1", "１２３-45-6789\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked, found := Mask(text)
		position := 0
		for _, datum := range found {
			if datum.Start < position || datum.End <= datum.Start || datum.End > len(text) {
				t.Fatalf("%v of %q", found, text)
			}
			position = datum.End
		}
		if again, _ := Mask(masked); again != masked {
			t.Errorf("%q is %q, and then %q", text, masked, again)
		}
	})
}
