"""Shares of touches: what each touch gets of one conversion of its journey, by the models that can say so."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, Final

import numpy as np

from attribution.journeys.cells import Cells, cells_of
from attribution.journeys.ragged import Journeys, Reals
from attribution.models import (
    AdditiveHazard,
    BaggedLogistic,
    CausalHazard,
    CreditModel,
    LeaveOneOut,
    Linear,
    LinearDistinct,
    Shapley,
    ShapleyOrdered,
)
from attribution.models.heuristics import Rule

TOUCHES: Final = "touches"
CHANNELS: Final = "channels of a journey; touches of one channel there get the same"


def touch_shares(model: CreditModel, journeys: Journeys) -> tuple[Reals, str]:
    """Each touch's share of one conversion of its journey, by touch; and what the model tells apart inside a journey.

    That is `TOUCHES`, or `CHANNELS` where a model knows which channels touched a journey, but not how often: then the
    touches of a channel share alike. Shares of a journey without conversions mean nothing. They add up to 1 where the
    model hands out every conversion; less, or more, where credits add up to less or more than conversions.

    Raises ValueError for a model that hands out all conversions together (chains, games of rates, Shao and Li): no
    journey has credit of its own. A model of your own can say them as `by_touch` of its `Credit`.
    """
    shares = _shares(model, journeys)
    if not _knows_channels_alone(model):
        return shares, TOUCHES
    cells: Cells = cells_of(journeys)
    return cells.evenly(cells.summed(shares)), CHANNELS


def _knows_channels_alone(model: CreditModel) -> bool:
    """Whether a model tells touches of one channel in a journey apart by nothing."""
    return model.reads == "sets" or (isinstance(model, BaggedLogistic) and not model.counts)


@singledispatch
def _shares(model: CreditModel, journeys: Journeys) -> Reals:
    shares = model.credit(journeys).by_touch
    if shares is None:
        raise ValueError(
            f"{model.label}: it hands out all conversions together, by channel; no journey has credit of its own"
        )
    return shares


@_shares.register(Rule)
@_shares.register(LeaveOneOut)
@_shares.register(AdditiveHazard)
@_shares.register(CausalHazard)
@_shares.register(BaggedLogistic)
def _of_touches(model: Any, journeys: Journeys) -> Reals:
    return np.asarray(model.credit(journeys, by_touch=True).by_touch)


@_shares.register(Shapley)
def _of_shapley(model: Shapley, journeys: Journeys) -> Reals:
    return _of_touches(LinearDistinct(), journeys)


@_shares.register(ShapleyOrdered)
def _of_places(model: ShapleyOrdered, journeys: Journeys) -> Reals:
    """Summed over the orders in which its touches, each a player, can come: the same for each."""
    return _of_touches(Linear(), journeys)
