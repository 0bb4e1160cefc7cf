"""The readable engine's staff: all teams, and the notices of their hours and shifts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from funnelsim.chance.calendars import ALWAYS
from funnelsim.engines.notices import CLOSES, OPENS, REP_COMES, REP_LEAVES
from funnelsim.engines.promises import judge
from funnelsim.engines.team import Team

if TYPE_CHECKING:
    from funnelsim.engines.story import Story


class Staff:
    """All teams, and the notices of their shifts."""

    def __init__(self, story: Story) -> None:
        self.teams = [Team(story, number) for number in range(len(story.tables.teams))]
        for team in self.teams:
            calendar = story.tables.calendars[team.row.calendar]
            if calendar.first != ALWAYS:
                for span in story.tables.spans[calendar.first : calendar.first + calendar.count].tolist():
                    self._post(story, span[0], OPENS, partial(team.change_hours, True))
                    self._post(story, span[1], CLOSES, partial(team.change_hours, False))
            for rep in team.reps:
                spell = story.tables.reps[rep.number]
                if rep.employed:
                    team.may_leave(rep, 0)
                if 0 < spell.start < spell.until:
                    self._post(story, spell.start, REP_COMES, partial(team.rep_comes, rep))
                if max(0, spell.start) < spell.until:
                    self._post(story, spell.until, REP_LEAVES, partial(team.rep_leaves, rep))

    @staticmethod
    def _post(story: Story, tick: int, kind: int, call: Callable[[object], None]) -> None:
        if tick < story.tables.terms.horizon:
            story.at(tick, kind, call)

    def close(self, story: Story) -> None:
        """Judge those who still wait for their first response at the end."""
        for team in self.teams:
            for line in (team.line, *(rep.line for rep in team.reps)):
                for _, _, _, ticket in line:
                    if ticket.responded < 0:
                        judge(story, ticket, story.tables.terms.horizon - 1)
