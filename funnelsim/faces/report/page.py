"""One self-contained page of results: no request leaves it, and whatever a scenario calls things stays text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import xarray as xr

from funnelsim.faces.report import of_comparison, of_run, of_studies
from funnelsim.faces.report.common import assumed, health_card, made_by
from funnelsim.faces.report.parts import Section
from funnelsim.faces.terminal import plain
from funnelsim.results.bottleneck import bottleneck
from funnelsim.studies.findings import held_up
from funnelsim.studies.sentences import headline
from funnelsim.studies.words import sentences

Sections = Callable[[xr.Dataset], list[Section]]
BUILDERS: Final[Mapping[str, Sections]] = {
    "comparison": of_comparison.sections,
    "run": of_run.sections,
    "forecast": of_studies.forecast,
    "tornado": of_studies.tornado,
    "diagnosis": of_studies.diagnosis,
    "sweep": of_studies.sweep,
}
"""Sections by the kind of a dataset, in the order in which they stand on the page; no kind is a run."""

HEADLINES: Final = ("comparison", "forecast", "sweep", "run", "tornado", "diagnosis")
"""The kinds that have a sentence, the one that says most first."""


def kind_of(ds: xr.Dataset) -> str:
    """What a dataset is of; '' for one that is none of ours or of which a page says nothing."""
    kind = str(ds.attrs.get("kind", "run" if "work_in_process" in ds else ""))
    return kind if kind in BUILDERS and "scenario" in ds.attrs else ""


def report(datasets: Sequence[xr.Dataset] | xr.Dataset) -> str:
    """The page of one or several results of the same funnel, as HTML. Raises ValueError for none, and for a dataset of
    a kind that has no section."""
    given = [datasets] if isinstance(datasets, xr.Dataset) else list(datasets)
    if not given:
        raise ValueError("a report needs at least one result")
    for ds in given:
        if not kind_of(ds):
            raise ValueError(f"found a dataset of kind {ds.attrs.get('kind')!r}; a report is of {', '.join(BUILDERS)}")
    order = list(BUILDERS)
    ordered = sorted(given, key=lambda ds: order.index(kind_of(ds)))
    sections = [section for ds in ordered for section in BUILDERS[kind_of(ds)](ds)]
    # Pictures stand together, behind the words; on paper behind the assumptions as well.
    words = [section for section in sections if section.name != "pictures"]
    pictures = [section for section in sections if section.name == "pictures"]
    return _rendered(
        title=ordered[0].attrs["name"],
        period=_period(ordered[0]),
        headline=headline_of(ordered),
        bottlenecks=[*_besides(ordered), *_bottlenecks(ordered)],
        sections=[*words, *pictures, health_card(ordered), assumed(ordered[0])],
        made=made_by(ordered),
    )


def _of_kind(datasets: Sequence[xr.Dataset], kind: str) -> list[xr.Dataset]:
    return [ds for ds in datasets if kind_of(ds) == kind]


def headline_of(datasets: Sequence[xr.Dataset]) -> str:
    """The sentence that the page is about: that of the first kind that has one, else the title."""
    return next(iter(_said(datasets)), str(datasets[0].attrs.get("title", "")))


def _said(datasets: Sequence[xr.Dataset]) -> list[str]:
    """What every dataset comes to, the kind that says most first; of runs only if nothing else says anything."""
    said = [(kind, _sentence(ds)) for kind in HEADLINES for ds in _of_kind(datasets, kind)]
    return [text for at, (kind, text) in enumerate(said) if kind != "run" or at == 0]


def _sentence(ds: xr.Dataset) -> str:
    """What a dataset comes to: of a comparison the policy that leaves most."""
    return headline(ds) if kind_of(ds) == "comparison" else sentences(ds)[0]


def _besides(datasets: Sequence[xr.Dataset]) -> list[str]:
    """What the datasets come to that do not make the headline."""
    return _said(datasets)[1:]


def _bottlenecks(datasets: Sequence[xr.Dataset]) -> list[str]:
    """What holds the funnel up: of the run, and under each policy."""
    said = [bottleneck(ds).sentence for ds in _of_kind(datasets, "run")]
    for ds in _of_kind(datasets, "comparison"):
        said += list(held_up(ds).values())[1 if said else 0 :]
    return said


def _period(ds: xr.Dataset) -> str:
    ends = (str(ds.attrs.get(name, ""))[:10] for name in ("measured_from", "measured_until"))
    return " to ".join(end for end in ends if end)


def _rendered(**parts: Any) -> str:
    """The template with its parts."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    here = files("funnelsim.faces.report")
    page = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    ).from_string(here.joinpath("page.html").read_text("utf-8"))
    style = Markup(here.joinpath("page.css").read_text("utf-8"))
    return page.render(style=style, **parts)


def _shown(value: Any) -> Any:
    """Text without what turns the direction of the words beside it, or breaks a line."""
    return plain(value) if type(value) is str else value
