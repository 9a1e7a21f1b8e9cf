package policyprocessor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// What of a resource leaves the processor.
const (
	serviceName      = "service.name"
	serviceNamespace = "service.namespace"
	serviceInstance  = "service.instance.id"
	serviceVersion   = "service.version"
)

// What the conventions call a service that does not say its name.
const unknownService = "unknown_service"

// The longest name, version or id in bytes.
const maxNameBytes = 256

// hashed is what an instance id looks like that was made here.
var hashed = regexp.MustCompile(`\Ahashed-[0-9a-f]{32}\z`)

// identity is who sends: what Prometheus shows as job and instance, and in target_info.
type identity struct {
	key                                string
	namespace, name, instance, version string
}

// identifier tells senders apart. What in a resource is personal data leaves it as a salted hash, or masked.
type identifier struct{ salt []byte }

func newIdentifier(salt []byte) identifier { return identifier{salt} }

// Format keeps the salt out of every log line and error, whatever the verb.
func (i identifier) Format(state fmt.State, _ rune) {
	_, _ = state.Write([]byte("identifier(salt=***)"))
}

// of returns who a resource is. A sender that does not say which instance it is gets a salted hash of its whole
// resource; one whose name or id holds personal data, or whose name holds a slash, a salted hash of these.
func (i identifier) of(resource pcommon.Resource, counts *tally) identity {
	attributes := resource.Attributes()
	namespace, name := textOf(attributes, serviceNamespace), textOf(attributes, serviceName)
	if name == "" {
		name = unknownService
	}
	found := identity{
		namespace: shown(namespace, counts),
		name:      shown(name, counts),
		instance:  textOf(attributes, serviceInstance),
		version:   shown(textOf(attributes, serviceVersion), counts),
	}
	switch {
	case hashed.MatchString(found.instance): // by a Collector before this one
	case found.instance == "":
		found.instance = i.hash(resourceTexts(attributes))
	// Prometheus joins namespace and name by a slash: one within them would let two services be one job.
	case strings.Contains(namespace+name, "/"),
		found.namespace != namespace || found.name != name || shown(found.instance, counts) != found.instance:
		found.instance = i.hash([]string{namespace, name, found.instance})
	}
	found.key = fmt.Sprintf("%d,%d:%s%s%s", len(found.namespace), len(found.name), found.namespace, found.name, found.instance)
	return found
}

func (i identity) write(to pcommon.Map) {
	to.EnsureCapacity(4)
	to.PutStr(serviceName, i.name)
	to.PutStr(serviceInstance, i.instance)
	if i.namespace != "" {
		to.PutStr(serviceNamespace, i.namespace)
	}
	if i.version != "" {
		to.PutStr(serviceVersion, i.version)
	}
}

// hash returns 128 bits of an HMAC-SHA-256 over texts, each with its length before it.
func (i identifier) hash(texts []string) string {
	digest := hmac.New(sha256.New, i.salt)
	digest.Write([]byte(serviceInstance))
	for _, text := range texts {
		fmt.Fprintf(digest, "\x00%d:%s", len(text), text)
	}
	return "hashed-" + hex.EncodeToString(digest.Sum(nil)[:16])
}

func resourceTexts(attributes pcommon.Map) []string {
	found := make(map[string]string, attributes.Len())
	for name, value := range attributes.All() {
		found[name] = value.AsString()
	}
	texts := make([]string, 0, 2*len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		texts = append(texts, name, found[name])
	}
	return texts
}

// textOf returns a text, or a number as text; what else a sender takes for a name is none: bytes would be Base64, in which
// nothing personal is found.
func textOf(attributes pcommon.Map, name string) string {
	value, ok := attributes.Get(name)
	if !ok {
		return ""
	}
	switch value.Type() {
	case pcommon.ValueTypeStr, pcommon.ValueTypeInt, pcommon.ValueTypeDouble, pcommon.ValueTypeBool:
		return value.AsString()
	}
	return ""
}

// shown returns a name as it may be shown: masked, valid, of bounded length.
func shown(text string, counts *tally) string {
	if text == "" {
		return ""
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	masked, found := privacy.Mask(text)
	for _, datum := range found {
		counts.scrubbed[datum.Kind]++
	}
	if len(masked) <= maxNameBytes {
		return masked
	}
	end := maxNameBytes
	for !utf8.RuneStart(masked[end]) {
		end--
	}
	return masked[:end]
}
