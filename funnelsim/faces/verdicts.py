"""What became of each mechanism, for people and for machines."""

import json
import math
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table

from funnelsim.faces.terminal import words
from funnelsim.faces.values import known
from funnelsim.studies.mechanisms import Mechanism, Verdict


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """One line a row with an assertion: what was measured, in which range, and with the mechanism switched off."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("row", justify="right")
    table.add_column("mechanism", overflow="fold")
    table.add_column("scenario", overflow="fold")
    table.add_column("measure", overflow="fold")
    for title in ("value", "range", "switched off"):
        table.add_column(title, justify="right", no_wrap=title != "range")
    table.add_column("")
    for verdict in verdicts:
        each = verdict.mechanism
        assert each.within is not None
        cells = [str(each.row), each.mechanism, each.scenario, each.said, _number(verdict.value)]
        cells += [f"{each.within[0]:g} to {each.within[1]:g}", _number(verdict.control), _said(verdict)]
        table.add_row(*(words(cell) for cell in cells))
    return table


def closing(verdicts: Sequence[Verdict], chosen: Sequence[Mechanism]) -> list[str]:
    """How many rows hold, and what the others still need."""
    holding = sum(verdict.holds for verdict in verdicts)
    lines = [f"{holding} of {len(verdicts)} rows hold, and fail with the mechanism switched off."]
    missing = [each for each in chosen if each.needs]
    if missing:
        lines.append(f"{len(missing)} rows have no assertion yet:")
        by_need: dict[str, list[int]] = {}
        for each in missing:
            by_need.setdefault(each.needs, []).append(each.row)
        lines += [f"  {need}: {', '.join(str(row) for row in rows)}" for need, rows in by_need.items()]
    return lines


def verdict_document(verdicts: Sequence[Verdict], chosen: Sequence[Mechanism]) -> str:
    """The same as one JSON document."""
    rows: list[dict[str, Any]] = [
        {
            "row": each.row,
            "mechanism": each.mechanism,
            "scenario": each.scenario,
            "measure": each.said,
            "within": each.within,
            "value": known(verdict.value),
            "control": known(verdict.control),
            "holds": verdict.holds,
        }
        for verdict in verdicts
        for each in [verdict.mechanism]
    ]
    rows += [{"row": each.row, "mechanism": each.mechanism, "needs": each.needs} for each in chosen if each.needs]
    return json.dumps({"rows": sorted(rows, key=lambda row: int(row["row"]))}, indent=2, allow_nan=False)


def _said(verdict: Verdict) -> str:
    if verdict.holds:
        return "pass"
    assert verdict.mechanism.within is not None
    low, high = verdict.mechanism.within
    return "fail" if not low <= verdict.value <= high else "fail: cannot fail"


def _number(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.4g}"
