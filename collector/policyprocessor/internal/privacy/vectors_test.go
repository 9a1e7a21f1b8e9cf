package privacy

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

// networks are those of telemetry/contract/networks.py.
var networks = Networks{
	Private: prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fe80::/10",
		"fc00::/7"),
	Loopback:    prefixes("127.0.0.0/8", "::1/128"),
	Unspecified: prefixes("0.0.0.0/32", "::/128"),
	Carriers: []Carrier{
		{netip.MustParsePrefix("::ffff:0:0/96"), 12, false},
		{netip.MustParsePrefix("::ffff:0:0:0/96"), 12, false},
		{netip.MustParsePrefix("64:ff9b::/96"), 12, false},
		{netip.MustParsePrefix("::/96"), 12, false},
		{netip.MustParsePrefix("2002::/16"), 2, false},
		{netip.MustParsePrefix("2001::/32"), 12, true},
	},
}

func prefixes(texts ...string) []netip.Prefix {
	var found []netip.Prefix
	for _, text := range texts {
		found = append(found, netip.MustParsePrefix(text))
	}
	return found
}

type vectors[V any] struct {
	Salt    string
	Vectors []V
}

func read[V any](t *testing.T, name string) vectors[V] {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	var found vectors[V]
	if err := json.Unmarshal(content, &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Vectors) == 0 {
		t.Fatalf("%s has no vectors", name)
	}
	return found
}

// An address gets the bucket that Python gives it.
func TestAddressVectors(t *testing.T) {
	file := read[struct{ Name, Input, Expected string }](t, "addresses.json")
	buckets, err := NewBuckets([]byte(file.Salt), networks)
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range file.Vectors {
		if got := buckets.Bucket(vector.Input); got != vector.Expected {
			t.Errorf("%s: %q is %s, want %s", vector.Name, vector.Input, got, vector.Expected)
		}
	}
}

// A text is masked as Python masks it, and the kind of its first datum is the same.
func TestPersonalDataVectors(t *testing.T) {
	file := read[struct {
		Name, Input, Expected string
		Kind                  *string
	}](t, "personal_data.json")
	for _, vector := range file.Vectors {
		masked, found := Mask(vector.Input)
		if masked != vector.Expected {
			t.Errorf("%s: %q is %q, want %q", vector.Name, vector.Input, masked, vector.Expected)
		}
		switch {
		case vector.Kind == nil && len(found) > 0:
			t.Errorf("%s: %q has %v, want nothing", vector.Name, vector.Input, found)
		case vector.Kind != nil && (len(found) == 0 || found[0].Kind != *vector.Kind):
			t.Errorf("%s: %q has %v first, want %s", vector.Name, vector.Input, found, *vector.Kind)
		}
		if again, _ := Mask(masked); again != masked {
			t.Errorf("%s: %q is masked again, to %q", vector.Name, masked, again)
		}
	}
}
