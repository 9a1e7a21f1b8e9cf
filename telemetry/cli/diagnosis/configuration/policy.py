"""Whether a Collector's policy is that of the installed contract."""

import json
from collections.abc import Iterator
from pathlib import Path

from telemetry.cli.diagnosis.configuration.sentences import Sentences
from telemetry.cli.diagnosis.finding import Finding, broken
from telemetry.cli.diagnosis.tree import Tree
from telemetry.contract import CONTRACT
from telemetry.render.policy import policy, policy_version

_OPTION = "processors.techsapo_policy.policy_file"


def check_policy(options: Tree, folder: Path, say: Sentences) -> Iterator[Finding]:
    """Compare the file that a configuration names with what the contract renders to.

    A file that cannot be read, or holds no policy, is what the Collector itself tells.
    """
    name = options.text(*_OPTION.split("."))
    if not name:
        return
    try:
        text = (folder / name).read_text()
        version = json.loads(text)["version"]
    except (OSError, ValueError, LookupError, TypeError):
        return
    ours = policy_version(CONTRACT)
    remedy = "`make render` writes it from the installed contract; the Collector reads it when it starts"
    if version != ours:
        sentence = (
            f"{say.name(_OPTION)}: got {name!r} of version {version}; accepts {ours}, that of the installed contract"
        )
        yield broken(_OPTION, sentence, remedy)
    elif text != policy(CONTRACT):
        yield broken(_OPTION, f"{say.name(_OPTION)}: got {name!r}, which was edited by hand", remedy)
