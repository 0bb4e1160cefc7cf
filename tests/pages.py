"""A small world with policies, its report, and a reader of pages."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser

import xarray as xr

import funnelsim as fs
from funnelsim.studies.compare import compare

WORLD = """
name: "{name}"
start: 2026-01-05
horizon: 26 w
warmup: 4 w
channels: {{web: {{arrivals: {{rate: 40 / d}}, cost: {{per_lead: 3}}}}}}
segments: {{all: {{share: 100%, deal_value: {{constant: 900}}}}}}
stages:
  read: {{duration: 1 d, exits: {{talk: 30%, lost: {{rest: true}}}}}}
  talk: {{team: sdr, duration: 20 min, sla: {{respond_within: 2 h}}, exits: {{won: 20%, lost: {{rest: true}}}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams: {{sdr: {{reps: {reps}, hours: mon-fri 9-17, salary: 4000 / mo}}}}
policies:
  more: {{says: one more, set: {{teams.sdr.reps: 3}}}}
sources:
  stages.read.exits: {{source: "{source}", year: 2024, confidence: H}}
"""
EVIL = (
    "<script>alert(1)</script> ]]> \\\"'&amp; javascript:alert(1) {{{{ 7 * 7 }}}} <img src=x onerror=alert(1)> "
    "\\u202eabc\\u2066 \\u0627\\u0644 </title></style> $x^2$"
)
"""As it stands between double quotes in YAML, and goes through `format` once."""
VOID = {"meta", "link", "img", "br", "input", "hr"}


def world(name: str = "a world", source: str = "a study", reps: int = 2) -> fs.Scenario:
    """The scenario."""
    return fs.loads(WORLD.format(name=name, source=source, reps=reps))


@cache
def results() -> tuple[xr.Dataset, xr.Dataset]:
    """A run of it and a comparison, with traces."""
    scenario = world()
    return fs.simulate(scenario, replications=6, seed=1, traced=True), compare(scenario, seed=1, replications=6)


@cache
def page() -> str:
    """Their report."""
    return fs.report(results())


class Page(HTMLParser):
    """Elements of a page with their attributes and their path; raises where one is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {key: value or "" for key, value in attrs}, tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.words.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a kind."""
        return [attrs for each, attrs, _ in self.found if each == tag]

    def text(self, *without: str) -> str:
        """All words but those in elements of some kinds."""
        return " ".join(data for tag, data in self.words if tag not in without)
