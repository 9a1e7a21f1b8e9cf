package privacy

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// The buckets that have a name.
const (
	Private  = "private"
	Loopback = "loopback"
	Invalid  = "invalid"
)

// The longest spelling, with brackets, zone and port, stays well below it.
const maxAddressBytes = 128

const asciiBlanks = " \t\n\v\f\r"

// Networks are the lists that the contract declares: networks with a bucket of their own, and those that carry an IPv4
// address.
type Networks struct {
	Private, Loopback, Unspecified []netip.Prefix
	Carriers                       []Carrier
}

// Carrier is an IPv6 network in which an IPv4 address stands, from the byte Offset on, its bits inverted or not.
type Carrier struct {
	Network  netip.Prefix
	Offset   int
	Inverted bool
}

// Buckets turns client addresses into one of 515 buckets under one salt.
//
// The bucket of an address is v4- or v6- and the first byte of SHA-256 over the salt as given and the canonical text,
// as two lower-case hex digits. The canonical text of an IPv4 address is the dotted quad; that of an IPv6 address is
// its /64 as RFC 5952 writes it, `2001:db8:1:2::/64`. telemetry/privacy/client_ip.py tells the steps one by one.
type Buckets struct {
	salt     []byte
	named    []namedNetwork
	carriers []Carrier
}

type namedNetwork struct {
	network netip.Prefix
	bucket  string
}

// NewBuckets returns the buckets under a salt; an error on an empty one.
func NewBuckets(salt []byte, networks Networks) (*Buckets, error) {
	if len(salt) == 0 {
		return nil, fmt.Errorf("the salt of the client_ip buckets is empty")
	}
	buckets := &Buckets{salt: salt, carriers: networks.Carriers}
	for _, list := range []struct {
		networks []netip.Prefix
		bucket   string
	}{{networks.Unspecified, Invalid}, {networks.Loopback, Loopback}, {networks.Private, Private}} {
		for _, network := range list.networks {
			buckets.named = append(buckets.named, namedNetwork{network.Masked(), list.bucket})
		}
	}
	return buckets, nil
}

// Format keeps the salt out of every log line and error, whatever the verb.
func (b *Buckets) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "Buckets(salt=***)")
}

// Bucket returns the bucket of an address in text form.
func (b *Buckets) Bucket(text string) string {
	if len(text) > maxAddressBytes || !isASCII(text) {
		return Invalid
	}
	text = strings.Trim(text, asciiBlanks)
	if isBucket(text) {
		return text
	}
	host, ok := hostOf(text)
	if !ok {
		return Invalid
	}
	address, err := netip.ParseAddr(host)
	if err != nil || address.Zone() != "" {
		return Invalid
	}
	return b.of(address)
}

func (b *Buckets) of(address netip.Addr) string {
	for _, named := range b.named {
		if contains(named.network, address) {
			return named.bucket
		}
	}
	if address.Is4() {
		var text [len("255.255.255.255")]byte
		return names4[b.firstByte(address.AppendTo(text[:0]))]
	}
	for _, carrier := range b.carriers {
		if contains(carrier.Network, address) {
			return b.of(carrier.carried(address))
		}
	}
	return names6[b.firstByte([]byte(canonicalNetwork(address)))]
}

// contains tells whether a network of the same family has an address: netip takes ::ffff:1.2.3.4 for neither.
func contains(network netip.Prefix, address netip.Addr) bool {
	if network.Addr().Is4() != address.Is4() {
		return false
	}
	if address.Is4() {
		return network.Contains(address)
	}
	prefix, own := network.Addr().As16(), address.As16()
	for bit := range network.Bits() {
		if mask := byte(0x80 >> (bit % 8)); prefix[bit/8]&mask != own[bit/8]&mask {
			return false
		}
	}
	return true
}

func (c Carrier) carried(address netip.Addr) netip.Addr {
	all := address.As16()
	var carried [4]byte
	copy(carried[:], all[c.Offset:])
	if c.Inverted {
		for at := range carried {
			carried[at] ^= 0xFF
		}
	}
	return netip.AddrFrom4(carried)
}

func canonicalNetwork(address netip.Addr) string {
	network := address.As16()
	clear(network[8:])
	return netip.AddrFrom16(network).String() + "/64"
}

func (b *Buckets) firstByte(canonical []byte) byte {
	var salted [128]byte
	return sha256.Sum256(append(append(salted[:0], b.salt...), canonical...))[0]
}

// names4 and names6 are the names of the buckets by the first byte of the hash.
var names4, names6 = names("v4"), names("v6")

func names(version string) (found [256]string) {
	for first := range found {
		found[first] = fmt.Sprintf("%s-%02x", version, first)
	}
	return found
}

// hostOf returns an address without port, brackets and zone; false when they are malformed.
func hostOf(text string) (string, bool) {
	host, port := text, ""
	switch {
	case strings.HasPrefix(text, "["):
		closed := strings.IndexByte(text, ']')
		if closed < 0 {
			return "", false
		}
		host, port = text[1:closed], text[closed+1:]
	case strings.Count(text, ":") == 1:
		colon := strings.IndexByte(text, ':')
		host, port = text[:colon], text[colon:]
	}
	if port != "" && !isPortSuffix(port) {
		return "", false
	}
	host, zone, marked := strings.Cut(host, "%")
	if marked && (!strings.Contains(host, ":") || !isZone(zone)) {
		return "", false
	}
	return host, true
}

func isPortSuffix(text string) bool {
	if len(text) < 2 || len(text) > 6 || text[0] != ':' {
		return false
	}
	number := 0
	for at := 1; at < len(text); at++ {
		if !isDigit(text[at]) {
			return false
		}
		number = number*10 + int(text[at]-'0')
	}
	return number <= 65535
}

// isZone tells whether a zone has only characters that RFC 3986 calls unreserved.
func isZone(text string) bool {
	for at := range len(text) {
		if !isWord(text[at]) && strings.IndexByte("._~-", text[at]) < 0 {
			return false
		}
	}
	return text != ""
}

// isBucket tells whether a value is a bucket already.
func isBucket(text string) bool {
	switch text {
	case Private, Loopback, Invalid:
		return true
	}
	return len(text) == 5 && (text[:3] == "v4-" || text[:3] == "v6-") && isLowerHex(text[3]) && isLowerHex(text[4])
}

func isLowerHex(char byte) bool { return isDigit(char) || ('a' <= char && char <= 'f') }

func isASCII(text string) bool {
	for at := range len(text) {
		if text[at] >= 0x80 {
			return false
		}
	}
	return true
}
