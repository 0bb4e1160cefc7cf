"""The command line: `funnelsim list | init | check | schema | run | compare | diagnose | sensitivity | sweep | search
| forecast | report | attribute | mechanisms`.

Exit codes: 0 done, 2 bad input, 130 interrupted, 1 anything unexpected. What is heavy is imported by the command that
needs it, so that help answers at once.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from funnelsim.faces.answers import (
    INTERRUPTED,
    PICTURES,
    RequestError,
    answering,
    check_heat,
    check_target,
    check_view,
    overrides,
    warn_of_loop,
)
from funnelsim.faces.attribute import attribute
from funnelsim.faces.compare import compare
from funnelsim.faces.diagnose import diagnose
from funnelsim.faces.forecast import forecast
from funnelsim.faces.precise import REPLICATIONS, asked_precision, precision_document, watching
from funnelsim.faces.report.command import report
from funnelsim.faces.search import search
from funnelsim.faces.sensitivity import sensitivity
from funnelsim.faces.sweep import sweep

app = typer.Typer(
    name="funnelsim",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Simulate marketing and sales funnels: who comes, who waits for whom, what is won, and what it costs.

    \b
    funnelsim list                                   what is on the shelf
    funnelsim run b2b_saas                           run a shipped scenario
    funnelsim run b2b_saas --set teams.sdr.reps=6    ... with one more rep
    funnelsim init b2b_saas mine.yaml                a copy to edit
    funnelsim check mine.yaml                        everything that is wrong with it
    funnelsim compare b2b_saas                       its policies, on the same people
    funnelsim diagnose capacity_crunch               what holds revenue up
    funnelsim sweep b2b_saas -v teams.sdr.reps=2..10 at many points, which is best
    funnelsim search b2b_saas --most profit          the best of them, with a guarantee
    funnelsim forecast revenue_plan                  months ahead, with bands
    funnelsim report year.nc -o report.html          results on one page
    funnelsim mechanisms                             that each mechanism does what it says
    funnelsim attribute touches.csv                  credit of channels, by many models
    """,
)

app.command("compare")(compare)
app.command("diagnose")(diagnose)
app.command("sensitivity")(sensitivity)
app.command("sweep")(sweep)
app.command("search")(search)
app.command("forecast")(forecast)
app.command("report")(report)
app.command("attribute")(attribute)


class Engine(StrEnum):
    """Which engine runs; both give the same results."""

    kernel = "kernel"
    simpy = "simpy"


@app.command("list")
@answering
def list_scenarios() -> None:
    """The shipped scenarios, by name."""
    from funnelsim.faces.grids import print_trimmed
    from funnelsim.faces.shelf import shelf_table
    from funnelsim.faces.terminal import output

    print_trimmed(shelf_table(), output())


@app.command()
@answering
def init(
    name: Annotated[str, typer.Argument(help="Name of a shipped scenario; see `funnelsim list`.")],
    file: Annotated[Path | None, typer.Argument(help="Where to put the copy; default NAME.yaml here.")] = None,
) -> None:
    """Copy a shipped scenario to a file of your own, with the lists it replays.

    \b
    funnelsim init b2b_saas mine.yaml
    """
    from funnelsim.faces.shelf import copy_scenario

    try:
        written = copy_scenario(name, file)
    except FileExistsError as error:
        raise RequestError(f"{error.filename} is there already; give another name") from None
    except OSError as error:
        raise RequestError(f"{error.filename}: {error.strerror}") from None
    for path in written:
        _tell(f"wrote {path}")


def _tell(text: str) -> None:
    from funnelsim.faces.terminal import output, words

    output().print(words(text), soft_wrap=True)


@app.command()
@answering
def check(
    file: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one value; may be repeated.")
    ] = None,
) -> None:
    """Say everything that is wrong with a scenario, or that it is fine.

    \b
    funnelsim check mine.yaml
    """
    from funnelsim.scenario import load
    from funnelsim.studies.variants import variants

    scenario = load(file, overrides(settings))
    policies = len(variants(scenario))
    n, channels, teams = len(scenario.stages), len(scenario.channels), len(scenario.teams)
    more = f", {policies} polic{'y' if policies == 1 else 'ies'}" if policies else ""
    _tell(f"{file} is fine: {scenario.name}; {n} stages, {channels} channels, {teams} teams{more}")


@app.command()
@answering
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from funnelsim.scenario.schema import FILE

    print(FILE.read_text("utf-8"), end="")


@app.command()
@answering
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)],
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", min=1, max=10_000_000, help="How many times it is run.", show_default="100"
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(metavar="HALF-WIDTH", help="Run until a measure is known to within 2% of itself, or 0.5."),
    ] = None,
    measure: Annotated[str, typer.Option(metavar="NAME", help="What must be precise, as wins or cac.")] = "wins",
    at_least: Annotated[
        int | None, typer.Option(min=3, help="Replications before --precision is looked at.", show_default="10")
    ] = None,
    at_most: Annotated[
        int | None, typer.Option(min=3, help="Replications at which --precision gives up.", show_default="10000")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=(1 << 63) - 1, help="Same seed, same results.")] = 1,
    engine: Annotated[
        Engine, typer.Option(help="Both give the same results; simpy is the readable one.")
    ] = Engine.kernel,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one value, as teams.sdr.reps=6; may be repeated."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of the kernel; default all processors.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="R.nc", help="Keep all results in a netCDF-4 file.", show_default=False)
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(metavar="T.parquet", help="Keep every event in a Parquet file.", show_default=False)
    ] = None,
    journeys: Annotated[
        Path | None,
        typer.Option(
            metavar="J.parquet", help="Keep every prospect's touches, milestones and end.", show_default=False
        ),
    ] = None,
    records: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep what the teams' own systems hold: parquet or csv.", show_default=False),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw funnel and queues: png, svg or pdf.", show_default=False)
    ] = None,
    heat: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw broken promises by weekday and hour: png, svg or pdf. Keeps traces while it runs.",
            show_default=False,
        ),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Print the funnel in the words of a view, as AIDA.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Run a scenario and print its funnel, each number with its 95% interval.

    \b
    funnelsim run b2b_saas
    funnelsim run b2b_saas -n 1000 --seed 7 --out year.nc --plot year.png
    funnelsim run b2b_saas --set teams.sdr.reps=6 --set horizon="26 w" --json
    funnelsim run b2b_saas --precision 2%
    funnelsim run lead_replay --set channels.leads.replay.file=last_year.csv.gz
    funnelsim run b2b_saas --view AIDA
    funnelsim run msme_crm --heat promises.png
    """
    for path, suffixes in (
        (out, (".nc",)),
        (trace, (".parquet",)),
        (journeys, (".parquet",)),
        (records, (".parquet", ".csv")),
        (plot, PICTURES),
        (heat, PICTURES),
    ):
        check_target(path, suffixes)
    wanted = asked_precision(precision, replications, at_least, at_most)
    if wanted is not None and (trace or journeys or records or heat or engine is not Engine.kernel):
        refused = "--trace, --journeys, --records, --heat, --engine"
        raise RequestError(f"--precision adds replications block by block; leave out {refused}, or give --replications")
    from funnelsim.scenario import load

    found = load(scenario, overrides(settings))
    if view is not None:
        check_view(view, found)
    check_heat(heat, found)
    files = {"trace": trace, "journeys": journeys, "records": records}
    with _metered(found, wanted.floor if wanted else replications or REPLICATIONS, seed, engine, quiet) as meter:
        if wanted is not None:
            ds = _simulate_until(found, wanted, measure, seed, threads, meter)
        else:
            many, traced = replications or REPLICATIONS, heat is not None
            ds = _simulate(found, many, seed, engine.value, threads, files, meter, traced)
    if out is not None:
        from funnelsim.results.files import save_result

        save_result(ds, out)
    if plot is not None:
        from funnelsim.plots import save_picture

        save_picture(ds, plot)
    if heat is not None:
        from funnelsim.plots import heat_picture, save_picture

        save_picture(ds, heat, heat_picture)
    if quiet:
        return
    _print(ds, as_json, view)
    for path in (out, *files.values(), plot, heat):
        if path is not None and not as_json:
            _tell(f"wrote {path}")


@app.command()
@answering
def mechanisms(
    rows: Annotated[list[int] | None, typer.Argument(help="Numbers of rows; default all.", show_default=False)] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of the kernel; default all processors.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")] = False,
) -> None:
    """Show that each mechanism of a funnel works: run the assertion of each row, and its control.

    \b
    funnelsim mechanisms          every row: about a minute
    funnelsim mechanisms 28 55    some of them

    A row passes if its measure lies in its range, and leaves it with the mechanism switched off. Exits with 1 if a row
    that has an assertion fails.
    """
    from funnelsim.faces.grids import print_trimmed
    from funnelsim.faces.progress import Meter
    from funnelsim.faces.terminal import messages, output
    from funnelsim.faces.verdicts import closing, verdict_document, verdict_table
    from funnelsim.studies.mechanisms import judge
    from funnelsim.studies.mechanisms import mechanisms as table

    known = {each.row: each for each in table()}
    for row in rows or ():
        if row not in known:
            raise RequestError(f"there is no row {row}; the table has rows 1 to {max(known)}")
    chosen = [known[row] for row in sorted(set(rows or known))]
    with Meter(len(chosen), messages()) as meter:
        verdicts = list(judge(chosen, threads=threads, progress=meter))
    if as_json:
        print(verdict_document(verdicts, chosen))
    else:
        print_trimmed(verdict_table(verdicts), output())
        for line in closing(verdicts, chosen):
            _tell(line)
    if not all(verdict.holds for verdict in verdicts):
        raise typer.Exit(1)


@contextmanager
def _metered(scenario: Any, replications: int, seed: int, engine: Engine, quiet: bool) -> Iterator[Any]:
    """A bar for so many replications, after a warning of what may not end."""
    from funnelsim.core.linking import announcing
    from funnelsim.faces.progress import Meter
    from funnelsim.faces.terminal import messages

    console = messages()

    def tell() -> None:
        if not quiet:
            console.print("compiling the engine for this machine, once: about 20 s")

    with announcing(tell):
        if not quiet:
            warn_of_loop(scenario, seed, engine.value)
        with Meter(replications, console, wanted=not quiet) as meter:
            yield meter


def _simulate(
    scenario: Any,
    replications: int,
    seed: int,
    engine: str,
    threads: int | None,
    files: dict[str, Path | None],
    meter: Any,
    traced: bool,
) -> Any:
    """The dataset."""
    from funnelsim.results.simulate import simulate

    return simulate(
        scenario,
        replications=replications,
        seed=seed,
        engine=engine,  # type: ignore[arg-type]
        threads=threads,
        progress=meter,
        trace=files["trace"],
        journeys=files["journeys"],
        records=files["records"],
        traced=traced,
    )


def _simulate_until(scenario: Any, precision: Any, measure: str, seed: int, threads: int | None, meter: Any) -> Any:
    """The dataset of a run that is as long as its precision asks for."""
    from funnelsim.studies.precise import simulate_until

    watch = watching(meter, 1)
    return simulate_until(scenario, precision, seed=seed, measure=measure, threads=threads, progress=meter, watch=watch)


def _print(ds: Any, as_json: bool, view: str | None) -> None:
    from funnelsim.results.summary import summary
    from funnelsim.results.views import view_summary

    found = summary(ds)
    seen = None if view is None else view_summary(ds, view)
    if as_json:
        import json

        from funnelsim.faces.document import document

        print(json.dumps(document(ds, found, seen) | precision_document(ds), indent=2, allow_nan=False))
        return
    from funnelsim.faces.tables import show
    from funnelsim.faces.terminal import output

    show(ds, found, output(), seen)
    if "precision" in ds.attrs:
        from funnelsim.studies.precise import precision_sentence

        _tell(precision_sentence(ds))


def main() -> None:
    """The program `funnelsim`."""
    # Imports make many objects and little garbage: looking for it less often saves a fifteenth of a small run.
    gc.set_threshold(100_000, 50, 100)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe has seen enough.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
