"""scenarios/market_readiness.yaml drifts as a Markov chain in continuous time: the matrix exponential says where."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.linalg import expm
from theory.evidence import agree

import funnelsim as fs

STATES = ["not_ready", "ready", "looking"]
ACCOUNTS, FOUNDED = 10_000, 3 / 7  # at the start; a day
TALKS = 1 / (1 + math.exp(2.5))  # of those who end to look, where no article was read
MIX = np.array([0.57, 0.40, 0.03])
SILENT = {"channels.articles.on": False}


def generator() -> NDArray[np.float64]:
    """Rates a day from state to state; the rows lack what leaves for a talk, and does not come back."""
    return np.array(
        [
            [-1 / 240, 1 / 240, 0],
            [0.75 / 150, -1 / 150, 0.25 / 150],
            [(1 - TALKS) * 0.55 / 45, (1 - TALKS) * 0.45 / 45, -1 / 45],
        ]
    )


def numbers(days: float, mix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected accounts in each state after so many days: n' = n Q + b, solved with b as a state of its own."""
    whole = np.zeros((4, 4))
    whole[:3, :3] = generator()
    whole[3, :3] = FOUNDED * mix
    begin = np.array([*(ACCOUNTS * mix), 1.0])
    return np.asarray(begin @ expm(whole * days))[:3]


def averages(edges: NDArray[np.float64], mix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of those numbers between each edge and the next, by Simpson's rule in ten steps."""
    weights = np.array([1, *[4, 2] * 4, 4, 1]) / 30
    return np.array([weights @ [numbers(t, mix) for t in np.linspace(*span, 11)] for span in pairwise(edges)])


def simulated(changes: dict[str, Any], replications: int, seed: int) -> xr.Dataset:
    return fs.simulate(fs.load("market_readiness", {**SILENT, **changes}), replications=replications, seed=seed)


def edges_of(ds: xr.Dataset) -> NDArray[np.float64]:
    """Days from the start to the beginning of each month, and to the end."""
    begins = np.append(ds["bucket"].values, np.datetime64(ds.attrs["measured_until"], "ns"))
    return np.asarray((begins - begins[0]) / np.timedelta64(1, "D"))


@pytest.fixture(scope="module")
def usual() -> xr.Dataset:
    return simulated({}, 60, 671)


def test_the_mix_stays_while_the_accounts_change_places(usual: xr.Dataset) -> None:
    """Rates were chosen so that the mix of the source is nearly the stationary one."""
    edges = edges_of(usual)
    wanted = np.average(averages(edges, MIX), axis=0, weights=np.diff(edges))
    assert wanted / wanted.sum() == pytest.approx(MIX, abs=0.002)
    for state, number in zip(STATES, wanted, strict=True):
        agree(state, usual["work_in_process_mean"].sel(stage=state).values, number)
    moves = usual["entries"].sel(stage="looking").sum("bucket").mean().item()
    print(f"{moves:.0f} accounts began to look in two years, of 300 at a time")
    assert moves > 10 * 300


def test_a_market_in_which_nobody_is_ready_drifts_as_the_matrix_exponential_says() -> None:
    """The way to the mix: month by month, far from it at first."""
    cold = np.array([1.0, 0.0, 0.0])
    ds = simulated({"stages.account.exits": {"not_ready": "100%"}}, 160, 672)
    wanted = averages(edges_of(ds), cold)
    for month in (5, 11, 23):
        for at, state in enumerate(STATES):
            found = ds["work_in_process"].sel(stage=state).isel(bucket=month).values
            agree(f"{state}, month {month + 1}", found, wanted[month, at])
    assert wanted[5, 2] < 0.7 * wanted[23, 2]


def test_without_drift_those_who_look_are_soon_gone() -> None:
    """Negative control: the 3% of the first day are 3% of no later one."""
    still = simulated({"stages.not_ready.duration": "5000 d", "stages.ready.duration": "5000 d"}, 5, 673)
    shares = still["work_in_process"].sel(stage="looking") / still["work_in_process"].sum("stage")
    assert (shares.isel(bucket=0) > 0.01).all()
    assert (shares.isel(bucket=slice(6, None)) < 0.001).all()


def test_articles_change_who_is_asked_and_not_who_looks(usual: xr.Dataset) -> None:
    """A touch adds to intent, and intent decides only whom an account that looks will ask."""
    read, silent = simulated({"channels.articles.on": True}, 12, 671), usual.isel(replication=slice(12))
    talks = read["entries"].sel(stage="talk").sum("bucket") / silent["entries"].sel(stage="talk").sum("bucket")
    looking = read["work_in_process_mean"].sel(stage="looking") / silent["work_in_process_mean"].sel(stage="looking")
    print(f"with articles: talks {talks.mean().item():.2f} times, looking {looking.mean().item():.3f} times")
    assert (talks > 1.15).all()
    assert looking.mean().item() == pytest.approx(1, abs=0.02)
