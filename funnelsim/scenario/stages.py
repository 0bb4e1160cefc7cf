"""Stages: what happens to a prospect there, how long, by whom, and where it goes next."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationInfo, model_validator

from funnelsim.scenario.chances import spelt_out
from funnelsim.scenario.discovery import Discovery, Unqualified
from funnelsim.scenario.distributions import constant
from funnelsim.scenario.fields import (
    Clock,
    Deed,
    Enough,
    Factor,
    Flag,
    Logit,
    Milestone,
    Money,
    Name,
    Owner,
    Part,
    PositiveDuration,
    Priority,
    Probability,
    Returns,
    SaleKind,
    Stakeholders,
    Terminal,
    Text,
    Tries,
)
from funnelsim.scenario.handoff import Handoff, HandRaise, Threshold
from funnelsim.scenario.meetings import Meetings
from funnelsim.scenario.per_segment import Each, everyone
from funnelsim.scenario.refusal import Refusal
from funnelsim.scenario.response import Response
from funnelsim.scenario.writing import DurationLaw

EXIT_KEYS = ("p", "logit", "rest", "intent", "fit", "visits", "skill", "discount", "has", "value", "to", "reason")


class Way(Part):
    """Where a prospect goes, and the reason that is noted; after loading `to` names a stage."""

    to: Name = Field(default="", description="the stage it goes to; default the lost one")
    reason: Text = Field(default="", description="the reason noted")


class SideWay(NamedTuple):
    """A way that a rule takes, never a draw: its label, where it stands in the stage, its target and its reason."""

    label: str
    keys: tuple[str, ...]
    to: str
    reason: str


class Attempts(Part):
    """Contact attempts: up to so many, `gap` apart, each of some effort, until one reaches the prospect."""

    up_to: Each[Tries] = Field(description="how many attempts at most")
    reach: Each[Probability] = Field(description="probability that one attempt reaches the prospect")
    gap: DurationLaw = Field(description="time from one attempt to the next")
    effort: DurationLaw = Field(default=constant(0.0), description="work of one attempt that reaches nobody")
    unreached: Way = Field(default=Way(reason="no response"), description="where those go whom no attempt reached")


class Approvals(Part):
    """Stakeholders who must all agree, each after a time drawn from the stage's duration; the slowest decides when."""

    stakeholders: Each[Stakeholders] = Field(description="how many must agree")
    agree: Each[Probability] = Field(description="probability that one of them agrees")
    refused: Way = Field(default=Way(reason="not approved"), description="where those go to whom one says no")


class Leak(Part):
    """Prospects who get lost between two systems on their way to a team."""

    share: Each[Probability] = Field(description="which share never arrives")
    to: Name = Field(default="", description="where they go; default the lost stage")
    reason: Text = Field(default="leaked", description="the reason noted")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        spelt = isinstance(value, dict) and {"share", "to", "reason"} & set(value)
        return value if spelt else {"share": value}


class Taught(Part):
    """Work that is shorter for those whom touches have taught: by a share, in proportion, up to enough lessons."""

    saves: Each[Probability] = Field(description="the share of the work that is saved by enough lessons")
    enough: Each[Enough] = Field(default=everyone(1.0), description="how many lessons are enough")


class Sale(Part):
    """What is booked when a prospect comes here: a new deal, a renewal or an expansion, as a share of its value."""

    kind: SaleKind = Field(default="new", description="new, renewal or expansion")
    books: Each[Factor] = Field(default=everyone(1.0), description="share of the deal's value that is booked")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"kind": value}


class Patience(Part):
    """How long a prospect waits for a team before it gives up, and where it goes then."""

    after: DurationLaw = Field(description="how long it waits")
    to: Name = Field(default="", description="where it goes; default the lost stage")
    reason: Text = Field(default="no response", description="the reason noted")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        spelt = isinstance(value, dict) and {"after", "to", "reason"} & set(value)
        return value if spelt else {"after": value}


class Tier(Part):
    """What is done when nobody responded for `after`; `to` is a team (escalate) or a stage (pull_back)."""

    after: Each[PositiveDuration] = Field(description="time since the prospect came, on the clock of the SLA")
    do: Deed = Field(description="count, reprioritise, reassign, escalate (to a team) or pull_back (to a stage)")
    to: Name | None = Field(default=None, description="the team or stage of escalate and pull_back")


class Sla(Part):
    """A promise to respond within a time, and what happens when it is broken."""

    respond_within: Each[PositiveDuration] = Field(description="the promised time")
    clock: Clock = Field(default="business", description="the clock on which it runs")
    on_breach: tuple[Tier, ...] = Field(default=(), description="what is done after a breach, in tiers")


class Band(Part):
    """Deals of a value from so much up to below so much."""

    start: Money = Field(default=0.0, alias="from", description="the smallest value")
    below: Money | None = Field(default=None, description="the value from which on it is too large; default none is")

    @model_validator(mode="after")
    def _not_empty(self) -> Band:
        if self.below is not None and self.below <= self.start:
            found = f"found from {self.start:g} to below {self.below:g}"
            raise Refusal(found, "a band of values is not empty", "raise below")
        return self


class Exit(Part):
    """One way out of a stage: of deals of some value, a share of the table, log-odds, or the rest; after loading `to`
    names a stage."""

    p: Each[Probability] | None = Field(default=None, description="share of the table", examples=["30%"])
    rest: Flag = Field(default=False, description="takes what the others leave")
    logit: Each[Logit] | None = Field(default=None, description="log-odds of leaving here, at intent 0 and fit 0")
    intent: Each[Logit] = Field(default=everyone(0.0), description="coefficient of intent")
    fit: Each[Logit] = Field(default=everyone(0.0), description="coefficient of fit")
    visits: Each[Logit] = Field(default=everyone(0.0), description="coefficient of earlier visits to this stage")
    skill: Each[Logit] = Field(default=everyone(0.0), description="coefficient of the rep's skill")
    discount: Each[Logit] = Field(default=everyone(0.0), description="coefficient of the discount given here")
    has: dict[str, Each[Logit]] = Field(
        default_factory=dict, description="by hidden attribute: coefficient of having it"
    )
    value: Band | None = Field(default=None, description="takes the deals of these values", examples=[{"below": 500}])
    to: Name = Field(default="", description="target stage; default the exit's own name")
    reason: Text = Field(default="", description="the reason noted")

    @property
    def kind(self) -> Literal["value", "table", "logit", "rest"]:
        """Which of the four forms it has."""
        if self.value is not None:
            return "value"
        if self.rest:
            return "rest"
        return "table" if self.logit is None else "logit"

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any, info: ValidationInfo) -> Any:
        return spelt_out(value, info, EXIT_KEYS)


class Recycle(Part):
    """Lost prospects that come back: a share of them, after a time, at most so often."""

    to: Name = Field(description="the stage they come back to")
    after: DurationLaw = Field(description="how long they stay away")
    share: Each[Probability] = Field(default=everyone(1.0), description="which share comes back")
    at_most: Each[Returns] = Field(default=everyone(1), description="how often one prospect comes back at most")


_Leads = Patience | Way | Leak | Unqualified | Threshold | HandRaise


class Stage(Part):
    """A node of the graph; without a duration it takes no time, with a team it takes a rep's time."""

    owner: Owner = Field(default="", description="marketing, sales or success")  # type: ignore[arg-type]  # resolved later
    zone: Text | None = Field(default=None, description="a free tag, for example MOFU")
    milestone: Milestone | None = Field(
        default=None, description="what one who comes here has become: lead, mql, sal, sql or opportunity"
    )
    sale: Sale | None = Field(default=None, description="what is booked here, where the journey goes on after a sale")
    team: Name | None = Field(default=None, description="the team that works here")
    duration: DurationLaw | None = Field(default=None, description="how long it takes")
    clock: Clock = Field(default="", description="the clock on which the duration runs")  # type: ignore[arg-type]  # resolved later
    calendar: Name | None = Field(default=None, description="the calendar of a business clock without a team")
    routing: DurationLaw | None = Field(
        default=None, description="delay of systems before the team can see the prospect"
    )
    leak: Leak | None = Field(default=None, description="prospects who never arrive at the team")
    taught: Taught | None = Field(default=None, description="work that is shorter for those whom touches have taught")
    priority: Each[Priority] = Field(default=everyone(0), description="class; 0 is served first")
    attempts: Attempts | None = Field(default=None, description="contact attempts")
    approvals: Approvals | None = Field(default=None, description="stakeholders who must all agree")
    discovery: Discovery | None = Field(default=None, description="what a rep asks for, and how much is enough")
    meetings: Meetings | None = Field(default=None, description="dates on which the decision can fall")
    handoff: Handoff | None = Field(default=None, description="when a prospect is ready before its time is over")
    discount: Each[Probability] | None = Field(
        default=None, description="share of the deal's value that is given away here"
    )
    patience: Patience | None = Field(default=None, description="how long prospects wait for the team")
    balk: Way | None = Field(default=None, description="where those go who find the queue full")
    sla: Sla | None = Field(default=None, description="a promise to respond within a time")
    response: Response | None = Field(default=None, description="what a late first response costs")
    exits: dict[str, Exit] = Field(default_factory=dict, description="where prospects go next")
    terminal: Terminal | None = Field(default=None, description="won or lost: prospects end here")
    recycle: Recycle | None = Field(default=None, description="lost prospects that come back")

    @property
    def side_ways(self) -> tuple[SideWay, ...]:
        """The ways of those who give up, are never reached, refused, fail, find the line full or are handed over."""
        ready = self.handoff
        ways: tuple[tuple[str, tuple[str, ...], _Leads | None], ...] = (
            ("patience", ("patience",), self.patience),
            ("unreached", ("attempts", "unreached"), None if self.attempts is None else self.attempts.unreached),
            ("refused", ("approvals", "refused"), None if self.approvals is None else self.approvals.refused),
            ("failed", ("discovery", "failed"), None if self.discovery is None else self.discovery.failed),
            ("balk", ("balk",), self.balk),
            ("leak", ("leak",), self.leak),
            ("scored", ("handoff", "score"), None if ready is None else ready.score),
            ("raised", ("handoff", "hand_raise"), None if ready is None else ready.hand_raise),
            ("ready", ("handoff", "both"), None if ready is None else ready.both),
        )
        return tuple(SideWay(label, keys, way.to, way.reason) for label, keys, way in ways if way is not None)
