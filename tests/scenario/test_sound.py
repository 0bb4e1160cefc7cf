"""What is unusual but sound is accepted: the negative controls of the checks."""

from __future__ import annotations

import pytest

from funnelsim.scenario import loads

from .places import small

EXITS = "exits: {won: 30%, lost: {rest: true}}"
WEB = "{rate: 5 / d}"
SEGMENTS = ("channels:", "segments: {smb: {share: 80%}, big: {share: 20%}}\nchannels:")
TEAM = "sdr: {reps: 2, hours: mon-fri 9-17}"

SOUND = {
    "a table that adds up without a rest": [(EXITS, "exits: {won: 30%, lost: 70%}")],
    "a table of tenths": [(EXITS, "exits: {won: 0.1, a: {p: 0.2, to: won}, b: {p: 0.7, to: lost}}")],
    "a rest that nobody takes": [(EXITS, "exits: {won: 100%, lost: {rest: true}}")],
    "log-odds, a table and a rest": [(EXITS, "exits: {won: {logit: -1}, qualify: 20%, lost: {rest: true}}")],
    "log-odds and a table that adds up": [(EXITS, "exits: {won: {logit: -1}, qualify: 20%, lost: 80%}")],
    "a cycle that ends": [(EXITS, "exits: {demo: 99.9%, won: 0.05%, lost: 0.05%}")],
    "a cycle that only log-odds end": [(EXITS, "exits: {won: {logit: -90}, demo: {rest: true}}")],
    "stages that take no time, in no cycle": [("    duration: 3 d\n", "")],
    "a cycle through a stage without time": [
        ("    duration: 3 d\n", ""),
        (EXITS, "exits: {qualify: 50%, lost: 50%, won: 0%}"),
    ],
    "a channel that is switched off": [(WEB, "{rate: 0 / d}")],
    "a week with a day off": [(WEB, "{rate: 5 / d, weekly: [1, 1, 1, 1, 1, 0, 0]}")],
    "a shrinking channel": [(WEB, "{rate: 5 / d, trend: -90% / y}")],
    "a channel of one segment": [SEGMENTS, (WEB + "}", WEB + ", segments: {big: 1}}")],
    "a segment without a share": [("channels:", "segments: {smb: {share: 1}, big: {share: 0}}\nchannels:")],
    "a default beside named segments": [SEGMENTS, ("won: 30%", "won: {big: 20%, default: 30%}")],
    "a rep who leaves and one who comes": [
        (TEAM, "sdr: {reps: [{name: Ann, until: 2026-06-01}, {name: Bob, from: 2026-06-01}], hours: mon-fri 9-17}")
    ],
    "a queue without places": [(TEAM, "sdr: {reps: 2, max_queue: 0}")],
    "a night shift": [(TEAM, "sdr: {reps: 2, hours: mon-fri 22-6}")],
    "patience without a target": [("duration: 30 min", "duration: 30 min\n    patience: {exponential: {mean: 2 d}}")],
    "a response by segment": [
        SEGMENTS,
        ("duration: 30 min", "duration: 30 min\n    response: {half_life: {smb: 1 h, big: 1 d}}"),
    ],
    "a lost stage that recycles for ever so often": [
        ("lost: {terminal: lost}", "lost: {terminal: lost, recycle: {to: demo, after: 1 d, at_most: 1000}}")
    ],
    "an exit to its own stage": [(EXITS, "exits: {demo: 50%, won: 20%, lost: {rest: true}}")],
    "sla tiers at one instant": [
        (
            "duration: 30 min",
            "duration: 30 min\n    sla: {respond_within: 1 h, on_breach: [{after: 1 h, do: count}, "
            "{after: 1 h, do: reprioritise}]}",
        )
    ],
    "two lost stages and every way named": [
        ("  lost: {terminal: lost}", "  lost: {terminal: lost}\n  gone: {terminal: lost}"),
        ("duration: 30 min", "duration: 30 min\n    patience: {after: 2 d, to: gone}"),
    ],
    "hours of one minute": [(TEAM, "sdr: {reps: 2, hours: wed 12:00-12:01}")],
    "a coarse tick": [("52 w", "52 w\ntick: 1 h")],
    "a name in another script": [("name: small", "name: воронка 漏斗")],
    "a stage in another script": [("demo", "démo")],
    "words that YAML 1.1 takes for true and false": [("demo", "on"), ("qualify", "off"), ("sdr", "no"), ("web", "yes")],
    "an anchor and an alias": [("duration: 30 min", "duration: &d 30 min"), ("duration: 3 d", "duration: *d")],
    "a merged mapping": [("  sdr: {", "  sdr: {<<: {deals_at_once: 2}, ")],
    "a byte order mark": [("name: small", "\ufeffname: small")],
    "windows line ends": [("\n", "\r\n")],
}


@pytest.mark.parametrize("name", SOUND)
def test_it_is_accepted(name: str) -> None:
    assert loads(small(*SOUND[name])).stages


def test_a_merged_key_is_read_and_an_own_key_wins() -> None:
    team = loads(small(("sdr: {reps: 2", "sdr: {<<: {reps: 9, deals_at_once: 3}, reps: 2"))).teams["sdr"]
    assert [rep.slots for rep in team.reps] == [3, 3]
