"""Start the application in its container.

What a variable of a container holds is seen in `docker inspect`: secrets come as files, and become variables only here,
in the process that then turns into the command it is given.
"""

import os
import sys
from pathlib import Path
from urllib.parse import quote

# The variable that names a file, the one that is made of it, and how: the secret, percent-encoded, is put for {}.
SECRETS = (
    ("OTLP_TOKEN_FILE", "OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20{}"),
    ("REDIS_PASSWORD_FILE", "REFERENCE_APP_REDIS_URL", "redis://:{}@redis:6379/0"),
    ("MYSQL_PASSWORD_FILE", "REFERENCE_APP_MYSQL_URL", "mysql://techsapo:{}@mysql:3306/techsapo"),
)


def main(command: list[str]) -> None:
    """Make the variables, and become the command."""
    for file_variable, variable, text in SECRETS:
        if file := os.environ.get(file_variable):
            os.environ[variable] = text.format(quote(Path(file).read_text().strip(), safe=""))
    os.execvp(command[0], command)  # noqa: S606  # the image's own command; a shell would read it anew


if __name__ == "__main__":
    main(sys.argv[1:])
