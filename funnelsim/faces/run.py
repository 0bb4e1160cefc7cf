"""`funnelsim run`: a scenario, many times, and what it comes to."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from funnelsim.faces.answers import (
    PICTURES,
    RequestError,
    answering,
    check_heat,
    check_target,
    check_view,
    overrides,
    tell,
    warn_of_loop,
)
from funnelsim.faces.options import AsJson, AtLeast, AtMost, HalfWidth, Out, ScenarioName, Seed, Settings, Threads
from funnelsim.faces.precise import REPLICATIONS, asked_precision, precision_document, watching
from funnelsim.faces.studying import compiling, metered


class Engine(StrEnum):
    """Which engine runs; both give the same results."""

    kernel = "kernel"
    simpy = "simpy"


@answering
def run(
    scenario: ScenarioName,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", min=1, max=10_000_000, help="How many times it is run.", show_default="100"
        ),
    ] = None,
    precision: HalfWidth = None,
    measure: Annotated[str, typer.Option(metavar="NAME", help="What must be precise, as wins or cac.")] = "wins",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    seed: Seed = 1,
    engine: Annotated[
        Engine, typer.Option(help="Both give the same results; simpy is the readable one.")
    ] = Engine.kernel,
    settings: Settings = None,
    threads: Threads = None,
    out: Out = None,
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
    as_json: AsJson = False,
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
    from funnelsim.results.simulate import simulate
    from funnelsim.scenario import load
    from funnelsim.studies.precise import simulate_until

    found = load(scenario, overrides(settings))
    if view is not None:
        check_view(view, found)
    check_heat(heat, found)
    files: dict[str, Any] = {"trace": trace, "journeys": journeys, "records": records}
    many = wanted.floor if wanted else replications or REPLICATIONS
    with compiling(quiet):
        if not quiet:
            warn_of_loop(found, seed, engine.value)
        with metered(many, quiet) as meter:
            how: dict[str, Any] = {"seed": seed, "threads": threads, "progress": meter}
            if wanted is not None:
                ds = simulate_until(found, wanted, measure=measure, watch=watching(meter, 1), **how)
            else:
                traced = heat is not None
                ds = simulate(found, replications=many, engine=engine.value, traced=traced, **files, **how)
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
            tell(f"wrote {path}")


def _print(ds: Any, as_json: bool, view: str | None) -> None:
    from funnelsim.results.summary import summary
    from funnelsim.results.views import view_summary

    found = summary(ds)
    seen = None if view is None else view_summary(ds, view)
    if as_json:
        from funnelsim.faces.document import document

        print(json.dumps(document(ds, found, seen) | precision_document(ds), indent=2, allow_nan=False))
        return
    from funnelsim.faces.tables import show
    from funnelsim.faces.terminal import output

    show(ds, found, output(), seen)
    if "precision" in ds.attrs:
        from funnelsim.studies.precise import precision_sentence

        tell(precision_sentence(ds))
