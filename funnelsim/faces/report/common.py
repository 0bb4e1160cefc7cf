"""What a page says of any result: health card, assumptions with their sources, and how it was made."""

from __future__ import annotations

from typing import Final

import xarray as xr

from funnelsim.faces.report.parts import Cell, Section, Table, table
from funnelsim.results.assumptions import Assumption, assumptions, changes
from funnelsim.studies.health import DOUBTFUL, GOOD, POOR, QUEUE, QUEUES, health

WORDS: Final = {GOOD: "good", DOUBTFUL: "doubtful", POOR: "not good"}
CONFIDENCE: Final = {"H": "high", "M": "medium", "L": "low"}


def health_card(datasets: list[xr.Dataset]) -> Section:
    """What was looked at in each result, and how it is; what is the same is said once; runs speak of queues."""
    checks = list(dict.fromkeys(check for ds in datasets for check in health(ds)))
    if any(check.name.startswith(QUEUE) for check in checks):
        checks = [check for check in checks if check.name != QUEUES]
    rows = [(check.name, Cell(WORDS[check.state], tone=check.state), check.says) for check in checks]
    bad = [check.name for check in checks if check.state != GOOD]
    if not checks:
        return Section(
            "health", "Health card", ("Of these results nothing is checked here; add the run they rest on.",)
        )
    said = f"To be looked at: {', '.join(bad)}." if bad else "Nothing speaks against these results."
    return Section("health", "Health card", (said,), (table("What was checked", ("check", "state", "why"), rows),))


def assumed(ds: xr.Dataset) -> Section:
    """The assumptions with a source, those without one on demand, and what was changed after the file was read."""
    found = assumptions(ds)
    sourced = [each for each in found if each.source]
    rest = [each for each in found if not each.source]
    changed = changes(ds)
    said = [f"Values with a source: {len(sourced)}. Without one, and so assumed: {len(rest)}."]
    if changed is None:
        said.append("There is no file to compare with: values are shown as they were read.")
    elif changed:
        said.append(f"Changed after the file was read: {len(changed)}.")
    tables = (_sources(sourced),) if sourced else ()
    if changed:
        rows = [(each.path, each.before, each.after) for each in changed]
        tables = (*tables, table("Changed after the file was read", ("path", "in the file", "in the run"), rows))
    folded = (table("Assumed, without a source", ("path", "value"), [(each.path, each.value) for each in rest]),)
    return Section("assumptions", "Assumptions and their sources", tuple(said), tables, folded=folded if rest else ())


def _sources(sourced: list[Assumption]) -> Table:
    rows = [
        (each.path, each.value, each.source, Cell("" if each.year is None else str(each.year), is_number=True),
         CONFIDENCE.get(each.confidence, each.confidence))
        for each in sourced
    ]  # fmt: skip
    return table("Values with a source", ("path", "value", "source", "year", "confidence"), rows)


def made_by(datasets: list[xr.Dataset]) -> str:
    """Seeds, replications and versions, so that it can be made again."""
    parts = []
    for ds in datasets:
        of = ds.attrs
        kind = str(of.get("kind", "run"))
        version = f"funnelsim {of['package_version']}, " if "package_version" in of else ""
        made = f", {of['created']}" if "created" in of else ""
        parts.append(f"{kind}: {version}seed {of.get('seed')}, {int(of.get('replications', 0)):,} replications{made}")
    return "; ".join(parts)
