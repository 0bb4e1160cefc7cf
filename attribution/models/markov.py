"""Credit by removal: how much less the chain of journeys converts when a channel leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from attribution.journeys.ragged import Journeys, Reals
from attribution.models.chains import STEADY, Chain, Walks, chain_of
from attribution.models.credit import Credit, CreditModel, Recount

CLOSED_FORM_UPTO: Final = 4000
"""Channels up to which order 1 is solved by one inverse."""
DRAWN: Final = 1e-9
"""How steady, relative, a chain must be whose counts were drawn for an interval."""


@dataclass(frozen=True)
class Markov(CreditModel):
    """Removal effects in a chain of order `order`, shared out as conversions and as value.

    Anderl, Becker, von Wangenheim and Schumann (2016); exact, by linear equations. A removal effect of value counts
    what conversions were worth from each last state.
    """

    name: ClassVar[str] = "markov"
    reads: ClassVar[str] = "paths"
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
        inverse = self.order == 1 and chain.steps.n_channels <= CLOSED_FORM_UPTO
        p_conversion, conversions, value = _by_inverse(chain) if inverse else _by_rounds(chain)
        return Credit(
            _shares(conversions) * journeys.conversions,
            _shares(value) * journeys.total_value,
            None,
            {
                "removal_effect": conversions,
                "removal_effect_value": value,
                "p_conversion": p_conversion,
                "n_states": chain.steps.n + 1,
            },
        )

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts: by rounds that begin where those of these counts ended."""
        walks = Walks.of(journeys, self.order)
        chain = walks.chain(journeys)
        inverse = self.order == 1 and chain.steps.n_channels <= CLOSED_FORM_UPTO
        first = None if inverse else chain.first_at(chain.steps.holds)

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            chains = walks.chains(converted, lost, value)
            found = [_by_inverse(chain) if inverse else _by_rounds(chain, DRAWN, first) for chain in chains]
            conversions = np.array([_shares(effects) for _, effects, _ in found])
            worth = np.array([_shares(effects) for _, _, effects in found])
            return conversions * converted.sum(0)[:, None], worth * value.sum(0)[:, None]

        return counted


def _shares(effects: Reals) -> Reals:
    total = effects.sum()
    return effects / total if total > 0 else np.zeros_like(effects)


def _by_rounds(chain: Chain, steady: float = STEADY, guess: Reals | None = None) -> tuple[float, Reals, Reals]:
    """P(conversion), and the removal effects of channels on it and on value.

    An effect is the chance to come to a channel and then to convert: nothing is subtracted, so no digits are lost.
    """
    holds = chain.steps.holds
    leads, first = chain.leads_to(steady), np.where(holds, chain.first_at(holds, steady, guess), 0.0)
    all_of = chain.start @ leads
    conversions, value = (
        first.T @ led / whole if whole > 0 else np.zeros(chain.steps.n_channels)
        for led, whole in zip(leads.T, all_of, strict=True)
    )
    return float(all_of[0]), conversions, value


def _by_inverse(chain: Chain) -> tuple[float, Reals, Reals]:
    """The same at order 1, by one inverse: with N = inv(I - Q) and h = N r, it is N[s, c] h[c] / (N[c, c] h[s])."""
    s = chain.steps
    steps = np.zeros((s.n, s.n))
    steps[s.frm, s.to] = chain.p
    visits = np.linalg.inv(np.eye(s.n) - steps)
    passed = chain.start @ visits / np.diagonal(visits)
    out = np.zeros((2, s.n_channels))
    through = [visits @ each for each in (chain.converts, chain.worth)]
    for row, led in zip(out, through, strict=True):
        all_of = float(chain.start @ led)
        row[s.number - 1] = passed * led / all_of if all_of > 0 else 0.0
    return float(chain.start @ through[0]), out[0], out[1]
