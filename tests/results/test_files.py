"""What is written is what was computed, and nothing is ever written by half."""

import os

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr

import funnelsim as fs
from funnelsim.plan.trace import NAMES as EVENTS
from funnelsim.results.files import whole

from .cases import dataset, scenario, traced


@pytest.mark.parametrize("name", ["round robin by deadline", "mginf", "full"])
def test_a_result_comes_back_from_its_file(name, tmp_path):
    ds = (
        dataset(name, 2)
        if name != "mginf"
        else fs.simulate(fs.load("mginf", {"horizon": "120 d"}), replications=2, seed=1)
    )
    fs.save_result(ds, tmp_path / "r.nc")
    xr.testing.assert_identical(fs.open_result(tmp_path / "r.nc"), ds)
    assert os.listdir(tmp_path) == ["r.nc"]


def test_a_file_that_fails_leaves_the_old_one_as_it_was(tmp_path):
    target = tmp_path / "r.nc"
    target.write_text("old")

    def interrupted():
        with whole(target) as part:
            part.write_text("half of the new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.nc"]


def test_a_trace_file_holds_the_rows_of_the_engine(tmp_path):
    name = "round robin by deadline"
    fs.simulate(scenario(name), replications=2, seed=1, trace=tmp_path / "t.parquet", expected=True)
    compiled, outcome = traced(name)
    table = pq.read_table(tmp_path / "t.parquet")
    rows = np.concatenate(outcome.traces)
    assert table.num_rows == rows.size
    assert pq.ParquetFile(tmp_path / "t.parquet").metadata.num_row_groups == 2
    for column in ("tick", "prospect", "visit", "detail"):
        np.testing.assert_array_equal(table[column].to_numpy(), rows[column])
    np.testing.assert_array_equal(table["event"].to_pylist(), np.array(EVENTS)[rows["code"]])
    first = table.slice(0, 1).to_pylist()[0]
    assert first["event"] == "arrived"
    assert first["time"] == compiled.timeline.when(int(rows["tick"][0]))


def test_names_in_a_trace_file_are_those_of_the_scenario(tmp_path):
    fs.simulate(scenario("full"), replications=1, seed=2, trace=tmp_path / "t.parquet")
    rows = pq.read_table(tmp_path / "t.parquet").to_pylist()
    by_event = {}
    for row in rows:
        by_event.setdefault(row["event"], row)
    assert by_event["arrived"]["stage"] is None
    assert by_event["started"]["rep"].startswith(by_event["started"]["team"])
    assert {row["team"] for row in rows if row["event"] == "joined"} == {"sdr", "ae"}
    assert by_event["left"]["exit"].startswith(by_event["left"]["stage"])
    assert by_event["breached"]["tier"].startswith("qualify")
    assert {row["segment"] for row in rows} == {"smb", "enterprise"}
    born = {row["prospect"]: row["channel"] for row in rows if row["event"] == "arrived"}
    assert all(row["channel"] == born[row["prospect"]] for row in rows)
