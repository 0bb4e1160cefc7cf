"""The transition matrix of a chain of journeys: from which state they go to which, with names."""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr

from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.chains import Chain, chain_of

ENDS: Final = ("(start)", "(conversion)", "(null)")
"""States that are no windows of channels; the last two are never left."""
MOST: Final = 5000
"""States of a matrix, which then has 200 MB."""


def transitions(journeys: Journeys, order: int = 1) -> xr.DataArray:
    """Probabilities of steps from `origin` to `target` in the chain of an order, as `Markov` solves it.

    States are (start), (conversion), (null), then windows of up to `order` touches in alphabetical order, as `search >
    mail`. A step from a window to itself is none, so the probabilities are of those that leave it; rows add up to 1.
    Raises ValueError where no journey has a touch, or where there are more states than a matrix can have.
    """
    if order < 1:
        raise ValueError(f"transitions: order {order}; it is at least 1")
    if not (journeys.converted + journeys.lost)[np.diff(journeys.offsets) > 0].any():
        raise ValueError("transitions: no journey has a touch; a chain is made of touches")
    chain = chain_of(journeys, order)
    if chain.steps.n > MOST:
        raise ValueError(
            f"transitions: {chain.steps.n:,} states of order {order}, and a matrix holds {MOST:,}; take a lower order"
        )
    windows = [channels_of(chain, state, journeys.channels) for state in range(chain.steps.n)]
    shown = sorted(range(len(windows)), key=windows.__getitem__)
    p = step_matrix(chain, np.array(shown, np.int64))
    p[[1, 2], [1, 2]] = 1.0
    names = np.array([*ENDS, *(" > ".join(windows[state]) for state in shown)], dtype=object)
    about = {"units": "1", "long_name": "probability of the next step", "order": order}
    return xr.DataArray(p, {"origin": names, "target": names}, ("origin", "target"), "transitions", about)


def step_matrix(chain: Chain, shown: Ints) -> Reals:
    """Probabilities of steps among the start, the conversion, no conversion, and then the states that are `shown`."""
    steps = chain.steps
    place = np.full(steps.n, -1)
    place[shown] = np.arange(3, 3 + shown.size)
    origin, target = place[steps.frm], place[steps.to]
    kept = (origin >= 0) & (target >= 0)
    p = np.zeros((3 + shown.size, 3 + shown.size))
    p[0, 3:] = chain.start[shown]
    p[origin[kept], target[kept]] = chain.p[kept]
    p[3:, 1] = chain.converts[shown]
    goes_on = np.bincount(steps.frm, chain.p, steps.n)
    p[3:, 2] = np.maximum(0.0, 1.0 - chain.converts - goes_on)[shown]
    return p


def channels_of(chain: Chain, state: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """The channels of a state, the latest last, from its number."""
    found: list[str] = []
    number = int(chain.steps.number[state])
    while number:
        number, digit = divmod(number, len(names) + 1)
        found.insert(0, names[digit - 1])
    return tuple(found)
