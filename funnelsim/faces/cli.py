"""The command line: `funnelsim list | init | check | schema | run | compare | diagnose | sensitivity | sweep | search
| forecast | report | attribute | mechanisms`.

Exit codes: 0 done, 2 bad input, 130 interrupted, 1 anything unexpected. What is heavy is imported by the command that
needs it, so that help answers at once.
"""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from funnelsim.faces.answers import INTERRUPTED, RequestError, answering, overrides, tell
from funnelsim.faces.attribute import attribute
from funnelsim.faces.compare import compare
from funnelsim.faces.diagnose import diagnose
from funnelsim.faces.forecast import forecast
from funnelsim.faces.options import AsJson, Settings, Threads
from funnelsim.faces.report.command import report
from funnelsim.faces.run import run
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

app.command("run")(run)
app.command("compare")(compare)
app.command("diagnose")(diagnose)
app.command("sensitivity")(sensitivity)
app.command("sweep")(sweep)
app.command("search")(search)
app.command("forecast")(forecast)
app.command("report")(report)
app.command("attribute")(attribute)


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
        tell(f"wrote {path}")


@app.command()
@answering
def check(
    file: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.")],
    settings: Settings = None,
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
    tell(f"{file} is fine: {scenario.name}; {n} stages, {channels} channels, {teams} teams{more}")


@app.command()
@answering
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from funnelsim.scenario.schema import FILE

    print(FILE.read_text("utf-8"), end="")


@app.command()
@answering
def mechanisms(
    rows: Annotated[list[int] | None, typer.Argument(help="Numbers of rows; default all.", show_default=False)] = None,
    threads: Threads = None,
    as_json: AsJson = False,
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
            tell(line)
    if not all(verdict.holds for verdict in verdicts):
        raise typer.Exit(1)


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
