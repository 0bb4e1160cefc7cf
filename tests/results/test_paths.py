"""Paths: who is anonymous how long, when sales comes in, who changes hands; against formulas and tables by hand."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr
from theory.evidence import agree
from typer.testing import CliRunner

import funnelsim as fs
from attribution.journeys import COLUMNS, SCHEMA, read
from funnelsim.faces.cli import app
from funnelsim.results.paths import NAMES, Share, anonymous, before_sales
from funnelsim.results.summary import summary

from .cases import shop

START = datetime(2026, 1, 5)


def journeys(*rows: tuple[int, int, float, str, str | None, bool]) -> pa.Table:
    """A table of journeys: replication, prospect, day, kind, outcome, known; all else is of no interest here."""
    columns: dict[str, list[Any]] = {column.name: [None] * len(rows) for column in COLUMNS}
    for at, (replication, prospect, day, kind, outcome, known) in enumerate(rows):
        row = {"replication": replication, "prospect": prospect, "time": START + timedelta(days=day), "kind": kind}
        for name, value in {**row, "outcome": outcome, "known": known}.items():
            columns[name][at] = value
    return pa.table(columns, schema=SCHEMA)


BY_HAND = journeys(
    (0, 1, 0, "arrival", None, False),
    (0, 1, 1, "touch", "seen", False),
    (0, 1, 2, "touch", "sent", False),  # nobody saw it: no engagement
    (0, 1, 4, "touch", "clicked", True),
    (0, 1, 4, "milestone", None, True),
    (0, 1, 6, "sales", None, True),
    (0, 1, 7, "sales", None, True),
    (0, 1, 8, "conversion", None, True),
    (0, 1, 9, "conversion", None, True),
    (0, 2, 0, "arrival", None, False),  # never says who it is
    (0, 2, 3, "touch", "seen", False),
    (0, 2, 5, "conversion", None, False),  # nobody from sales had a hand in it
    (1, 1, 0, "arrival", None, True),  # another replication, the same number
    (1, 1, 1, "sales", None, True),
    (1, 1, 4, "conversion", None, True),
    (1, 3, 0, "arrival", None, True),
    (1, 3, 2, "conversion", None, True),
    (1, 3, 3, "sales", None, True),  # only after the deal
)


def test_a_table_by_hand() -> None:
    assert anonymous(BY_HAND) == Share(2, 5)
    assert before_sales(BY_HAND) == Share(6 / 8 + 1 / 4, 2)
    assert before_sales(BY_HAND).value == 0.5
    since = np.datetime64(START + timedelta(days=1), "us")
    assert anonymous(BY_HAND, since) == Share(1, 2)
    assert before_sales(BY_HAND, since + np.timedelta64(4, "D")) == Share(6 / 8, 1)
    assert np.isnan(before_sales(BY_HAND.slice(0, 0)).value)
    assert np.isnan(anonymous(BY_HAND.slice(9, 2)).value)


FORM = """
name: a form
start: 2026-01-05
horizon: 52 w
tick: 1 min
channels:
  web: {arrivals: {batches: {at: [2026-01-05], size: 2000}}}
  ads: {touches: {rate: 1 / d, seen: 50%}}
stages:
  read: {duration: {exponential: {mean: 10 d}}, exits: {form: 100%}}
  form: {milestone: lead, duration: 10 d, exits: {lost: 100%}}
  lost: {terminal: lost}
"""


def test_the_share_of_anonymous_engagements_is_that_of_the_time() -> None:
    """The visit and 5 ads before the form is filled, 5 after it: 6 of 11."""
    ds = fs.simulate(fs.loads(FORM), replications=40, seed=41, traced=True)
    agree("anonymous engagements", ds["anonymous_engagements"].values / 2000, 6)
    agree("share anonymous", ds["share_anonymous"].values, 6 / 11)


TALK = """
name: a talk
start: 2026-01-05
horizon: 52 w
tick: 1 min
channels: {web: {arrivals: {batches: {at: [2026-01-05], size: 1000}}}}
stages:
  read: {duration: {erlang: {mean: 14 d, k: 2}}, exits: {call: 100%}}
  call: {team: sales, duration: {exponential: {mean: 7 d}}, exits: {won: 60%, lost: 40%}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sales: {reps: 1000}}
"""


def test_what_is_gone_before_the_first_talk_has_a_beta_distribution() -> None:
    """Two exponential times of three lie before the talk: of their sum it is Beta(2, 1), whose mean is 2/3."""
    ds = fs.simulate(fs.loads(TALK), replications=40, seed=42, traced=True)
    agree("share before sales", ds["share_before_sales"].values, 2 / 3)
    xr.testing.assert_equal(ds["deals_after_talk"].drop_attrs(), ds["wins"].drop_attrs().astype(float))


PAIR = """
name: two stages, one team
start: 2026-01-05
horizon: 30 d
channels: {web: {arrivals: {batches: {every: 1 d, size: 1}}}}
stages:
  demo: {team: ae, duration: 1 h, exits: {offer: 100%}}
  offer: {team: ae, duration: 1 h, exits: {won: 100%}}
  won: {terminal: won}
teams: {ae: {reps: 3, assignment: round_robin}}
"""


@pytest.mark.parametrize(("assignment", "changes"), [("round_robin", 1.0), ("sticky", 0.0), ("pooled", 0.0)])
def test_who_takes_turns_changes_reps_at_every_stage(assignment: str, changes: float) -> None:
    """One prospect at a time: whoever is first in a pool is always free, and takes all."""
    scenario = fs.loads(PAIR, {"teams.ae.assignment": assignment})
    ds = fs.simulate(scenario, replications=1, seed=1, traced=True)
    assert float(ds["taken_up"].sel(team="ae")[0]) == 30
    assert float(ds["rep_changes"].sel(team="ae")[0]) == 30 * changes
    assert float(ds["rep_changes_per_prospect"].sel(team="ae")[0]) == changes


@pytest.mark.parametrize("name", ["round robin by deadline", "pooled, pre-emptive", "sticky by value"])
def test_changes_of_rep_are_those_of_the_trace(name: str, tmp_path: Path) -> None:
    """Counted once more, row by row: retries, escalations, reassignments and those who come back."""
    ds = fs.simulate(shop(name), replications=2, seed=4, trace=tmp_path / "t.parquet", traced=True)
    last: dict[tuple[int, int, str], str] = {}
    changes: dict[tuple[int, str], int] = defaultdict(int)
    taken: dict[tuple[int, str], set[int]] = defaultdict(set)
    warm = datetime.fromisoformat(ds.attrs["measured_from"])
    for row in pq.read_table(tmp_path / "t.parquet").to_pylist():
        if row["event"] != "started":
            continue
        replication, prospect, team = row["replication"], row["prospect"], row["team"]
        if row["time"] >= warm:
            taken[replication, team].add(prospect)
            changes[replication, team] += last.get((replication, prospect, team), row["rep"]) != row["rep"]
        last[replication, prospect, team] = row["rep"]
    assert sum(changes.values()) > 10
    for replication in (0, 1):
        for team in ("sdr", "ae"):
            at = {"replication": replication, "team": team}
            assert float(ds["rep_changes"].sel(at)) == changes[replication, team]
            assert float(ds["taken_up"].sel(at)) == len(taken[replication, team])


def test_measures_come_with_journeys_and_only_then(tmp_path: Path) -> None:
    scenario = fs.loads(FORM, {"channels.web.arrivals.batches.size": 50})
    file = tmp_path / "j.parquet"
    plain, told, kept = (
        fs.simulate(scenario, replications=2, seed=1, **more) for more in ({}, {"traced": True}, {"journeys": file})
    )
    assert not set(NAMES) & set(plain.data_vars)
    assert set(told.data_vars) == {*plain.data_vars, *NAMES} == set(kept.data_vars)
    xr.testing.assert_equal(told, kept)
    table = read(file)
    assert anonymous(table) == Share(*(float(ds.sum()) for ds in (told["anonymous_engagements"], told["engagements"])))
    assert summary(plain).paths is None
    assert all(ds.attrs["units"] and ds.attrs["long_name"] for ds in (told[name] for name in NAMES))


def test_measures_are_the_same_from_either_engine_and_in_any_chunks() -> None:
    one = fs.simulate(shop(), replications=4, seed=6, threads=1, traced=True)
    two = fs.simulate(shop(), replications=4, seed=6, threads=2, traced=True)
    last = fs.simulate(shop(), replications=1, seed=6, first=3, engine="simpy", traced=True)
    for name in NAMES:
        xr.testing.assert_identical(one[name], two[name])
        xr.testing.assert_identical(one[name].isel(replication=[3]), last[name])


def test_where_nobody_works_and_nobody_is_won_there_is_nothing_to_say() -> None:
    ds = fs.simulate(fs.loads(FORM, {"stages.form": {"duration": "1 d", "exits": {"lost": "100%"}}}),
                     replications=2, seed=1, traced=True)  # fmt: skip
    assert ds["share_before_sales"].isnull().all()
    assert float(ds["share_anonymous"].max()) == 0.0
    assert ds.sizes["team"] == 0
    paths = summary(ds).paths
    assert paths is not None
    assert (paths.share_before_sales.known, paths.rep_changes) == (False, {})


def test_the_command_shows_measures_of_paths(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(PAIR)
    asked = ["run", str(file), "-n", "2", "--journeys", str(tmp_path / "j.parquet")]
    shown = CliRunner().invoke(app, asked, env={"COLUMNS": "60"})
    assert shown.exit_code == 0, shown.output
    assert "changes of rep per prospect: ae" in shown.stdout
    told = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["paths"]
    assert told["rep_changes"][0]["team"] == "ae"
    assert told["rep_changes"][0]["per_prospect"]["value"] == 1.0
    assert told["share_before_sales"]["value"] == 0.0
