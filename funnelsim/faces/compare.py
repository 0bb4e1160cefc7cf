"""`funnelsim compare`: policies beside a baseline, on the same people."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from funnelsim.faces.answers import RequestError, answering, check_target, overrides, say
from funnelsim.faces.precise import REPLICATIONS, asked_precision, watching

if TYPE_CHECKING:
    import xarray as xr

    from funnelsim.scenario.model import Scenario


@answering
def compare(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)],
    policy: Annotated[
        list[str] | None, typer.Option("--policy", "-p", metavar="NAME", help="One of its policies; default all.")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policies of a file of their own.", show_default=False)
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One more policy, made of these changes; may be repeated."),
    ] = None,
    base: Annotated[
        list[str] | None, typer.Option("--base", metavar="KEY=VALUE", help="Change the baseline and all policies.")
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", min=2, max=10_000_000, help="How many times each is run.", show_default="100"
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(metavar="HALF-WIDTH", help="Run until differences are known to within 2% of themselves, or 0.5."),
    ] = None,
    measure: Annotated[str, typer.Option(metavar="NAME", help="What must be precise.")] = "wins",
    at_least: Annotated[
        int | None, typer.Option(min=3, help="Replications before --precision is looked at.", show_default="10")
    ] = None,
    at_most: Annotated[
        int | None, typer.Option(min=3, help="Replications at which --precision gives up.", show_default="10000")
    ] = None,
    level: Annotated[float, typer.Option(min=50, max=99.99, help="Level of intervals in per cent.")] = 95.0,
    seed: Annotated[int, typer.Option(min=0, max=(1 << 63) - 1, help="Same seed, same people.")] = 1,
    coins: Annotated[
        bool, typer.Option("--coins", help="Count wins as they fell, not by their chances: the same mean, more luck.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of the kernel; default all processors.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="C.nc", help="Keep the comparison in a netCDF-4 file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
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
    from funnelsim.faces.terminal import output
    from funnelsim.scenario import load

    check_target(out, (".nc",))
    wanted = asked_precision(precision, replications, at_least, at_most)
    found = load(scenario, overrides(base))
    asked = _asked(found, policy or [], policies, overrides(settings))
    many: dict[str, Any] = {"replications": replications or REPLICATIONS, "precision": wanted, "measure": measure}
    ds = _compared(found, asked, as_json, seed=seed, level=level / 100, expected=not coins, threads=threads, **many)
    if out is not None:
        from funnelsim.results.files import save_result

        save_result(ds, out)
    if as_json:
        print(json.dumps(comparison_document(ds), indent=2, allow_nan=False))
        return
    show_comparison(ds, output())
    if out is not None:
        say(f"wrote {out}")


def _asked(scenario: "Scenario", names: list[str], file: Path | None, settings: dict[str, str]) -> dict[str, Any]:
    """The policies that were asked for: those named, else all there are, and the one on the command line."""
    from funnelsim.studies.variants import policies_in, wanted

    known: dict[str, Any] = dict(scenario.policies)
    if file is not None:
        known |= policies_in(file, scenario.currency)
    asked: dict[str, Any] = wanted(known, names) if names or file is not None or not settings else {}
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
    from funnelsim.faces.studying import metered
    from funnelsim.studies.compare import compare as study

    runs = 1 + len(policies)
    first = how["replications"] if how["precision"] is None else how["precision"].floor
    with metered(first * runs, quiet) as meter:
        return study(scenario, policies, progress=meter, watch=watching(meter, runs), **how)
