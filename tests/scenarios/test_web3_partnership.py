"""scenarios/web3_partnership.yaml: the community follows the equation of a birth and death process with immigration."""

from __future__ import annotations

import math
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from theory.evidence import agree

import funnelsim as fs

STAY: Final = 70.0  # days
GAIN: Final = 5 / 100 / 7 * STAY  # whom a member invites while there
RATE: Final = 10.0  # newcomers a day, but for these spans
START: Final = datetime(2026, 1, 5)
SPANS: Final = [("2027-04-05", 182, 0.4), ("2028-01-03", 140, 2.5), ("2028-02-07", 7, 4.0)]

ALONE: dict[str, Any] = {  # nobody is handed over: who is there stays an exponential time
    "stages.community.handoff": {"score": {"at_least": 10_000, "to": "intro"}},
    "channels.talks.on": False,
}


def newcomers(day: float) -> float:
    """Those who come by themselves, a day."""
    rate = RATE
    for begin, days, times in SPANS:
        since = (datetime.fromisoformat(begin) - START).days
        rate *= times if since <= day < since + days else 1.0
    return rate


def members(days: int, gain: float) -> NDArray[np.float64]:
    """Mean members on each day, by n' = newcomers - n (1 - gain) / stay; newcomers are constant for a day."""
    fall = (1 - gain) / STAY
    numbers, averages = 0.0, []
    for day in range(days):
        level = newcomers(day) / fall
        averages.append(level + (numbers - level) * (1 - np.exp(-fall)) / fall)
        numbers = level + (numbers - level) * float(np.exp(-fall))
    return np.array(averages)


def by_month(ds: xr.Dataset, gain: float) -> NDArray[np.float64]:
    """The mean number of members in each month of the results."""
    begins = np.append(ds["bucket"].values, np.datetime64(ds.attrs["measured_until"], "ns"))
    days = ((begins - np.datetime64(START, "ns")) / np.timedelta64(1, "D")).astype(int)
    daily = members(days[-1], gain)
    return np.array([daily[a:b].mean() for a, b in pairwise(days)])


def simulated(changes: dict[str, Any], replications: int, seed: int) -> xr.Dataset:
    return fs.simulate(fs.load("web3_partnership", changes), replications=replications, seed=seed)


def community(ds: xr.Dataset) -> xr.DataArray:
    return ds["work_in_process"].sel(stage="community")


@pytest.mark.parametrize("gain", [GAIN, 0.0])
def test_the_community_follows_the_market_as_its_equation_says(gain: float) -> None:
    ds = simulated({**ALONE, "channels.invites.on": gain > 0}, 100, 681)
    wanted = by_month(ds, gain)
    months = ds["bucket"].dt.strftime("%Y-%m").values.tolist()
    for month in ("2027-03", "2027-09", "2028-05", "2028-12"):
        at = months.index(month)
        agree(f"{month}, gain {gain:g}", community(ds).isel(bucket=at).values, wanted[at], wrong=1.05 * wanted[at])
    agree("over both years", community(ds).mean("bucket").values, wanted.mean())
    bear, bull = wanted[months.index("2027-09")], wanted[months.index("2028-05")]
    assert bull > 3 * bear


def test_contagion_doubles_a_community_in_a_steady_market() -> None:
    """1 / (1 - gain), the mean total progeny of a member (Harris 1963, chapter I), once the first year is over."""
    calm: dict[str, Any] = {**ALONE, "channels.twitter.arrivals.pulses": []}
    on, off = (simulated({**calm, "channels.invites.on": value}, 60, 682) for value in (True, False))
    late = slice(12, None)
    found = community(on).isel(bucket=late).mean("bucket") / community(off).isel(bucket=late).mean().item()
    agree("members, over those without invitations", found.values, 1 / (1 - GAIN))
    agree("gain of the loop", invited_each(on), GAIN)


def invited_each(ds: xr.Dataset) -> NDArray[np.float64]:
    """Invitations taken, over the members' days there in stays."""
    measured = np.datetime64(ds.attrs["measured_until"]) - np.datetime64(ds.attrs["measured_from"])
    days = measured / np.timedelta64(1, "D")
    there = ds["work_in_process_mean"].sel(stage="community").values * days / STAY
    return np.asarray(ds["referrals"].sum(["bucket", "channel"]).values / there)


def test_the_sal_turns_members_away_and_lets_funds_through() -> None:
    """The shares that its log-odds say, intent left out of it: 1 / (1 + e^3) of members, 1 / (1 + e^-2.1) of funds."""
    ds = simulated({"stages.intro.exits.diligence.intent": 0}, 30, 683)
    asked, passed = (ds["entries_by"].sel(stage=stage).sum("channel") for stage in ("intro", "diligence"))
    for segment, logit in (("member", -3.0), ("fund", 3 * 1.7 - 3.0)):
        share = (passed / asked).sel(segment=segment).values
        agree(segment, share, logistic(logit), wrong=logistic(logit + 0.3))


def logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
