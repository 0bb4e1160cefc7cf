"""Credit models beside the published packages, on the same rows: CPU time and memory from 10,000 touches to 10 million.

What is timed begins with the form that a contender takes: ragged arrays, path strings, or an unsorted table of events.
The time to split paths, or to sort events, is in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan

from benchmarks import credit_accuracy
from benchmarks import reference as ref
from benchmarks.credit_contenders import (
    CHANNELS,
    EVENTS,
    MODELS,
    OURS,
    PATHS,
    QUIET_S,
    RAGGED,
    Contender,
    contenders,
    everything,
)
from benchmarks.harness import Measured, Task, measure
from benchmarks.tables import Table, number, times

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
QUICK_SIZES = (10_000,)
MANY_CHANNELS = 500
MANY_SIZES = (10_000, 100_000, 1_000_000)
RESAMPLES, INTERVAL_TOUCHES = 200, 1_000_000
MOST_S, MOST_MB = 60.0, 8192.0
QUICK_MODELS = ("time decay", "Markov 1", "Shao-Li")
"""The others come in the quick table of accuracy."""
ONE_PASS = (
    "first",
    "last",
    "linear",
    "linear, distinct",
    "position",
    "participation",
    "time decay",
    "Markov 1",
    "Markov 2",
)

ANY = (PATHS, EVENTS)

Grown = dict[int, Measured]
"""What was measured of a contender, by touches; a size that would take too long is not there."""


def expected(known: Grown, touches: int) -> tuple[float, float]:
    """CPU seconds and MB that so many touches would take: on a line through the two largest sizes that were measured.

    What a package spends on channels alone does not grow with touches, so one size tells nothing of the next.
    """
    sizes = sorted(known)[-2:]
    if any(known[size].problem for size in sizes):
        return inf, inf

    def along(key: str) -> float:
        values = [known[size].median(key) for size in sizes]
        if len(sizes) < 2:
            return sum(values)
        slope = max(0.0, (values[1] - values[0]) / (sizes[1] - sizes[0]))
        return values[1] + slope * (touches - sizes[1])

    return along("cpu_s"), along("above_mb")


def grow(found: Sequence[Contender], sizes: Sequence[int], n_rounds: int) -> list[Grown]:
    """Every contender at every size that it is expected to manage within the limits, from the smallest on."""
    grown: list[Grown] = [{} for _ in found]
    for touches in sizes:
        due = []
        for place, known in enumerate(grown):
            seconds, megabytes = expected(known, touches)
            if seconds <= MOST_S and not megabytes > MOST_MB:
                due.append(place)
        measured = measure([found[place].task(touches) for place in due], n_rounds)
        for place, m in zip(due, measured, strict=True):
            grown[place][touches] = m
    return grown


def cell(known: Grown, touches: int) -> str:
    """CPU time, and MB above the input."""
    if touches not in known or known[touches].problem:
        return "-"
    return f"{time(known[touches].median('cpu_s'))} (+{number(known[touches].median('above_mb'), 1)})"


def time(seconds: float) -> str:
    """Seconds; thousandths of them below a tenth."""
    return f"{number(seconds, 2)} s" if seconds >= 0.1 else f"{number(1e3 * seconds, 2)} ms"


def why_not(known: Grown, sizes: Sequence[int]) -> str:
    """Why a row has an empty cell; nothing if it has none."""
    problem = next((m.problem for m in known.values() if m.problem), None)
    missing = [touches for touches in sizes if touches not in known]
    if problem or not missing:
        return problem or ""
    seconds, megabytes = expected(known, missing[0])
    return f"{missing[0]:,} touches are not run: they would take {number(seconds, 1)} s and {number(megabytes, 1)} MB"


def seconds(known: Grown, touches: int) -> float:
    """CPU seconds; NaN if there are none."""
    return nan if touches not in known or known[touches].problem else known[touches].median("cpu_s")


def best_peer(
    found: Sequence[Contender], grown: Sequence[Grown], touches: int, forms: Sequence[str]
) -> tuple[float, str]:
    """CPU seconds of the fastest other package that computes the same model from one of these forms, and its name."""
    pairs = zip(found, grown, strict=True)
    peers = [
        (seconds(known, touches), each.package)
        for each, known in pairs
        if each.package != OURS and each.same_model and each.form in forms
    ]
    return min((peer for peer in peers if peer[0] == peer[0]), default=(nan, ""))


def add_ratios(table: Table, found: Sequence[Contender], grown: Sequence[Grown], sizes: Sequence[int]) -> None:
    """Rows of the best package by ours from each form: the best from any form, and from the same one."""
    for forms, what in ((ANY, "any form"), ((PATHS,), PATHS), ((EVENTS,), EVENTS)):
        best = [best_peer(found, grown, touches, forms) for touches in sizes]
        if not any(name for _, name in best):
            continue
        for contender, known in zip(found, grown, strict=True):
            if contender.package == OURS and (len(forms) > 1 or contender.form in forms):
                ratios = [peer / seconds(known, touches) for (peer, _), touches in zip(best, sizes, strict=True)]
                table.rows.append((f"best from {what}, by ours from {contender.form}", *map(times, ratios)))
        if len(forms) > 1:
            table.notes.append(f"Best from any form, by size: {', '.join(name or 'none' for _, name in best)}.")


def model_table(model: str, found: Sequence[Contender], grown: Sequence[Grown], sizes: Sequence[int]) -> Table:
    """One model: everybody's time and memory by touches, and the best package by ours."""
    table = Table(f"{model}: CPU time (+ MB above the input)", (model, *(f"{touches:,}" for touches in sizes)))
    for contender, known in zip(found, grown, strict=True):
        table.rows.append((contender.label, *(cell(known, touches) for touches in sizes)))
        if reason := why_not(known, sizes):
            table.notes.append(f"{contender.label}: {reason}")
    add_ratios(table, found, grown, sizes)
    if not all(contender.same_model for contender in found):
        table.notes.append("(*) Another model of this name, by ranks; it is not among the best packages.")
    return table


def floor_table(touches: int, n_rounds: int, models: Sequence[str]) -> Table:
    """Models that read journeys once, beside a pass that only adds the arrays up."""
    size = {"touches": touches, "channels": CHANNELS, "seed": ref.SEED, "warm": {"touches": 1000}}
    tasks = [Task("sum of channels and offsets", "floor.read", size)]
    tasks += [Task(model, "attribution_models.credited", {**size, "model": model, "form": RAGGED}) for model in models]
    floor, *found = measure(tasks, n_rounds)
    table = Table(f"One pass over {touches:,} touches in ragged arrays", ("model", "CPU ms", "by the floor"))
    least = nan if floor.problem else floor.median("cpu_s")
    for m in (floor, *found):
        if m.problem:
            table.problem(m.task.label, m.problem)
        else:
            table.rows.append((m.task.label, number(1e3 * m.median("cpu_s")), times(m.median("cpu_s") / least)))
    if not floor.problem:
        table.notes.append(
            f"The floor reads {number(floor.rate('megabytes') / 1024)} GB/s in this run: channels and offsets alone; "
            "models read conversions and values too, time decay times."
        )
    return table


def target_row(what: str, most: float, m: Measured | None, key: str) -> tuple[str, ...] | None:
    """A target beside what was measured; nothing if it was not measured."""
    if m is None or m.problem:
        return None
    found, rounds = m.median(key), sorted(float(run[key]) for run in m.runs)
    span = f"{number(rounds[0])} to {number(rounds[-1])}"
    return (what, f"{most:g}", number(found), span, "yes" if found <= most else "NO")


def targets_table(all_models: Sequence[Grown], many: Measured, interval: Measured) -> Table:
    """What design asks of credit, beside what this run gave."""
    table = Table("Targets of credit, one thread", ("target", "at most", "measured", "round by round", "met"))
    largest = SIZES[-1]
    ragged, events = (known.get(largest) for known in all_models)
    rows = (
        target_row(f"all models, {largest:,} touches, ragged arrays: CPU s", 1.0, ragged, "cpu_s"),
        target_row(f"all models, {largest:,} touches, ragged arrays: MB above the input", 250.0, ragged, "above_mb"),
        target_row(f"all models, {largest:,} touches, unsorted events: CPU s", 2.0, events, "cpu_s"),
        target_row(f"all models, {largest:,} touches, unsorted events: MB above the input", 250.0, events, "above_mb"),
        target_row(f"Markov 1, {MANY_CHANNELS} channels, {MANY_SIZES[-1]:,} touches: CPU s", 0.1, many, "cpu_s"),
        target_row(
            f"all models, {INTERVAL_TOUCHES:,} touches, interval of {RESAMPLES} draws: CPU s", 1.0, interval, "cpu_s"
        ),
    )
    table.rows += [row for row in rows if row]
    table.notes.append(f"Runs with a target begin when a processor is left alone, or after {QUIET_S:g} s.")
    return table


def all_models_table(
    found: Sequence[Contender], grown: Sequence[Grown], sizes: Sequence[int], interval: Measured
) -> Table:
    """Every model of ours in one call."""
    table = model_table("all models at once", found, grown, sizes)
    if interval.problem:
        table.notes.append(f"interval: {interval.problem}")
    else:
        touches, draws = (interval.task.keywords[key] for key in ("touches", "resamples"))
        spent = f"{number(interval.median('cpu_s'))} CPU s (+{number(interval.median('above_mb'), 1)} MB)"
        table.notes.append(f"With intervals of {draws} draws, {touches:,} touches from ragged arrays: {spent}.")
    return table


def tables(n_rounds: int, quick: bool = False) -> list[Table]:
    """Every table of credit."""
    sizes, models = (QUICK_SIZES, QUICK_MODELS) if quick else (SIZES, MODELS)
    by_model = {model: contenders(model) for model in models}
    alone = [everything(form) for form in (RAGGED, EVENTS)]
    grown = grow([each for found in by_model.values() for each in found] + alone, sizes, n_rounds)
    out = []
    for model, found in by_model.items():
        known, grown = grown[: len(found)], grown[len(found) :]
        out.append(model_table(model, found, known, sizes))
    drawn = everything(RAGGED, RESAMPLES).task(QUICK_SIZES[0] if quick else INTERVAL_TOUCHES)
    (interval,) = measure([drawn], n_rounds)
    out.append(all_models_table(alone, grown, sizes, interval))
    if quick:
        return [*out, floor_table(QUICK_SIZES[0], n_rounds, ONE_PASS[:1]), *credit_accuracy.tables(quick)]
    many = [
        replace(each, quiet_s=QUIET_S) if each.package == OURS else each
        for each in contenders("Markov 1", MANY_CHANNELS)
    ]
    many_grown = grow(many, MANY_SIZES, n_rounds)
    out.append(model_table(f"Markov 1, {MANY_CHANNELS} channels", many, many_grown, MANY_SIZES))
    out.append(floor_table(SIZES[-1], n_rounds, ONE_PASS))
    targets = targets_table(grown, many_grown[0][MANY_SIZES[-1]], interval)
    return [*out, targets, *credit_accuracy.tables(quick)]
