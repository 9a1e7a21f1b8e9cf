"""Writes YAML in blocks: a text of several lines as a literal, all others in the quotes of JSON, which YAML has too."""

import json
from collections.abc import Iterator, Mapping, Sequence


def dump(mapping: Mapping[str, object]) -> str:
    """Return a mapping of mappings, sequences, texts, numbers and booleans as YAML."""
    return "\n".join(_mapping(mapping, "")) + "\n"


def _mapping(mapping: Mapping[str, object], indent: str) -> Iterator[str]:
    for name, value in mapping.items():
        match value:
            case Mapping() if value:
                yield f"{indent}{name}:"
                yield from _mapping(value, indent + "  ")
            case Sequence() if value and not isinstance(value, str):
                yield f"{indent}{name}:"
                yield from _items(value, indent + "  ")
            case str() if "\n" in value:
                yield f"{indent}{name}: |-"
                yield from (f"{indent}  {line}" for line in value.splitlines())
            case _:
                yield f"{indent}{name}: {_scalar(value)}"


def _items(values: Sequence[object], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping) and value:
            first, *rest = _mapping(value, indent + "  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(value)}"


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
