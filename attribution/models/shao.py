"""Credit by the rates of channels and of pairs of channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attribution.jit import kernel
from attribution.journeys.ragged import Journeys
from attribution.journeys.transforms import first_occurrence
from attribution.models.credit import Credit, CreditModel
from attribution.models.sets import MOST, set_table


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
