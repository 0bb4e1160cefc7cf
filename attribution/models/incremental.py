"""Incremental Shapley values of touches: what each adds to a rate, over all orders in which they could be added.

A touch adds strength to the rate, times a factor for each other channel that touched before it and is there too. The
value of a sum is the sum of values, so each touch's part of the rate is shared by itself: with those before that scaled
it. By Owen (1972) a Shapley value is the integral over p of what a player adds to those who are there with chance p
each; here that is a polynomial in p, which Gauss's rule integrates exactly.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from attribution.jit import kernel
from attribution.journeys.ragged import Codes, Ints, Reals

MOST_NODES: Final = 256
"""Of Gauss's rule: exact for 511 touches before a touch, and to rounding for thousands."""


def shapley_shares(offsets: Ints, channel: Codes, by_touch: Reals, factor: Reals) -> Reals:
    """Each touch's Shapley value in the game of its journey's rate less the baseline, as a part of the rate.

    `by_touch` is each touch's own part of the rate, factors and all: what the rate falls by when touches are taken away
    from the last one on. Both add up to the same by journey. `factor` is by earlier and later channel; where it is less
    than 1, an earlier touch may get less than nothing.
    """
    out = np.zeros(by_touch.size)
    longest = int(np.diff(offsets).max(initial=0))
    n_rules = 1 + int(np.ceil(np.log2(min(max(longest, 2), 2 * MOST_NODES) / 2)))
    _shapley(offsets, channel, by_touch, factor, _rules(n_rules), out)
    return out


@cache
def _rules(n: int) -> Reals:
    """Nodes and weights of Gauss's rule on 0 to 1: the one of row r has 2**r nodes."""
    out = np.zeros((2, n, 1 << (n - 1)))
    for row in range(n):
        nodes, weights = np.polynomial.legendre.leggauss(1 << row)
        out[:, row, : nodes.size] = (nodes + 1.0) / 2.0, weights / 2.0
    return out


@kernel
def _shapley(offsets, channel, by_touch, factor, rules, out):
    n = factor.shape[0]
    before, gets, adds = np.zeros(n, np.int64), np.zeros(n), np.zeros(rules.shape[2])
    for j in range(offsets.size - 1):
        begin, stop = offsets[j], offsets[j + 1]
        for at in range(begin, stop):
            before[channel[at]] += 1
        # From the last touch on: `gets` is what each earlier touch of a channel gets of those that came later.
        for at in range(stop - 1, begin - 1, -1):
            c = channel[at]
            before[c] -= 1
            out[at] += gets[c]
            degree, whole = 0, 1.0
            for d in range(n):
                if d != c and before[d] > 0 and factor[d, c] != 1.0:
                    degree += before[d]
                    whole *= factor[d, c]
            if degree == 0 or by_touch[at] == 0.0:
                out[at] += by_touch[at]
                continue
            rule = 0
            while (2 << rule) - 1 < degree and rule < rules.shape[1] - 1:
                rule += 1

            # What the touch adds where each of the others is there with chance p.
            own, alone = 0.0, by_touch[at] / whole
            for node in range(1 << rule):
                p, adds[node] = rules[0, rule, node], 1.0
                for d in range(n):
                    if d != c and before[d] > 0:
                        adds[node] *= 1.0 + (factor[d, c] - 1.0) * (1.0 - (1.0 - p) ** before[d])
                own += rules[1, rule, node] * adds[node]
            out[at] += alone * own

            # What the first of a channel to be there adds to that.
            for d in range(n):
                if d != c and before[d] > 0 and factor[d, c] != 1.0:
                    first = 0.0
                    for node in range(1 << rule):
                        p = rules[0, rule, node]
                        nobody = (1.0 - p) ** (before[d] - 1)
                        scaled = 1.0 + (factor[d, c] - 1.0) * (1.0 - (1.0 - p) * nobody)
                        first += rules[1, rule, node] * p * nobody * adds[node] / scaled
                    gets[d] += alone * (factor[d, c] - 1.0) * first
        before[:], gets[:] = 0, 0.0
