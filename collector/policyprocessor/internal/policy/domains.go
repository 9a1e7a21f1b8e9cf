package policy

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"techsapo.example/collector/policyprocessor/internal/privacy"
)

// What stands for values that are missing, fit no domain, or are past a limit.
const (
	Other     = "other"
	Unmatched = "unmatched"
)

// Longer text is no label; it is not searched, kept or hashed. In characters.
const maxText = 256

// Texts of which a label remembers what they became: a search for personal data costs more than the rest.
const remembered = 1024

// unfit is a text that no domain admits: what a list, a map or bytes are as a label.
const unfit = "\x00"

var template = regexp.MustCompile(`\A/[A-Za-z0-9._~{}:<>*$()+@!,;=%|\\^/\[\]-]{0,255}\z`)

// Value is a value of a label's domain, and the kind of personal data where that is why another one was refused.
type Value struct {
	Text string
	Kind string
}

// Limited tells whether the label takes a limited number of values, past which they become other.
func (l *Label) Limited() bool { return l.Domain == "bounded" || l.Domain == "template" }

// Always tells whether a value takes none of the label's limit: known values, and what stands for others.
func (l *Label) Always(value string) bool { return l.always[value] }

// IsStandIn tells whether a value stands for others: it is not counted as one that was seen.
func IsStandIn(value string) bool {
	return value == Other || value == Unmatched || value == privacy.Invalid
}

func (l *Label) compile() error {
	l.always = map[string]bool{Other: true, Unmatched: true, privacy.Invalid: true}
	switch l.Domain {
	case "enum":
		return l.compileEnum()
	case "bounded":
		compiled, err := regexp.Compile(`\A(?:` + l.Pattern + `)\z`)
		if err != nil || l.Pattern == "" {
			return fmt.Errorf("its pattern is no regular expression: %q", l.Pattern)
		}
		l.pattern = compiled
		for _, value := range l.Known {
			l.always[value] = true
		}
	case "template", "masked":
	default:
		return fmt.Errorf("its domain is %q, not enum, bounded, template or masked", l.Domain)
	}
	if l.Limited() && l.Limit < 1 {
		return errors.New("its limit must be at least 1")
	}
	return nil
}

func (l *Label) compileEnum() error {
	if len(l.Values) == 0 {
		return errors.New("an enum needs values")
	}
	l.table = map[string]string{}
	add := func(spelling, value string) {
		if l.IgnoreCase {
			spelling = folded(spelling)
		}
		l.table[spelling] = value
	}
	for _, value := range l.Values {
		add(value, value)
	}
	for alias, value := range l.Aliases {
		if !slices.Contains(l.Values, value) {
			return fmt.Errorf("the alias %q stands for %q, which is none of its values", alias, value)
		}
		add(alias, value)
	}
	return nil
}

// Resolve returns what becomes of an attribute value; `present` tells whether there is one.
func (l *Label) Resolve(raw pcommon.Value, present bool, buckets *privacy.Buckets) Value {
	switch {
	case !present || raw.Type() == pcommon.ValueTypeEmpty:
		return Value{Text: l.missing()}
	case l.Domain == "masked" && raw.Type() != pcommon.ValueTypeStr:
		return Value{Text: privacy.Invalid}
	}
	return l.resolveText(textOf(raw), buckets)
}

// resolveText returns what becomes of a value that is text.
func (l *Label) resolveText(text string, buckets *privacy.Buckets) Value {
	if l.Domain == "masked" {
		return Value{Text: buckets.Bucket(text)}
	}
	if len(text) > maxText && utf8.RuneCountInString(text) > maxText {
		return Value{Text: l.missing()}
	}
	switch l.Domain {
	case "enum":
		return Value{Text: l.enum(text)}
	case "bounded":
		return l.cache.get(text, l.bounded)
	default:
		return l.cache.get(text, l.template)
	}
}

func (l *Label) missing() string {
	switch l.Domain {
	case "template":
		return Unmatched
	case "masked":
		return privacy.Invalid
	}
	return Other
}

func (l *Label) enum(text string) string {
	if l.IgnoreCase {
		text = folded(text)
	}
	if value, ok := l.table[text]; ok {
		return value
	}
	return Other
}

func (l *Label) bounded(text string) Value {
	if text == Other {
		return Value{Text: Other}
	}
	asItCame := text
	if l.UpperCase {
		text = upper(text)
	}
	if slices.Contains(l.Known, text) {
		return Value{Text: text}
	}
	if !l.pattern.MatchString(text) {
		return Value{Text: Other}
	}
	// An API key in upper case has no longer the shape of one.
	for _, each := range []string{asItCame, text} {
		if found := privacy.Find(each); len(found) > 0 {
			return Value{Text: Other, Kind: found[0].Kind}
		}
	}
	if l.SortedPair {
		names := strings.Split(text, ":")
		slices.Sort(names)
		text = strings.Join(names, ":")
	}
	return Value{Text: text}
}

// template admits a route template, never a concrete path: a segment of many digits, a UUID or a long hash is a value.
func (l *Label) template(text string) Value {
	if text == Other {
		return Value{Text: Other}
	}
	if !template.MatchString(text) || slices.ContainsFunc(strings.Split(text, "/"), isConcrete) {
		return Value{Text: Unmatched}
	}
	if found := privacy.Find(text); len(found) > 0 {
		return Value{Text: Unmatched, Kind: found[0].Kind}
	}
	return Value{Text: text}
}

var concrete = regexp.MustCompile(
	`\A(?:[0-9]{5,}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,})\z`)

func isConcrete(segment string) bool {
	return concrete.MatchString(segment) && strings.ContainsAny(segment, "0123456789")
}

// textOf returns an attribute value as text. Values that are equal give one text: 200 and 200.0.
func textOf(raw pcommon.Value) string {
	switch raw.Type() {
	case pcommon.ValueTypeStr:
		return raw.Str()
	case pcommon.ValueTypeBool:
		return strconv.FormatBool(raw.Bool())
	case pcommon.ValueTypeInt:
		return strconv.FormatInt(raw.Int(), 10)
	case pcommon.ValueTypeDouble:
		return textOfDouble(raw.Double())
	default:
		return unfit
	}
}

// textOfDouble writes a number as Python does: whole ones as integers.
func textOfDouble(number float64) string {
	switch {
	case math.IsNaN(number):
		return "nan"
	case math.IsInf(number, 0):
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(number, 'g', -1, 64), "+"))
	case number == math.Trunc(number):
		whole, _ := big.NewFloat(number).Int(nil)
		return whole.String()
	case math.Abs(number) < 1e-4:
		return strconv.FormatFloat(number, 'e', -1, 64)
	default:
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
}

func folded(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	return cases.Fold().String(text)
}

func upper(text string) string {
	if isASCII(text) {
		return strings.ToUpper(text)
	}
	return cases.Upper(language.Und).String(text)
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(char rune) bool { return char >= utf8.RuneSelf }) < 0
}

// cache remembers what texts became; full, it begins anew.
type cache struct {
	mu    sync.RWMutex
	known map[string]Value
}

func (c *cache) get(text string, resolve func(string) Value) Value {
	c.mu.RLock()
	value, ok := c.known[text]
	c.mu.RUnlock()
	if ok {
		return value
	}
	value = resolve(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= remembered {
		c.known = make(map[string]Value, remembered)
	}
	c.known[strings.Clone(text)] = value
	return value
}
