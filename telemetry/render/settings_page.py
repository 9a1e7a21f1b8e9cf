"""`docs/settings.md`: every environment variable that counts."""

from telemetry.contract import Contract
from telemetry.render.words import code
from telemetry.variables import VARIABLES

_HEAD = """\
<!-- Rendered from telemetry/variables.py by `techsapo-telemetry render` (make render). Change that, not this file. -->
# Settings

The environment variables that the telemetry reads, or what starts it. An empty variable is one that is not set. A value
that its variable does not accept stops the start with one line and exit status 2; `telemetry.start()` raises
`SettingsError` instead. `OTEL_*` mean what they mean everywhere, but for what [differences.md](differences.md) lists.
The values of secret ones are never shown: not in a message, not by `techsapo-telemetry doctor`.

| Variable | Meaning | Secret |
|---|---|---|
"""


def settings_page(_: Contract) -> str:
    """Return the page as Markdown; the contract has no part in it."""
    rows = (
        f"| {code(variable.name)} | {variable.meaning} | {'yes' if variable.secret else ''} |" for variable in VARIABLES
    )
    return _HEAD + "\n".join([*rows, ""])
