"""Credit by the rates of channels and of pairs of channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attribution.jit import kernel
from attribution.journeys.counted import summed
from attribution.journeys.ragged import Journeys, Reals
from attribution.journeys.transforms import first_occurrence
from attribution.models.credit import LANES, Credit, CreditModel, Recount
from attribution.models.sets import MOST, distinct_sets, set_table


@dataclass(frozen=True)
class ShaoLi(CreditModel):
    """The simple probabilistic model: a channel's rate, and half of what pairs with it add to the rates of both.

    Shao and Li (2011), section 3.2. Summed over those who converted; raw sums are not conversions, shares of them are.
    """

    name: ClassVar[str] = "shao_li"
    needs: ClassVar[tuple[str, ...]] = ("lost",)
    reads: ClassVar[str] = "sets"

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel; `raw` and the `rate` of channels and pairs besides."""
        self.check(journeys)
        n = len(journeys.channels)
        # Only which channels a journey had counts.
        journeys = set_table(journeys).distinct(journeys.channels) if n <= MOST else first_occurrence(journeys)
        hits, of = np.zeros((2, n, n))
        _pairs(journeys.offsets, journeys.channel, journeys.converted, journeys.converted + journeys.lost, hits, of)
        rate = np.divide(hits, of, out=np.zeros_like(hits), where=of > 0)
        raw = np.zeros((2, n))
        _sum(journeys.offsets, journeys.channel, np.stack([journeys.converted, journeys.value]), rate, raw)
        shares = [row / row.sum() if row.sum() else np.zeros(n) for row in raw]
        return Credit(
            shares[0] * journeys.conversions,
            shares[1] * journeys.total_value,
            None,
            {"raw": raw[0], "rate": rate},
        )

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts, from sums over pairs of channels: what a pair adds to the rates of both falls to
        each journey that has it, by the number of its channels."""
        n = len(journeys.channels)
        if n > MOST:
            return super().recount(journeys)
        sets, of_journey = distinct_sets(journeys)
        sizes = np.diff(sets.offsets)[:, None]
        by = np.divide(0.5, sizes - 1, out=np.zeros(sizes.shape), where=sizes > 1)
        one = np.arange(n)

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            hits, misses, worth = (summed(of_journey, each, sets.n) for each in (converted, lost, value))
            pairs = np.zeros((n, n, 5 * LANES))
            counts = np.hstack([hits, worth, hits + misses, by * hits, by * worth])
            _pair_sums(sets.offsets, sets.channel, counts, pairs)
            hits, worth, of, shared, shared_worth = np.moveaxis(pairs.reshape(n, n, 5, LANES), 2, 0)
            rate = np.divide(hits, of, out=np.zeros(hits.shape), where=of > 0)
            own = rate[one, one]
            together = rate - own[:, None] - own[None]
            together[one, one] = 0.0
            raw = np.stack([own * hits[one, one], own * worth[one, one]])
            raw += (together * np.stack([shared, shared_worth])).sum(2)
            total = raw.sum(1, keepdims=True)
            shares = np.divide(raw, total, out=np.zeros(raw.shape), where=total != 0).transpose(0, 2, 1)
            return shares[0] * converted.sum(0)[:, None], shares[1] * value.sum(0)[:, None]

        return counted


@kernel
def _pair_sums(offsets, channel, counts, out):
    for j in range(offsets.size - 1):
        row = counts[j]
        for a in range(offsets[j], offsets[j + 1]):
            for b in range(offsets[j], offsets[j + 1]):
                into = out[channel[a], channel[b]]
                for d in range(row.size):
                    into[d] += row[d]


@kernel
def _pairs(offsets, channel, converted, all_of, hits, of):
    for j in range(offsets.size - 1):
        for a in range(offsets[j], offsets[j + 1]):
            for b in range(offsets[j], offsets[j + 1]):
                hits[channel[a], channel[b]] += converted[j]
                of[channel[a], channel[b]] += all_of[j]


@kernel
def _sum(offsets, channel, counts, rate, raw):
    for j in range(offsets.size - 1):
        begin, end = offsets[j], offsets[j + 1]
        if counts[0, j] == 0.0 and counts[1, j] == 0.0:
            continue
        for a in range(begin, end):
            i, together = channel[a], 0.0
            for b in range(begin, end):
                if b != a:
                    k = channel[b]
                    together += rate[i, k] - rate[i, i] - rate[k, k]
            x = rate[i, i] + (together / (2.0 * (end - begin - 1)) if end - begin > 1 else 0.0)
            raw[0, i] += counts[0, j] * x
            raw[1, i] += counts[1, j] * x
