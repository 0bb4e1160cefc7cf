"""Reviews drawn at random: what they look at, and the dials that they turn."""

from __future__ import annotations

from typing import Any

from drafts import Draft, Tree


def add_reviews(draft: Draft, tree: Tree) -> None:
    """Rules of feedback, in half of the drafts that have something to move."""
    able = [*_thresholds(tree), *_leaks(tree), *_rates(tree)]
    if not able or draft.chance(40):
        return
    tree["reviews"] = {}
    for number in range(draft.whole(1, 4)):
        kind, name, begins = draft.one(*able)
        step = {"threshold": 1, "leak": 0.2, "rate": 0.5}[kind]
        reach = {"threshold": (begins - 3, begins + 3), "leak": (0, 0.9), "rate": (draft.one(0, 0), 3)}[kind]
        review: Tree = {"every": f"{draft.one(24, 7, 50)} h", "moves": {kind: name}, "between": list(reach)}
        review |= _looks(draft, tree)
        for side in draft.some("below", "above") or ["below"]:
            review[side] = draft.one(step, -step, step / 3)
        tree["reviews"][f"r{number}"] = review


def _looks(draft: Draft, tree: Tree) -> Tree:
    """Entries of a stage, or the share of one of its exits."""
    stages = [name for name, stage in tree["stages"].items() if "exits" in stage]
    stage = draft.one(*stages)
    if draft.chance(50):
        return {"looks_at": {"entries": stage}, "target": draft.one(1, 5, 12)}
    label = draft.one(*tree["stages"][stage]["exits"])
    return {"looks_at": {"exit": label, "of": stage}, "target": draft.one("30%", 0.5)}


def _thresholds(tree: Tree) -> list[tuple[str, str, float]]:
    """Stages whose handoff asks everybody for the same score."""
    return [("threshold", name, float(enough)) for name, stage in tree["stages"].items()
            if isinstance(enough := _enough(stage), int)]  # fmt: skip


def _enough(stage: Tree) -> Any:
    handoff = stage.get("handoff", {})
    return (handoff.get("score") or handoff.get("both") or {}).get("at_least")


def _leaks(tree: Tree) -> list[tuple[str, str, float]]:
    """Stages that lose the same share of everybody."""
    return [("leak", name, 0.0) for name, stage in tree["stages"].items()
            if "leak" in stage and not isinstance(stage["leak"], dict)]  # fmt: skip


def _rates(tree: Tree) -> list[tuple[str, str, float]]:
    return [("rate", name, 1.0) for name, each in tree["channels"].items() if "rate" in each.get("arrivals", {})]
