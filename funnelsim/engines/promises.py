"""The readable engine's SLA tiers: when each comes due, what it does to one who still waits, and which only count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelsim.engines import asked
from funnelsim.engines.notices import TIER_DUE
from funnelsim.engines.tickets import WAITING, Ticket
from funnelsim.plan.layout import COUNT, ESCALATE, NONE, PULL_BACK, REASSIGN
from funnelsim.plan.trace import BREACHED

if TYPE_CHECKING:
    from funnelsim.engines.story import Story


def watch(story: Story, ticket: Ticket) -> None:
    """Note when the next tier that does more than count comes due."""
    turn = ticket.turn
    while ticket.tier < ticket.visit.n_tiers:
        tier = story.tables.tiers[ticket.visit.first_tier + ticket.tier]
        if tier.do != COUNT:
            due = asked.due_at(story.plan, ticket.node.team, ticket.row, ticket.joined, tier.after)
            if due < story.tables.terms.horizon:
                story.at(due, TIER_DUE, lambda _: _breach(story, ticket) if ticket.turn == turn else None)
            return
        ticket.tier += 1


def judge(story: Story, ticket: Ticket, tick: int) -> None:
    """Log the tiers that only count and came due before a visit was answered, went unanswered, or the end."""
    visit = ticket.visit
    if not visit.sla or tick < ticket.deadline:
        return
    for number in range(visit.first_tier, visit.first_tier + visit.n_tiers):
        tier = story.tables.tiers[number]
        if tier.do == COUNT:
            due = asked.due_at(story.plan, ticket.node.team, ticket.row, ticket.joined, tier.after)
            if due <= tick:
                story.log(due, BREACHED, ticket.person, NONE, number)


def _breach(story: Story, ticket: Ticket) -> None:
    """A tier comes due for one who still waits."""
    team, number = ticket.team, ticket.visit.first_tier + ticket.tier
    assert team is not None
    tier = story.tables.tiers[number]
    story.log(story.now, BREACHED, ticket.person, NONE, number)
    ticket.tier += 1
    if tier.do == PULL_BACK:
        team.send_away(ticket, tier.to)
        return
    if ticket.state == WAITING:
        owner = next((rep for rep in team.reps if rep.line is ticket.line), None)
        if tier.do == REASSIGN and owner is not None:
            ticket.shuns = owner.number
        team.leave_line(ticket)
    if tier.do not in (ESCALATE, REASSIGN):
        ticket.foremost = True
    to = story.staff.teams[tier.to] if tier.do == ESCALATE else team
    to.welcome(ticket, keeps_place=True)
    watch(story, ticket)
