"""Alerts on money: the day's budget, when it will be gone, calls that have no price, and labels past their limit."""

from collections.abc import Iterator

from tests.monitoring.scenes import Fires, Kind, Labels, Scene
from tests.monitoring.shapes import Shape, counter, gauge

HOUR, MINUTE, STEP = 3_600.0, 60.0, 15.0
ONE: tuple[Labels, ...] = ({},)

SPENT, LIMIT = "techsapo_budget_spent_today_usd", "techsapo_budget_daily_limit_usd"
COST = 'techsapo_wallbounce_cost_usd{provider="openai",task_type="basic"}'
BUDGET = 100.0


def _today(*spent: tuple[float, float | None], limit: float | None = BUDGET) -> dict[str, Shape]:
    """Return what is spent, and the limit."""
    return {SPENT: gauge(*spent), LIMIT: gauge((3 * HOUR, limit))}


def _spent() -> Iterator[Scene]:
    """Every process tells the same of the budget that they share."""
    alert, at = "BudgetNearlySpent", 900.0

    fires: Fires = {at - STEP: (), at: ONE, at + HOUR: ONE}
    # Its words tell how long the rest lasts.
    left = {"job:budget_left:seconds": gauge((3 * HOUR, HOUR / 2))}
    base = Scene(Kind.FIRES, alert, "a bit more", _today((at, 50), (2 * HOUR, 82)) | left, fires)
    yield base
    near = Scene(Kind.JUST_UNDER, alert, "nearly", _today((at, 50), (2 * HOUR, 78)), {at: (), at + HOUR: ()})
    yield near
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "nothing is spent", _today((2 * HOUR, 0)), {HOUR: ()})
    midnight = _today((at, 95), (2 * HOUR, 0))
    yield Scene(Kind.OTHER, alert, "a new day", midnight, {at - STEP: ONE, at: ()})
    # A process that begins learns from the others what was spent; until then it tells less.
    both = _each(SPENT, gauge((at, 82), (STEP, 0), (HOUR, 82)), gauge((2 * HOUR, 82)))
    same = _each(LIMIT, gauge((2 * HOUR, BUDGET)), gauge((2 * HOUR, BUDGET)))
    yield Scene(Kind.RESTART, alert, "of one of two", both | same, {at - STEP: ONE, at: ONE, at + MINUTE: ONE})
    # A budget that is raised is known to one of two sooner.
    spent = _each(SPENT, gauge((2 * HOUR, 70)), gauge((2 * HOUR, 70)))
    raised = _each(LIMIT, gauge((2 * HOUR, BUDGET)), gauge((2 * HOUR, BUDGET / 2)))
    yield Scene(Kind.OTHER, alert, "one of two still has the old limit", spent | raised, {at: (), at + HOUR: ()})
    yield Scene(Kind.MISSING, alert, "no limit is told", _today((2 * HOUR, 82), limit=None), {HOUR: ()})
    yield Scene(Kind.MISSING, alert, "a limit of nothing is none", _today((2 * HOUR, 82), limit=0), {HOUR: ()})
    yield base.but(Kind.LANE_GONE, "before it fires", fires, lane_gone_at=at)
    yield near.but(Kind.LANE_GONE, "nearly", {at: (), at + HOUR: ()}, lane_gone_at=at)


def _nothing_left() -> Iterator[Scene]:
    """From the limit on the guard refuses."""
    alert, at = "BudgetSpent", 900.0

    fires: Fires = {at - STEP: (), at: ONE, at + HOUR: ONE}
    quiet: Fires = {at: (), at + HOUR: ()}
    base = Scene(Kind.FIRES, alert, "all of it", _today((at, 95), (2 * HOUR, BUDGET)), fires)
    yield base
    near = Scene(Kind.JUST_UNDER, alert, "nearly", _today((at, 95), (2 * HOUR, 99.99)), quiet)
    yield near
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "nothing is spent", _today((2 * HOUR, 0)), quiet)
    midnight = _today((at, 101), (2 * HOUR, 0))
    yield Scene(Kind.OTHER, alert, "a new day", midnight, {at - STEP: ONE, at: ()})
    both = _each(SPENT, gauge((at, 101), (STEP, 0), (HOUR, 101)), gauge((2 * HOUR, 101)))
    same = _each(LIMIT, gauge((2 * HOUR, BUDGET)), gauge((2 * HOUR, BUDGET)))
    yield Scene(Kind.RESTART, alert, "of one of two", both | same, {at - STEP: ONE, at: ONE, at + MINUTE: ONE})
    spent = _each(SPENT, gauge((2 * HOUR, 70)), gauge((2 * HOUR, 70)))
    raised = _each(LIMIT, gauge((2 * HOUR, BUDGET)), gauge((2 * HOUR, BUDGET / 2)))
    yield Scene(Kind.OTHER, alert, "one of two still has the old limit", spent | raised, quiet)
    yield Scene(Kind.MISSING, alert, "no limit is told", _today((2 * HOUR, 101), limit=None), quiet)
    yield Scene(Kind.MISSING, alert, "a limit of nothing is none", _today((2 * HOUR, 101), limit=0), quiet)
    yield base.but(Kind.LANE_GONE, "before it fires", fires, lane_gone_at=at)
    yield near.but(Kind.LANE_GONE, "nearly", quiet, lane_gone_at=at)


def _each(name: str, first: Shape, second: Shape) -> dict[str, Shape]:
    """Return what two processes tell, by one lane."""
    return {
        f'{name}{{instance="{instance}",lane="a",by="{instance}"}}': shape
        for instance, shape in (("i1", first), ("i2", second))
    }


def _running_out() -> Iterator[Scene]:
    """Two hours at the rate of the last hour, for ten minutes."""
    alert, begin, rate = "BudgetRunningOut", 90 * MINUTE, 0.005
    at = begin + 10 * MINUTE

    def series(before: float, after: float, rate: float = rate) -> dict[str, Shape]:
        """Give what is spent as the seconds that are left."""
        return {
            SPENT: gauge((begin, BUDGET - before * rate), (2 * HOUR, BUDGET - after * rate)),
            LIMIT: gauge((4 * HOUR, BUDGET)),
            COST: counter((4 * HOUR, rate)),
        }

    fires: Fires = {at - STEP: (), at: ONE, at + 30 * MINUTE: ONE}
    quiet: Fires = {at: (), at + 30 * MINUTE: ()}
    base = Scene(Kind.FIRES, alert, "a bit less", series(4 * HOUR, 1.95 * HOUR), fires)
    yield base
    near = Scene(Kind.JUST_UNDER, alert, "a bit more", series(4 * HOUR, 2.05 * HOUR), quiet)
    yield near
    less, more = (BUDGET - left * HOUR * rate for left in (1.95, 4))
    raised = series(0, 0) | {SPENT: gauge((begin, more), (HOUR, less), (HOUR, more))}
    over: Fires = {begin + HOUR - STEP: ONE, begin + HOUR: ()}
    yield Scene(Kind.OTHER, alert, "more is left again", raised, over)
    unspent = {SPENT: gauge((4 * HOUR, 99)), LIMIT: gauge((4 * HOUR, BUDGET)), COST: counter((4 * HOUR, 0))}
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "nothing is spent now", unspent, quiet)
    yield Scene(Kind.OTHER, alert, "it is gone: that is another alert", series(4 * HOUR, -HOUR), quiet)
    burst = series(4 * HOUR, 4 * HOUR) | {SPENT: gauge((begin, 10), (9 * MINUTE, BUDGET - HOUR * rate), (2 * HOUR, 10))}
    yield Scene(Kind.OTHER, alert, "for less than ten minutes", burst, {at: ()})
    yield base.but(Kind.RESTART, "while it fires", {at: ONE, at + 2 * MINUTE: ONE}, restart_at=at + MINUTE)
    yield near.but(Kind.RESTART, "nearly", quiet, restart_at=begin)
    yield base.without_data(at - 5 * MINUTE, "before it fires", {at + 2 * HOUR: ()})
    left = gauge((begin, BUDGET - 4 * HOUR * rate), (2 * HOUR, BUDGET - 1.95 * HOUR * rate))
    limits = _each(LIMIT, gauge((4 * HOUR, BUDGET)), gauge((4 * HOUR, BUDGET / 2)))
    known = _each(SPENT, left, gauge((4 * HOUR, 0)))
    cost = {COST: counter((4 * HOUR, rate))}
    yield Scene(Kind.OTHER, alert, "one of two knows less, of both", limits | known | cost, fires)
    yield base.but(Kind.LANE_GONE, "before it fires", fires, lane_gone_at=begin + MINUTE)
    yield near.but(Kind.LANE_GONE, "nearly", quiet, lane_gone_at=begin + MINUTE)


def _any(alert: str, sample: str, labels: Labels, lasts: float) -> Iterator[Scene]:
    """Cases of an alert on a counter that should not grow at all, seen in windows of five minutes."""
    begin = 900.0
    at = begin + STEP + lasts
    fires: Fires = {at - STEP: (), at: (labels,)}
    quiet: Fires = {at: (), at + 10 * MINUTE: ()}
    base = Scene(Kind.FIRES, alert, "it grows", {sample: counter((begin, 0), (2 * HOUR, 0.01))}, fires)
    yield base
    # Of half a window ten of its nineteen intervals.
    much = {sample: counter((begin, 0), (2 * HOUR, 4))}
    yield Scene(Kind.OTHER, alert, "how much", much, {at: (labels,)}, amounts={begin + 150: 4 * 10 / 19})
    # The last two samples that differ are both within five minutes for all but one interval.
    over = {sample: counter((begin, 0), (HOUR, 0.01), (HOUR, 0))}
    end = begin + HOUR
    yield Scene(Kind.OTHER, alert, "it grows no more", over, {end + 270: (labels,), end + 285: ()})
    once = Scene(
        Kind.JUST_UNDER, alert, "it grew once", {sample: counter((begin, 0), (STEP, 0.1), (2 * HOUR, 0))}, quiet
    )
    yield once
    yield Scene(Kind.LITTLE_TRAFFIC, alert, "it has grown before", {sample: counter((2 * HOUR, 0))}, quiet)
    yield base.but(Kind.RESTART, "while it grows", {at: (labels,), at + HOUR: (labels,)}, restart_at=at + MINUTE)
    still = Scene(Kind.RESTART, alert, "it does not grow", {sample: counter((2 * HOUR, 0))}, quiet)
    yield still.but(Kind.RESTART, "it does not grow", quiet, restart_at=begin + 2 * MINUTE)
    yield base.without_data(begin + MINUTE, "before it fires", {at + 5 * MINUTE: ()})
    yield Scene(Kind.MISSING, alert, "nothing is told", {sample: counter((2 * HOUR, None))}, quiet)
    yield base.but(Kind.LANE_GONE, "while it grows", fires, lane_gone_at=begin + 2 * MINUTE)
    yield still.but(Kind.LANE_GONE, "it does not grow", quiet, lane_gone_at=begin + 2 * MINUTE)


def _unpriced() -> Iterator[Scene]:
    """Any call within an hour, for five minutes."""
    alert, begin, lasts = "LlmCallsUnpriced", 2 * HOUR, 5 * MINUTE
    calls = 'techsapo_llm_unpriced_calls_total{{provider="{}",model="new"}}'
    openai, anthropic = (calls.format(provider) for provider in ("openai", "anthropic"))
    labels: tuple[Labels, ...] = ({"provider": "openai", "model": "new"},)
    # Known by the sample after its growth.
    at = begin + STEP + lasts
    fires: Fires = {at - STEP: (), at: labels, begin + HOUR: labels, begin + HOUR + STEP: ()}
    halves = {"i1": 0.5, "i2": 0.5}
    once = counter((begin, 0), (STEP, 4 / STEP), (3 * HOUR, 0))
    amounts = {begin + STEP: 4.0, begin + HOUR - STEP: 4.0}
    base = Scene(Kind.FIRES, alert, "four calls", {openai: once}, fires, processes=halves, amounts=amounts)
    yield base
    another: Fires = {at: ({"provider": "anthropic", "model": "new"},)}
    yield Scene(Kind.OTHER, alert, "of another provider", {anthropic: once}, another)
    seldom = counter((begin, 0), *((STEP, 1 / STEP), (10 * MINUTE - STEP, 0)) * 12)
    often: Fires = {at: labels, begin + HOUR: labels, begin + 2 * HOUR - STEP: labels}
    yield Scene(Kind.OTHER, alert, "one every ten minutes", {openai: seldom}, often)
    born = {
        f'{openai[:-1]},instance="i1",lane="{lane}"}}': counter((begin, None), (3 * HOUR, 0), start=start)
        for lane, start in (("a", 5), ("b", 3))
    }
    after: Fires = {begin + lasts: labels, begin + HOUR - STEP: labels, begin + HOUR: ()}
    amounts = {begin: 5.0}
    yield Scene(Kind.OTHER, alert, "its first sample has counted already", born, after, amounts=amounts)
    nothing = {f'{openai[:-1]},instance="i1",lane="a"}}': counter((begin, None), (3 * HOUR, 0), start=0)}
    yield Scene(Kind.OTHER, alert, "its first sample has counted nothing", nothing, {begin + lasts: (), at: ()})
    away = {f'{openai[:-1]},instance="i1",lane="a"}}': counter((begin, 0), (40 * MINUTE, None), (2 * HOUR, 0))}
    back: Fires = {begin + number * MINUTE: () for number in range(45, 105, 3)}
    yield Scene(Kind.MISSING, alert, "for forty minutes", away, back)
    # Between two samples the one before counts: nothing is guessed.
    half, last = {openai: counter((begin - 30, 0), (30, 4 / 30), (3 * HOUR, 0))}, begin + HOUR - STEP
    ends: Fires = {last: labels, begin + HOUR: ()}
    seen = {last: 4.0}
    yield Scene(Kind.OTHER, alert, "seen every half a minute", half, ends, step=30, processes=halves, amounts=seen)
    still = Scene(Kind.LITTLE_TRAFFIC, alert, "it has counted before", {openai: counter((4 * HOUR, 0))}, {})
    quiet: Fires = {at: (), begin + HOUR: ()}
    yield still.but(Kind.LITTLE_TRAFFIC, still.says, quiet)
    yield still.but(Kind.RESTART, still.says, quiet, restart_at=begin)
    yield still.but(Kind.LANE_GONE, still.says, quiet, lane_gone_at=begin)
    hour_ago: Fires = {begin + HOUR + STEP: (), begin + HOUR + MINUTE: ()}
    yield Scene(Kind.JUST_UNDER, alert, "an hour ago", {openai: once}, hour_ago)
    after = {at: labels, begin + HOUR / 2: labels}
    alone = Scene(Kind.RESTART, alert, "after it has counted", {openai: once}, {}, processes={"i1": 1.0})
    yield alone.but(Kind.RESTART, alone.says, after, restart_at=begin + 2 * MINUTE)
    yield alone.but(Kind.LANE_GONE, alone.says, after, lane_gone_at=begin + 2 * MINUTE)
    yield alone.but(Kind.LANE_GONE, "before it counts", after, lane_gone_at=begin)
    yield Scene(Kind.MISSING, alert, "nothing is told", {openai: counter((4 * HOUR, None))}, quiet)
    # Old calls, of which a lane told nothing for a while, are no new ones an hour later.
    old = {
        f'{openai[:-1]},instance="i1",lane="{lane}"}}': shape
        for lane, shape in (
            ("a", counter((4 * HOUR, 0), start=7)),
            ("b", counter((begin, 0), (10 * MINUTE, None), (2 * HOUR, 0), start=7)),
        )
    }
    later: Fires = {begin + HOUR + number * MINUTE: () for number in range(20)}
    yield Scene(Kind.LANE_GONE, alert, "and back, of old calls", old, later)


def scenes() -> Iterator[Scene]:
    """Give all of them."""
    yield from _spent()
    yield from _running_out()
    yield from _nothing_left()
    yield from _unpriced()
    overflow = 'techsapo_telemetry_overflow_total{metric="m"}'
    yield from _any("CardinalityOverflow", overflow, {"metric": "m"}, 900)
    collector = 'otelcol_processor_techsapo_policy_overflow_points{job="collector",instance="c1:8888",metric="m"}'
    yield from _any("CardinalityOverflow", collector, {"job": "collector", "metric": "m"}, 900)
    # What one Collector meets the other one meets as well.
    two = {collector.replace("c1", name): counter((900, 0), (2 * HOUR, rate)) for name, rate in (("c1", 4), ("c2", 2))}
    told: Fires = {HOUR: ({"job": "collector", "metric": "m"},)}
    amounts = {900 + 150.0: 4 * 10 / 19}
    yield Scene(Kind.OTHER, "CardinalityOverflow", "in two Collectors", two, told, amounts=amounts)
