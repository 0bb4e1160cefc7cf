"""Broken promises by weekday and hour: a table by hand, the trace read row by row, and the counts that they split."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces.cli import app
from funnelsim.results.curves import broken_by_hour
from funnelsim.results.heat import HOURS, NAMES, WEEKDAYS, said

from .cases import shop

DESK = """
name: a desk with hours
start: 2026-01-07 13:30
horizon: 26 d
warmup: {warmup}
tick: 30 min
channels:
  early: {{arrivals: {{batches: {{at: [2026-01-12 09:30, 2026-01-19 09:30], size: 3}}}}}}
  late: {{arrivals: {{batches: {{at: [2026-01-16 18:00], size: 2}}}}}}
  weekend: {{arrivals: {{batches: {{at: [2026-01-10 10:30, 2026-01-17 10:30, 2026-01-24 23:30], size: 1}}}}}}
  last: {{arrivals: {{batches: {{at: [2026-02-02 12:30], size: 4}}}}}}
stages:
  call: {{team: desk, duration: 30 min, sla: {{respond_within: 90 min, clock: {clock}}}, exits: {{lost: 100%}}}}
  lost: {{terminal: lost}}
teams: {{desk: {{reps: 1, hours: mon-fri 9-17}}}}
"""


def told(clock: str = "calendar", warmup: str = "0 d") -> xr.Dataset:
    return fs.simulate(fs.loads(DESK.format(clock=clock, warmup=warmup)), replications=1, seed=1, traced=True)


def cells(da: xr.DataArray) -> dict[tuple[str, int], int]:
    """What is not zero, by weekday and hour."""
    whole = da.sum(["replication", "stage"])
    return {
        (str(weekday), int(hour)): int(whole.sel(weekday=weekday, hour=hour))
        for weekday in whole["weekday"].values
        for hour in whole["hour"].values
        if whole.sel(weekday=weekday, hour=hour)
    }


JUDGED = {("Mon", 9): 6, ("Fri", 18): 2, ("Sat", 10): 2, ("Sat", 23): 1, ("Mon", 12): 2}
"""Whoever came and was answered; the last two still wait at the end, and their time is not over."""


def test_a_table_by_hand() -> None:
    """Three who come on a Monday at 9:30 are answered after 0, 30 and 60 min. A week later three stand before them,
    from Friday and Saturday, answered at 9, 9:30 and 10: they wait for 60, 90 and 120 min. 90 min are too late."""
    on_calendar, on_hours = told(), told("business")
    assert cells(on_calendar["sla_judged_by_hour"]) == JUDGED
    assert cells(on_hours["sla_judged_by_hour"]) == JUDGED
    assert cells(on_hours["sla_broken_by_hour"]) == {("Mon", 9): 2}
    closed = {("Fri", 18): 2, ("Sat", 10): 2, ("Sat", 23): 1}
    assert cells(on_calendar["sla_broken_by_hour"]) == {("Mon", 9): 2, **closed}


def test_one_is_counted_where_it_came_and_not_where_it_was_answered() -> None:
    """Negative control: by the hour of the response all would stand on Mondays, when the desk is open."""
    found = told()["sla_judged_by_hour"].sum(["replication", "stage"])
    assert int(found.sel(weekday=["Fri", "Sat"]).sum()) == 5


def test_what_was_seen_before_the_period_is_not_counted() -> None:
    """Until the 19th at 9:00: who came on Friday and Saturday is answered on Monday, and belongs to the period."""
    found = told(warmup="283.5 h")["sla_judged_by_hour"]
    assert cells(found) == {("Mon", 9): 3, ("Fri", 18): 2, ("Sat", 10): 1, ("Sat", 23): 1, ("Mon", 12): 2}


WITHIN = timedelta(hours=2)


@pytest.mark.parametrize("name", ["pooled, pre-emptive", "sticky by value", "least loaded by score"])
def test_the_trace_row_by_row_says_the_same(name: str, tmp_path: Path) -> None:
    """Retries, reassignments and escalations come after the first response; those who are pulled back had none."""
    ds = fs.simulate(shop(name), replications=2, seed=4, trace=tmp_path / "t.parquet", traced=True)
    tick = timedelta(seconds=ds.attrs["tick"])
    warm, until = (datetime.fromisoformat(ds.attrs[f"measured_{end}"]) for end in ("from", "until"))
    visits: dict[tuple[object, ...], dict[str, datetime]] = {}
    for row in pq.read_table(tmp_path / "t.parquet").to_pylist():
        if row["stage"] == "call":
            visit = row["replication"], row["prospect"], row["visit"]
            visits.setdefault(visit, {}).setdefault(row["event"], row["time"])
    judged, broken = Counter[tuple[object, ...]](), Counter[tuple[object, ...]]()
    for (replication, *_), first in visits.items():
        if "joined" not in first:
            continue
        came = first["joined"]
        seen = first.get("started") or min(first.get("left", until), until - tick)
        late = seen >= came + WITHIN
        if seen < warm or not (late or "started" in first):
            continue
        at = replication, came.strftime("%a"), came.hour
        judged[at] += 1
        broken[at] += late
    assert 100 < broken.total() < judged.total()
    for counted, variable in ((judged, "sla_judged_by_hour"), (broken, "sla_broken_by_hour")):
        assert counted.total() == int(ds[variable].sum())
        for (replication, weekday, hour), n in counted.items():
            assert int(ds[variable].sel(stage="call", replication=replication, weekday=weekday, hour=hour)) == n


def test_hours_are_there_with_traces_and_a_promise_and_only_then(tmp_path: Path) -> None:
    plain = fs.simulate(shop(), replications=2, seed=1)
    kept = fs.simulate(shop(), replications=2, seed=1, journeys=tmp_path / "j.parquet")
    assert not set(NAMES) & set(plain.data_vars)
    assert set(NAMES) <= set(kept.data_vars)
    assert "weekday" not in plain.coords
    none = fs.simulate(fs.load("mm1", {"horizon": "10 d", "warmup": "0 d"}), replications=1, seed=1, traced=True)
    assert not {*NAMES, "stage_sla", "weekday"} & {*none.data_vars, *none.coords}
    assert list(kept["weekday"].values) == list(WEEKDAYS)
    assert kept.sizes["hour"] == HOURS
    fs.save_result(kept, tmp_path / "r.nc")
    for name in NAMES:
        assert kept[name].attrs["units"]
        xr.testing.assert_equal(fs.open_result(tmp_path / "r.nc")[name], kept[name])


def test_hours_are_the_same_from_either_engine_and_in_any_chunks() -> None:
    one = fs.simulate(shop(), replications=4, seed=6, threads=1, traced=True)
    two = fs.simulate(shop(), replications=4, seed=6, threads=2, traced=True)
    last = fs.simulate(shop(), replications=1, seed=6, first=3, engine="simpy", traced=True)
    for name in NAMES:
        xr.testing.assert_identical(one[name], two[name])
        xr.testing.assert_identical(one[name].isel(replication=[3]), last[name])


def test_the_share_is_one_of_all_replications() -> None:
    ds = fs.simulate(shop(), replications=3, seed=2, traced=True)
    found = broken_by_hour(ds).sel(stage="call")
    judged, broken = (ds[name].sel(stage="call").sum("replication") for name in NAMES)
    assert list(broken_by_hour(ds)["stage"].values) == ["call"]
    np.testing.assert_allclose(found["share"], np.where(judged > 0, broken / judged.where(judged > 0), np.nan))
    np.testing.assert_allclose(found["judged"] * 3, judged)
    assert float(found["share_in_all"]) == pytest.approx(float(ds["breaches"].sum() / judged.sum()))


def test_a_promise_is_said_in_words() -> None:
    stages = fs.load("b2b_saas").stages
    assert said(stages["qualify"].sla) == "response within 1 h (business time)"
    assert said(None) == ""
    by_segment = fs.loads(DESK.format(clock="calendar", warmup="0 d"), {
        "segments": {"a": {"share": "50%"}, "b": {"share": "50%"}},
        "stages.call.sla.respond_within": {"a": "30 min", "b": "2 h"},
    })  # fmt: skip
    assert said(by_segment.stages["call"].sla) == "response within 30 min to 2 h (calendar time)"


def test_the_command_draws_the_picture_or_says_why_not(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK.format(clock="calendar", warmup="0 d"))
    picture = tmp_path / "p.svg"
    found = CliRunner().invoke(app, ["run", str(tmp_path / "desk.yaml"), "-n", "2", "--heat", str(picture)])
    assert found.exit_code == 0, found.output
    assert f"wrote {picture}" in found.stdout
    assert picture.read_bytes().startswith(b"<?xml")
    found = CliRunner().invoke(app, ["run", "mm1", "--heat", str(tmp_path / "q.png")])
    assert (found.exit_code, found.stdout) == (2, "")
    assert "no stage has an SLA" in found.stderr
    assert "write sla: {respond_within: 2 h}" in found.stderr
    assert not (tmp_path / "q.png").exists()
