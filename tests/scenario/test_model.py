"""A scenario that is read says the same as its file, in seconds, shares and money, with every default written out."""

from __future__ import annotations

import pickle
from datetime import date, datetime

import pytest
from pydantic import ValidationError

from funnelsim.scenario import Scenario, load, loads
from funnelsim.scenario.model import Horizon
from funnelsim.scenario.per_segment import PerSegment
from funnelsim.scenario.views import views_of

from .places import FULL, small

H, D = 3600.0, 86_400.0


@pytest.fixture(scope="module")
def full() -> Scenario:
    """The scenario that uses every key."""
    return load(FULL)


def test_the_frame(full: Scenario) -> None:
    assert (full.name, full.start, full.file) == ("everything at once", datetime(2026, 1, 5), FULL)
    assert full.horizon == Horizon(seconds=52 * 7 * D)
    assert (full.warmup, full.tick, full.bucket, full.currency) == (56 * D, 1, "month", "USD")
    assert (full.score.intent, full.score.fit, full.score.noise) == (1.0, 1.0, 0.5)
    assert full.calendars["office"].spans == tuple((day, 9 * 3600, 17 * 3600) for day in range(5))
    assert full.calendars["office"].holidays == (date(2026, 12, 25),)
    assert full.calendars["office"].utc_offset == H
    assert full.sources["stages.qualify.exits"].year == 2014


def test_segments(full: Scenario) -> None:
    smb = full.segments["smb"]
    assert (smb.share, smb.fit, smb.intent) == (0.8, 0.0, 0.0)
    assert smb.deal_value is not None
    assert smb.deal_value.of("smb").params["median"] == 6000
    assert list(loads(small()).segments) == ["all"]


def test_channels(full: Scenario) -> None:
    organic, webinar, _, _, friends, fairs = full.channels.values()
    assert friends.referrals is not None
    assert (friends.referrals.during, friends.enters, friends.brings) == (("customer",), "qualify", True)
    assert friends.referrals.rate * 365.25 * D == pytest.approx(30)
    assert friends.referrals.chance.logit == PerSegment(0.5)
    assert organic.arrivals.rate == 22 / D
    assert organic.arrivals.weekly == (1.2, 1.2, 1.1, 1.1, 1.0, 0.3, 0.3)
    assert organic.arrivals.trend == 0.2
    (pulse,) = organic.arrivals.pulses
    assert (pulse.start, pulse.duration, pulse.times) == (datetime(2026, 3, 2), 14 * D, 2.5)
    assert (organic.intent.mean, organic.intent.sd) == (0.2, 0.8)
    assert (webinar.intent.mean, webinar.intent.sd) == (0.3, 0.0)
    cost = organic.cost
    assert (cost.fixed, cost.per_lead, cost.per_visit, cost.visits_per_lead) == (4000, 92, 1.8, 50)
    assert webinar.arrivals.batches is not None
    assert webinar.arrivals.batches.every == 28 * D
    assert fairs.arrivals.batches is not None
    assert fairs.arrivals.batches.at == (datetime(2026, 2, 1, 10), datetime(2026, 6, 1, 10))
    assert fairs.enters == "nurture"


def test_touches(full: Scenario) -> None:
    mail, ads = full.channels["newsletter"], full.channels["retargeting"]
    assert mail.touches is not None
    assert ads.touches is not None
    assert (mail.brings, mail.on, ads.brings, full.channels["fairs"].brings) == (False, True, False, True)
    assert mail.touches.drip == (0.0, 3 * D, 7 * D)
    assert (mail.touches.rate, mail.touches.during) == (None, ("nurture",))
    assert (ads.touches.rate, ads.touches.drip, ads.touches.during) == (2 / (7 * D), None, None)
    assert mail.touches.seen.logit == PerSegment(-0.6)
    assert mail.touches.seen.intent == PerSegment(None, {"smb": 0.8, "enterprise": 0.5})
    assert (mail.touches.seen.fit, mail.touches.seen.touches) == (PerSegment(0.1), PerSegment(-0.05))
    assert ads.touches.seen.p == PerSegment(0.35)
    assert mail.touches.opt_out.p == PerSegment(None, {"smb": 0.01, "enterprise": 0.02})
    assert (mail.touches.repeat, mail.touches.half_life, mail.touches.points) == (0.7, 14 * D, 5.0)
    assert (mail.touches.synergy, mail.touches.observed) == ({"retargeting": 0.5}, 0.9)
    assert (mail.touches.heeds_opt_out, ads.touches.heeds_opt_out) == (True, False)
    assert (mail.cost.per_touch, mail.cost.per_click) == (0.02, 1.5)
    assert full.score.half_life == 30 * D


def test_handoffs(full: Scenario) -> None:
    nurture, board = full.stages["nurture"].handoff, full.stages["board"].handoff
    assert nurture is not None
    assert board is not None
    assert nurture.score is not None
    assert nurture.score.at_least == PerSegment(None, {"smb": 20.0, "enterprise": 15.0})
    assert nurture.hand_raise is not None
    assert (nurture.hand_raise.to, nurture.hand_raise.reason, nurture.both) == ("demo", "asked", None)
    assert board.both is not None
    assert (board.both.at_least.of("smb"), board.both.to) == (5.0, "won")


def test_money_and_agreement(full: Scenario) -> None:
    assert full.money is not None
    assert (full.money.margin, full.money.term) == (0.8, 364 * D)
    tools = {name: (tool.cost, tool.owner) for name, tool in full.money.tools.items()}
    assert tools == {"crm": (3000, "sales"), "mailing": (400, "marketing")}
    assert full.agreement is not None
    assert full.agreement.marketing is not None
    assert full.agreement.sales is not None
    assert full.agreement.marketing.mqls * 365.25 / 12 * D == pytest.approx(120)
    assert (full.agreement.marketing.accepted, full.agreement.sales.contacted) == (0.6, 0.95)
    assert full.agreement.sides == ("marketing", "sales")
    assert (loads(small()).money, loads(small()).agreement) == (None, None)


def test_stages(full: Scenario) -> None:
    nurture, qualify, demo, board, signed, _, renewal, upsell, won, lost = full.stages.values()
    assert signed.sale is not None
    assert renewal.sale is not None
    assert upsell.sale is not None
    assert [sale.kind for sale in (signed.sale, renewal.sale, upsell.sale)] == ["new", "renewal", "expansion"]
    assert (signed.sale.books, renewal.sale.books.of("smb"), upsell.sale.books.of("smb")) == (
        PerSegment(1.0),
        1.05,
        0.2,
    )
    assert (nurture.owner, nurture.clock, nurture.calendar) == ("marketing", "business", "office")
    assert (qualify.owner, qualify.clock, qualify.zone, qualify.team) == ("sales", "business", "MOFU", "sdr")
    assert (qualify.milestone, demo.milestone, nurture.milestone) == ("mql", "sal", None)
    assert (demo.owner, demo.clock) == ("sales", "business")
    assert (won.terminal, won.owner, lost.terminal) == ("won", "success", "lost")
    assert qualify.priority == PerSegment(None, {"smb": 1, "enterprise": 0})
    assert qualify.routing is not None
    assert qualify.routing.of("smb").mean() == 120
    assert demo.duration is not None
    assert demo.duration.of("smb").params == {"value": 3 * D}
    assert demo.duration.of("enterprise").params == {"mean": 12 * D, "cv": 0.6}
    assert board.meetings is not None
    assert board.meetings.between(datetime(2026, 3, 15), datetime(2026, 5, 15)) == [
        datetime(2026, 3, 15),
        datetime(2026, 4, 15),
    ]
    assert len(board.meetings.between(datetime(2026, 3, 15), datetime(2026, 5, 16))) == 3


def test_what_happens_in_a_stage(full: Scenario) -> None:
    qualify, demo, lost = full.stages["qualify"], full.stages["demo"], full.stages["lost"]
    assert qualify.attempts is not None
    assert qualify.attempts.up_to.of("smb") == 6
    assert qualify.attempts.effort.of("smb").mean() == 300
    assert (qualify.attempts.unreached.to, qualify.attempts.unreached.reason) == ("lost", "no response")
    assert qualify.patience is not None
    assert (qualify.patience.to, qualify.patience.reason) == ("lost", "no response")
    assert demo.patience is not None
    assert (demo.patience.after.of("smb").mean(), demo.patience.after.of("enterprise").mean()) == (30 * D, 60 * D)
    assert demo.approvals is not None
    assert (demo.approvals.stakeholders.of("smb"), demo.approvals.stakeholders.of("enterprise")) == (1, 4)
    assert demo.approvals.agree.of("smb") == 0.9
    assert (demo.approvals.refused.to, demo.approvals.refused.reason) == ("lost", "not approved")
    assert qualify.balk is not None
    assert (qualify.balk.to, qualify.balk.reason) == ("lost", "no capacity")
    assert qualify.sla is not None
    assert [(tier.after.of("smb") / H, tier.do, tier.to) for tier in qualify.sla.on_breach] == [
        (1.0, "reprioritise", None),
        (4.0, "reassign", None),
        (8.0, "escalate", "ae"),
        (24.0, "pull_back", "nurture"),
    ]
    assert lost.recycle is not None
    assert (lost.recycle.to, lost.recycle.share.of("smb"), lost.recycle.at_most.of("smb")) == ("nurture", 0.3, 2)


def test_exits(full: Scenario) -> None:
    exits = full.stages["qualify"].exits
    assert [(label, exit.kind, exit.to) for label, exit in exits.items()] == [
        ("demo", "logit", "demo"),
        ("board", "value", "board"),
        ("nurture", "table", "nurture"),
        ("lost", "rest", "lost"),
    ]
    assert exits["demo"].logit == PerSegment(0.4)
    assert exits["demo"].visits == PerSegment(-0.2)
    assert exits["demo"].skill == PerSegment(1.0)
    assert exits["demo"].discount == PerSegment(2.0)
    assert full.stages["board"].discount == PerSegment(None, {"smb": 0.1, "enterprise": 0.05})
    assert exits["lost"].reason == "unqualified"
    won = full.stages["demo"].exits["won"].p
    assert won is not None
    assert (won.of("smb"), won.of("enterprise")) == (0.34, 0.22)


def test_responses(full: Scenario) -> None:
    given, preset = full.stages["qualify"].response, full.stages["demo"].response
    assert given is not None
    assert (given.shape, given.half_life, given.floor) == ("half_life", PerSegment(7200.0), PerSegment(0.15))
    assert (given.causal_share, given.on, given.scale) == (PerSegment(0.5), ("demo",), "probability")
    assert preset is not None
    assert (preset.shape, preset.tau, preset.a) == ("hyperbolic", PerSegment(1500.0), PerSegment(1.07))
    assert (preset.floor, preset.causal_share, preset.on) == (PerSegment(0.325), PerSegment(0.5), None)


def test_teams_are_individuals(full: Scenario) -> None:
    sdr, ae = full.teams.values()
    assert [(rep.name, rep.start, rep.until, rep.slots) for rep in sdr.reps] == [
        ("Ann", datetime(2026, 3, 1), datetime(2026, 9, 1), 2),
        ("sdr 2", None, None, 1),
        ("sdr 3", None, None, 1),
        ("sdr 4", None, None, 1),
    ]
    assert [rep.slots for rep in ae.reps] == [20] * 6
    assert sdr.hours.holidays == (date(2026, 12, 25),)
    assert ae.hours == full.calendars["office"]
    assert (sdr.queue, sdr.assignment, sdr.max_queue, sdr.salary) == ("deadline", "round_robin", 20, 5200)


def test_people(full: Scenario) -> None:
    sdr, ae, qualify = full.teams["sdr"], full.teams["ae"], full.stages["qualify"]
    assert [(rep.speed, rep.skill) for rep in sdr.reps] == [(1.2, 0.3), (1.0, 0.0), (1.0, 0.0), (1.0, 0.0)]
    assert sdr.ramp is not None
    assert (sdr.ramp.lasts, sdr.ramp.begins) == (84 * D, 0.4)
    assert {(rep.speed, rep.skill) for rep in ae.reps} == {(0.9, -0.2)}
    assert (ae.per_case, ae.trust, ae.ramp) == (1.1, -0.1, None)
    assert qualify.leak is not None
    assert (qualify.leak.share, qualify.leak.to, qualify.leak.reason) == (PerSegment(0.03), "lost", "leaked")
    assert qualify.taught is not None
    assert (qualify.taught.saves.of("smb"), qualify.taught.enough) == (0.3, PerSegment(4.0))


def test_records(full: Scenario) -> None:
    assert full.records is not None
    marketing, sales, success = full.records.systems.values()
    assert (marketing.missing, marketing.doubled, marketing.late.of("smb").mean()) == (0.05, 0.08, D)
    assert (sales.missing, sales.doubled) == (0.12, 0.0)
    assert (sales.late.of("smb").mean(), sales.late.of("enterprise").mean()) == (H, 2 * D)
    assert (success.missing, success.late.of("smb").mean(), success.milestones) == (0.0, 0.0, ("close",))
    assert marketing.milestones == ("mql", "sal", "opportunity", "close")
    assert sales.milestones == marketing.milestones


def test_views(full: Scenario) -> None:
    words = full.views["AIDA"]
    assert list(words) == ["Attention", "Interest", "Desire & doubt", "Action", "Left"]
    assert (words["Desire & doubt"], words["Left"]) == (("demo", "board"), ("lost",))


def test_two_views_follow_from_the_stages(full: Scenario) -> None:
    views = views_of(full)
    assert list(views) == ["AIDA", "zone", "owner"]
    assert next(iter(views["zone"].items())) == ("MOFU", ("qualify",))
    assert list(views["zone"])[1:] == ["(none)"]
    assert views["owner"] == {
        "marketing": ("nurture", "board", "signed", "renewal", "upsell", "lost"),
        "sales": ("qualify", "demo"),
        "success": ("customer", "won"),
    }
    assert list(views_of(loads(small()))) == ["owner"]
    assert "success" not in views_of(loads(small()))["owner"]


def test_another_owner_moves_a_stage_in_the_view_of_owners_alone(full: Scenario) -> None:
    changed = views_of(load(FULL, {"stages.qualify.owner": "marketing"}))
    assert changed["owner"]["sales"] == ("demo",)
    assert (changed["zone"], changed["AIDA"]) == (views_of(full)["zone"], full.views["AIDA"])


def test_a_scenario_cannot_be_changed(full: Scenario) -> None:
    with pytest.raises(ValidationError):
        full.name = "another"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        full.stages["demo"].team = None  # type: ignore[misc]


def test_a_scenario_can_be_sent_to_another_process(full: Scenario) -> None:
    assert pickle.loads(pickle.dumps(full)) == full


def test_hidden_attributes_and_bands(full: Scenario) -> None:
    assert full.hidden["budget"].p == PerSegment(None, {"smb": 0.6, "enterprise": 0.8})
    assert full.hidden["need"].logit == PerSegment(0.2)
    discovery = full.stages["qualify"].discovery
    assert discovery is not None
    assert discovery.asks["budget"].lacks == PerSegment(0.8)
    assert discovery.asks["need"].has == discovery.asks["need"].lacks
    assert (discovery.each, discovery.failed.to, discovery.failed.reason) == (300.0, "lost", "unqualified")
    exits = full.stages["qualify"].exits
    assert exits["demo"].has["budget"] == PerSegment(0.5)
    band = exits["board"].value
    assert band is not None
    assert (exits["board"].kind, band.start, band.below) == ("value", 100_000, 5_000_000)


def test_reviews(full: Scenario) -> None:
    quota, trust = full.reviews["quota"], full.reviews["trust"]
    assert (quota.every, quota.target, quota.below, quota.above, quota.between) == (28 * D, 120, -1, 0.5, (1, 20))
    assert (quota.looks_at.entries, quota.moves.dial) == ("demo", ("threshold", "board"))
    assert (trust.looks_at.exit, trust.looks_at.of, trust.target) == ("demo", "qualify", 0.4)
    assert (trust.moves.dial, trust.below, trust.between) == (("rate", "organic_search"), -0.1, (0.5, 2.0))


def test_attrition(full: Scenario) -> None:
    leaving = full.teams["ae"].attrition
    assert leaving is not None
    assert leaving.replaced is not None
    assert (leaving.after.of("smb").mean(), leaving.replaced.of("smb").mean()) == (104 * 7 * D, 42 * D)
    short = loads(small(("reps: 2,", "reps: 2, attrition: {exponential: {mean: 52 w}},"))).teams["sdr"].attrition
    assert short is not None
    assert (short.after.of("all").mean(), short.replaced) == (364 * D, None)
