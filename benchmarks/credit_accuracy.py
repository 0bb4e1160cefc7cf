"""How far the shares of each package lie from the exact ones, on journeys whose exact ones are worked out here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.credit_exact import exact
from benchmarks.harness import Measured, Task, measure
from benchmarks.tables import Table, number, share
from benchmarks.touches import draw

TOUCHES, SEED = 100_000, 23
SEEDS = (0, 1000)
"""Of a package's own. Trap: ChannelAttribution's repetition i uses seed + i, so seeds side by side agree falsely."""
MOST_SETS = 12
FAR = 0.25
Shares = dict[str, float]


@dataclass(frozen=True)
class Rows:
    """A set of journeys: its channels, how many of them are rare, and the models that are compared on it."""

    title: str
    channels: int
    rare: int
    models: tuple[str, ...]
    touches: int = TOUCHES


HEURISTICS = ("first", "last", "linear")
SHORT = ("heuristics", "time decay", "Markov 1", "Shapley", "Shao-Li")
SETS = (
    Rows("10 channels", 10, 0, (*SHORT, "Markov 2", "Markov 3")),
    Rows("20 channels, 10 of them with 2 touches in 10,000", 20, 10, (*SHORT, "Markov 2", "Markov 3")),
    Rows("500 channels", 500, 0, SHORT),
)
QUICK_SETS = (Rows("10 channels", 10, 0, ("heuristics", "Shapley", "Markov 2"), 10_000),)
NAMES = {
    "heuristics": HEURISTICS,
    "time decay": ("time_decay",),
    "Markov 1": ("markov_1",),
    "Markov 2": ("markov_2",),
    "Markov 3": ("markov_3",),
    "Shapley": ("shapley",),
    "Shao-Li": ("shao_li",),
}
OFFERS: tuple[tuple[str, str, tuple[str, ...], dict[str, Any]], ...] = (
    ("attribution", "attribution_models", tuple(NAMES), {"form": "events"}),
    ("ChannelAttribution", "channelattribution_models", ("heuristics", "Markov 1", "Markov 2", "Markov 3"), {}),
    (
        "marketing_attribution_models",
        "mam_models",
        ("heuristics", "time decay", "Markov 1", "Shapley"),
        {"form": "events"},
    ),
    ("mta", "mta_models", ("heuristics", "time decay", "Markov 1", "Shapley", "Shao-Li"), {}),
    ("mta, paths counted together", "mta_models", ("Markov 1",), {"alike": True}),
)


def tasks(rows: Rows) -> list[Task]:
    """Everybody's run of every model on a set; a package that draws runs once with each of its seeds."""
    found = []
    for package, module, offered, more in OFFERS:
        for model in (model for model in rows.models if model in offered):
            if module == "mta_models" and model == "Shapley" and rows.channels > MOST_SETS:
                continue
            draws = package == "ChannelAttribution" and model != "heuristics"
            for own in SEEDS if draws else (None,):
                keywords = {"model": model, "touches": rows.touches, "channels": rows.channels, "rare": rows.rare}
                keywords |= {"seed": SEED} | more | ({} if own is None else {"package_seed": own})
                found.append(Task(package, f"{module}.credited", keywords))
    return found


def as_shares(credits: Shares) -> Shares:
    """Credits made to add up to 1."""
    total = sum(credits.values())
    return {channel: given / total for channel, given in credits.items()}


def distance(one: Shares, other: Shares) -> float:
    """The sum of the differences of shares."""
    return sum(abs(one.get(channel, 0.0) - other.get(channel, 0.0)) for channel in one.keys() | other.keys())


def far_off(found: Shares, right: Shares) -> int:
    """How many channels get a quarter too little or too much."""
    return sum(abs(found.get(channel, 0.0) - is_right) > FAR * is_right for channel, is_right in right.items())


def add_runs(table: Table, runs: Sequence[Measured], right: dict[str, Shares]) -> None:
    """The rows of one package's model, or of its heuristics: one run, or one with each seed."""
    label, model = runs[0].task.label, runs[0].task.keywords["model"]
    problem = next((m.problem for m in runs if m.problem), None)
    if problem:
        table.problem(f"{model}: {label}", problem)
        return
    for name in NAMES[model]:
        found = [as_shares(m.runs[0]["credits"][name]) for m in runs]
        errors = [distance(each, right[name]) for each in found]
        between = share(distance(*found)) if len(found) > 1 else "-"
        most = max(abs(found[0].get(channel, 0.0) - is_right) for channel, is_right in right[name].items())
        far = " / ".join(str(far_off(each, right[name])) for each in found)
        table.rows.append((f"{name}: {label}", " / ".join(map(exactness, errors)), between, exactness(most), far))


def exactness(error: float) -> str:
    """A share in per cent, or its power of ten where that would be 0."""
    return share(error) if error >= 5e-5 or error == 0.0 else f"{100.0 * error:.0e}%"


def accuracy_table(rows: Rows) -> Table:
    """One set of journeys."""
    drawn = draw(rows.touches, rows.channels, rows.rare, SEED)
    right = exact(drawn, [name for model in rows.models for name in NAMES[model]])
    headings = (rows.title, "L1 of shares", "between seeds", "largest error", f"off by > {FAR:.0%}")
    table = Table(f"Distance from the exact shares: {rows.title}, {number(rows.touches)} touches", headings)
    measured = measure(tasks(rows), 1)
    for model in rows.models:
        for package, *_ in OFFERS:
            runs = [m for m in measured if (m.task.label, m.task.keywords["model"]) == (package, model)]
            if runs:
                add_runs(table, runs, right)
    table.notes.append(f"Two numbers: seeds {SEEDS[0]} and {SEEDS[1]} of a package that draws; the others do not.")
    if "Markov 1" in rows.models:
        table.notes.append("marketing_attribution_models shares each conversion out anew among its journey's channels.")
    if "Shapley" in rows.models:
        table.notes.append("marketing_attribution_models' Shapley value is that of another game: rates of exact sets.")
    if "Shapley" in rows.models and rows.channels > MOST_SETS:
        table.notes.append(
            f"mta's Shapley value is not run: it looks at 2**{rows.channels} sets. marketing_attribution_models looks "
            "at the last four channels of each set."
        )
    return table


def tables(quick: bool) -> list[Table]:
    """Every set of journeys."""
    return [accuracy_table(rows) for rows in (QUICK_SETS if quick else SETS)]
