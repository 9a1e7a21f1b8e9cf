"""Where runbooks and dashboards are published: read from places.toml."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("places.toml")


class PlacesError(ValueError):
    """A place is wrong; the message names it, what was got, and what would be right."""


@dataclass(frozen=True, slots=True)
class Places:
    """Base URLs, without a slash at their end."""

    runbooks: str
    dashboards: str

    @classmethod
    def load(cls, path: Path = FILE) -> "Places":
        """Read a file.

        Raises:
            PlacesError: a place is missing, unknown, or no URL.
        """
        told = tomllib.loads(path.read_text())
        known = [field.name for field in fields(cls)]
        if set(told) != set(known):
            msg = f"{path.name}: got {', '.join(sorted(told)) or 'nothing'}; needed are {', '.join(known)}"
            raise PlacesError(msg)
        for name, url in told.items():
            if not isinstance(url, str) or not url.startswith(("https://", "http://")):
                msg = f"{path.name}: {name}: got {url!r}; a URL with http or https is needed"
                raise PlacesError(msg)
        return cls(**{name: url.rstrip("/") for name, url in told.items()})

    def runbook(self, alert: str) -> str:
        """Return the address of an alert's runbook."""
        return f"{self.runbooks}/{alert}.md"

    def dashboard(self, name: str, query: str = "") -> str:
        """Return the address of a dashboard, by the last part of its uid."""
        return f"{self.dashboards}/d/techsapo-{name}" + (f"?{query}" if query else "")
