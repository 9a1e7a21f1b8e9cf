"""The HTTP session of OTLP pushes."""

from typing import Any

import requests


class OwnAuthoritySession(requests.Session):
    """A session for which OTEL_EXPORTER_OTLP_CERTIFICATE holds where REQUESTS_CA_BUNDLE is set too.

    requests lets that variable, meant for other hosts, go before what the session was told. Proxies stay the
    environment's.
    """

    def merge_environment_settings(
        self,
        url: str,
        proxies: dict[str, str] | None,
        stream: bool | None,
        verify: bool | str | None,
        cert: str | tuple[str, str] | None,
    ) -> dict[str, Any]:  # the base class' own type
        """Return the settings of one request; the session's own authority goes before the environment's."""
        if verify is None and isinstance(self.verify, str):
            verify = self.verify
        return super().merge_environment_settings(url, proxies, stream, verify, cert)
