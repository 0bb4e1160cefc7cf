"""Credit by removal: how much less the chain of journeys converts when a channel leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attribution.journeys.ragged import Journeys, Reals
from attribution.models.chains import Chain, chain_of
from attribution.models.credit import Credit, CreditModel

CLOSED_FORM_UPTO = 4000
"""Channels up to which order 1 is solved by one inverse."""


@dataclass(frozen=True)
class Markov(CreditModel):
    """Removal effects in a chain of order `order`, shared out as conversions and as value.

    Anderl, Becker, von Wangenheim and Schumann (2016); exact, by linear equations. A removal effect of value counts
    what conversions were worth from each last state.
    """

    name: ClassVar[str] = "markov"
    order: int = 1

    def __post_init__(self) -> None:
        if self.order < 1:
            raise ValueError(f"markov: order {self.order}; it is at least 1")

    @property
    def label(self) -> str:
        """Its name in tables."""
        return f"markov_{self.order}"

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel; `removal_effect`, `removal_effect_value` and `p_conversion` besides."""
        chain = chain_of(journeys, self.order)
        removal = _by_inverse(chain) if self.order == 1 and chain.n_channels <= CLOSED_FORM_UPTO else _by_rounds(chain)
        p_conversion, conversions, value = removal
        return Credit(
            _shares(conversions) * journeys.conversions,
            _shares(value) * journeys.total_value,
            None,
            {
                "removal_effect": conversions,
                "removal_effect_value": value,
                "p_conversion": p_conversion,
                "n_states": chain.n,
            },
        )


def _shares(effects: Reals) -> Reals:
    total = effects.sum()
    return effects / total if total > 0 else np.zeros_like(effects)


def _by_rounds(chain: Chain) -> tuple[float, Reals, Reals]:
    """P(conversion), and the removal effects of channels on it and on value.

    An effect is the chance to come to a channel and then to convert: nothing is subtracted, so no digits are lost.
    """
    leads, first = chain.leads_to(), chain.first_at(chain.holds())
    all_of = chain.start @ leads
    conversions, value = (
        first.T @ led / whole if whole > 0 else np.zeros(chain.n_channels)
        for led, whole in zip(leads.T, all_of, strict=True)
    )
    return float(all_of[0]), conversions, value


def _by_inverse(chain: Chain) -> tuple[float, Reals, Reals]:
    """The same at order 1, by one inverse: with N = inv(I - Q) and h = N r, it is N[s, c] h[c] / (N[c, c] h[s])."""
    n = chain.number.size
    steps = np.zeros((n, n))
    steps[np.repeat(np.arange(n), np.diff(chain.begins)), chain.to] = chain.p
    visits = np.linalg.inv(np.eye(n) - steps)
    passed = chain.start @ visits / np.diagonal(visits)
    out = np.zeros((2, chain.n_channels))
    through = [visits @ each for each in (chain.converts, chain.worth)]
    for row, led in zip(out, through, strict=True):
        all_of = float(chain.start @ led)
        row[chain.number - 1] = passed * led / all_of if all_of > 0 else 0.0
    return float(chain.start @ through[0]), out[0], out[1]
