"""What the machine reads: every table of the compiled plan, its columns and its codes.

Ticks are int64, money is int64 in hundredths, probabilities and log-odds are float64. Rows name other rows by index;
-1 (`NONE`) stands for none. What may differ by segment has one row a stage and segment, row = stage * n_segments +
segment; exits have one row a segment and exit, row = segment * n_exits + exit. A cell is a channel and a segment:
cell = channel * n_segments + segment.
"""

from typing import Final

import numpy as np

from funnelsim.chance.calendars import SPAN
from funnelsim.chance.quantiles import CUBIC, ROWS
from funnelsim.core.rows import NUMBER, Layout

NONE: Final = -1

# Kinds of law.
CONSTANT, TABLE, EMPIRICAL, MIXTURE = range(4)
# Kinds of source.
POISSON, BATCHES, LEADS = range(3)
# Kinds of exit. A way is taken by rule (patience ran out, nobody reached...), never by draw; a band by what the deal is
# worth.
LOGIT, SHARE, REST, WAY, BAND = range(5)
# Terminal stages.
GOING_ON, WON, LOST = range(3)
# Queue disciplines.
FIFO, LIFO, SCORE, VALUE, DEADLINE, PRIORITY, PREEMPTIVE = range(7)
# Assignment of prospects to reps.
POOLED, ROUND_ROBIN, LEAST_LOADED, STICKY = range(4)
# What is done when an SLA is breached.
COUNT, REPRIORITISE, REASSIGN, ESCALATE, PULL_BACK = range(5)
# Shapes of the effect of the response time.
NO_EFFECT, HALF_LIFE, HYPERBOLIC, POINTS = range(4)

# What is booked in a stage.
NOTHING, NEW, RENEWAL, EXPANSION = range(4)
# What may come of a touch.
SEEN, CLICKS, RAISES, OPTS_OUT = range(4)
CHANCES_A_TOUCH: Final = 4

EXPONENTIAL_ROW: Final = 0
NORMAL_ROW: Final = ROWS
"""Every plan's first two quantile tables."""


def _record(**columns: str) -> np.dtype[np.void]:
    return np.dtype(list(columns.items()), align=True)


LAW: Final = _record(kind="i4", first="i4", count="i4", shift="f8", scale="f8")
PART: Final = _record(upto="f8", law="i4")
CALENDAR: Final = _record(first="i4", count="i4")
SEGMENT: Final = _record(fit="f8", intent="f8", value="i4")
SOURCE: Final = _record(
    identity="u8",
    intent_mean="f8",
    intent_sd="f8",
    kind="i4",
    channel="i4",
    enters="i4",
    first="i4",
    count="i4",
    mix="i4",
    dial="i4",  # that multiplies its rate, or NONE
)
PIECE: Final = _record(start="f8", rate="f8", before="f8")
BATCH: Final = _record(tick="i8", begin="i8", upto="i8")
LEAD: Final = _record(
    tick="i8",
    rank="i8",
    value="i8",
    age="i8",  # ticks for which an open deal has been in its stage
    worked="i8",  # ticks of work that are done
    channel="i4",
    segment="i4",
    stage="i4",  # of an open deal; NONE of others, who enter where their source says
)
STAGE: Final = _record(
    place="i8",
    team="i4",
    terminal="i4",
    calendar="i4",
    first_exit="i4",
    asked="i4",
    takes_time="i4",
    sale="i4",
    meetings="i4",  # the calendar that is open for a tick at each meeting
)
"""Asked: how many exits, from the first on, are asked whether they take a prospect; the visit's rest need not be."""
VISIT: Final = _record(
    reach="f8",
    share="f8",
    floor="f8",
    tau="f8",
    power="f8",
    causal="f8",
    agree="f8",
    leak="f8",
    discount="f8",  # share of a deal's value that is given away
    books="f8",  # share of a deal's value that is booked here
    saves="f8",  # the share of work that enough lessons save
    lessons="f8",  # how many are enough
    enough="f8",  # the score that is enough to be handed over
    respond_within="i8",
    asking="i8",  # ticks of work of all questions of a discovery
    duration="i4",
    routing="i4",
    patience="i4",
    effort="i4",
    gap="i4",
    cool_off="i4",
    up_to="i4",
    at_most="i4",
    back_to="i4",
    priority="i4",
    rest="i4",
    patience_exit="i4",
    unreached_exit="i4",
    stakeholders="i4",
    refused_exit="i4",
    asks="i4",  # the bits of the hidden attributes that are asked for
    at_least="i4",  # how many of them are enough
    failed_exit="i4",
    enough_dial="i4",  # that has the score that is enough in place of `enough`, or NONE
    leak_dial="i4",
    leak_exit="i4",
    scored_exit="i4",
    raised_exit="i4",
    ready_exit="i4",
    balk_exit="i4",
    first_tier="i4",
    n_tiers="i4",
    shape="i4",
    first_point="i4",
    n_points="i4",
    odds="i4",
    sla="i4",
    sla_business="i4",
    tail="i4",  # whether it is a tail stage
    weighs="i4",  # whether its decision may lead to a win or to a tail stage, so that it is worth something
)
EXIT: Final = _record(
    p="f8", logit="f8", intent="f8", fit="f8", visits="f8", skill="f8", discount="f8", low="i8", below="i8", kind="i4",
    to="i4", slowed="i4",
)  # fmt: skip
"""Low, below: the values of deals that a band takes, in hundredths."""
TIER: Final = _record(after="i8", do="i4", to="i4")
POINT: Final = _record(delay="f8", value="f8")
TEAM: Final = _record(
    trust="f8",  # what its work adds to intent
    calendar="i4",
    first_rep="i4",
    n_reps="i4",
    discipline="i4",
    assignment="i4",
    max_queue="i4",
    stays="i4",  # how long a rep stays, or NONE: until its day comes
    replaced="i4",  # how long its place is empty, or NONE: for good
)
REP: Final = _record(
    start="i8",
    until="i8",
    hired="i8",  # the tick from which the ramp counts
    ramp="f8",  # its ticks, 0 without one
    begins="f8",  # share of full speed when hired
    speed="f8",
    skill="f8",
    place="i8",  # its address
    slots="i4",
    team="i4",
)
TOUCH: Final = _record(
    rate="f8",  # a tick, or 0: at the steps of a drip
    repeat="f8",
    half_life="f8",  # ticks, 0 for what stays
    points="f8",
    teaches="f8",
    observed="f8",
    place="i8",
    first_step="i4",
    upto_step="i4",
    channel="i4",
    source="i4",  # of those whom customers refer; NONE for a channel that touches
    heeds="i4",  # whether it leaves those alone who want no more
)
CHANCE: Final = _record(p="f8", logit="f8", intent="f8", fit="f8", touches="f8", kind="i4")
"""A chance is a LOGIT or a SHARE; one of a touch has row (touch * n_segments + segment) * CHANCES_A_TOUCH + code."""
ANSWER: Final = _record(has="f8", lacks="f8")
"""How often an answer about a hidden attribute is right: one row a visit and attribute."""
DIAL: Final = _record(begins="f8", low="f8", high="f8", source="i4", kind="i4")
"""What reviews may move: where it begins and how far it goes; the source whose rate it multiplies, or NONE."""
REVIEW: Final = _record(
    every="i8", target="f8", below="f8", above="f8", dial="i4", stage="i4", exit="i4",
)  # fmt: skip
"""An exit of NONE looks at the entries of the stage."""
TERMS: Final = _record(
    horizon="i8",
    warmup="i8",
    score_intent="f8",
    score_fit="f8",
    score_noise="f8",
    score_half_life="f8",  # ticks in which points of touches halve, 0 if they stay
    sticky="i8",  # whether any team remembers who met whom
    varied="i8",  # whether newcomers differ in segment, value or score noise
    uses="i8",  # the features used
    n_stages="i8",
    n_segments="i8",
    n_cells="i8",
    n_exits="i8",
    n_teams="i8",
    n_reps="i8",
    n_tiers="i8",
    n_calendars="i8",
    n_sources="i8",
    n_touches="i8",
    n_hidden="i8",
    n_dials="i8",
    n_reviews="i8",
    n_tails="i8",
    varying="i8",  # whether hopes differ among the prospects of a segment
    n_marks="i8",
)
AMOUNT: Final = _record(x="f8")


PLAN: Final = Layout(
    "plan",
    within=("terms",),
    terms=TERMS,
    marks=NUMBER,
    laws=LAW,
    cubics=CUBIC,
    values=AMOUNT,
    parts=PART,
    spans=SPAN,
    calendars=CALENDAR,
    segments=SEGMENT,
    mixes=AMOUNT,
    sources=SOURCE,
    pieces=PIECE,
    batches=BATCH,
    leads=LEAD,
    stages=STAGE,
    visits=VISIT,
    exits=EXIT,
    tiers=TIER,
    points=POINT,
    teams=TEAM,
    reps=REP,
    touches=TOUCH,
    chances=CHANCE,
    lifts=AMOUNT,
    synergies=AMOUNT,
    steps=NUMBER,
    reaches=NUMBER,
    hidden=CHANCE,
    bearings=NUMBER,
    answers=ANSWER,
    stakes=AMOUNT,
    dials=DIAL,
    reviews=REVIEW,
    tails=NUMBER,
)
"""A scenario as tables: what both engines read, and all they read. `marks` are the ticks at which the time buckets
end, the last is the horizon; `mixes` are cumulative segment shares, one run of n_segments a source; `lifts` have a row
a touching channel and segment, `synergies` one a channel and other channel, `reaches` one a stage and channel; `hidden`
has one an attribute and segment, `bearings` one an attribute: its address, `stakes` one a row of the exits and
attribute: the coefficient of having it; `tails` are the tail stages, each after those that its exits lead to."""

terms_at = PLAN.fixed("terms")
mark_at = PLAN.fixed("marks")
law_at = PLAN.fixed("laws")
cubic_at = PLAN.fixed("cubics")
value_at = PLAN.fixed("values")
part_at = PLAN.fixed("parts")
span_at = PLAN.fixed("spans")
calendar_at = PLAN.fixed("calendars")
segment_at = PLAN.fixed("segments")
mix_at = PLAN.fixed("mixes")
source_at = PLAN.fixed("sources")
piece_at = PLAN.fixed("pieces")
batch_at = PLAN.fixed("batches")
lead_at = PLAN.fixed("leads")
stage_at = PLAN.fixed("stages")
visit_at = PLAN.fixed("visits")
exit_at = PLAN.fixed("exits")
tier_at = PLAN.fixed("tiers")
point_at = PLAN.fixed("points")
team_at = PLAN.fixed("teams")
rep_at = PLAN.fixed("reps")
touch_at = PLAN.fixed("touches")
chance_at = PLAN.fixed("chances")
lift_at = PLAN.fixed("lifts")
synergy_at = PLAN.fixed("synergies")
step_at = PLAN.fixed("steps")
reach_at = PLAN.fixed("reaches")
hidden_at = PLAN.fixed("hidden")
bearing_at = PLAN.fixed("bearings")
answer_at = PLAN.fixed("answers")
stake_at = PLAN.fixed("stakes")
dial_at = PLAN.fixed("dials")
review_at = PLAN.fixed("reviews")
tail_at = PLAN.fixed("tails")
