"""What a page says of a comparison: its table, what policies are worth, and pictures of both."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr

from funnelsim import plots
from funnelsim.faces.comparison_tables import SIGNS
from funnelsim.faces.comparison_tables import estimate as measured
from funnelsim.faces.report.drawing import picture
from funnelsim.faces.report.parts import (
    NOTHING_THERE,
    TONES,
    Cell,
    Picture,
    Section,
    Table,
    bounded,
    cell,
    number,
    table,
)
from funnelsim.studies.compare import BASELINE, verdict
from funnelsim.studies.effects import effects
from funnelsim.studies.sentences import headline, sentence, worth

MOST = 6
"""Policies whose pictures are shown; the tables have all."""


def sections(ds: xr.Dataset) -> list[Section]:
    """The comparison, what it is worth, and the pictures."""
    policies = [str(name) for name in ds["policy"].values if name != BASELINE]
    note = (
        f"{int(ds.attrs['replications']):,} replications on the same people; {100 * float(ds.attrs['level']):g}% "
        "intervals of the differences from the baseline. Better and worse: the interval lies on one side of 0."
    )
    shown = tuple(each for policy in policies[:MOST] for each in pictures(ds, policy))
    return [
        Section("comparison", "Policies beside the baseline", (note,), (_comparison(ds, policies),)),
        Section(
            "worth",
            "What policies are worth",
            tuple(sentence(ds, each) for each in policies if sentence(ds, each) != headline(ds)),
            (_worth(ds, policies),),
        ),
        Section("pictures", "Policies in pictures", pictures=shown),
    ]


def _comparison(ds: xr.Dataset, policies: list[str]) -> Table:
    rows = []
    for name in map(str, ds["measure"].values):
        base = ds.sel(policy=BASELINE, measure=name)
        changes = (_change(ds, policy, name) for policy in policies)
        rows.append([str(base["title"].values), str(base["unit"].values), measured(base, "value"), *changes])
    head = ["measure", "unit", "baseline", *(_headed(ds, policy) for policy in policies)]
    return table("Differences from the baseline, with their intervals", head, rows)


def _headed(ds: xr.Dataset, policy: str) -> str:
    says = str(ds["says"].sel(policy=policy).values)
    return f"{policy}: {says}" if says else policy


def _change(ds: xr.Dataset, policy: str, name: str) -> Cell:
    """A difference with its interval, and in words and colour whether that is better."""
    found = verdict(ds, policy, name)
    each = measured(ds.sel(policy=policy, measure=name), "difference")
    sign = "+" if each.value > 0 else ""
    return Cell(f"{sign}{cell(each).text} {SIGNS[found]}".rstrip(), is_number=True, tone=TONES[found])


def _worth(ds: xr.Dataset, policies: list[str]) -> Table:
    found = {policy: worth(ds, policy) for policy in policies}
    unit = next((each.unit for each in found.values()), "")
    rows = []
    for policy, each in found.items():
        brings, costs, leaves = (number(*ends) for ends in (each.brings, each.costs, each.leaves))
        pays = 1 if each.leaves[1] > 0 else -1 if each.leaves[2] < 0 else 0
        words = {1: "it pays", -1: "it does not pay", 0: "not known"}[pays]
        back = f"{each.months_to_pay:.1f}" if each.months_to_pay == each.months_to_pay else NOTHING_THERE
        left = Cell(f"{cell(leaves).text} {words}", is_number=True, tone=TONES[pays])
        rows.append([policy, brings, costs, left, brings, Cell(back, is_number=True)])
    head = ["policy", "brings", "costs", "leaves", "breaks even at a cost of", "months to pay back"]
    return table(f"Worth of each policy, {unit}", head, rows)


def pictures(ds: xr.Dataset, policy: str) -> Iterator[Picture]:
    """What a policy changes, and what it is worth."""
    yield _forest(ds, policy)
    yield _waterfall(ds, policy)


def _forest(ds: xr.Dataset, policy: str) -> Picture:
    found = effects(ds, policy)
    rows = []
    for at in range(found.sizes["measure"]):
        own = found.isel(measure=at)
        change = bounded(own, "difference", "difference_low", "difference_high")
        mark = int(own["verdict"])
        rows.append(
            [
                str(own["title"].values),
                str(own["unit"].values),
                change,
                bounded(own),
                Cell(SIGNS[mark], tone=TONES[mark]),
            ]
        )
    behind = table(f"{policy}: differences", ["measure", "unit", "difference", "of the baseline (%)", ""], rows)
    alt = f"Differences of {policy} from the baseline in percent, each with its interval."
    return picture(lambda: plots.forest(ds, policy), f"What {policy} changes, paired differences", alt, behind)


def _waterfall(ds: xr.Dataset, policy: str) -> Picture:
    each = worth(ds, policy)
    rows = [[title, number(*ends)] for title, ends in
            (("brings", each.brings), ("costs", each.costs), ("leaves", each.leaves))]  # fmt: skip
    behind = table(f"{policy}: worth", ["", each.unit], rows)
    alt = f"Bars of what {policy} brings, what it costs, and what it leaves a month, with intervals."
    return picture(lambda: plots.waterfall(ds, policy), f"What {policy} is worth a month", alt, behind)
