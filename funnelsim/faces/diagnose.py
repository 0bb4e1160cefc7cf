"""`funnelsim diagnose`: what a little more of every capacity, conversion and delay would bring, and what is held up."""

from typing import Annotated

import typer

from funnelsim.faces.answers import answering, check_target, overrides
from funnelsim.faces.options import AsJson, Level, Out, ScenarioName, Seed, Settings, Threads
from funnelsim.faces.studying import hand_over, metered


@answering
def diagnose(
    scenario: ScenarioName,
    against: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="A funnel that does better: which difference costs most.")
    ] = None,
    settings: Settings = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=2, max=1_000_000, help="How many times each is run.")
    ] = 40,
    level: Level = 95.0,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Say which stage holds revenue up, and what one unit more of everything is worth.

    \b
    funnelsim diagnose capacity_crunch
    funnelsim diagnose b2b_saas --set teams.sdr.reps=3
    funnelsim diagnose mine.yaml --against last_year.yaml

    Every team gets one more rep, every piece of work and every wait becomes a tenth shorter, every chance a little
    better, one at a time and on the same people. A stage is held up if a tenth less work or time there brings at least
    1% more revenue, beyond chance.
    """
    from funnelsim.faces.diagnosis_tables import diagnosis_document, show_diagnosis
    from funnelsim.scenario import load
    from funnelsim.studies.diagnosis import diagnose as study
    from funnelsim.studies.diagnosis import runs

    check_target(out, (".nc",))
    found, better = load(scenario, overrides(settings)), None if against is None else load(against)
    with metered(replications * runs(found, better), as_json) as meter:
        ds = study(
            found, seed=seed, replications=replications, level=level / 100, against=better, threads=threads,
            progress=meter,
        )  # fmt: skip
    hand_over(ds, out, as_json, diagnosis_document, show_diagnosis)
