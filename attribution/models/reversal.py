"""Which journeys of a chain met a channel, told backwards from where they ended: removal for many draws at once.

In a chain that was counted from journeys, a visit to a state came from an earlier state as often as journeys moved so.
So the chance `met` that a visit has met a channel before, or meets it, is 1 in states that hold it, and elsewhere the
mean of `met` over the states that a visit came from, by counts: 0 for journeys that start there. Conversions whose
journey met a channel, `converts @ met`, are what is lost without it: the removal effect as chains.py has it, for all
counts of one chain from the same equations, conversions and value alike.

Solved by sweeps of Gauss and Seidel in single precision, from what the journeys' own counts came to. What is read off
is corrected to first order by the residual, weighed with what it is worth in the journeys' own chain (`toward`): then
errors of both multiply. It knows lanes of counts, and nothing of paths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.jit import in_lanes, kernel
from attribution.journeys.ragged import Reals
from attribution.models.credit import LANES
from attribution.models.walks import Counts, Windows

DRAWN: Final = 1e-6
"""How near, relative, the effects of drawn counts come, by estimate; a few times that where it was measured. The end of
an interval of 200 draws is itself unsure by a seventh of a standard deviation: a ten-thousandth of a credit at best."""
SINGLE, DOUBLE = 40, 20_000
"""Rounds in single precision, then in double, before a chain is given up."""
GUESS: Final = 1e-3
"""How steady the chain of the journeys themselves must be, which draws begin from."""
TINY: Final = 1e-300


@dataclass(frozen=True)
class Reversal:
    """What draws of one chain begin from: `met`, by channel and state, and where it leads `toward`, conversion and
    value, by these two, channel and state."""

    windows: Windows
    met: NDArray[np.float32]
    toward: NDArray[np.float32]

    @classmethod
    def of(cls, windows: Windows, counts: Counts) -> Reversal:
        """That of the journeys themselves, whose counts are in every lane."""
        holds, chain = windows.steps.holds, windows.chains(counts)[0]
        visits = _by_step(windows, counts)[1][:, :1]
        first = chain.first_at(holds, GUESS) * counts.starts[:, 0].sum()
        without = np.divide(first, visits, out=np.zeros(first.shape), where=visits > 0)
        met = np.where(holds, 1.0, np.clip(1.0 - without, 0.0, 1.0))
        toward = np.stack([each.T for each in chain.leads_without(holds, GUESS)])
        return cls(windows, *(np.ascontiguousarray(each, np.float32) for each in (met.T, toward)))

    def lost(self, counts: Counts) -> Reals:
        """Conversions and value whose journeys met a channel, by these two, lane and channel.

        Raises ArithmeticError if a chain does not come to rest.
        """
        steps, (shares, visits) = self.windows.steps, _by_step(self.windows, counts)
        begins, _, origin = steps.inwards
        out = np.empty((2, self.met.shape[0], LANES))
        for precision, rounds in ((np.float32, SINGLE), (np.float64, DOUBLE)):
            lanes = (np.asarray(each, precision) for each in (shares, visits, counts.converts, counts.worth))
            if _lost(begins, origin.astype(np.uint32), *lanes, self.met, self.toward, steps.holds, DRAWN, rounds, out):
                return out.transpose(0, 2, 1)
        raise ArithmeticError(f"a drawn chain of order {steps.order} had not come to rest after {DOUBLE:,} rounds")


def _by_step(windows: Windows, counts: Counts) -> tuple[Reals, Reals]:
    """By step in the order of where it ends, the share of visits there that came by it; by state, visits."""
    begins, order, _ = windows.steps.inwards
    shares, visits = np.empty((order.size, counts.starts.shape[1])), np.empty(counts.starts.shape)
    _chances(begins, windows.real[order], counts.moves, counts.starts, visits, shares)
    return shares, visits


@in_lanes
def _eight(row):
    return row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]


@in_lanes
def _plus(x, row):
    """Lanes, and those of a row added to them."""
    a, b, c, d = x[0] + row[0], x[1] + row[1], x[2] + row[2], x[3] + row[3]
    return a, b, c, d, x[4] + row[4], x[5] + row[5], x[6] + row[6], x[7] + row[7]


@in_lanes
def _plus_times(x, p, m):
    """Lanes, and the products of two rows added to them."""
    a, b, c, d = x[0] + p[0] * m[0], x[1] + p[1] * m[1], x[2] + p[2] * m[2], x[3] + p[3] * m[3]
    return a, b, c, d, x[4] + p[4] * m[4], x[5] + p[5] * m[5], x[6] + p[6] * m[6], x[7] + p[7] * m[7]


@in_lanes
def _times(p, m):
    a, b, c, d = p[0] * m[0], p[1] * m[1], p[2] * m[2], p[3] * m[3]
    return a, b, c, d, p[4] * m[4], p[5] * m[5], p[6] * m[6], p[7] * m[7]


@in_lanes
def _put(row, x):
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = x


@in_lanes
def _chances(begins, gram, moves, starts, visits, shares):
    """By state and lane, how many visits; by step into it, the share of them that came that way."""
    for s in range(starts.shape[0]):
        total = _eight(starts[s])
        for at in range(begins[s], begins[s + 1]):
            total = _plus(total, moves[gram[at]])
        _put(visits[s], total)
        # Where nobody comes nothing is shared out.
        a, b, c, d = 1 / max(total[0], TINY), 1 / max(total[1], TINY), 1 / max(total[2], TINY), 1 / max(total[3], TINY)
        e, f, g, h = 1 / max(total[4], TINY), 1 / max(total[5], TINY), 1 / max(total[6], TINY), 1 / max(total[7], TINY)
        for at in range(begins[s], begins[s + 1]):
            _put(shares[at], _times(moves[gram[at]], (a, b, c, d, e, f, g, h)))


@in_lanes
def _sweep(begins, origin, shares, held, met, back):
    """Work out `met` anew, state by state, but where the channel is held or no step leads to."""
    n = held.size
    for place in range(n):
        s = n - 1 - place if back else place
        first, after = begins[s], begins[s + 1]
        if held[s] or first == after:
            continue
        now = _times(shares[first], met[origin[first]])
        for at in range(first + 1, after):
            now = _plus_times(now, shares[at], met[origin[at]])
        _put(met[s], now)


@in_lanes
def _read_off(begins, origin, shares, visits, converts, worth, held, met, toward, out):
    """Conversions and value whose journeys met the channel; and what `met` still lacks in all states, in conversions
    and value that it leads to."""
    # In double precision from here on: these sums are long.
    out[:] = 0.0
    conversions, value, more, more_value = _eight(out[0]), _eight(out[1]), _eight(out[2]), _eight(out[3])
    for s in range(held.size):
        first, after = begins[s], begins[s + 1]
        conversions, value = _plus_times(conversions, converts[s], met[s]), _plus_times(value, worth[s], met[s])
        if held[s] or first == after:
            continue
        now = _times(shares[first], met[origin[first]])
        for at in range(first + 1, after):
            now = _plus_times(now, shares[at], met[origin[at]])
        m = met[s]
        a, b, c, d = now[0] - m[0], now[1] - m[1], now[2] - m[2], now[3] - m[3]
        lacks = _times(visits[s], (a, b, c, d, now[4] - m[4], now[5] - m[5], now[6] - m[6], now[7] - m[7]))
        x, y = toward[0, s], toward[1, s]
        more = _plus_times(more, lacks, (x, x, x, x, x, x, x, x))
        more_value = _plus_times(more_value, lacks, (y, y, y, y, y, y, y, y))
    _put(out[0], conversions)
    _put(out[1], value)
    _put(out[2], more)
    _put(out[3], more_value)


@kernel
def _corrected(none, now, found):
    """What is lost, by conversions and value and by lane, from what is read off where only held states have met the
    channel, and now.

    Scaled so that nothing is lacking on the whole, and so to first order free of what `met` is off (Lippmann and
    Schwinger, 1950).
    """
    for what in range(2):
        for d in range(found.shape[1]):
            held, leads = none[what, d], none[what + 2, d]
            lacking = leads - now[what + 2, d]
            if 0.5 * leads < lacking < 2.0 * leads:
                found[what, d] = held + (now[what, d] - held) * leads / lacking
            else:
                found[what, d] = now[what, d] + now[what + 2, d]


@kernel
def _lost(begins, origin, shares, visits, converts, worth, guess, toward, holds, steady, rounds, out):
    """Fill in what is lost without each channel, by it and lane; whether all of it has come to rest.

    Two sweeps, there and back, are a round. What is left to come is told from how two rounds changed the outcome.
    """
    n, lanes = visits.shape
    met, none, now, before = np.zeros_like(visits), np.empty((4, lanes)), np.empty((4, lanes)), np.empty((2, lanes))
    all_of = np.zeros((2, lanes))
    for s in range(n):
        for d in range(lanes):
            all_of[0, d] += converts[s, d]
            all_of[1, d] += abs(worth[s, d])
    for c in range(guess.shape[0]):
        held, toward_one, found = holds[:, c].copy(), toward[:, c].copy(), out[:, c]
        for s in range(n):
            met[s] = 1.0 if held[s] else 0.0
        _read_off(begins, origin, shares, visits, converts, worth, held, met, toward_one, none)
        for s in range(n):
            if not held[s] and begins[s + 1] > begins[s]:
                met[s] = guess[c, s]
        last, rests = np.inf, False
        for step in range(rounds):
            _sweep(begins, origin, shares, held, met, False)
            _sweep(begins, origin, shares, held, met, True)
            before[:] = found
            _read_off(begins, origin, shares, visits, converts, worth, held, met, toward_one, now)
            _corrected(none, now, found)
            change = 0.0
            for what in range(2):
                for d in range(lanes):
                    least = max(abs(found[what, d]), 1e-6 * all_of[what, d], TINY)
                    change = max(change, abs(found[what, d] - before[what, d]) / least)
            # What is to come shrinks from round to round as it did; the last digits may change for ever.
            if step > 0 and (change <= 1e-3 * steady or change * change < steady * (last - change) < np.inf):
                rests = True
                break
            last = change if step > 0 else np.inf
        if not rests:
            return False
    return True
