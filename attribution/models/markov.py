"""Credit by removal: how much less the chain of journeys converts when a channel leads nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from attribution.journeys.ragged import Journeys, Reals
from attribution.models.chains import Chain, chain_of, chains_of
from attribution.models.credit import LANES, Credit, CreditModel, Recount, Recounts
from attribution.models.reversal import Reversal
from attribution.models.walks import Counts, Shorter, Walks, Windows

CLOSED_FORM_UPTO: Final = 4000
"""Channels up to which order 1 is solved by one inverse."""


@dataclass(frozen=True)
class Markov(CreditModel):
    """Removal effects in a chain of order `order`, shared out as conversions and as value.

    Anderl, Becker, von Wangenheim and Schumann (2016); exact, by linear equations. A removal effect of value counts
    what conversions were worth from each last state.
    """

    name: ClassVar[str] = "markov"
    reads: ClassVar[str] = "paths"
    kin: ClassVar[str] = "markov"
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
        return self._of(chain_of(journeys, self.order), journeys)

    @staticmethod
    def together(models: Sequence[Markov], journeys: Journeys) -> list[Credit]:
        """The credit by each of several orders, which are counted together."""
        chains = chains_of(journeys, {model.order for model in models})
        return [model._of(chains[model.order], journeys) for model in models]

    def _of(self, chain: Chain, journeys: Journeys) -> Credit:
        """The credit in a chain of the journeys."""
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
        """Credits for other counts of the same journeys, as near as `reversal.DRAWN`; at order 1 exactly."""
        recounts = self.recounts([self], journeys)

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            conversions, worth = recounts(converted, lost, value)[:, :, 0]
            return conversions, worth

        return counted

    @classmethod
    def recounts(cls, models: Sequence[Markov], journeys: Journeys) -> Recounts:
        """Credits by several orders: paths are counted at the highest, which tells the counts of the others."""
        orders = [model.order for model in models]
        walks = Walks.of(journeys, max(orders))
        windows, own = walks.windows, walks.counts(*_in_all_lanes(journeys))
        effects, shorter = {}, []
        for order in range(max(orders), min(orders) - 1, -1):
            if order < max(orders):
                shorter.append(Shorter.than(windows))
                windows, own = shorter[-1].windows, shorter[-1].counts(own)
            if order in orders:
                effects[order] = _effects(windows, own)

        def counted(converted: Reals, lost: Reals, value: Reals) -> Reals:
            all_counts = [walks.counts(converted, lost, value)]
            for less in shorter:
                all_counts.append(less.counts(all_counts[-1]))
            out = np.stack([effects[order](all_counts[max(orders) - order]) for order in orders], axis=2)
            total = out.sum(-1, keepdims=True)
            shares = np.divide(out, total, out=np.zeros(out.shape), where=total > 0)
            brought = np.stack([all_counts[-1].converts.sum(0), all_counts[-1].worth.sum(0)])
            return np.asarray(shares * brought[:, :, None, None])

        return counted


def _in_all_lanes(journeys: Journeys) -> tuple[Reals, Reals, Reals]:
    """The counts of the journeys themselves, in every lane."""
    converted, lost, value = (
        np.repeat(each[:, None], LANES, 1) for each in (journeys.converted, journeys.lost, journeys.value)
    )
    return converted, lost, value


def _effects(windows: Windows, own: Counts) -> Callable[[Counts], Reals]:
    """Removal effects of conversions and value, by these two, lane and channel, but for a factor; from `own` counts."""
    if windows.order > 1 or windows.steps.n_channels > CLOSED_FORM_UPTO:
        return Reversal.of(windows, own).lost

    def exact(counts: Counts) -> Reals:
        found = [_by_inverse(chain) for chain in windows.chains(counts)]
        return np.array([[each[1] for each in found], [each[2] for each in found]])

    return exact


def _shares(effects: Reals) -> Reals:
    total = effects.sum()
    return effects / total if total > 0 else np.zeros_like(effects)


def effects_of(chain: Chain, sets: NDArray[np.bool_]) -> tuple[float, Reals, Reals]:
    """P(conversion), and the removal effects of sets of states on it and on value; `sets` is by state and set."""
    return _sets_by_inverse(chain, sets) if _inverts(chain) else _by_rounds(chain, sets)


def _inverts(chain: Chain) -> bool:
    return chain.steps.order == 1 and chain.steps.n_channels <= CLOSED_FORM_UPTO


def _by_rounds(chain: Chain, sets: NDArray[np.bool_]) -> tuple[float, Reals, Reals]:
    """The same by rounds, for chains of any size.

    An effect is the chance to come to a set and then to convert: nothing is subtracted, so no digits are lost.
    """
    leads, first = chain.leads_to(), np.where(sets, chain.first_at(sets), 0.0)
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
