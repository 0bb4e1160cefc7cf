"""`funnelsim forecast`: months ahead, with bands, and the chance of a target."""

from typing import Annotated, Any

import typer

from funnelsim.faces.answers import answering, check_target, overrides
from funnelsim.faces.options import AsJson, Level, Out, ScenarioName, Seed, Settings, Threads
from funnelsim.faces.studying import hand_over, metered


@answering
def forecast(
    scenario: ScenarioName,
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
    settings: Settings = None,
    level: Level = 95.0,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    as_json: AsJson = False,
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
    from funnelsim.scenario import load
    from funnelsim.studies.forecast import forecast as study
    from funnelsim.studies.uncertainty import runs

    check_target(out, (".nc",))
    found = load(scenario, overrides(settings))
    asked: dict[str, Any] = {
        "horizon": horizon, "start": start, "target": target, "by": by, "draws": draws, "replications": replications,
        "level": level / 100, "seed": seed, "threads": threads,
    }  # fmt: skip
    with metered(runs(found, draws, replications), as_json) as meter:
        ds = study(found, **asked, progress=meter)
    hand_over(ds, out, as_json, forecast_document, show_forecast)
