"""A replayed list is set beside what it records."""

import numpy as np
import pytest
from replays import REPLAY

import funnelsim as fs
from funnelsim.results.summary import summary

LEADS = """when,source,amount,status,closed
2026-01-05 10:00,ads,100,yes,2026-02-03
2026-01-20 10:00,ads,,no,
2026-02-10 10:00,mail,300,yes,2026-02-20
2026-02-11 10:00,mail,300,yes,2026-03-01
2026-03-10 10:00,,300,yes,
"""


@pytest.fixture
def replayed(tmp_path):
    (tmp_path / "leads.csv").write_text(LEADS)
    text = REPLAY.format(file=tmp_path / "leads.csv")
    return fs.simulate(
        fs.loads(text, {"channels.leads.cost": {"fixed": "500 / mo", "per_lead": 7}}), replications=4, seed=1
    )


def test_recorded_wins_stand_in_the_month_in_which_they_were_won(replayed):
    assert replayed["recorded_wins"].sel(list="leads").values.tolist() == [0, 2, 1]
    assert int(replayed["recorded_wins_elsewhen"].sel(list="leads")) == 1
    assert int(replayed["leads_read"].sum()) == 5
    assert int(replayed["leads_skipped"].sum()) == 0


def test_leads_outside_the_horizon_are_counted_and_their_wins_are_not(tmp_path):
    (tmp_path / "leads.csv").write_text(LEADS)
    text = REPLAY.format(file=tmp_path / "leads.csv").replace("first lead", "2026-02-01")
    ds = fs.simulate(fs.loads(text), replications=1, seed=1)
    assert int(ds["leads_skipped"].sum()) == 2
    assert ds["recorded_wins"].sel(list="leads").values.tolist() == [1, 1]


def test_the_total_covers_the_months_in_which_something_is_recorded(replayed):
    (found,) = summary(replayed).replays
    assert found.span == "2026-02 to 2026-03"
    assert [line.recorded for line in found.lines] == [None, 2, 1]
    assert found.total.recorded == 3
    inside = replayed["wins_of_list"].isel(bucket=slice(1, 3), list=0).sum("bucket").mean()
    assert found.total.simulated.value == pytest.approx(float(inside))


def test_channels_of_a_list_share_its_cost(replayed):
    assert sorted(replayed["channel"].values.tolist()) == ["ads", "mail", "unknown"]
    born = replayed["prospects_by"].sum(["bucket", "segment"]).isel(replication=0)
    months = float(replayed["bucket_days"].sum()) * 12 / 365.25
    np.testing.assert_allclose(
        replayed["media_cost"].sum("bucket").isel(replication=0), 7 * born + 500 * months * born / 5
    )
