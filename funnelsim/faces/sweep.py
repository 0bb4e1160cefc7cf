"""`funnelsim sweep`: a scenario at many points, on the same people."""

import json
from pathlib import Path
from typing import Annotated

import typer

from funnelsim.faces.answers import answering, check_target, overrides, say
from funnelsim.faces.studying import metered, ranges


@answering
def sweep(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)],
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", "-v", metavar="PATH=VALUES", help="2..10, 2..10..2, 10%..30% or 5min,1h,1d."),
    ] = None,
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
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one value at all points.")
    ] = None,
    level: Annotated[float, typer.Option(min=50, max=99.99, help="Level of intervals in per cent.")] = 95.0,
    seed: Annotated[int, typer.Option(min=0, max=(1 << 63) - 1, help="Same seed, same people.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of the kernel; default all processors.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="S.nc", help="Keep the sweep in a netCDF-4 file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
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
    from funnelsim.faces.terminal import output
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
    if out is not None:
        from funnelsim.results.files import save_result

        save_result(ds, out)
    chosen = judged_by(ds, measure)
    if as_json:
        print(json.dumps(sweep_document(ds, chosen), indent=2, allow_nan=False))
        return
    show_sweep(ds, chosen, output())
    if out is not None:
        say(f"wrote {out}")
