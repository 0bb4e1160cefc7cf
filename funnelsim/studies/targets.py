"""A target: an amount of revenue by a day, and the chance of reaching it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.moments import moment
from funnelsim.scenario.refusal import Refusal
from funnelsim.scenario.sums import sum_of_money


@dataclass(frozen=True)
class Target:
    """An amount that is to be reached before an instant, the end of a day."""

    amount: float
    before: datetime

    @property
    def day(self) -> date:
        """The last day."""
        return (self.before - timedelta(seconds=1)).date()


@dataclass(frozen=True)
class Chance:
    """A share of runs with its interval."""

    value: float
    low: float
    high: float


def target_of(amount: object, by: str | date | None, currency: str, first: datetime, end: datetime) -> Target | None:
    """What is asked for, within the measured time; raises ScenarioError with the way out."""
    if amount is None:
        if by is not None:
            raise _problem("by", str(by), "a day without a target", "write --target 4M as well")
        return None
    try:
        wanted = sum_of_money(amount, currency)
    except Refusal as refusal:
        raise _problem("target", str(amount), refusal.rule or refusal.found, refusal.remedy) from None
    if by is None:
        return Target(wanted, end)
    try:
        before = datetime.combine(moment(by).date(), time()) + timedelta(days=1)
    except Refusal as refusal:
        raise _problem("by", str(by), refusal.rule, "write 2026-12-31") from None
    if before <= first:
        rule = f"it lies before the first day of the forecast, {first:%Y-%m-%d}"
        raise _problem("by", str(by), rule, f"name a day until {end - timedelta(seconds=1):%Y-%m-%d}")
    if before > end:
        months = (before.year - first.year) * 12 + before.month - first.month + (before.day > first.day)
        rule = f"it lies beyond the last day of the forecast, {end - timedelta(seconds=1):%Y-%m-%d}"
        raise _problem("by", str(by), rule, f"write --horizon '{months} mo', or an earlier day")
    return Target(wanted, before)


def chance(reached: NDArray[np.bool_], level: float = 0.95) -> Chance:
    """The share of runs, by draw and replication, that reached something, with its Wilson (1927) interval.

    Replications of one draw have their assumptions in common and say less than as many draws: their number is divided
    by Kish's (1965) design effect; where all agree, each draw counts once.
    """
    n, each = reached.shape
    share = float(reached.mean())
    means = reached.mean(axis=1)
    size = float(reached.size)
    if n > 1 and each > 1:
        between, within = each * means.var(ddof=1), (means * (1 - means)).sum() * each / (n * (each - 1))
        alike = 1.0 if between + within == 0.0 else max(0.0, (between - within) / (between + (each - 1) * within))
        size /= 1.0 + (each - 1) * alike
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * np.sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2)
    return Chance(share, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def _problem(key: str, value: str, rule: str, remedy: str) -> ScenarioError:
    return ScenarioError([Problem(f"--{key}", None, value, rule, "", remedy)])
