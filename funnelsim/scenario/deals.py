"""Open deals: those written in the scenario, or one a row of a CSV export."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from datetime import datetime

from funnelsim.core.problems import did_you_mean
from funnelsim.scenario.cells import amount, instant
from funnelsim.scenario.lead_file import LeadsError, Trouble, rows, text
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.pipeline import Deal
from funnelsim.scenario.refusal import Refusal, cut
from funnelsim.scenario.units import duration

MOST_ROWS = 1_000_000
MOST_TROUBLES = 5
_COLUMNS = ("stage", "age", "since", "worked", "value", "segment")


def read_deals(scenario: Scenario, start: datetime) -> tuple[Deal, ...]:
    """The open deals of a scenario that begins at `start`; raises `LeadsError` if their file cannot be read."""
    pipeline = scenario.pipeline
    if pipeline is None or pipeline.file is None:
        return () if pipeline is None else pipeline.deals
    reader = csv.reader(io.StringIO(text(pipeline.file), newline=""), strict=True)
    troubles: list[Trouble] = []
    deals: list[Deal] = []
    try:
        lines = _Lines(scenario, start, [cell.strip() for cell in next(reader, [])])
        for row, line, cells in rows(reader):
            if row > MOST_ROWS:
                raise LeadsError([Trouble("there are too many rows", f"at most {MOST_ROWS}", keys=("file",))])
            found = list(lines.read(row, line, cells))
            troubles += [each for each in found if isinstance(each, Trouble)]
            deals += [each for each in found if isinstance(each, Deal)]
    except csv.Error as error:
        troubles.append(Trouble(f"not CSV: {error}", line=reader.line_num))
    if len(troubles) > MOST_TROUBLES:
        more = f"and {len(troubles) - MOST_TROUBLES} more like these"
        troubles = [*troubles[:MOST_TROUBLES], Trouble(more, line=troubles[MOST_TROUBLES].line)]
    if not troubles and not deals:
        troubles = [Trouble(f"{pipeline.file.name} has no rows", "a pipeline has one deal at least", keys=("file",))]
    if troubles:
        raise LeadsError(troubles)
    return tuple(deals)


def faults(deal: Deal, scenario: Scenario) -> Iterator[tuple[str, Refusal]]:
    """What keeps a deal from being open in its stage, by key."""
    stage = scenario.stages.get(deal.stage)
    if stage is None:
        return
    if stage.terminal is not None:
        found = f"{deal.stage} is terminal ({stage.terminal})"
        yield "stage", Refusal(found, "a deal there is not open", "leave it out")
    elif deal.age > 0.0 and stage.duration is None:
        yield "age", Refusal(f"{deal.stage} takes no time", "nobody has been there for a while", "name another stage")
    elif deal.worked > 0.0 and stage.team is None:
        rule = "nobody works there"
        yield "worked", Refusal(f"{deal.stage} has no team", rule, "write age, the time it has been there")


class _Lines:
    """Reads the rows of a file with this header."""

    def __init__(self, scenario: Scenario, start: datetime, header: list[str]) -> None:
        self.scenario, self.start, self.header = scenario, start, header
        columns = scenario.pipeline.columns if scenario.pipeline is not None else None
        self.places = {key: self._place(key, name) for key in _COLUMNS if (name := getattr(columns, key)) is not None}

    def _place(self, key: str, name: str) -> int:
        if self.header.count(name) == 1:
            return self.header.index(name)
        n = self.header.count(name)
        found = f"there are {n} columns called {name}" if n else f"there is no column {cut(name, 40)}"
        raise LeadsError([Trouble(found, "", did_you_mean(name, self.header), ("columns", key))])

    def read(self, row: int, line: int, cells: list[str]) -> Iterator[Deal | Trouble]:
        """The deal of a row, or what is wrong with it."""
        if len(cells) != len(self.header):
            found = f"row {row} has {len(cells)} cells, the header has {len(self.header)}"
            yield Trouble(found, "every row has as many cells as the header", line=line)
            return
        said = {key: cells[at].strip() for key, at in self.places.items()}
        key = ""
        try:
            key = "stage"
            stage = self._known(said["stage"], tuple(self.scenario.stages), "stage")
            key = "segment"
            segment = self._known(said[key], tuple(self.scenario.segments), "segment") if said.get(key) else None
            key = "value"
            value = amount(said.get("value", ""))
            key = "worked"
            worked = duration(said[key]) if said.get(key) else 0.0
            key = "age" if "age" in said else "since"
            age = self._age(said)
        except Refusal as refusal:
            yield Trouble(f"row {row}: {refusal.found}", refusal.rule, refusal.remedy, line=line, column=key)
            return
        deal = Deal.model_construct(
            stage=stage, age=age, worked=worked, value=None if math.isnan(value) else value, segment=segment, count=1
        )
        wrong = list(faults(deal, self.scenario))
        yield from (Trouble(f"row {row}: {each.found}", each.rule, each.remedy, line=line, column=at)
                    for at, each in wrong)  # fmt: skip
        if not wrong:
            yield deal

    @staticmethod
    def _known(cell: str, names: tuple[str, ...], what: str) -> str:
        if cell not in names:
            raise Refusal(
                f"unknown {what} {cut(cell, 40)}", "the scenario does not define it", did_you_mean(cell, names)
            )
        return cell

    def _age(self, said: dict[str, str]) -> float:
        """Seconds in the stage, by a duration or since an instant."""
        if said.get("since"):
            since, _ = instant(said["since"])
            age = (self.start - since).total_seconds()
            if age < 0.0:
                raise Refusal(f"found {said['since']}", "a deal that is open at the start came before", "leave it out")
            return age
        return duration(said["age"]) if said.get("age") else 0.0
