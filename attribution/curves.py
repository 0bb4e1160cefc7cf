"""What pictures of credit and journeys show, computed first and drawn after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from attribution.journeys.ragged import DAY_US, Journeys, Reals
from attribution.models.chains import chain_of
from attribution.models.transition_matrix import channels_of, step_matrix


def ranks(credits: xr.Dataset) -> xr.Dataset:
    """The `rank` of channels by model, from 1 for the largest share, and whether it is `tied` with another.

    Tied channels keep the order that they have by their mean share, so that ranks are all different. Models that credit
    nothing rank nobody: they are not in it.
    """
    share = credits["share"].transpose("model", "channel")
    shown = share.isel(model=abs(share.values).sum(axis=1) > 0)
    values = np.round(shown.values, 12)
    by_mean = np.argsort(-share.values.mean(axis=0), kind="stable") if share.sizes["model"] else np.arange(0)
    rank, tied = np.empty(values.shape, np.int64), np.empty(values.shape, np.bool_)
    for model, row in enumerate(values):
        rank[model, by_mean[np.argsort(-row[by_mean], kind="stable")]] = np.arange(1, row.size + 1)
        _, at, sizes = np.unique(row, return_inverse=True, return_counts=True)
        tied[model] = sizes[at] > 1
    dims = ("model", "channel")
    return xr.Dataset(
        {"rank": (dims, rank, {"units": "1", "long_name": "rank by share"}), "tied": (dims, tied)},
        {"model": shown["model"].values, "channel": shown["channel"].values},
    )


def path_lengths(journeys: Journeys) -> xr.Dataset:
    """How many journeys of each number of `touches` `converted`, and how many were `lost`."""
    sizes = np.diff(journeys.offsets)
    longest = int(sizes.max(initial=0))
    counts = {
        name: ("touches", np.bincount(sizes, weights, longest + 1), {"units": "journeys"})
        for name, weights in (("converted", journeys.converted), ("lost", journeys.lost))
    }
    about = {"units": "touches", "long_name": "touches of the journey"}
    return xr.Dataset(counts, {"touches": ("touches", np.arange(longest + 1), about)})


def conversion_times(journeys: Journeys) -> xr.Dataset:
    """The part of all conversions that was there (`by_then`) some `days` after the first touch, in rising order.

    Raises ValueError where journeys know only the order of touches.
    """
    if journeys.time is None or journeys.end is None:
        raise ValueError("time to conversion: it needs the times of touches; these journeys know only their order")
    used = (journeys.converted > 0) & (np.diff(journeys.offsets) > 0)
    days = (journeys.end[used] - journeys.time[journeys.offsets[:-1][used]]) / DAY_US
    distinct, at = np.unique(days, return_inverse=True)
    counts = np.bincount(at, journeys.converted[used], distinct.size)
    by_then = np.cumsum(counts) / max(counts.sum(), 1.0)
    return xr.Dataset(
        {"by_then": ("days", by_then, {"units": "1", "long_name": "part of all conversions"})},
        {"days": ("days", distinct, {"units": "days", "long_name": "time from the first touch to the conversion"})},
        {"conversions": float(counts.sum())},
    )


@dataclass(frozen=True)
class Graph:
    """The nodes of a chain of channels, and the probabilities of steps between the most visited of them.

    Nodes are the start, the conversion, the lost, then states, the most visited first; each state is a tuple of
    channels, the latest last.
    """

    states: tuple[tuple[str, ...], ...]
    p: Reals
    """By origin and target, over the nodes."""
    visits: Reals
    """Expected number of visits of a journey, by state."""
    n_states: int
    """All states, those that are not here too."""


def steps_of(journeys: Journeys, order: int = 1, most: int = 10) -> Graph:
    """The steps between the `most` states that journeys visit most often, in the chain of an order."""
    if not (journeys.converted + journeys.lost)[np.diff(journeys.offsets) > 0].any():
        return Graph((), np.zeros((3, 3)), np.zeros(0), 0)
    chain = chain_of(journeys, order)
    visits = chain.first_at(np.zeros((chain.steps.n, 1), bool), 1e-6)[:, 0]
    shown = np.argsort(-visits, kind="stable")[:most]
    states = tuple(channels_of(chain, int(state), journeys.channels) for state in shown)
    return Graph(states, step_matrix(chain, shown), visits[shown], visits.size)


def most_of(counts: NDArray[np.float64], part: float) -> int:
    """The first place up to which lies a part of all that is counted; 0 where there is nothing."""
    total = counts.sum()
    return int(np.searchsorted(np.cumsum(counts), part * total)) if total > 0 else 0
