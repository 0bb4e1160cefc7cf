"""Reviews: what they look at and what they move is there, and starts where it may be."""

from __future__ import annotations

import math

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.per_segment import PerSegment
from funnelsim.scenario.reviews import Review

MOST = 50


def check_reviews(scenario: Scenario, ledger: Ledger) -> None:
    """Note every review that cannot look or cannot move."""
    if len(ledger.names("reviews")) > MOST:
        ledger.add(("reviews",), f"there are {len(ledger.names('reviews'))}", f"a scenario has at most {MOST} reviews")
    for name, review in scenario.reviews.items():
        _looks(name, review, scenario, ledger)
        _moves(name, review, scenario, ledger)
        if review.every < scenario.tick:
            rule = "there is one a tick at most"
            ledger.add(
                ("reviews", name, "every"), f"found {review.every:g} s", rule, needs=(("tick",), ("reviews", name))
            )
    _same_bounds(scenario, ledger)


def _looks(name: str, review: Review, scenario: Scenario, ledger: Ledger) -> None:
    """The stage and its exit exist; a share is a share."""
    at: Path = ("reviews", name, "looks_at")
    stages = ledger.names("stages")
    if review.looks_at.entries is not None:
        ledger.known("stage", (*at, "entries"), review.looks_at.entries, stages, "stages")
        if review.target < 0.0:
            found, rule = f"found {review.target:g}", "a number of entries is 0 or more"
            ledger.add(("reviews", name, "target"), found, rule)
        return
    assert review.looks_at.of is not None
    assert review.looks_at.exit is not None
    if not ledger.known("stage", (*at, "of"), review.looks_at.of, stages, "stages"):
        return
    stage = scenario.stages.get(review.looks_at.of)
    if stage is not None and ledger.sound(("stages", review.looks_at.of)):
        labels = [*stage.exits, *(way.label for way in stage.side_ways)]
        ledger.known("exit", (*at, "exit"), review.looks_at.exit, labels)
    if not 0.0 <= review.target <= 1.0:
        found, rule = f"found {review.target:g}", "a share lies between 0 and 1"
        ledger.add(("reviews", name, "target"), found, rule, "write 60%")


def _moves(name: str, review: Review, scenario: Scenario, ledger: Ledger) -> None:
    """What is moved is there, is the same for every segment, and starts within its bounds."""
    kind, target = review.moves.dial
    path: Path = ("reviews", name, "moves", kind)
    section = "channels" if kind == "rate" else "stages"
    if not ledger.known(section[:-1], path, target, ledger.names(section), section):
        return
    if not ledger.sound((section, target)):
        return
    if kind == "rate":
        channel = scenario.channels.get(target)
        if channel is not None and channel.arrivals.rate is None:
            ledger.add(
                path, f"{target} has no rate", "what is moved is there", "name a channel with arrivals at a rate"
            )
            return
        begins = 1.0
    else:
        begins = _begins(scenario, kind, target, path, ledger)
        if math.isnan(begins):
            return
    low, high = review.between
    bounds: Path = ("reviews", name, "between")
    if not low <= begins <= high:
        ledger.add(bounds, f"the {kind} of {target} starts at {begins:g}", "it starts between its bounds")
    elif kind != "threshold" and (low < 0.0 or (kind == "leak" and high > 1.0)):
        rule = "a share lies between 0 and 1" if kind == "leak" else "a rate is multiplied with 0 or more"
        ledger.add(bounds, f"found from {low:g} to {high:g}", rule)


def _begins(scenario: Scenario, kind: str, stage: str, path: Path, ledger: Ledger) -> float:
    """Where a threshold or a leak starts; nan if that cannot be said."""
    found = start_of(scenario, kind, stage)
    if found is None:
        what = "handoff by score" if kind == "threshold" else "leak"
        remedy = "write leak: 0% there" if kind == "leak" else "name a stage with one"
        ledger.add(path, f"{stage} has no {what}", "what is moved is there", remedy)
    elif len(set(found.values())) > 1:
        ledger.add(path, f"the {kind} of {stage} differs by segment", "what is moved is the same for all")
    else:
        return found.values()[0]
    return math.nan


def start_of(scenario: Scenario, kind: str, stage: str) -> PerSegment[float] | None:
    """Where a threshold or a leak starts; None where there is none."""
    node = scenario.stages[stage]
    if kind == "leak":
        return None if node.leak is None else node.leak.share
    threshold = None if node.handoff is None else node.handoff.score or node.handoff.both
    return None if threshold is None else threshold.at_least


def _same_bounds(scenario: Scenario, ledger: Ledger) -> None:
    """Two reviews that move the same have the same bounds."""
    first: dict[tuple[str, str], str] = {}
    for name, review in scenario.reviews.items():
        other = first.setdefault(review.moves.dial, name)
        if scenario.reviews[other].between != review.between:
            found = f"{other} moves it between others"
            needs: list[Path] = [("reviews", name), ("reviews", other)]
            ledger.add(("reviews", name, "between"), found, "what two reviews move has one pair of bounds", needs=needs)
