package policy

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Editions are instruments that measure the same, by the editions of the conventions that named them: of what one scope
// sends, one edition counts. Apart names an attribute whose values have an edition each.
type Editions struct {
	Measures string     `json:"measures"`
	Names    [][]string `json:"names"`
	Apart    string     `json:"apart"`
}

// Edition is one of several: its rank is its position among them.
type Edition struct {
	Of   *Editions
	Rank int
}

// MaxEditions is how many editions there may be of the same measurements: a set of ranks is a bit mask.
const MaxEditions = 64

// Longer texts are not kept; measurements that only such texts tell apart share an edition.
const maxKept = 256

const tooLong = "\x00"

// Measured is what has one edition: what one scope tells of the same measurements, by what tells them apart.
type Measured struct {
	of           *Editions
	scope, apart string
}

// Measured returns what a scope measures with these attributes.
func (e *Editions) Measured(scope string, attributes pcommon.Map) Measured {
	apart := ""
	if raw, there := attributes.Get(e.Apart); there {
		apart = textOf(raw)
	}
	return Measured{e, kept(scope), kept(apart)}
}

func kept(text string) string {
	if len(text) > maxKept {
		return tooLong
	}
	return text
}

func (p *Policy) readEditions() error {
	p.EditionOf = map[string]Edition{}
	for at, each := range p.Editions {
		if each == nil {
			return fmt.Errorf("editions %d are null", at)
		}
		if err := p.readEdition(each); err != nil {
			return fmt.Errorf("editions of %q: %w", each.Measures, err)
		}
	}
	return nil
}

func (p *Policy) readEdition(of *Editions) error {
	if len(of.Names) < 2 || len(of.Names) > MaxEditions || of.Apart == "" {
		return fmt.Errorf("they need 2 to %d names, and an attribute in `apart`", MaxEditions)
	}
	for rank, names := range of.Names {
		if len(names) == 0 {
			return errors.New("one of them has no instrument")
		}
		for _, name := range names {
			if _, twice := p.EditionOf[name]; twice {
				return fmt.Errorf("%s is named twice", name)
			}
			if len(p.Views[name]) == 0 {
				return fmt.Errorf("no view selects %s", name)
			}
			p.EditionOf[name] = Edition{of, rank}
		}
	}
	return nil
}
