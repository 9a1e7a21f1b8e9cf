"""Reading of what JSON was parsed to, without an error where something else stands than was expected."""

from collections.abc import Iterator, Mapping

Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


class Tree:
    """Something parsed from JSON."""

    def __init__(self, parsed: Json) -> None:
        self.parsed = parsed

    def get(self, *path: str) -> Json:
        """Return what stands at a path, None where nothing does."""
        found = self.parsed
        for key in path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(key)
        return found

    def text(self, *path: str) -> str:
        """Return the text at a path, empty where there is none."""
        found = self.get(*path)
        return found if isinstance(found, str) else ""

    def keys(self, *path: str) -> list[str]:
        """Return the names of what stands below a path."""
        found = self.get(*path)
        return list(found) if isinstance(found, Mapping) else []

    def names(self, *path: str) -> list[str]:
        """Return a list of texts at a path, empty where there is none."""
        return [each.parsed for each in self.each(*path) if isinstance(each.parsed, str)]

    def each(self, *path: str) -> "Iterator[Tree]":
        """Walk the list at a path, empty where there is none."""
        found = self.get(*path)
        yield from map(Tree, found if isinstance(found, list) else [])

    def number(self, *path: str) -> float | None:
        """Return the number at a path, None where there is none."""
        found = self.get(*path)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
