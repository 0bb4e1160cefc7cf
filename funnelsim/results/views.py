"""The funnel in the words of a view: the same run, told in another vocabulary.

Two things that are kept apart. The *funnel* follows those born in the period: how many of them ever reached a word.
The *pipeline* is what came, left and was there in the period, whoever and whenever born. Conversion is of the funnel.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.core.problems import nearest
from funnelsim.results.estimates import NOTHING, PERCENT, Estimate, of_mean, of_ratio

PREFIX: Final = "view_"
"""What stands before a view's name in the name of its coordinate."""
FUNNEL_TITLES: Final[Mapping[str, str]] = {"reached": "reached", "share": "of all", "conversion": "conversion"}
PIPELINE_TITLES: Final[Mapping[str, str]] = {"entries": "entered", "left": "left", "in_process": "in process"}


@dataclass(frozen=True)
class WordLine:
    """A word, its stages, and estimates by the keys of FUNNEL_TITLES and of PIPELINE_TITLES.

    `at_most` has a value where only bounds of `reached` are known, of which `reached` is the lower.
    """

    word: str
    stages: tuple[str, ...]
    funnel: Mapping[str, Estimate]
    pipeline: Mapping[str, Estimate]
    at_most: Estimate


@dataclass(frozen=True)
class ViewSummary:
    """A view's name and its words in order."""

    view: str
    words: tuple[WordLine, ...]


def in_words(ds: xr.Dataset, view: str) -> xr.Dataset:
    """The funnel and the pipeline by `replication` and `word`, in the order of the words.

    `entries`, `left` and `work_in_process` add up the stages of a word: their totals are equal in every view, and who
    goes from one stage of a word to another has entered twice. `reached` counts each prospect once. It is exact where
    all who come to a word come through one of its stages; else it is the largest count of any of its stages, channel by
    channel and segment by segment, and the truth lies between it and `reached_at_most`. Lost stages are counted there
    only in words that have no others.
    """
    words = _words(ds, view)
    covers = xr.DataArray(np.zeros((len(words), ds.sizes["stage"]), np.int64), dims=("word", "stage"))
    for row, places in enumerate(words.values()):
        covers[row, places] = 1
    low, high = zip(*(_reached(ds, places) for places in words.values()), strict=True)
    found = {
        "entries": (ds["entries"].sum("bucket") @ covers, "entries into stages of the word, returns included"),
        "left": (ds["left"].sum("bucket") @ covers, "prospects who left a stage of the word"),
        "work_in_process": (ds["work_in_process_mean"] @ covers, "prospects in the word, time average over the period"),
        "reached": (xr.concat(low, "word"), "prospects born in the period who reached the word"),
        "reached_at_most": (xr.concat(high, "word"), "the upper bound of those who reached it"),
    }
    variables = {
        name: da.transpose("replication", "word").assign_attrs(units="1", long_name=long_name)
        for name, (da, long_name) in found.items()
    }
    return xr.Dataset(variables).assign_coords(_coords(ds, words)).assign_attrs(view=view)


def _coords(ds: xr.Dataset, words: Mapping[str, list[int]]) -> dict[str, Any]:
    """The words, and along them their stages and whether these are open, won or lost."""
    stages, kinds = ds["stage"].values, ds["stage_kind"].values
    return {
        "word": list(words),
        "word_stages": ("word", [", ".join(stages[places]) for places in words.values()]),
        "word_kind": ("word", [_kind(set(kinds[places])) for places in words.values()]),
    }


def view_summary(ds: xr.Dataset, view: str) -> ViewSummary:
    """What `run --view` prints: rates are ratios of means over replications.

    Conversion is by cohort: of those who reached a word, the share that reached the next one. Words that hold nothing
    but lost stages are no step of the funnel, words without open stages hold nobody in process.
    """
    told = in_words(ds, view)
    kinds = told["word_kind"].values
    reached, born = told["reached"], ds["prospects"].expand_dims(word=kinds.size)
    columns = {
        "reached": of_mean(reached, "prospects"),
        "share": of_ratio(reached, born, "%", PERCENT),
        "conversion": _conversion(reached, np.flatnonzero(kinds != "lost").tolist()),
        "entries": of_mean(told["entries"], "prospects"),
        "left": _of_open(of_mean(told["left"], "prospects"), kinds),
        "in_process": _of_open(of_mean(told["work_in_process"], "prospects"), kinds),
    }
    bounds = of_mean(told["reached_at_most"], "prospects")
    known = (reached == told["reached_at_most"]).all("replication").values
    lines, places = [], _words(ds, view)
    for at, word in enumerate(told["word"].values):
        funnel, pipeline = ({key: columns[key][at] for key in keys} for keys in (FUNNEL_TITLES, PIPELINE_TITLES))
        stages = tuple(ds["stage"].values[places[word]].tolist())
        lines.append(WordLine(str(word), stages, funnel, pipeline, NOTHING if known[at] else bounds[at]))
    return ViewSummary(view, tuple(lines))


def _words(ds: xr.Dataset, view: str) -> dict[str, list[int]]:
    """The words of a view in order, each with the places of its stages."""
    name = f"{PREFIX}{view}"
    if name not in ds.coords:
        views = [str(each).removeprefix(PREFIX) for each in ds.coords if str(each).startswith(PREFIX)]
        near = nearest(view, views)
        meant = f"; did you mean {near}?" if near else ""
        raise ValueError(f"view: found {view!r}; it must be one of {', '.join(views)}{meant}")
    coordinate = ds[name]
    return {word: np.flatnonzero(coordinate.values == word).tolist() for word in json.loads(coordinate.attrs["words"])}


def _kind(kinds: set[str]) -> str:
    """Open if prospects go on from any stage of a word; else won, if not all of them are lost there."""
    return "open" if "open" in kinds else "won" if "won" in kinds else "lost"


def _of_open(column: list[Estimate], kinds: NDArray[np.str_]) -> list[Estimate]:
    return [each if kind == "open" else NOTHING for each, kind in zip(column, kinds, strict=True)]


def _conversion(reached: xr.DataArray, chain: list[int]) -> list[Estimate]:
    """From each word of the chain to the next; nothing for the last, and for words outside it."""
    out = [NOTHING] * reached.sizes["word"]
    if len(chain) > 1:
        here, following = reached.isel(word=chain[:-1]), reached.isel(word=chain[1:])
        for at, each in zip(chain, of_ratio(following, here, "%", PERCENT), strict=False):
            out[at] = each
    return out


def _reached(ds: xr.Dataset, places: list[int]) -> tuple[xr.DataArray, xr.DataArray]:
    """Bounds of how many reached a word of these stages, by replication."""
    by, born = ds["reached_by"], ds["prospects_by"].sum("bucket")
    # Whoever is lost has come no further, in whatever word the lost stage stands.
    places = [at for at in places if ds["stage_kind"].values[at] != "lost"] or places
    low = by.isel(stage=places).max("stage")
    # Whoever reaches the word meets one of its doors first.
    high = by.isel(stage=_doors(ds, set(places))).sum("stage")
    high = high.where(high < born, born)
    return low.sum(["channel", "segment"]), high.sum(["channel", "segment"])


def _doors(ds: xr.Dataset, places: set[int]) -> list[int]:
    """The stages among some to which anybody came who had not been in another of them, as far as counts tell."""
    number = {stage: at for at, stage in enumerate(ds["stage"].values)}
    taken = ds["exits"].sum(["replication", "bucket"]).values
    arrived = ds["entries"].sum(["replication", "bucket"]).values.copy()
    onward: dict[int, set[int]] = {}
    for here, there, n in zip(ds["exit_stage"].values, ds["exit_to"].values, taken, strict=True):
        if n:
            onward.setdefault(number[here], set()).add(number[there])
            arrived[number[there]] -= n
    ahead, seen = np.flatnonzero(arrived > 0).tolist(), set[int]()
    while ahead:
        stage = ahead.pop()
        if stage not in seen:
            seen.add(stage)
            ahead += () if stage in places else onward.get(stage, ())
    return sorted(seen & places)
