package privacy

import "testing"

// What a name tells of a text is used: an attribute's key stands before its value as in a sentence.
func TestANameTellsWhatATextIs(t *testing.T) {
	for _, each := range []struct{ name, text, want string }{
		{"http.request.header.x-api-key", "abcDEF" + "123456", "[api_key]"},
		{"http.request.header.authorization", "Basic " + "em9lOmh1bnRlcjI=", "Basic [bearer_token]"},
		{"user.ssn", "123456789", "[us_ssn]"},
		{"x-api-key", "of zoe@example.com", "of [email]"},
		{"x-api-key", "[api_key]", "[api_key]"},
		{"cache.key", "user:42:profile", "user:42:profile"},
		{"order.number", "123456789", "123456789"},
		{"", "abcDEF" + "123456", "abcDEF" + "123456"},
	} {
		if got, _ := MaskNamed(each.name, each.text); got != each.want {
			t.Errorf("%s: %q is %q, want %q", each.name, each.text, got, each.want)
		}
		if got, _ := MaskNamed(each.name, each.want); got != each.want {
			t.Errorf("%s: %q is masked again, to %q", each.name, each.want, got)
		}
	}
}
