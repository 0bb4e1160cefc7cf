"""What any result says in plain words; each study knows its own sentences, this knows which study a dataset is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import xarray as xr

from funnelsim.results.bottleneck import bottleneck
from funnelsim.studies import compare, diagnosis, forecast, search, seek, sobol, sweep, tornado, turning, uncertainty
from funnelsim.studies.best import best_sentence
from funnelsim.studies.findings import run_headline
from funnelsim.studies.forecast_sentences import forecast_sentence
from funnelsim.studies.precise import precision_sentence
from funnelsim.studies.search_words import promise, search_sentence
from funnelsim.studies.seek import seek_sentence
from funnelsim.studies.sentences import sentence


def sentences(ds: xr.Dataset) -> list[str]:
    """What a result says, a sentence or two each, and only what its intervals allow.

    Of a run what was won and what holds it up, of a comparison each policy, of every other study what it comes to.
    Raises ValueError for a dataset that is no result.
    """
    kind = str(ds.attrs.get("kind", "run" if "work_in_process" in ds else ""))
    if kind not in _SAID:
        raise ValueError(f"found a dataset of kind {kind!r}; sentences are of {', '.join(_SAID)}")
    return [each for each in _SAID[kind](ds) if each]


def _of_run(ds: xr.Dataset) -> list[str]:
    return [run_headline(ds), bottleneck(ds).sentence, precision_sentence(ds)]


def _of_comparison(ds: xr.Dataset) -> list[str]:
    policies = [str(name) for name in ds["policy"].values if name != compare.BASELINE]
    return [*(sentence(ds, name) for name in policies), precision_sentence(ds)]


_SAID: Final[Mapping[str, Callable[[xr.Dataset], list[str]]]] = {
    "run": _of_run,
    compare.KIND: _of_comparison,
    diagnosis.KIND: lambda ds: [diagnosis.sentence(ds)],
    sweep.KIND: lambda ds: [best_sentence(ds)],
    search.KIND: lambda ds: [search_sentence(ds), promise(ds)],
    seek.KIND: lambda ds: [seek_sentence(ds)],
    tornado.KIND: lambda ds: [tornado.sentence(ds)],
    sobol.KIND: sobol.sentences,
    turning.KIND: turning.sentences,
    uncertainty.KIND: uncertainty.sentences,
    forecast.KIND: lambda ds: [forecast_sentence(ds)],
}
