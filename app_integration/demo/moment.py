"""What is shown while the traffic runs: the figures of the application, and how they changed in the last seconds."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from app_integration.demo.alerts import Heard
from app_integration.demo.figures import Figures

REQUESTS = "techsapo_http_requests_total"
DURATION = "techsapo_http_request_duration_seconds"

_WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RouteFigures:
    """A route: requests a second, answers by class of status, quantiles in milliseconds (None: not known yet)."""

    route: str
    rate: float
    answers: Mapping[str, int]
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """All that is shown of one moment. Counts are since the start of the application, rates of the last seconds.

    `heard` are the alerts that arrived, None where nobody would tell.
    """

    elapsed: float
    figures: Figures
    before: Figures
    received: str
    heard: Heard | None = None

    def rate(self, metric: str, where: Mapping[str, str] | None = None) -> float:
        """Return the growth of a counter a second."""
        seconds = self.figures.taken - self.before.taken
        grown = self.figures.total(metric, where) - self.before.total(metric, where)
        return grown / seconds if seconds > 0 else 0.0

    def milliseconds(self, share: float, where: Mapping[str, str] | None = None) -> float | None:
        """Return a quantile of the duration of requests, since the start."""
        seconds = self.figures.quantile(share, DURATION, where)
        return None if seconds is None else seconds * 1e3

    def routes(self) -> list[RouteFigures]:
        """Return the figures of every route, those asked most often first."""
        most_first = sorted(self.figures.summed(REQUESTS, ("method", "route")).items(), key=lambda item: -item[1])
        return [self._route(key) for key, _ in most_first]

    def by(self, metric: str, label: str) -> dict[str, float]:
        """Return a metric's figures by one label, the highest first."""
        return dict(sorted(self.figures.summed(metric, (label,)).items(), key=lambda item: -item[1]))

    def _route(self, key: str) -> RouteFigures:
        method, route = key.split(" ", 1)
        where = {"method": method, "route": route}
        answers: dict[str, int] = {}
        for status, count in self.figures.summed(REQUESTS, ("status_code",), where).items():
            answers[status[0]] = answers.get(status[0], 0) + int(count)
        return RouteFigures(
            key, self.rate(REQUESTS, where), answers, self.milliseconds(0.5, where), self.milliseconds(0.95, where)
        )


class Window:
    """The figures of the last seconds."""

    def __init__(self) -> None:
        self._figures: deque[Figures] = deque([Figures()])

    def moment(self, elapsed: float, figures: Figures, received: str, heard: Heard | None = None) -> Moment:
        """Add the newest figures and return the moment that they make with those before."""
        if figures.taken > self._figures[-1].taken:
            self._figures.append(figures)
        while len(self._figures) > 2 and figures.taken - self._figures[1].taken >= _WINDOW_SECONDS:
            self._figures.popleft()
        # The first one is a placeholder that tells no time.
        before = self._figures[0] if self._figures[0].taken else self._figures[min(1, len(self._figures) - 1)]
        return Moment(elapsed, figures, before, received, heard)
