"""Credit by removal from a chain whose order the journeys themselves speak for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from scipy import sparse

from attribution.journeys.alike import paths_of, summed_up
from attribution.journeys.ragged import Journeys, Reals
from attribution.models.chain_orders import CRITERIA, best_order, choose_order
from attribution.models.credit import Credit, CreditModel, Recount
from attribution.models.markov import Markov


@dataclass(frozen=True)
class MarkovChosen(CreditModel):
    """`Markov` of that one of `orders` which foresees held-out journeys best, by `criterion`: the lowest of the best.

    `log_likelihood` asks how well it foresees the next touch and the end, `auc` how well it tells who converts; see
    `choose_order`. In an interval the order stays the one that was chosen for all: prospects who are drawn twice would
    be on both sides of a fold.
    """

    name: ClassVar[str] = "markov_chosen"
    criterion: str = "log_likelihood"
    orders: tuple[int, ...] = (1, 2, 3, 4)
    folds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.criterion not in CRITERIA:
            raise ValueError(f"{self.name}: no criterion {self.criterion!r}; known are {', '.join(CRITERIA)}")

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel; `order`, and `choice` (the dataset of `choose_order`), besides Markov's own."""
        table = choose_order(journeys, self.orders, self.folds, self.seed)
        order = best_order(table, self.criterion)
        found = Markov(order).credit(journeys)
        return replace(found, details={**found.details, "order": order, "choice": table})

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts, in a chain of the order that is chosen for these."""
        order = best_order(choose_order(journeys, self.orders, self.folds, self.seed), self.criterion)
        path, example = paths_of(journeys)
        counted = Markov(order).recount(summed_up(journeys, path, example))
        together = sparse.csr_array((np.ones(path.size), (path, np.arange(path.size))), (example.size, path.size))

        def summed(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            return counted(together @ converted, together @ lost, together @ value)

        return summed
