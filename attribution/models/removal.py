"""Removal effects of sets of channels and of sequences of channels: what a chain of journeys loses without them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.chains import Steps, chain_of
from attribution.models.markov import effects_of

Removed = Sequence[str | tuple[str, ...]]
"""Channels that are removed together, or sequences of them; a name alone is one channel."""


def removal_effects(
    journeys: Journeys, of: Removed | None = None, order: int = 1, *, sequences: bool = False
) -> xr.Dataset:
    """The part of a chain's conversions, and of its value, that is lost where channels lead nowhere, by `of`.

    Each of `of` (default: every channel by itself) is a set of channels: every state that holds one of them is sent to
    no conversion. With `sequences` it is a sequence, and every state that holds these channels in this order, one
    directly after the other, is: for that a state must have room, so the order of the chain is at least the length of
    the longest. What is found is labelled `search + mail`, or `search > mail`. Of one channel it is the removal effect
    of Anderl and others (2016), as in `Markov`; effects overlap, so they do not add up. Raises ValueError for names
    that are no channel, and for a sequence longer than a state.
    """
    asked = _asked(journeys.channels if of is None else of, journeys.channels, sequences)
    longest = max(map(len, asked.values()), default=0)
    if order < 1:
        raise ValueError(f"removal_effects: order {order}; it is at least 1")
    if sequences and longest > order:
        raise ValueError(
            f"removal_effects: a sequence of {longest} channels in a chain of order {order}, whose states hold "
            f"{order}; say order={longest} or more"
        )
    p_conversion, conversions, value = 0.0, *np.zeros((2, len(asked)))
    if (journeys.converted + journeys.lost)[np.diff(journeys.offsets) > 0].any():
        chain = chain_of(journeys, order)
        p_conversion, conversions, value = effects_of(chain, _states(chain.steps, list(asked.values()), sequences))
    return _dataset(list(asked), conversions, value, {"order": order, "p_conversion": p_conversion})


def _dataset(labels: list[str], conversions: Reals, value: Reals, about: dict[str, float]) -> xr.Dataset:
    says = "lost by the chain where these channels lead nowhere; effects overlap"
    return xr.Dataset(
        {
            "removal_effect": ("of", conversions, {"units": "1", "long_name": f"part of conversions {says}"}),
            "removal_effect_value": ("of", value, {"units": "1", "long_name": f"part of value {says}"}),
        },
        {"of": np.array(labels, dtype=object)},
        about,
    )


def _asked(of: Removed, channels: tuple[str, ...], sequences: bool) -> dict[str, tuple[int, ...]]:
    """Codes of channels by label. Raises ValueError where there are none, or names that nobody knows."""
    if isinstance(of, str):
        raise ValueError(f"removal_effects: of is the text {of!r}; give a list, [{of!r}]")
    codes, found = {name: code for code, name in enumerate(channels)}, {}
    for each in of:
        names = (each,) if isinstance(each, str) else tuple(each)
        unknown = [name for name in names if name not in codes]
        if unknown or not names:
            what = f"no channel {', '.join(map(repr, unknown))}" if unknown else "an empty tuple in of"
            raise ValueError(f"removal_effects: {what}; known are {', '.join(channels)}")
        label = (" > " if sequences else " + ").join(names)
        if label in found:
            raise ValueError(f"removal_effects: {label} is there twice; ask once")
        found[label] = tuple(codes[name] for name in names)
    return found


def _states(steps: Steps, asked: list[tuple[int, ...]], sequences: bool) -> NDArray[np.bool_]:
    """Whether a state is removed, by state and what is asked."""
    out = np.zeros((steps.n, len(asked)), bool)
    for at, codes in enumerate(asked):
        out[:, at] = _in_a_row(steps, codes) if sequences else steps.holds[:, list(codes)].any(1)
    return out


def _in_a_row(steps: Steps, codes: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether a state holds channels directly one after the other: their digits somewhere among its digits."""
    base, wanted, out = steps.n_channels + 1, 0, np.zeros(steps.n, bool)
    for code in codes:
        wanted = wanted * base + code + 1
    rest: Ints = steps.number.copy()
    for _ in range(steps.order - len(codes) + 1):
        out |= rest % base ** len(codes) == wanted
        rest //= base
    return out
