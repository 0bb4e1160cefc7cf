"""`funnelsim sensitivity`: which assumptions matter, and what would have to be true for another policy."""

from functools import partial
from typing import Annotated, Any, Final

import typer

from funnelsim.faces.answers import RequestError, answering, check_target, overrides
from funnelsim.faces.options import AsJson, Level, Out, PolicyFile, PolicyNames, ScenarioName, Seed, Threads
from funnelsim.faces.studying import hand_over, metered, policies_of

FEW: Final = 10
"""Replications of a point of Sobol's at most: there are many points."""


@answering
def sensitivity(
    scenario: ScenarioName,
    measure: Annotated[
        str, typer.Option(metavar="NAME", help="What is looked at, as profit, wins, sla.qualify.")
    ] = "profit",
    sobol: Annotated[
        int, typer.Option(metavar="POINTS", min=0, help="Sobol indices too, of so many points: 64, 128, ...")
    ] = 0,
    policy: PolicyNames = None,
    policies: PolicyFile = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help='Change a value, or give it a range: KEY="20% to 30%".'),
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=2, max=1_000_000, help="How many times each is run.")
    ] = 50,
    level: Level = 95.0,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Move each assumption over its range: what it does to a measure, and when another policy would be better.

    \b
    funnelsim sensitivity revenue_plan
    funnelsim sensitivity revenue_plan --measure wins --sobol 64
    funnelsim sensitivity b2b_saas --set teams.sdr.salary="6000 to 9000 / mo" --policy fast_response

    Assumptions are numbers of the scenario that are written as ranges (20% to 30%: nine times in ten between), or as
    laws. The tornado takes them to their ends one at a time; Sobol indices move all of them at once.
    """
    from funnelsim.faces.sensitivity_tables import sensitivity_document, show_sensitivity
    from funnelsim.scenario import load
    from funnelsim.studies import sobol as indices
    from funnelsim.studies import tornado as swings
    from funnelsim.studies import turning

    check_target(out, (".nc",))
    found = load(scenario, overrides(settings))
    chosen = policies_of(found, policy or [], policies) if policy or policies else {}
    if sobol and sobol & (sobol - 1):
        raise RequestError(f"--sobol {sobol}: Sobol's sequence is even for powers of two: write 64 or 128")
    how: dict[str, Any] = {"seed": seed, "level": level / 100, "threads": threads}
    with metered(replications * swings.runs(found), as_json, "assumptions") as meter:
        ds = swings.tornado(found, measure=measure, replications=replications, progress=meter, **how)
    of = turns = None
    if sobol:
        with metered(indices.runs(found, sobol), as_json, "Sobol's points") as meter:
            few = min(replications, FEW)
            of = indices.sobol(found, measure=measure, points=sobol, replications=few, progress=meter, **how)
    if chosen:
        with metered(replications * turning.runs(found, chosen), as_json, "policies") as meter:
            turns = turning.turning_points(found, chosen, replications=replications, progress=meter, **how)
    besides: dict[str, Any] = {"of": of, "turns": turns}
    hand_over(ds, out, as_json, partial(sensitivity_document, **besides), partial(show_sensitivity, **besides))
