"""`funnelsim forecast`: months ahead, with bands, and the chance of a target."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from funnelsim.faces.answers import answering, check_target, overrides, say

if TYPE_CHECKING:
    import xarray as xr

    from funnelsim.scenario.model import Scenario


@answering
def forecast(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)],
    horizon: Annotated[
        str | None, typer.Option(metavar="TIME", help="How far ahead, as 12 mo or 26 w; default the scenario's.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="WHERE", help="empty, steady or pipeline (open deals); default what the scenario has."),
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="SUM", help="Revenue to reach, as 4M or 250k.")] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="The last day for the target; default the end.", show_default=False),
    ] = None,
    draws: Annotated[
        int | None, typer.Option(min=2, max=1_000_000, help="Draws of the ranges; default 200.", show_default=False)
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-n",
            min=1,
            max=10_000_000,
            show_default=False,
            help="Runs of each draw; default 5, and 1000 where no number has a range.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one value, or give it a range; may be repeated."),
    ] = None,
    level: Annotated[float, typer.Option(min=50, max=99.99, help="Level of intervals in per cent.")] = 95.0,
    seed: Annotated[int, typer.Option(min=0, max=(1 << 63) - 1, help="Same seed, same forecast.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of the kernel; default all processors.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="F.nc", help="Keep the forecast in a netCDF-4 file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
) -> None:
    """Forecast revenue, wins, cost and the load of teams by month, with bands of 50, 80 and 95%.

    \b
    funnelsim forecast revenue_plan --target 4M --by 2026-12-31
    funnelsim forecast b2b_saas --horizon "12 mo" --set stages.qualify.exits.demo.logit="-1.2 to -0.5"
    funnelsim forecast pipeline_forecast --start pipeline --horizon "6 mo"

    Bands hold what is not known of the ranges, and luck. The horizon counts from the first measured day. Starts: an
    empty funnel; steady, after the scenario's warm-up or one that is worked out; or the open deals of the scenario.
    """  # fmt: skip
    from funnelsim.faces.forecast_tables import forecast_document, show_forecast
    from funnelsim.faces.terminal import output
    from funnelsim.scenario import load

    check_target(out, (".nc",))
    found = load(scenario, overrides(settings))
    asked = {
        "horizon": horizon, "start": start, "target": target, "by": by, "draws": draws, "replications": replications,
        "level": level / 100, "seed": seed, "threads": threads,
    }  # fmt: skip
    ds = _forecast(found, asked, as_json)
    if out is not None:
        from funnelsim.results.files import save_result

        save_result(ds, out)
    if as_json:
        print(json.dumps(forecast_document(ds), indent=2, allow_nan=False))
        return
    show_forecast(ds, output())
    if out is not None:
        say(f"wrote {out}")


def _forecast(scenario: "Scenario", asked: dict[str, Any], quiet: bool) -> "xr.Dataset":
    """The forecast, with a bar while it is made."""
    from funnelsim.faces.studying import metered
    from funnelsim.studies.forecast import forecast as study
    from funnelsim.studies.uncertainty import runs

    with metered(runs(scenario, asked["draws"], asked["replications"]), quiet) as meter:
        return study(scenario, **asked, progress=meter)
