"""Options that the Collector passes over in silence: some components take any name."""

from collections.abc import Iterator

from telemetry.cli.diagnosis.configuration.places import mappings
from telemetry.cli.diagnosis.configuration.sentences import NO_OPTION, NO_OPTION_REMEDY, Sentences
from telemetry.cli.diagnosis.finding import Finding, broken
from telemetry.cli.diagnosis.tree import Tree

# What is left out where the Collector prints a configuration, as it is the same as nothing.
_NOTHING = {"", "false", "0", "0s", "null", "~", "[]", "{}", '""', "''"}


def check_options(options: Tree, say: Sentences) -> Iterator[Finding]:
    """Find what stands in a file and not in what the Collector read of it."""
    for file in say.files:
        for _, path, value in mappings(file.read_text()):
            above = options.get(*path[:-1])
            if isinstance(above, dict) and path[-1] not in above and value not in _NOTHING:
                option = ".".join(path)
                yield broken(option, NO_OPTION.format(name=option), NO_OPTION_REMEDY)
