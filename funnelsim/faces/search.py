"""`funnelsim search`: the cheapest that is good enough, the best under a budget, the value that reaches a goal."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from funnelsim.faces.answers import RequestError, answering, check_target, overrides
from funnelsim.faces.options import AsJson, Out, ScenarioName, Seed, Settings, Threads, Vary
from funnelsim.faces.studying import hand_over, metered, ranges

if TYPE_CHECKING:
    import xarray as xr

    from funnelsim.scenario.model import Scenario


@answering
def search(
    scenario: ScenarioName,
    vary: Vary = None,
    least: Annotated[str | None, typer.Option(metavar="MEASURE", help="Choose what has least, as cost.")] = None,
    most: Annotated[str | None, typer.Option(metavar="MEASURE", help="Choose what has most, as profit.")] = None,
    meet: Annotated[
        list[str] | None,
        typer.Option("--meet", "--limit", metavar="GOAL", help="What it must keep, as sla.qualify>=90% or cost<=3M."),
    ] = None,
    seek: Annotated[
        str | None, typer.Option(metavar="PATH=VALUES", help="Find the value of this that meets --goal.")
    ] = None,
    goal: Annotated[str | None, typer.Option(metavar="GOAL", help="What --seek is to meet, as wins>=200.")] = None,
    delta: Annotated[
        str | None,
        typer.Option(metavar="DIFFERENCE", help="What does not matter, 2% or in the unit.", show_default="1%"),
    ] = None,
    tolerance: Annotated[
        str | None, typer.Option(metavar="SHARE", help="How near to a limit either will do.", show_default="1%")
    ] = None,
    points: Annotated[int | None, typer.Option(min=2, help="Values of a continuous range.", show_default="5")] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", min=3, help="Of --seek 100; else of the first stage 10.", show_default=False
        ),
    ] = None,
    at_most: Annotated[int, typer.Option(min=3, help="Replications of a candidate at most.")] = 1000,
    settings: Settings = None,
    level: Annotated[float, typer.Option(min=51, max=99.99, help="Chance of choosing right, in per cent.")] = 95.0,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Choose with a guarantee, or find the value of an assumption that reaches a goal.

    What may be chosen is what --vary says, or the scenario's policies.

    \b
    funnelsim search b2b_saas -v teams.sdr.reps=4..8 -v teams.ae.reps=5..8 --least cost --meet "sla.qualify>=70%"
    funnelsim search b2b_saas --most profit --limit "cost<=3M"
    funnelsim search b2b_saas --seek stages.qualify.exits.demo=20%..60% --goal "wins>=160"
    """
    from funnelsim.faces.search_tables import search_document, seek_document, show_search, show_seek
    from funnelsim.scenario import load

    check_target(out, (".nc",))
    _check(seek, goal, [vary, least, most, meet, delta, tolerance])
    found = load(scenario, overrides(settings))
    how = {"seed": seed, "level": level / 100, "threads": threads}
    if seek is not None:
        ds = _sought(found, ranges([seek], "--seek"), str(goal), replications or 100, as_json, how)
    else:
        many = {"first_stage": replications or 10, "ceiling": at_most, "delta": delta, "tolerance": tolerance}
        wanted = {"least": least, "most": most, "meet": meet or [], "points": points}
        ds = _searched(found, ranges(vary), as_json, how | many | wanted)
    is_seek = ds.attrs["kind"] == "seek"
    hand_over(ds, out, as_json, *((seek_document, show_seek) if is_seek else (search_document, show_search)))


def _check(seek: str | None, goal: str | None, others: list[Any]) -> None:
    """Refuse a question that is half another one."""
    if (seek is None) != (goal is None):
        raise RequestError('--seek and --goal go together: --seek stages.call.exits.won=10%..40% --goal "wins>=200"')
    if seek is not None and any(others):
        raise RequestError("--seek is a question of its own; leave out --vary, --least, --most and --meet")


def _sought(
    scenario: "Scenario", asked: dict[str, str], goal: str, replications: int, quiet: bool, how: dict[str, Any]
) -> "xr.Dataset":
    from funnelsim.studies.goals import goal_of
    from funnelsim.studies.seek import seek

    ((path, values),) = asked.items()
    wanted = goal_of(goal, "--goal")
    with metered(12 * replications, quiet) as meter:
        return seek(scenario, path, values, wanted, replications=replications, progress=meter, **how)


def _searched(scenario: "Scenario", asked: dict[str, str], quiet: bool, how: dict[str, Any]) -> "xr.Dataset":
    from funnelsim.studies.search import search as study

    first = how["first_stage"]
    with metered(first, quiet) as meter:

        def told(left: int, n: int) -> None:
            meter.aim(meter.done + left * max(1, n // 5), f"{left} in the race after {n} replications each;")

        try:
            return study(scenario, asked, progress=meter, told=told, **how)
        except ValueError as error:
            raise RequestError(str(error)) from None
