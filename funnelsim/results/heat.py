"""When promises are broken: by the weekday and the hour at which a prospect came to the team.

The instant is that at which it joined the line, in the scenario's own time; a deal that was open at the start came at
the start. Which promises are judged, and when that is seen, is what the counts of kept and broken ones say.
"""

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.ticks import HOUR
from funnelsim.engines import asked
from funnelsim.engines.census import Census, table
from funnelsim.engines.journal import Ints, Journal
from funnelsim.engines.recount import promises
from funnelsim.plan.compile import Compiled
from funnelsim.plan.timeline import Timeline
from funnelsim.results.run import COUNT, Variable, variable
from funnelsim.scenario.model import Scenario, Sla
from funnelsim.scenario.units import say

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS: Final = 24
NAMES: Final = ("sla_judged_by_hour", "sla_broken_by_hour")


def has_promises(scenario: Scenario) -> bool:
    """Whether some stage has an SLA."""
    return any(stage.sla is not None for stage in scenario.stages.values())


def said(sla: Sla | None) -> str:
    """What an SLA promises, in words; nothing where there is none."""
    if sla is None:
        return ""
    times = sorted(set(sla.respond_within.values()))
    longest = f" to {say(times[-1])}" if len(times) > 1 else ""
    return f"response within {say(times[0])}{longest} ({sla.clock} time)"


def week_hour(timeline: Timeline, ticks: Ints) -> tuple[Ints, Ints]:
    """Weekday (0 is Monday) and hour of the day of each tick."""
    midnight = timeline.start.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    seconds = (timeline.start - monday) // timedelta(seconds=1) + ticks * timeline.tick
    hours = seconds // int(HOUR)
    return hours // HOURS % len(WEEKDAYS), hours % HOURS


class Heat:
    """The promises of one replication after the other."""

    def __init__(self, scenario: Scenario, compiled: Compiled, seed: int) -> None:
        self.scenario, self.compiled, self.seed = scenario, compiled, seed
        self.kept: list[Ints] = []
        self.broken: list[Ints] = []

    def add(self, replication: int, trace: NDArray[np.void]) -> None:
        """Count one replication."""
        key = asked.replication_key(np.uint64(self.seed), replication)
        census = Census(Journal(self.compiled.plan, trace, key))
        for counts, seen in zip((self.kept, self.broken), promises(census), strict=True):
            counts.append(self._by_hour(census.journal, seen))

    def _by_hour(self, journal: Journal, seen: Ints) -> Ints:
        """What was seen in the measured period, by stage, weekday and hour of coming."""
        inside = (seen >= journal.warmup) & (seen < journal.horizon)
        came = week_hour(self.compiled.timeline, journal.joined[inside])
        return table((len(self.compiled.stages), len(WEEKDAYS), HOURS), (journal.stage[inside], *came))

    def variables(self) -> dict[str, Variable]:
        """Promises that were judged, and those of them that were broken."""
        kept, broken = np.stack(self.kept), np.stack(self.broken)
        dims = "replication stage weekday hour"
        judged = "visits whose promised response time was kept or broken, by when the prospect came to the team"
        return {
            "sla_judged_by_hour": variable(dims, kept + broken, COUNT, judged),
            "sla_broken_by_hour": variable(dims, broken, COUNT, "those of them in which it was broken"),
        }

    def coordinates(self) -> dict[str, Variable]:
        """Weekdays and hours, and what each stage promises."""
        stages = self.scenario.stages
        words = [said(stages[name].sla) for name in self.compiled.stages]
        return {
            "weekday": (("weekday",), np.array(WEEKDAYS), {"long_name": "day of the week"}),
            "hour": (("hour",), np.arange(HOURS), {"long_name": "hour of the day, as it begins"}),
            "stage_sla": (("stage",), np.array(words), {"long_name": "what the stage promises"}),
        }
