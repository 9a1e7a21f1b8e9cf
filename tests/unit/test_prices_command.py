"""`techsapo-telemetry prices`: the table in force, and what is wrong with a file."""

from argparse import Namespace
from pathlib import Path

import pytest

from app_integration.llm import command
from telemetry.cli.command import Command, CommandError
from telemetry.settings import SettingsError

OWN = (
    'date = 2026-11-25\n[[price]]\nprovider = "openai"\nmodels = ["gpt-5"]\nsource = "our contract"\ninput = 1.1\n'
    "output = 20\nlong = { above = 1_000, input = 2, output = 0.000001 }\n"
)


def shown(capsys: pytest.CaptureFixture[str], path: Path | None = None) -> list[list[str]]:
    """Run the command and return the words of each line."""
    assert command.run(Namespace(file=path)) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_the_packaged_table_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each model with its tiers, its source and the day it was read there."""
    monkeypatch.delenv("TECHSAPO_PRICES_FILE", raising=False)
    head, *lines = shown(capsys)
    assert head[:5] == ["provider", "model", "tier", "input", "cache_read"]
    gpt5 = ["openai", "gpt-5", "-", "1.25", "0.125", "1.25", "-", "10", "2026-10-12"]
    assert [*gpt5, "https://developers.openai.com/api/docs/pricing"] in lines
    long = ["gcp.gemini", "gemini-2.5-pro", "long", ">", "200,000", "2.5", "0.25", "-", "-", "15", "2026-10-14"]
    assert [*long, "https://ai.google.dev/gemini-api/docs/pricing"] in lines


def test_an_operators_file_is_shown_over_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by the variable, or by the option that goes before it."""
    (tmp_path / "own.toml").write_text(OWN)
    monkeypatch.setenv("TECHSAPO_PRICES_FILE", str(tmp_path / "own.toml"))
    by_variable = shown(capsys)
    assert ["openai", "gpt-5", "-", "1.1", "-", "-", "-", "20", "2026-11-25", "our", "contract"] in by_variable
    assert by_variable == shown(capsys, tmp_path / "own.toml")
    (tmp_path / "other.toml").write_text(OWN.replace("1.1", "1.2"))
    assert by_variable != shown(capsys, tmp_path / "other.toml")


def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's error, of which the entrance makes exit status 2."""
    (tmp_path / "own.toml").write_text(OWN.replace("1.1", "-1"))
    with pytest.raises(CommandError, match=r"^prices: price 1 \(openai: gpt-5\), input of .*: got -1; accepts USD"):
        command.run(Namespace(file=tmp_path / "own.toml"))
    monkeypatch.setenv("TECHSAPO_PRICES_FILE", str(tmp_path / "missing.toml"))
    with pytest.raises(SettingsError, match="TECHSAPO_PRICES_FILE: got"):
        command.run(Namespace(file=None))


def test_it_is_a_command() -> None:
    """What the entry point names can be registered."""
    assert isinstance(command, Command)
