"""What every credit model gives back, and what it must offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Final

import numpy as np

from attribution.journeys.ragged import Journeys, Reals

LANES: Final = 8
"""Sets of counts that are counted at once: as many numbers as a processor takes at once, or two of its steps."""
Recount = Callable[[Reals, Reals, Reals], tuple[Reals, Reals]]
"""Conversions and value that channels are credited, by lane and channel, for other counts of the same journeys:
converted, lost and value, by journey and lane; a lane is one of `LANES` sets of counts."""
Recounts = Callable[[Reals, Reals, Reals], Reals]
"""The same of several models: conversions and value by these two, lane, model and channel."""


@dataclass(frozen=True)
class Credit:
    """What a model credits to each channel, in conversions and in value; and what it found on the way."""

    conversions: Reals
    value: Reals
    by_touch: Reals | None = None
    """Each touch's share of one conversion of its journey; None where a model knows only channels."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Arrays by name: by channel, or square by channel."""


@dataclass(frozen=True)
class CreditModel:
    """A rule that shares conversions among channels. Parameters are its fields; values are frozen."""

    name: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    """What journeys must have: `time`, `milestones`, `lost`."""
    reads: ClassVar[str] = "journeys"
    """What it tells journeys apart by, where many are counted together: `paths`, or `sets` of channels. Else it looks
    at `conversions` one by one, or at all `journeys` at once, which it is fitted to."""

    kin: ClassVar[str] = ""
    """Models of one kin are counted anew together, by `recounts`; others each by itself."""

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel. Raises ValueError where the journeys lack what the model needs."""
        raise NotImplementedError

    @staticmethod
    def together(models: Sequence[Any], journeys: Journeys) -> list[Credit]:
        """The credit by each of several models that share this way to work it out; some have one in one pass."""
        return [model.credit(journeys) for model in models]

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts of the same journeys; what does not depend on counts is worked out once."""

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            lanes = zip(*(np.ascontiguousarray(each.T) for each in (converted, lost, value)), strict=True)
            found = [self.credit(replace(journeys, converted=a, lost=b, value=c)) for a, b, c in lanes]
            return np.array([each.conversions for each in found]), np.array([each.value for each in found])

        return counted

    @classmethod
    def recounts(cls, models: Sequence[Any], journeys: Journeys) -> Recounts:
        """Credits by models of one kin for other counts of the same journeys."""
        alone = [model.recount(journeys) for model in models]

        def counted(converted: Reals, lost: Reals, value: Reals) -> Reals:
            return np.stack([np.stack(recount(converted, lost, value)) for recount in alone], axis=2)

        return counted

    @property
    def counted_as(self) -> CreditModel:
        """A model that gives the same credits, and is counted anew in its stead."""
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def label(self) -> str:
        """Its name in tables."""
        return self.name

    def check(self, journeys: Journeys) -> None:
        """Raises ValueError where the journeys lack what the model needs."""
        lacks = {
            "time": journeys.time is None and "it needs the times of touches; these journeys know only their order",
            "milestones": journeys.milestones is None and "it needs milestones; these journeys have none",
            "lost": not journeys.lost.any() and "it needs journeys without conversion; these all converted",
        }
        for need in self.needs:
            if lacks[need]:
                raise ValueError(f"{self.label}: {lacks[need]}")


def called_once(models: Sequence[CreditModel]) -> tuple[CreditModel, ...]:
    """The models, each with a label of its own. Raises ValueError where two have the same: tables go by labels."""
    twice = [label for label, n in Counter(model.label for model in models).items() if n > 1]
    if twice:
        raise ValueError(f"{twice[0]}: two models have this name; credit them one after the other")
    return tuple(models)
