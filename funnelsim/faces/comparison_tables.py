"""Tables of a comparison: for each policy every measure beside the baseline, and what the policy is worth."""

from typing import Any, Final

import xarray as xr
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from funnelsim.faces.grids import bounded, cell, fits, grid, print_trimmed
from funnelsim.faces.precise import precision_document
from funnelsim.faces.terminal import plain, signs, words
from funnelsim.faces.values import known, told
from funnelsim.results.estimates import Estimate
from funnelsim.studies.compare import BASELINE, verdict
from funnelsim.studies.precise import precision_sentence
from funnelsim.studies.sentences import sentence, worth

STYLES: Final = {1: "green", -1: "red", 0: ""}
SIGNS: Final = {1: "better", -1: "worse", 0: ""}
"""In words as well: colours are lost in a file, and on some eyes."""


def show_comparison(ds: xr.Dataset, console: Console) -> None:
    """Print every policy beside the baseline."""
    for policy in _policies(ds):
        print_trimmed(_head(ds, policy), console)
        print_trimmed(_table(ds, policy, console), console)
        print_trimmed(worth_lines(ds, policy, console), console)
        print_trimmed(words(sentence(ds, policy), "bold"), console)
        print_trimmed("", console)
    if said := precision_sentence(ds):
        print_trimmed(words(said, "" if ds.attrs["precision_met"] else "red"), console)
        print_trimmed("", console)
    print_trimmed(words(_method(ds), "dim"), console)


def _policies(ds: xr.Dataset) -> list[str]:
    return [str(name) for name in ds["policy"].values if name != BASELINE]


def _head(ds: xr.Dataset, policy: str) -> Text:
    says = str(ds["says"].sel(policy=policy).values) or str(ds["changes"].sel(policy=policy).values)
    return words(f"{policy}: {says}" if says else policy, "bold")


def _table(ds: xr.Dataset, policy: str, console: Console) -> RenderableType:
    table = grid()
    for title in ("measure", "unit"):
        table.add_column(title)
    for title in ("baseline", "policy", "difference"):
        table.add_column(title, justify="right")
    table.add_column("")
    table.add_column("pairing saves", justify="right")
    narrow: list[str] = []
    for measure in map(str, ds["measure"].values):
        row = _row(ds, policy, measure, console)
        table.add_row(*row)
        narrow.append(f"{row[0]} ({row[1]})\n  {row[2]} -> {row[3]}: {row[4].plain} {row[5].plain}".rstrip())
    return _fitted(table, narrow, console)


def _fitted(table: Table, narrow: list[str], console: Console) -> RenderableType:
    return table if fits(table, console) else Text("\n".join(narrow) + "\n")


def _row(ds: xr.Dataset, policy: str, measure: str, console: Console) -> tuple[str, str, str, str, Text, Text, str]:
    own, base = ds.sel(policy=policy, measure=measure), ds.sel(policy=BASELINE, measure=measure)
    found = verdict(ds, policy, measure)
    return (
        plain(own["title"].values),
        plain(own["unit"].values),
        _number(base, console),
        _number(own, console),
        words(_signed(estimate(own, "difference"), console), STYLES[found]),
        words(SIGNS[found], STYLES[found]),
        _times(float(own["gain"])),
    )


def estimate(row: xr.Dataset, name: str) -> Estimate:
    """A value of a comparison with its interval."""
    return bounded(row, name, str(row["unit"].values))


def _number(row: xr.Dataset, console: Console) -> str:
    """The value, with the digits that its interval allows."""
    return cell(estimate(row, "value"), console).partition(" ")[0]


def _signed(each: Estimate, console: Console) -> str:
    return ("+" if each.value > 0 else "") + cell(each, console)


def _times(gain: float) -> str:
    """How many times as many replications independent runs would need."""
    if gain != gain or gain == float("inf"):
        return ""
    return f"{gain:,.0f} times" if gain >= 10 else f"{gain:.1f} times"


def worth_lines(ds: xr.Dataset, policy: str, console: Console) -> RenderableType:
    """What a policy brings, costs and leaves a month."""
    found = worth(ds, policy)
    table = grid()
    for title in ("a month", "unit"):
        table.add_column(title)
    table.add_column("", justify="right")
    for title, ends in (("it brings", found.brings), ("it costs", found.costs), ("it leaves", found.leaves)):
        table.add_row(title, plain(found.unit), cell(Estimate(*ends, found.unit), console))
    table.add_row("breaks even at a cost of", plain(found.unit), cell(Estimate(*found.brings, found.unit), console))
    if found.once:
        months = (
            f"{found.months_to_pay:.1f}" if found.months_to_pay == found.months_to_pay else signs(console.encoding)[1]
        )
        table.add_row("months to pay back", "mo", months)
    return table


def _method(ds: xr.Dataset) -> str:
    of = ds.attrs
    return (
        f"{of['replications']:,} replications on the same people, {100 * of['level']:g}% intervals: {of['method']}. "
        "Better and worse: the interval lies on one side of 0. Pairing saves: how many times as many replications "
        "independent runs that count coins would need for the same interval."
    )


def comparison_document(ds: xr.Dataset) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "baseline": {
            m: told(estimate(ds.sel(policy=BASELINE, measure=m), "value")) for m in map(str, ds["measure"].values)
        },
        "policies": {policy: _policy(ds, policy) for policy in _policies(ds)},
        **{key: ds.attrs[key] for key in ("name", "seed", "replications", "level", "method", "currency")},
        **precision_document(ds),
    }


def _policy(ds: xr.Dataset, policy: str) -> dict[str, Any]:
    measures = {}
    for name in map(str, ds["measure"].values):
        row = ds.sel(policy=policy, measure=name)
        measures[name] = {
            "value": told(estimate(row, "value")),
            "difference": told(estimate(row, "difference")),
            "verdict": SIGNS[verdict(ds, policy, name)] or "not known",
            "independent_runs_need": known(row["gain"]),
        }
    found = worth(ds, policy)
    return {
        "says": str(ds["says"].sel(policy=policy).values),
        "measures": measures,
        "worth": {
            **{name: [known(x) for x in getattr(found, name)] for name in ("brings", "costs", "leaves")},
            "once": found.once,
            "months_to_pay_back": known(found.months_to_pay),
            "unit": found.unit,
        },
        "sentence": sentence(ds, policy),
    }
