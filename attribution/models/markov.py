"""Credit by removal: how much less the chain of journeys converts when a channel leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

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
        inverse = _inverts(chain)
        p_conversion, conversions, value = _by_inverse(chain) if inverse else _by_rounds(chain, chain.steps.holds)
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
        inverse = _inverts(chain)
        holds = chain.steps.holds
        first = None if inverse else chain.first_at(holds)

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            chains = walks.chains(converted, lost, value)
            found = [_by_inverse(chain) if inverse else _by_rounds(chain, holds, DRAWN, first) for chain in chains]
            conversions = np.array([_shares(effects) for _, effects, _ in found])
            worth = np.array([_shares(effects) for _, _, effects in found])
            return conversions * converted.sum(0)[:, None], worth * value.sum(0)[:, None]

        return counted


def _shares(effects: Reals) -> Reals:
    total = effects.sum()
    return effects / total if total > 0 else np.zeros_like(effects)


def effects_of(chain: Chain, sets: NDArray[np.bool_]) -> tuple[float, Reals, Reals]:
    """P(conversion), and the removal effects of sets of states on it and on value; `sets` is by state and set."""
    return _sets_by_inverse(chain, sets) if _inverts(chain) else _by_rounds(chain, sets)


def _inverts(chain: Chain) -> bool:
    return chain.steps.order == 1 and chain.steps.n_channels <= CLOSED_FORM_UPTO


def _by_rounds(
    chain: Chain, sets: NDArray[np.bool_], steady: float = STEADY, guess: Reals | None = None
) -> tuple[float, Reals, Reals]:
    """The same by rounds, for chains of any size.

    An effect is the chance to come to a set and then to convert: nothing is subtracted, so no digits are lost.
    """
    leads, first = chain.leads_to(steady), np.where(sets, chain.first_at(sets, steady, guess), 0.0)
    all_of = chain.start @ leads
    conversions, value = (
        first.T @ led / whole if whole > 0 else np.zeros(sets.shape[1])
        for led, whole in zip(leads.T, all_of, strict=True)
    )
    return float(all_of[0]), conversions, value


def _by_inverse(chain: Chain) -> tuple[float, Reals, Reals]:
    """Those of channels at order 1, by one inverse: N[s, c] h[c] / (N[c, c] h[s]), N = inv(I - Q), h = N r."""
    s, visits, through = chain.steps, *_inverse(chain)
    passed = chain.start @ visits / np.diagonal(visits)
    out = np.zeros((2, s.n_channels))
    for row, led in zip(out, through, strict=True):
        all_of = float(chain.start @ led)
        row[s.number - 1] = passed * led / all_of if all_of > 0 else 0.0
    return float(chain.start @ through[0]), out[0], out[1]


def _sets_by_inverse(chain: Chain, sets: NDArray[np.bool_]) -> tuple[float, Reals, Reals]:
    """Those of sets S of states, by the same inverse: N[s, S] inv(N[S, S]) h[S] / h[s]."""
    visits, through = _inverse(chain)
    reached, out = chain.start @ visits, np.zeros((2, sets.shape[1]))
    all_of = through @ chain.start
    for at, inside in enumerate(sets.T):
        # Whoever is in S came there first somewhere: visits are those of the ones who did.
        first = np.linalg.solve(visits[np.ix_(inside, inside)].T, reached[inside])
        np.divide(through[:, inside] @ first, all_of, out=out[:, at], where=all_of > 0)
    return float(all_of[0]), out[0], out[1]


def _inverse(chain: Chain) -> tuple[Reals, Reals]:
    """How often a state is visited from each, N; and what each leads to, h, in conversions and in value."""
    s = chain.steps
    steps = np.zeros((s.n, s.n))
    steps[s.frm, s.to] = chain.p
    visits = np.asarray(np.linalg.inv(np.eye(s.n) - steps), np.float64)
    return visits, np.stack([visits @ chain.converts, visits @ chain.worth])
