"""`funnelsim compare`: policies beside a baseline, on the same people."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from funnelsim.faces.answers import RequestError, answering, check_target, overrides
from funnelsim.faces.options import (
    AsJson,
    AtLeast,
    AtMost,
    HalfWidth,
    Level,
    Out,
    PolicyFile,
    PolicyNames,
    Repeated,
    ScenarioName,
    Seed,
    Threads,
)
from funnelsim.faces.precise import REPLICATIONS, asked_precision, watching
from funnelsim.faces.studying import hand_over, metered, policies_of

if TYPE_CHECKING:
    import xarray as xr

    from funnelsim.scenario.model import Scenario


@answering
def compare(
    scenario: ScenarioName,
    policy: PolicyNames = None,
    policies: PolicyFile = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One more policy, made of these changes; may be repeated."),
    ] = None,
    base: Annotated[
        list[str] | None, typer.Option("--base", metavar="KEY=VALUE", help="Change the baseline and all policies.")
    ] = None,
    replications: Repeated = None,
    precision: HalfWidth = None,
    measure: Annotated[str, typer.Option(metavar="NAME", help="Whose difference must be precise.")] = "wins",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    level: Level = 95.0,
    seed: Seed = 1,
    coins: Annotated[
        bool, typer.Option("--coins", help="Count wins as they fell, not by their chances: the same mean, more luck.")
    ] = False,
    threads: Threads = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Compare policies with the scenario as it is, on the same people.

    \b
    funnelsim compare b2b_saas
    funnelsim compare b2b_saas --policy fast_response
    funnelsim compare b2b_saas --set teams.sdr.reps=7 --set stages.qualify.sla.respond_within="5 min"
    funnelsim compare mine.yaml --policies ideas.yaml -n 500 --out compared.nc
    funnelsim compare b2b_saas --policy fast_response --precision 10% --measure revenue

    Policies stand in the scenario, or in a file of their own:

    \b
    policies:
      fast_response:
        says: two more SDRs, first call within five minutes
        set: {teams.sdr.reps: 7, stages.qualify.sla.respond_within: 5 min}
        cost: 500 / mo
    """
    from funnelsim.faces.comparison_tables import comparison_document, show_comparison
    from funnelsim.scenario import load

    check_target(out, (".nc",))
    wanted = asked_precision(precision, replications, at_least, at_most)
    found = load(scenario, overrides(base))
    asked = _asked(found, policy or [], policies, overrides(settings))
    many: dict[str, Any] = {"replications": replications or REPLICATIONS, "precision": wanted, "measure": measure}
    ds = _compared(found, asked, as_json, seed=seed, level=level / 100, expected=not coins, threads=threads, **many)
    hand_over(ds, out, as_json, comparison_document, show_comparison)


def _asked(scenario: "Scenario", names: list[str], file: Path | None, settings: dict[str, str]) -> dict[str, Any]:
    """The policies that were asked for: those named, else all there are, and the one on the command line."""
    asked = policies_of(scenario, names, file) if names or file is not None or not settings else {}
    if settings:
        asked[", ".join(f"{key}={value}" for key, value in settings.items())] = settings
    if not asked:
        raise RequestError(
            "there is no policy to compare: write a policies: block, name a file with --policies, or "
            "--set teams.sdr.reps=7"
        )
    return asked


def _compared(scenario: "Scenario", policies: dict[str, Any], quiet: bool, **how: Any) -> "xr.Dataset":
    """The comparison, with a bar while it is made."""
    from funnelsim.studies.compare import compare as study

    runs = 1 + len(policies)
    first = how["replications"] if how["precision"] is None else how["precision"].floor
    with metered(first * runs, quiet) as meter:
        return study(scenario, policies, progress=meter, watch=watching(meter, runs), **how)
