"""Scenarios gone wrong: mutations of sound ones, of their trees and of their texts."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

from funnelsim.scenario import document

from .places import BROKEN, FULL, SMALL

TEXTS = [SMALL, FULL.read_text(encoding="utf-8")]
TEXTS += [file.read_text(encoding="utf-8") for file in sorted(BROKEN.glob("*.yaml"))[::8]]
TREES = [document.parse(text, "seed").tree for text in TEXTS[:2]]

ODD_TEXTS = """| |~|5|80%|800%|-5%|5 min|-5 min|1e9 d|1e400 d|2 mo|1 y|22 / d|1e12 / s|0 / d|5 / mo|4000 / mo|92 EUR|$92
1,000|1_000|first lead|last lead + 1 w|2026-01-05|2026-02-30|0001-01-01|9999-12-31T23:59:59+14:00|2026-01-05T10:00Z
mon-fri 9-17|mon-sun 0-24|sun-mon 22-6|always|won|lost|demo|qualify|nurture|sdr|ae|smb|default|all|office|leads.csv
/dev/null|/dev/zero|..|a.b|<<|!x|&a|*a|{|[|# x|: |\0""".replace("\n", "|").split("|")
ODD_NUMBERS = [0, -1, 1, 2, 0.5, 1.5, -0.0, 1e300, -1e300, 10**30, 10**400, float("nan"), float("inf")]
ODD_PARTS: list[Any] = [
    *([], {}, [[]], [1, 2, 3], ["5 min"], {"default": 1}, {"smb": 0.5}, {"": 1}, {"p": 1}, {"rest": True}),
    *({"to": "won"}, {"exponential": {"mean": "3 d"}}, {"lognormal": {"median": 1, "p90": 2}}, {"constant": "0 d"}),
    *({"mixture": []}, {"mixture": [{"weight": 1, "constant": "1 d"}, {"weight": 0, "constant": "2 d"}]}),
    *({"empirical": {"values": ["1 d"]}}, {"smb": {"smb": {"smb": "1 d"}}}, {"logit": 0}, {"terminal": "won"}),
    *({"reps": 1}, {"share": 1}, [{"count": 10000}], {"normal": {"mean": 0}}),
    *({"file": "leads.csv", "columns": {"time": "t"}}, {"file": "full.yaml", "columns": {"time": "t"}}),
]
ODD = [None, True, False, *ODD_NUMBERS, *ODD_TEXTS, "é" * 100, "x" * 5000, *ODD_PARTS]
KEYS = [
    *("name", "start", "horizon", "tick", "arrivals", "rate", "batches", "replay", "weekly", "exits", "team", "hours"),
    *("duration", "clock", "calendar", "sla", "response", "patience", "attempts", "balk", "recycle", "terminal", "on"),
    *("approvals", "stakeholders", "agree", "refused", "meetings", "monthly", "every", "first"),
    *("queue", "reps", "segments", "default", "smb", "won", "lost", "p", "rest", "logit", "to", "", "x", "1", "null"),
    *("views", "AIDA", "zone", "owner", "score", "auc", "noise"),
    *("é", "a.b", "__proto__", "__class__"),
]


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path of a tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = [path] if path else []
    for step, each in items:
        found += places(each, (*path, step))
    return found


def mutated(tree: Any, draw: Any) -> Any:
    """The tree with one entry deleted, replaced, renamed, doubled or swapped with another."""
    paths = places(tree)
    if not paths:
        return tree
    *parents, last = draw(st.sampled_from(paths))
    node = tree
    for step in parents:
        node = node[step]
    deed = draw(st.sampled_from(["delete", "replace", "rename", "swap", "add"]))
    if deed == "delete":
        del node[last]
    elif deed == "replace":
        node[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
    elif deed == "swap":
        node[last] = copy.deepcopy(value_at(tree, draw(st.sampled_from(paths))))
    elif isinstance(node, dict) and deed == "rename":
        node[draw(st.sampled_from(KEYS))] = node.pop(last)
    elif isinstance(node, dict):
        node[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(ODD)))
    return tree


def value_at(tree: Any, path: tuple[Any, ...]) -> Any:
    """The value at a path; None where it is gone."""
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


@st.composite
def mutated_trees(draw: Any) -> str:
    """A sound scenario after one to six mutations of its tree, as a text."""
    tree = copy.deepcopy(draw(st.sampled_from(TREES)))
    for _ in range(draw(st.integers(1, 6))):
        tree = mutated(tree, draw)
    return written(tree)


def written(tree: Any) -> str:
    """The tree in flow style, one entry of the root per line."""
    return "\n".join(f"{json.dumps(str(key))}: {_flow(value)}" for key, value in tree.items())


def _flow(value: Any) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, float):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(repr(value), repr(value))
    return json.dumps(value)


@st.composite
def mutated_texts(draw: Any) -> str:
    """A scenario's text after cuts, repeats, swaps and strange insertions."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        at, to = sorted([draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))])
        deed = draw(st.sampled_from(["truncate", "cut", "insert", "unicode", "repeat", "line"]))
        if deed == "truncate":
            text = text[:to]
        elif deed == "cut":
            text = text[:at] + text[min(to, at + 40) :]
        elif deed == "insert":
            text = text[:at] + draw(st.sampled_from("{}[]:,&*!|>'\"%@`#-? \t\n\r\0\ufeff\u2028<")) + text[at:]
        elif deed == "unicode":
            text = text[:at] + draw(st.text(max_size=8)) + text[at:]
        elif deed == "repeat":
            text = text[:to] + text[at : min(to, at + 80)] + text[to:]
        else:
            lines = text.split("\n")
            lines.insert(draw(st.integers(0, len(lines))), lines[draw(st.integers(0, len(lines) - 1))])
            text = "\n".join(lines)
    return text


def anything() -> st.SearchStrategy[str | bytes]:
    """Scenarios gone wrong in any way, and no scenarios at all."""
    return st.one_of(mutated_trees(), mutated_trees(), mutated_texts(), st.text(max_size=200), st.binary(max_size=200))


def overrides() -> st.SearchStrategy[dict[str, Any]]:
    """Overrides of paths that are there, nearly there, or nowhere."""
    real = [".".join(map(str, path)) for path in places(TREES[1])]
    paths = st.one_of(st.sampled_from(real), st.sampled_from(KEYS), st.text(max_size=20))
    longer = st.tuples(paths, st.sampled_from(KEYS)).map(".".join)
    return st.dictionaries(st.one_of(paths, longer), st.one_of(st.sampled_from(ODD), st.text(max_size=20)), max_size=3)
