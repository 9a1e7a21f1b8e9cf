"""What the Collector's own validation says, taken apart: which option, and what is wrong with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DECODING = "cannot unmarshal the configuration: "
_RESOLVING = "cannot resolve the configuration: "
_BUILDING = re.compile(r'failed to build \w+: failed to create "(?P<id>[^"]+)" (?P<kind>[a-z]+)[^:]*: ')
_INVALID = re.compile(r"(?:invalid configuration: )?(?P<path>\w+(?:::[\w/.-]+)+): (?P<said>.+)", re.DOTALL)
_LEAF = re.compile(r"'(?P<path>[^']*)' (?P<said>.+)")
_COMPONENT = re.compile(r'error reading configuration for "(?P<id>[^"]+)": .*')
_NESTED = "decoding failed due to the following error(s):"
_SECTIONS = ("receivers", "processors", "exporters", "extensions", "connectors", "service")
# The Go type of a struct, which tells nobody anything: its place is what was told before it.
_GO_TYPE = re.compile(r"\w+\.[A-Za-z]*[A-Z]\w*")
_OPTION_FIRST = re.compile(r"(?P<option>[a-z][a-z_]*): (?P<said>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """What the Collector says of an option; `option` is empty where it is about a whole file."""

    option: str
    said: str


def faults(output: str) -> list[Fault]:
    """Return what the error output of `techsapo-collector validate` tells; empty where there is no error in it."""
    _, error, text = output.partition("Error: ")
    if not error:
        return []
    text = text.partition("\nRun '")[0].strip().removeprefix("failed to get config: ")
    if text.startswith(_DECODING):
        return list(_decoding(text.removeprefix(_DECODING)))
    if text.startswith(_RESOLVING):
        return [Fault("", _on_one_line(text.removeprefix(_RESOLVING)))]
    if found := _BUILDING.match(text):
        return [Fault(f"{found['kind']}s.{found['id']}", _on_one_line(text[found.end() :]))]
    return list(_invalid(text))


def _decoding(text: str) -> Iterator[Fault]:
    """Walk nested errors. Nothing marks the end of a nested one but that the next begins at the top again."""
    above: list[str] = []
    for line in text.splitlines():
        found = _LEAF.fullmatch(line.strip())
        if found is None:
            continue
        path, said = found["path"], found["said"]
        if path.split(".")[0] in _SECTIONS or path.startswith("otelcol."):
            above = []
        own = [] if not path or _GO_TYPE.fullmatch(path) else [path]
        if component := _COMPONENT.fullmatch(said):
            above += [*own, component["id"]]
        elif said == _NESTED:
            above += own
        elif said.startswith("has invalid keys: "):
            for key in said.removeprefix("has invalid keys: ").split(", "):
                yield Fault(".".join([*above, *own, key]), "has invalid keys")
        else:
            yield Fault(".".join([*above, *own]), _on_one_line(said))


def _invalid(text: str) -> Iterator[Fault]:
    """Split "a::b: said", one a line, perhaps with the option at the head of what is said."""
    for line in text.splitlines():
        found = _INVALID.fullmatch(line)
        if found is None:
            yield Fault("", _on_one_line(line))
            continue
        path, said = found["path"].removesuffix("::config").replace("::", "."), found["said"]
        option = _OPTION_FIRST.fullmatch(said)
        yield Fault(f"{path}.{option['option']}", option["said"]) if option else Fault(path, said)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
