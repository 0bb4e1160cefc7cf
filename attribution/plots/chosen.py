"""Which models and channels of a dataset a picture shows, and which it must say it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from attribution.plots.sheet import listed

if TYPE_CHECKING:
    import xarray as xr

MOST_MODELS: Final = 6
MOST_CHANNELS: Final = 12
TELLING: Final = ("first", "last", "linear", "time_decay", "markov_1", "shapley", "shapley_rate", "shao_li")
"""Models that stand for their kinds, shown first where there are too many."""


@dataclass(frozen=True)
class Chosen:
    """The part of a dataset that is shown, the largest channels first, and sentences about the rest."""

    credits: xr.Dataset
    left_out: tuple[str, ...]


def choose(credits: xr.Dataset, models: Sequence[str] | None = None, channels: Sequence[str] | None = None) -> Chosen:
    """The models and channels that are asked for; else six models of different kinds, and twelve channels.

    Raises ValueError where one is asked for that is not there.
    """
    all_models, all_channels = ([str(name) for name in credits[dim].values] for dim in ("model", "channel"))
    shown_models = _telling(all_models) if models is None else _known(models, all_models, "model")
    if channels is None:
        mean = abs(credits["share"]).sel(model=shown_models).sum("model").values
        largest = np.argsort(-mean, kind="stable")[:MOST_CHANNELS]
        shown_channels = [all_channels[at] for at in largest]
    else:
        shown_channels = _known(channels, all_channels, "channel")
    left = [listed([name for name in all_models if name not in shown_models], "the models")] if models is None else []
    if channels is None:
        left.append(listed([name for name in all_channels if name not in shown_channels], "the smaller channels"))
    return Chosen(credits.sel(model=shown_models, channel=shown_channels), tuple(note for note in left if note))


def _telling(names: list[str]) -> list[str]:
    """At most six, of different kinds, in the order they have."""
    ranked = sorted(names, key=lambda name: TELLING.index(name) if name in TELLING else len(TELLING))
    return [name for name in names if name in ranked[:MOST_MODELS]]


def _known(wanted: Sequence[str], there: list[str], what: str) -> list[str]:
    strange = [name for name in wanted if name not in there]
    if strange:
        has = ", ".join(there[:30])
        raise ValueError(f"{what}s: there is no {what} {strange[0]!r}; the dataset has {has}")
    return list(dict.fromkeys(wanted))
