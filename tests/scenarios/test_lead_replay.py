"""scenarios/lead_replay.yaml: every row of a list is a prospect on its own date, and wins come near the recorded ones.

The lists of other people are read where they are and are no part of the project; see `../shared/data/README.md`.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from funnelsim.engines.run import run_kernel
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.plan.trace import ARRIVED
from funnelsim.scenario import ScenarioError, load

from .exports import LEADS, REPLAY, ROOT, export

LISTS = ("leads", "olist", "bpi2012")


def arrivals(compiled: Compiled) -> Counter[tuple[str, str]]:
    """How many prospects a simulation received on each date from each channel."""
    (trace,) = run_kernel(compiled.plan, seed=1, replications=1, trace=True).traces
    came = trace[trace["code"] == ARRIVED]
    channels = came["detail"] // len(compiled.segments)
    return Counter(
        (f"{compiled.timeline.when(int(tick)):%Y-%m-%d}", compiled.channels[channel])
        for tick, channel in zip(came["tick"], channels, strict=True)
    )


def simulated_wins(compiled: Compiled, replications: int) -> dict[str, float]:
    """Mean wins by month."""
    tally = run_kernel(compiled.plan, seed=7, replications=replications).tally
    wins = tally["wins"].sum(axis=2).mean(axis=0)
    return {f"{begins:%Y-%m}": float(n) for begins, n in zip(compiled.bucket_starts, wins, strict=True)}


@pytest.mark.parametrize("name", LISTS)
def test_every_row_arrives_on_its_own_date_from_its_own_channel(name: str) -> None:
    listed = export(name)
    compiled = compile_scenario(load("lead_replay", listed.overrides))
    assert arrivals(compiled) == listed.dates
    assert sum(compiled.skipped.values()) == 0


@pytest.mark.parametrize("name", LISTS)
def test_the_list_decides_the_window(name: str) -> None:
    listed = export(name)
    timeline = compile_scenario(load("lead_replay", listed.overrides)).timeline
    assert (timeline.start, timeline.end) == listed.window


def test_a_stamp_with_a_time_of_day_is_met_to_the_second() -> None:
    compiled = compile_scenario(load("lead_replay"))
    replayed = [f"{compiled.timeline.when(int(tick))}" for tick in compiled.plan["leads"]["tick"]]
    assert replayed == sorted(row["created_at"] for row in export("leads").rows)


def test_simulated_wins_of_the_own_list_come_near_the_recorded_ones() -> None:
    listed = export("leads")
    simulated = simulated_wins(compile_scenario(load("lead_replay")), 200)
    for month, recorded in listed.wins.items():
        z = (recorded - simulated[month]) / simulated[month] ** 0.5
        print(f"{month}: recorded {recorded}, simulated {simulated[month]:.1f}, z {z:.2f}")
        assert abs(z) < 3
    assert sum(simulated[month] for month in listed.wins) == pytest.approx(sum(listed.wins.values()), rel=0.1)


@pytest.mark.parametrize(("name", "months"), [("olist", ("2018-01", "2018-02", "2018-03")), ("bpi2012", None)])
def test_simulated_wins_of_real_lists_are_not_absurd(name: str, months: tuple[str, ...] | None) -> None:
    listed = export(name)
    simulated = simulated_wins(compile_scenario(load("lead_replay", listed.overrides)), 50)
    known = months or tuple(listed.wins)
    for month in known:
        print(f"{name} {month}: recorded {listed.wins[month]}, simulated {simulated[month]:.1f}")
        assert 0.67 < simulated[month] / listed.wins[month] < 1.5


def test_what_winners_alone_know_is_not_mapped() -> None:
    columns = load("lead_replay").channels["leads"].arrivals.replay.columns  # type: ignore[union-attr]
    assert (columns.segment, columns.value) == (None, None)
    rows = export("leads").rows
    assert {row["status"] for row in rows if row["amount"]} == {"won"}


def test_mapping_the_segment_of_winners_is_refused_with_the_names_it_lacks() -> None:
    listed = export("olist")
    with pytest.raises(ScenarioError, match="unknown segment"):
        load("lead_replay", {**listed.overrides, f"{REPLAY}.columns.segment": "segment"})


def test_the_own_list_is_what_its_generator_writes(tmp_path: Path) -> None:
    tool = (ROOT / "tools" / "make_leads.py").read_text(encoding="utf-8")
    (tmp_path / "tools").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "tools" / "make_leads.py").write_text(tool, encoding="utf-8")
    subprocess.run([sys.executable, str(tmp_path / "tools" / "make_leads.py")], check=True)
    assert (tmp_path / "scenarios" / "leads.csv").read_bytes() == LEADS.read_bytes()


def test_the_own_list_looks_like_an_export() -> None:
    rows = export("leads").rows
    assert 2_500 <= len(rows) <= 3_500
    assert list(rows[0]) == next(csv.reader(["opp_id,created_at,source,amount,closed_at,status"]))
    assert Counter(row["status"] for row in rows).keys() == {"won", "lost", "open"}
    assert any(not row["source"] for row in rows)
    assert all(row["closed_at"] > row["created_at"] for row in rows if row["closed_at"])
