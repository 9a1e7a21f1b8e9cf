"""An application that records a call of a provider and then waits to be stopped."""

import signal

from app_integration.llm.call import Calls
from app_integration.llm.usage import Usage

# A million tokens in, and a million out.
USAGE = Usage(input=1_000_000, output=1_000_000)


def main() -> None:
    """Record one call of GPT-5, and one of a model that has no price."""
    calls = Calls()
    for model in ("gpt-5", "unheard-of"):
        call = calls.begin("chat", "openai", model)
        call.answered(model)
        call.used(USAGE)
        call.end()
    signal.pause()


if __name__ == "__main__":
    main()
