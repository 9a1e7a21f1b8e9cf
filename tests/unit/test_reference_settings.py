"""What the reference app is told by its environment."""

import re

import pytest

from app_integration.reference_app import Settings

# Put together, so that nothing here looks like a key.
KEY = "sk-" + "tests-own"


def test_settings_come_from_the_environment() -> None:
    """Each has a variable; what is not set keeps its default."""
    environ = {
        "REFERENCE_APP_REDIS_URL": "redis://r",
        "REFERENCE_APP_RATE_LIMIT": "7",
        "REFERENCE_APP_AGREEMENT": "0.5",
        "REDIS_URL": "other",
    }
    assert Settings(redis_url="redis://r", rate_limit=7, agreement=0.5) == Settings.from_environ(environ)
    assert Settings() == Settings.from_environ({})


def test_keys_come_from_the_variables_of_the_sdks() -> None:
    """Where Google's has two, the first one counts; no key is shown."""
    environ = {"OPENAI_API_KEY": KEY, "GOOGLE_API_KEY": "second", "GEMINI_API_KEY": "first", "ANTHROPIC_API_KEY": ""}
    found = Settings.from_environ(environ)
    assert (KEY, "first", "", "") == (
        found.openai_api_key,
        found.gemini_api_key,
        found.anthropic_api_key,
        found.openrouter_api_key,
    )
    assert (True, False) == (found.has_keys, Settings().has_keys)
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("name", "text", "accepted"),
    [
        ("RATE_LIMIT", "many", "a whole number from 1 to 1e+09"),
        ("RATE_LIMIT", "0", "a whole number from 1 to 1e+09"),
        ("RATE_LIMIT", "1.5", "a whole number from 1 to 1e+09"),
        ("AGREEMENT", "1.1", "a number from 0 to 1"),
        ("AGREEMENT", "nan", "a number from 0 to 1"),
        ("LATENCY_SECONDS", "-1", "a number from 0 to 600"),
        ("PROVIDER_TIMEOUT_SECONDS", "0", "a number from 0.001 to 600"),
        ("BUDGET_USD", "", "a number from 0 to 1e+09"),
    ],
)
def test_a_wrong_number_is_refused(name: str, text: str, accepted: str) -> None:
    """The message names the variable, what it got and what it takes."""
    message = f"REFERENCE_APP_{name}: got {text!r}; accepted is {accepted}"
    with pytest.raises(ValueError, match=re.escape(message)):
        Settings.from_environ({f"REFERENCE_APP_{name}": text})


def test_api_keys_are_told_by_their_digests() -> None:
    """Each with the name of who has it; a digest without one is refused, and not shown."""
    assert {"alice": "ab" * 32, "bob": "cd" * 32} == Settings(api_keys=f"alice:{'ab' * 32}, bob:{'cd' * 32}").digests
    with pytest.raises(ValueError, match="entry 2 has no name; accepted is name:digest,name:digest,…"):
        Settings(api_keys=f"alice:{'ab' * 32},{'cd' * 32}").digests  # noqa: B018  # the property raises
