"""Games of fitted models: how many journeys would convert, as the model has it, with some channels' touches alone.

A model is fitted once, to all journeys; what a set of channels is worth is asked of the parameters that it tells in
`details`. Journeys stay those that were seen: a conversion ended them, and touches that it kept away stay away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from attribution.jit import kernel
from attribution.journeys.ragged import DAY_US, Ints, Journeys, Reals
from attribution.models.additive_hazard import AdditiveHazard
from attribution.models.causal_hazard import CausalHazard
from attribution.models.credit import Credit, CreditModel
from attribution.models.hazard import person_time
from attribution.models.logistic import BaggedLogistic, sight_of

DAYS: Final = 1.0 / DAY_US
"""Days in a microsecond."""
FittedGame = Callable[[frozenset[str]], float]
"""How many journeys are expected to convert if only touches of these channels count."""


def game_of(
    model: CreditModel, journeys: Journeys, credit: Credit | None = None, *, expected: bool = False
) -> FittedGame:
    """What sets of channels are worth by a model fitted to journeys; for `ShapleyGame(game_of(model, journeys))`.

    It is the sum over journeys of the chance that they convert, touches of other channels taken away. By
    `BaggedLogistic(bags=0)`: the fitted chance, of channels (or counts of touches). By `AdditiveHazard` and
    `CausalHazard`: 1 - exp(-the rate added up) from the first touch to `until`; the first touch starts the clock even
    where it is taken away. With `expected`, hazards are added up over the time at risk, to the conversion where there
    was one: conversions expected of the exposure that there was, which at the maximum are the credits. `credit` is what
    the model found of these journeys, if that is at hand. Raises ValueError for other models, and for bags: the mean
    of fits of different channels foresees nothing.
    """
    if not isinstance(model, BaggedLogistic | AdditiveHazard | CausalHazard):
        raise ValueError(
            f"game_of: {model.label} foresees no conversions; known are bagged_logistic, additive_hazard, causal_hazard"
        )
    if isinstance(model, BaggedLogistic) and model.bags:
        raise ValueError(f"game_of: bagged_logistic of {model.bags} bags is no one fit; say bags=0, one of everything")
    if isinstance(model, BaggedLogistic) and expected:
        raise ValueError("game_of: bagged_logistic knows no time at risk; leave expected out")
    about = (model.credit(journeys) if credit is None else credit).details
    codes = {name: code for code, name in enumerate(journeys.channels)}
    converts = (
        _by_odds(model, about, journeys)
        if isinstance(model, BaggedLogistic)
        else _by_rate(model, about, journeys, expected)
    )

    def worth(names: frozenset[str]) -> float:
        unknown = sorted(names - codes.keys())
        if unknown:
            raise ValueError(f"game_of: no channel {', '.join(unknown)}; known are {', '.join(journeys.channels)}")
        kept = np.zeros(len(codes), np.bool_)
        kept[[codes[name] for name in names]] = True
        return converts(kept)

    return worth


def _by_odds(model: BaggedLogistic, about: Any, journeys: Journeys) -> Callable[[Any], float]:
    """Journeys of one pattern are asked once."""
    sight = sight_of(journeys, model.counts)
    (times,) = sight.summed(journeys.converted + journeys.lost)
    odds = sight.seen * np.nan_to_num(about["coefficients"])

    def converts(kept: Any) -> float:
        return float(times @ (0.5 + 0.5 * np.tanh(0.5 * (about["intercept"] + odds @ kept))))

    return converts


def _by_rate(
    model: AdditiveHazard | CausalHazard, about: Any, journeys: Journeys, expected: bool
) -> Callable[[Any], float]:
    person, n = person_time(journeys, model.until, model.label), len(journeys.channels)
    beta, omega = np.asarray(about["beta"]), np.nan_to_num(about["omega"])
    base, factor = float(about.get("baseline", 0.0)), np.asarray(about.get("factor", np.ones((n, n))))
    until: Ints = person.censored

    def converts(kept: Any) -> float:
        def added_up(ends: Ints) -> Reals:
            out = np.zeros(journeys.n)
            _add_up(person.offsets, person.time, journeys.channel, ends, kept, beta, omega, factor, base, out)
            return out

        if expected:
            return float(person.converted @ added_up(person.end) + person.lost @ added_up(until))
        return float((person.converted + person.lost) @ -np.expm1(-added_up(until)))

    return converts


@kernel
def _add_up(offsets, time, channel, ends, kept, beta, omega, factor, base, out):
    """The rate of each journey, added up to its end; a touch that is taken away changes no later one."""
    met = np.zeros(kept.size, np.bool_)
    for j in range(out.size):
        begin, stop = offsets[j], offsets[j + 1]
        if begin == stop:
            continue
        met[:], first = False, ends[j]
        for at in range(begin, stop):
            first = min(first, time[at])
            c = channel[at]
            if kept[c]:
                strength = beta[c]
                # The factor of a channel on itself is 1.
                for other in range(kept.size):
                    if met[other]:
                        strength *= factor[other, c]
                out[j] -= strength * np.expm1(-omega[c] * ((ends[j] - time[at]) * DAYS))
                met[c] = True
        out[j] += base * ((ends[j] - first) * DAYS)
