"""`funnelsim sweep`: a scenario at many points, on the same people."""

from functools import partial
from typing import Annotated

import typer

from funnelsim.faces.answers import answering, check_target, overrides
from funnelsim.faces.options import AsJson, Level, Out, ScenarioName, Seed, Settings, Threads, Vary
from funnelsim.faces.studying import hand_over, metered, ranges


@answering
def sweep(
    scenario: ScenarioName,
    vary: Vary = None,
    design: Annotated[str, typer.Option(help="grid, lhs (Latin hypercube) or sobol.")] = "grid",
    points: Annotated[
        int | None,
        typer.Option(
            help="Points of lhs and sobol (64); in a grid values of a continuous range (5).", show_default=False
        ),
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=2, max=1_000_000, help="How many times each point is run.")
    ] = 50,
    measure: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What points are judged by.", show_default="profit, or wins"),
    ] = None,
    settings: Settings = None,
    level: Level = 95.0,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Run a scenario at many points, on the same people: what reps, promises or conversions change.

    \b
    funnelsim sweep b2b_saas --vary teams.sdr.reps=2..10
    funnelsim sweep b2b_saas --vary teams.sdr.reps=3..8 --vary teams.ae.reps=5..9 --measure cac
    funnelsim sweep b2b_saas --vary stages.qualify.sla.respond_within=5min,30min,1h
    funnelsim sweep b2b_saas --vary stages.qualify.exits.demo=25%..40% --points 9
    funnelsim sweep mine.yaml --vary a.b=1..9 --vary c.d=10%..30% --design sobol --points 64 --out s.nc
    """
    from funnelsim.faces.sweep_tables import show_sweep, sweep_document
    from funnelsim.scenario import load
    from funnelsim.studies.best import judged_by
    from funnelsim.studies.designs import POINTS, size
    from funnelsim.studies.sweep import sweep as study
    from funnelsim.studies.varied import varied

    check_target(out, (".nc",))
    parts = varied(asked := ranges(vary))
    found = load(scenario, overrides(settings))
    n = size(parts, points) if design == "grid" else points or POINTS
    with metered(n * replications, as_json) as meter:
        ds = study(
            found, asked, seed=seed, design=design, points=points, replications=replications, level=level / 100,
            threads=threads, progress=meter,
        )  # fmt: skip
    chosen = judged_by(ds, measure)
    document = partial(sweep_document, measure=chosen)
    hand_over(ds, out, as_json, document, lambda found, console: show_sweep(found, chosen, console))
