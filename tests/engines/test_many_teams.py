"""More teams than a word has bits: they share bits, and still choose each for itself."""

from __future__ import annotations

from both import assert_equal, events
from strategies import Tree, scenario_of

from funnelsim.core.bits import BITS
from funnelsim.plan.compile import compile_scenario
from funnelsim.plan.trace import STARTED

N_TEAMS = BITS + 6


def work_of(team: int) -> int:
    """Hours; those of the last teams end when nothing happens to any other."""
    return 1 + team % 3 if team < BITS - 1 else 5


def funnel() -> Tree:
    """A channel, a stage and a team each; three come to a team at once, twice, or to every other team only later."""
    ticks = ["2026-01-05T08:00:00", "2026-01-06T08:00:00"]
    return {
        "name": "many teams",
        "start": "2026-01-05",
        "horizon": "5 d",
        "tick": "1 h",
        "channels": {
            f"c{at}": {"enters": f"s{at}", "arrivals": {"batches": {"at": ticks[at % 2 :], "size": 3}}}
            for at in range(N_TEAMS)
        },
        "stages": {
            **{
                f"s{at}": {"team": f"t{at}", "duration": f"{work_of(at)} h", "exits": {"won": 1}}
                for at in range(N_TEAMS)
            },
            "won": {"terminal": "won"},
        },
        "teams": {f"t{at}": {"reps": 2} for at in range(N_TEAMS)},
    }


def test_every_team_chooses_at_every_tick_at_which_it_has_to() -> None:
    told = events(assert_equal(compile_scenario(scenario_of(funnel())), 1))
    for at in range(N_TEAMS):
        work, first = work_of(at), 8 + 24 * (at % 2)
        begins = sorted(row.tick for row in told if row.code == STARTED and row.stage == at)
        wanted = [[tick, tick, tick + work] for tick in range(first, 33, 24)]
        assert begins == [tick for ticks in wanted for tick in ticks], f"team {at}"
