"""Where the tests of scenarios find their files, and the smallest scenario that is sound."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
FULL = HERE / "full.yaml"
BROKEN = HERE / "broken"
ROOT = HERE.parent.parent
SHIPPED = ROOT / "scenarios"
SHARED = ROOT.parent / "shared" / "data" / "crm"

SMALL = """\
name: small
start: 2026-01-05
horizon: 52 w
channels:
  web: {arrivals: {rate: 5 / d}}
stages:
  qualify:
    team: sdr
    duration: 30 min
    exits: {demo: 40%, lost: {rest: true}}
  demo:
    duration: 3 d
    exits: {won: 30%, lost: {rest: true}}
  won: {terminal: won}
  lost: {terminal: lost}
teams:
  sdr: {reps: 2, hours: mon-fri 9-17}
"""


def small(*changes: tuple[str, str]) -> str:
    """The small scenario with pieces of its text replaced; each must be there."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
