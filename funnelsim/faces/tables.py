"""Tables of a run: the funnel by stage, totals, channels, replayed lists; as wide as there is room."""

from collections.abc import Sequence
from typing import Final

import xarray as xr
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from funnelsim.faces.grids import cell, fits, grid, header, listed, matters, print_trimmed
from funnelsim.faces.ledger_tables import ledger_tables, scorecard_tables
from funnelsim.faces.numbers import count
from funnelsim.faces.path_tables import path_tables, record_tables
from funnelsim.faces.rule_tables import dial_tables, discovery_tables
from funnelsim.faces.terminal import plain, signs, words
from funnelsim.faces.view_tables import view_parts
from funnelsim.results.summary import STAGE_TITLES, TOTAL_TITLES, Replay, StageLine, Summary
from funnelsim.results.views import ViewSummary

_FLOW: Final = ("entered", "conversion", "time_median", "time_p90")
_SERVICE: Final = ("response_median", "sla", "utilisation", "queue")
_CONVERSION: Final = "Conversion: of those born in the period who reached a stage, who reached the next one by its end."
_MONEY: Final = (
    "revenue", "cost", "cac", "cost_per_mql", "cost_per_sql", "cost_per_opportunity", "roi", "deal_value", "ltv",
    "ltv_to_cac", "payback", "sales_velocity",
)  # fmt: skip
_CHANNEL_TITLES: Final = {
    "prospects": "prospects",
    "wins": "wins",
    "revenue": "revenue",
    "cost": "media cost",
    "cost_per_lead": "cost per prospect",
}


def show(ds: xr.Dataset, found: Summary, console: Console, view: ViewSummary | None = None) -> None:
    """Print everything `run` has to say; the funnel in the words of a view, if there is one."""
    funnel = [*stage_tables(found.stages, console), words(_CONVERSION, "dim")]
    parts = [
        _headline(ds),
        *(funnel if view is None else view_parts(view, console)),
        totals_table(found, console),
        *ledger_tables(found, console),
        *channel_tables(found, console),
        *scorecard_tables(found.scorecard, console),
        *(part for replay in found.replays for part in replay_parts(replay, console)),
        *discovery_tables(found.discovery, console),
        *dial_tables(found.dials, console),
        *path_tables(found, console),
        *record_tables(found.records, console),
        words(found.bottleneck.sentence, "bold"),
    ]
    for part in parts:
        print_trimmed(part, console)


def _headline(ds: xr.Dataset) -> RenderableType:
    """What was run, when, and how often."""
    a = ds.attrs
    text = words(a["name"], "bold")
    n = int(a["replications"])
    each = "1 replication, no interval" if n == 1 else f"{count(n)} replications, means with 95% intervals"
    period = f"{str(a['measured_from'])[:10]} to {str(a['measured_until'])[:10]}"
    text.append(f"\n{period}; {each}; seed {a['seed']}, {a['engine']} engine", "not bold")
    return text


def stage_tables(stages: Sequence[StageLine], console: Console) -> list[RenderableType]:
    """The funnel in one table, in two if it is too wide, or stage by stage."""
    layouts = ((_FLOW + _SERVICE,), (_FLOW, _SERVICE))
    for layout in layouts:
        tables = [_stage_table(stages, keys, console) for keys in layout]
        if all(fits(table, console) for table in tables):
            return [*tables]
    return [_stage_list(stages, console)]


def _stage_table(stages: Sequence[StageLine], keys: Sequence[str], console: Console) -> Table:
    staffed = keys == _SERVICE
    keys = [key for key in keys if any(line.estimates[key].known for line in stages)]
    lines = [line for line in stages if line.team] if staffed else list(stages)
    table = grid()
    table.add_column("stage", no_wrap=True)
    for key in keys:
        table.add_column(
            header(STAGE_TITLES[key], [line.estimates[key] for line in lines]), justify="right", no_wrap=True
        )
    for line in lines:
        table.add_row(words(line.stage), *(cell(line.estimates[key], console) for key in keys))
    return table


def _stage_list(stages: Sequence[StageLine], console: Console) -> Text:
    """Each stage with its numbers one below the other, for narrow terminals."""
    out = Text()
    for line in stages:
        out.append(f"\n{plain(line.stage)}\n", "bold")
        for key, title in STAGE_TITLES.items():
            each = line.estimates[key]
            if each.known:
                out.append(f"  {title} ({each.unit})\n    ").append(cell(each, console)).append("\n")
    return out


def totals_table(found: Summary, console: Console) -> RenderableType:
    """Totals, one below the other; money only where there is any."""
    free = not (matters(found.totals["revenue"]) or matters(found.totals["cost"]))
    keys = [key for key in TOTAL_TITLES if found.totals[key].known and not (free and key in _MONEY)]
    return listed("in all", [(TOTAL_TITLES[key], found.totals[key]) for key in keys], console)


def channel_tables(found: Summary, console: Console) -> list[RenderableType]:
    """Channels side by side, if there are several and there is room."""
    if len(found.channels) < 2:
        return []
    keys = [key for key in _CHANNEL_TITLES if any(matters(row[key]) for row in found.channels.values())]
    table = grid()
    table.add_column("channel", no_wrap=True)
    for key in keys:
        table.add_column(
            header(_CHANNEL_TITLES[key], [row[key] for row in found.channels.values()]), justify="right", no_wrap=True
        )
    for name, row in found.channels.items():
        table.add_row(words(name), *(cell(row[key], console) for key in keys))
    return [table] if fits(table, console) else []


def replay_parts(replay: Replay, console: Console) -> list[RenderableType]:
    """A replayed list: what was read, and simulated wins beside recorded ones."""
    read = (
        f"{plain(replay.channel)}: {count(replay.read)} leads read, {count(replay.skipped)} of them outside the horizon"
    )
    if replay.span == "":
        return [Padding(words(read), (1, 0))]
    if replay.elsewhen:
        read += f"; {count(replay.elsewhen)} recorded wins at other times or without a date"
    table = grid()
    table.add_column("from")
    table.add_column("simulated wins\n(deals)", justify="right")
    table.add_column("recorded wins\n(deals)", justify="right")
    nothing = signs(console.encoding)[1]
    for line in replay.lines:
        recorded = nothing if line.recorded is None else count(line.recorded)
        table.add_row(line.bucket, cell(line.simulated, console), recorded)
    table.add_section()
    table.add_row(replay.span, cell(replay.total.simulated, console), count(replay.total.recorded or 0))
    return [Padding(words(read), (1, 0, 0, 0)), table]
