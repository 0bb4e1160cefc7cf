"""What small scenarios mean: defaults, curves, horizons, lists beside the file, and what is shipped."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from funnelsim.scenario import load, loads
from funnelsim.scenario.deals import read_deals
from funnelsim.scenario.model import Horizon
from funnelsim.scenario.per_segment import PerSegment

from .places import SHIPPED, small

H, D = 3600.0, 86_400.0


def test_explicit_curves_are_causal_and_presets_are_half_so() -> None:
    def response(text: str) -> object:
        return loads(small(("duration: 30 min", f"duration: 30 min\n    response: {text}"))).stages["qualify"].response

    curve = response("{table: [[0 min, 1], [5 min, 0.9], [1 h, 50%]]}")
    assert curve.points == ((0.0, 1.0), (300.0, 0.9), (3600.0, 0.5))  # type: ignore[attr-defined]
    assert curve.causal_share == PerSegment(1.0)  # type: ignore[attr-defined]
    for name, shape, scale in [
        ("none", "none", "probability"),
        ("mild", "hyperbolic", "probability"),
        ("moderate", "hyperbolic", "probability"),
        ("steep_hbr", "table", "odds"),
        ("stress_lrm", "table", "odds"),
    ]:
        found = response(f"{{preset: {name}}}")
        assert (found.shape, found.scale) == (shape, scale)  # type: ignore[attr-defined]
        assert found.causal_share == PerSegment(0.5)  # type: ignore[attr-defined]


def test_defaults_of_a_small_scenario() -> None:
    small_one = loads(small(("reps: 2, hours: mon-fri 9-17", "reps: 2")))
    assert small_one.channels["web"].enters == "qualify"
    assert (small_one.stages["qualify"].owner, small_one.stages["demo"].owner) == ("sales", "marketing")
    assert (small_one.stages["qualify"].clock, small_one.stages["demo"].clock) == ("business", "calendar")
    assert small_one.stages["qualify"].balk is None
    assert small_one.teams["sdr"].hours.always
    assert small_one.score.intent == small_one.score.fit == small_one.score.noise == 0.0
    assert small_one.file is None


def test_a_team_with_a_full_queue_sends_newcomers_to_the_only_lost_stage() -> None:
    balk = loads(small(("reps: 2", "reps: 2, max_queue: 0"))).stages["qualify"].balk
    assert balk is not None
    assert (balk.to, balk.reason) == ("lost", "no capacity")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("52 w", datetime(2027, 1, 4)),
        ("12 mo", datetime(2027, 1, 5)),
        ("1 y", datetime(2027, 1, 5)),
        ("1 mo", datetime(2026, 2, 5)),
        ("25 mo", datetime(2028, 2, 5)),
        ("90 min", datetime(2026, 1, 5, 1, 30)),
    ],
)
def test_a_horizon_ends(text: str, end: datetime) -> None:
    found = loads(small(("52 w", text), ("mon-fri 9-17", "always")))
    assert found.start is not None
    assert found.horizon.end(found.start) == end


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert Horizon(months=1).end(datetime(2026, 1, 31)) == datetime(2026, 2, 28)
    assert Horizon(months=25).end(datetime(2026, 1, 31)) == datetime(2028, 2, 29)
    assert Horizon(after_last=5.0).end(datetime(2026, 1, 31)) is None


def test_a_value_by_segment_answers_for_every_segment() -> None:
    value = PerSegment(1.0, {"smb": 2.0})
    assert (value.of("smb"), value.of("other"), set(value.values())) == (2.0, 1.0, {1.0, 2.0})


def test_a_replay_is_found_beside_the_scenario_or_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = small(
        ("{rate: 5 / d}", "{replay: {file: leads.csv, columns: {time: at}}}"),
        ("2026-01-05", "first lead"),
        ("52 w", "last lead + 4 w"),
    )
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.yaml").write_text(text)
    (tmp_path / "leads.csv").write_text("at\n2026-02-03\n")
    monkeypatch.chdir(tmp_path)
    replay = load(tmp_path / "there" / "a.yaml").channels["web"].arrivals.replay
    assert replay is not None
    assert replay.file == Path("leads.csv")
    (tmp_path / "there" / "leads.csv").write_text("at\n2026-02-03\n")
    again = load(tmp_path / "there" / "a.yaml")
    assert again.channels["web"].arrivals.replay is not None
    assert again.channels["web"].arrivals.replay.file == tmp_path / "there" / "leads.csv"
    assert again.start is None
    assert again.horizon == Horizon(after_last=timedelta(weeks=4).total_seconds())


SHIPPED_FILES = sorted(SHIPPED.rglob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED_FILES, ids=[file.stem for file in SHIPPED_FILES])
def test_every_shipped_scenario_is_sound(file: Path) -> None:
    assert load(file).stages


PIPELINE = """
name: open
start: 2026-01-05
horizon: 52 w
channels: {web: {arrivals: {rate: 5 / d}}}
stages:
  call: {team: sdr, duration: 20 min, exits: {decision: 20%, lost: {rest: true}}}
  decision: {duration: 30 d, exits: {won: 20%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 2}}
pipeline: {deals: [{stage: decision, age: 3 d, value: $1200, segment: all, count: 4}, {stage: call, worked: 5 min}]}
"""


def test_the_open_pipeline_is_written_or_in_a_file(tmp_path: Path) -> None:
    written = loads(PIPELINE).pipeline
    assert written is not None
    first, second = written.deals
    assert (first.stage, first.age, first.value, first.segment, first.count) == ("decision", 3 * D, 1200.0, "all", 4)
    assert (second.worked, second.count, second.value) == (300.0, 1, None)
    (tmp_path / "deals.csv").write_text("Stage,Since,Amount\ndecision,2026-01-02,1200\ncall,,\n")
    said = "{file: deals.csv, columns: {stage: Stage, since: Since, value: Amount}, intent: 0.5}"
    scenario = loads(PIPELINE[: PIPELINE.index("pipeline:")] + f"pipeline: {said}", file=tmp_path / "open.yaml")
    first, second = read_deals(scenario, datetime(2026, 1, 5))
    assert (first.stage, first.age, first.value) == ("decision", 3 * D, 1200.0)
    assert (second.stage, second.age, second.value, second.segment) == ("call", 0.0, None, None)
