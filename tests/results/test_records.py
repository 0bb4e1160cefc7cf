"""Records: what systems miss, double and delay, against binomial probabilities; and that nothing else moves them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import xarray as xr
from typer.testing import CliRunner

import funnelsim as fs
from attribution.journeys import read
from funnelsim.core.problems import ScenarioError
from funnelsim.faces.cli import app

from .cases import FULL

SIZE, REPLICATIONS = 2000, 40
TEXT = f"""
name: recorded
start: 2026-01-05
horizon: 20 d
tick: 1 min
channels: {{web: {{arrivals: {{batches: {{at: [2026-01-05], size: {SIZE}}}}}}}}}
stages:
  read: {{duration: 10 d, exits: {{call: 100%}}}}
  call: {{milestone: mql, team: sdr, duration: 1 h, exits: {{won: 50%, lost: 50%}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams: {{sdr: {{reps: {SIZE}}}}}
records:
  marketing: {{missing: 20%, doubled: 10%}}
  sales: {{missing: 25%}}
"""


def simulated(changes: dict[str, Any] | None = None, n: int = REPLICATIONS, **more: Any) -> xr.Dataset:
    return fs.simulate(fs.loads(TEXT, changes or {}), replications=n, seed=77, **more)


def agrees(what: str, found: float, n: float, mean: float, square: float) -> None:
    """A sum of n independent draws with a mean and a mean square; 2% more would have been refused."""
    error = math.sqrt(n * (square - mean**2))
    z, control = (found - n * mean) / error, (found - n * mean * 1.02) / error
    print(f"{what}: {found / n:.5g}, expected {mean:.5g}, z = {z:.2f}; of 2% more, z = {control:.2f}")
    assert abs(z) < 4
    assert abs(control) > 4


def test_each_system_reports_what_it_has_not_missed_once_or_twice() -> None:
    """Of one milestone: none with m, one with (1 - m)(1 - d), two with (1 - m) d."""
    ds = simulated(traced=True).sum("replication")
    n = SIZE * REPLICATIONS
    assert float(ds["happened"].sel(record="mql")) == n
    reported = ds["reported"].sel(record="mql")
    for side, missing, doubled in (("marketing", 0.2, 0.1), ("sales", 0.25, 0.0)):
        there = 1 - missing
        agrees(side, float(reported.sel(system=side)), n, there * (1 + doubled), there * (1 + 3 * doubled))


def test_together_the_systems_know_all_but_what_each_of_them_missed() -> None:
    ds = simulated(traced=True).sum("replication")
    known = 1 - 0.2 * 0.25
    agrees("all systems", float(ds["unified"].sel(record="mql")), SIZE * REPLICATIONS, known, known)


def test_what_comes_after_the_horizon_is_not_there_yet() -> None:
    """Two days are left after the milestone, of which a record takes two on average."""
    changes = {"horizon": "12 d", "records.sales.late": {"exponential": {"mean": "2 d"}}}
    ds = simulated(changes, traced=True).sum("replication")
    in_time = 0.75 * (1 - math.exp(-1))
    agrees("in time", float(ds["reported"].sel(system="sales", record="mql")), SIZE * REPLICATIONS, in_time, in_time)
    for late, there in (("47 h", True), ("48 h", False)):
        found = simulated({"horizon": "12 d", "records.sales": {"late": late}}, 1, traced=True)
        assert float(found["reported"].sel(system="sales", record="mql")[0]) == SIZE * there


def test_a_record_comes_as_late_as_its_law_says_for_its_segment(tmp_path: Path) -> None:
    changes = {
        "horizon": "52 w",
        "segments": {"small": {"share": "50%"}, "large": {"share": "50%"}},
        "records.sales": {"late": {"small": {"uniform": {"low": "0 h", "high": "2 h"}}, "large": "3 d"}},
    }
    simulated(changes, 20, records=tmp_path / "r.parquet", journeys=tmp_path / "j.parquet")
    records = table(tmp_path / "r.parquet").query("system == 'sales' and milestone == 'mql'")
    journeys = read(tmp_path / "j.parquet").to_pandas().query("kind == 'milestone'")
    of = records.merge(journeys[["replication", "prospect", "segment"]], on=["replication", "prospect"])
    hours = (of["recorded"] - of["happened"]).dt.total_seconds() / 3600
    assert (hours[of["segment"] == "large"] == 72).all()
    small = hours[of["segment"] == "small"]
    assert small.between(0, 2).all()
    agrees("mean lateness in hours", small.sum(), len(small), 1.0, 4 / 3)


def table(file: Path) -> pd.DataFrame:
    return pq.read_table(file).to_pandas()


def test_the_file_holds_the_records_that_are_counted_and_each_of_them_happened(tmp_path: Path) -> None:
    """Everything at once, with a warm-up: prospects who come back, several deals, systems that overlap."""
    scenario = fs.load(FULL, {"horizon": "30 w"})
    files = {name: tmp_path / f"{name}.parquet" for name in ("records", "journeys")}
    ds = fs.simulate(scenario, replications=2, seed=3, **files)
    records, journeys = table(files["records"]), read(files["journeys"]).to_pandas()
    assert (records["recorded"] < np.datetime64(ds.attrs["measured_until"])).all()
    assert (records["recorded"] >= records["happened"]).all()

    who = ["replication", "prospect", "milestone"]
    deals = journeys[journeys["kind"] == "conversion"].assign(milestone="close")
    met = pd.concat([journeys[journeys["milestone"].notna()], deals]).groupby(who, observed=True)["time"].min()
    records["milestone"] = records["milestone"].astype(str)
    np.testing.assert_array_equal(met.loc[list(records[who].itertuples(index=False, name=None))], records["happened"])

    warm = np.datetime64(ds.attrs["measured_from"])
    inside, true = records[records["happened"] >= warm], met[met >= warm].reset_index()
    for replication in (0, 1):
        for milestone in ("mql", "close"):
            at = {"replication": replication, "record": milestone}
            query = "replication == @replication and milestone == @milestone"
            assert int(ds["happened"].sel(at)) == len(true.query(query)) > 50
            own = inside.query(query)
            assert int(ds["unified"].sel(at)) == own["prospect"].nunique()
            for system, count in own["system"].astype(str).value_counts().items():
                assert float(ds["reported"].sel({**at, "system": system})) == count
    doubles = inside[inside.duplicated([*who, "system"])]
    assert set(doubles["system"]) == {"marketing"}, "only this system doubles"


def test_which_milestones_concern_whom() -> None:
    """Of stages that a side owns, and to which its stages lead; unless the scenario says it."""
    found = {name: each.milestones for name, each in fs.load("industrial_machines").records.systems.items()}
    assert found == {"marketing": ("lead", "mql"), "sales": ("mql", "opportunity", "close"), "success": ("close",)}
    ds = simulated({"records.sales": {"milestones": ["close"]}}, 1, traced=True)
    reported = ds["reported"].isel(replication=0)
    assert reported.sel(system="sales").dropna("record")["record"].values.tolist() == ["close"]
    assert float(reported.sel(system="sales", record="close")) == float(ds["wins"][0]) > 900
    assert float(ds["happened"].sel(record="close")[0]) == float(ds["wins"][0])


def keys(file: Path, system: str = "") -> set[tuple[Any, ...]]:
    rows = table(file)
    return set((rows[rows["system"] == system] if system else rows).itertuples(index=False, name=None))


def test_a_record_hangs_on_nothing_but_its_address(tmp_path: Path) -> None:
    """Not on engine, threads or chunks, on other systems, or on how much is missing: only more of the same goes."""

    def kept(name: str, changes: dict[str, Any] | None = None, n: int = 3, **more: Any) -> Path:
        file = tmp_path / f"{name}.parquet"
        simulated({"channels.web.arrivals.batches.size": 300, **(changes or {})}, n, records=file, **more)
        return file

    whole = kept("whole", threads=1)
    assert keys(whole) == keys(kept("threads", threads=2))
    last = {row for row in keys(whole) if row[0] == 2}
    assert last == keys(kept("last", n=1, first=2, engine="simpy"))
    assert len(last) > 300
    alone = kept("alone", {"records": {"sales": {"missing": "25%"}}})
    assert keys(whole, "sales") == keys(alone)
    more = kept("more", {"records.sales.missing": "40%"})
    assert keys(more, "sales") < keys(whole, "sales")
    assert keys(more, "marketing") == keys(whole, "marketing")


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    for name in ("r.csv", "r.parquet"):
        simulated({"channels.web.arrivals.batches.size": 100}, 2, records=tmp_path / name)
    text = pyarrow.csv.read_csv(tmp_path / "r.csv").to_pandas()
    pd.testing.assert_frame_equal(text, table(tmp_path / "r.parquet"), check_dtype=False, check_categorical=False)
    assert len(text) > 100


def test_nobody_who_writes_nothing_down_is_asked_for_records(tmp_path: Path) -> None:
    target = tmp_path / "r.parquet"
    with pytest.raises(ScenarioError, match="records: found none"):
        fs.simulate(fs.load("b2b_saas"), replications=1, seed=1, records=target)
    found = CliRunner().invoke(app, ["run", "b2b_saas", "-n", "1", "--records", str(target)])
    assert found.exit_code == 2
    assert "b2b_saas.yaml: records: found none" in found.stderr
    assert list(tmp_path.iterdir()) == []
    assert "reported" not in fs.simulate(fs.load("b2b_saas", {"horizon": "27 w"}), replications=1, seed=1, traced=True)


@pytest.mark.parametrize(
    ("name", "said"), [("r.xlsx", "must end in .parquet or .csv"), ("nowhere/r.csv", "there is no folder")]
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(name: str, said: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["run", "industrial_machines", "--records", str(tmp_path / name)])
    assert found.exit_code == 2
    assert said in found.stderr


def test_the_command_shows_what_each_system_reports(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT)
    asked = ["run", str(file), "-n", "3", "--records", str(tmp_path / "r.csv")]
    for width in ("40", "120"):
        shown = CliRunner().invoke(app, asked, env={"COLUMNS": width})
        assert shown.exit_code == 0, shown.output
        assert all(word in shown.stdout for word in ("marketing", "sales", "all systems", "mql", "close", "r.csv"))
    lines = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["records"]
    assert [line["milestone"] for line in lines] == ["mql", "close"]
    assert lines[0]["true"]["value"] == SIZE
    assert lines[0]["reported"]["sales"]["value"] == pytest.approx(0.75 * SIZE, rel=0.05)
