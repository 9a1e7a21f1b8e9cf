"""Ask the application in this container for its health: exit status 0, or 1 with what it answers instead."""

import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT_SECONDS = 4.0


def main() -> int:
    """Return 0 if all that the application needs has answered it."""
    connection = HTTPConnection("127.0.0.1", 8000, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        said = f"{answer.status} {answer.read().decode()}"
    except (OSError, HTTPException) as error:
        print(f"no answer: {error}")
        return 1
    print(said)
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
