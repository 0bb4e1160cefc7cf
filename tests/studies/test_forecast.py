"""A forecast adds up, starts where it says, and its bands are those of all runs."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from scipy import stats

import funnelsim as fs
from funnelsim.core.problems import ScenarioError
from funnelsim.studies.forecast_sentences import forecast_sentence, percent, short
from funnelsim.studies.starts import settling_weeks, started, truncation

TEXT = """\
name: sales
start: 2026-01-01
horizon: 12 mo
tick: 1 min
bucket: week
segments: {all: {share: 100%, deal_value: 1000}}
channels:
  web: {arrivals: {rate: 6 / d}, cost: {per_lead: 10}}
stages:
  call: {team: sdr, duration: 60 min, exits: {wait: 50%, lost: {rest: true}}}
  wait: {duration: {exponential: {mean: 20 d}}, exits: {won: 40%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 2, hours: mon-fri 9-17, salary: 3000 / mo}}
"""
WON = "stages.wait.exits.won"


@pytest.fixture(scope="module")
def plain():
    return fs.forecast(fs.loads(TEXT), seed=4, replications=400, target="40k", by="2026-06-30")


@pytest.fixture(scope="module")
def ranged():
    wide = fs.loads(TEXT, {WON: "25% to 55%", "teams.sdr.salary": "2500 to 3500 / mo"})
    return fs.forecast(wide, seed=4, draws=80, replications=4)


def test_months_are_those_of_a_run(plain) -> None:
    run = fs.simulate(fs.loads(TEXT, {"bucket": "month"}), replications=400, seed=4)
    assert np.array_equal(plain["value"].sel(measure="wins", draw=0), run["wins_by_bucket"])
    assert np.array_equal(plain["value"].sel(measure="cost", draw=0), run["cost_by_bucket"])
    used = np.quantile(run["utilisation_by_bucket"], 0.9, axis=0).T
    assert plain["utilisation_band"].sel(quantile=0.9).values == pytest.approx(used)
    assert plain["busy_mean"].values == pytest.approx(2 * run["utilisation_by_bucket"].mean("replication").values.T)


def test_bands_of_the_sum_are_not_sums_of_bands(plain) -> None:
    revenue = plain["value"].sel(measure="revenue", draw=0)
    assert plain["total_band"].sel(measure="revenue", quantile=0.1).values == pytest.approx(
        np.quantile(revenue.cumsum("month"), 0.1, axis=0)
    )
    sums = plain["band"].sel(measure="revenue", quantile=0.1).cumsum("month").isel(month=-1)
    assert float(plain["total_band"].sel(measure="revenue", quantile=0.1).isel(month=-1)) > 1.1 * float(sums)


def test_the_chance_is_the_share_of_runs_that_reach_the_target_by_its_day(plain) -> None:
    half = plain["value"].sel(measure="revenue", draw=0).isel(month=slice(0, 6)).sum("month")
    n = int((half >= 40_000).sum())
    wanted = stats.binomtest(n, 400).proportion_ci(method="wilson")
    assert (float(plain["chance"]), float(plain["chance_low"])) == pytest.approx((n / 400, wanted.low))


def test_a_day_within_a_month_counts_only_the_days_before_it() -> None:
    """Wins are Poisson: of an empty funnel with a wait of 20 days their mean until a day is known."""
    found = fs.forecast(fs.loads(TEXT), seed=5, replications=200, target="1k", by="2026-03-10", horizon="4 mo")
    direct = fs.simulate(
        fs.loads(TEXT, {"horizon": "69 d", "bucket": "day"}), replications=200, seed=5
    )["revenue"].values  # fmt: skip
    assert found.sizes["month"] == 4
    mean, expected = found["counted"].values.mean(), direct.mean()
    z = (mean - expected) / (direct.std() / np.sqrt(200))
    print(f"{mean:.0f} until the day, {expected:.0f} of a run that ends with it, z = {z:.2f}")
    assert abs(z) < 1
    assert found["counted"].values.max() < found["value"].sel(measure="revenue").sum("month").values.max()


def test_ranges_widen_the_bands_and_the_range_that_matters_is_named(plain, ranged) -> None:
    def width(ds):
        band = ds["total_band"].sel(measure="revenue").isel(month=-1)
        return float(band.sel(quantile=0.9) - band.sel(quantile=0.1))

    assert width(ranged) > 1.5 * width(plain)
    explained = ranged["explained_low"].sel(assumption=WON), ranged["explained_high"].sel(assumption="teams.sdr.salary")
    assert float(explained[0]) > 0.4 > 0.05 > float(explained[1])
    assert int(ranged["direction"].sel(assumption=WON)) == 1
    assert float(ranged["assumptions_share_low"]) > 0.3


def test_shares_of_assumptions_and_luck_are_those_of_a_poisson_mixture(ranged) -> None:
    """Without a wait wins are thinned arrivals: luck is their mean, assumptions the variance of it."""
    share = float(ranged["assumptions_share"])
    chances = ranged["assumed"].sel(assumption=WON).values / 100
    mean = float(ranged["mean"].sel(measure="wins").sum("month"))
    between = mean**2 * chances.var() / chances.mean() ** 2
    wanted = between / (between + mean)
    print(f"assumptions are {share:.3f} of the variance, {wanted:.3f} expected")
    assert float(ranged["assumptions_share_low"]) < wanted < float(ranged["assumptions_share_high"])


def test_a_forecast_is_kept_in_a_file(ranged, plain, tmp_path) -> None:
    for ds in (ranged, plain):
        fs.save_result(ds, tmp_path / "f.nc")
        again = fs.open_result(tmp_path / "f.nc")
        assert forecast_sentence(again) == forecast_sentence(ds)
        assert np.array_equal(again["value"], ds["value"])


@pytest.mark.parametrize(("start", "warmup"), [("empty", 0), ("steady", 60)])
def test_the_horizon_counts_from_the_first_measured_day(start: str, warmup: int) -> None:
    funnel, began = started(fs.loads(TEXT, {"warmup": "60 d"}), start, "3 mo", seed=1)
    assert (began, funnel.warmup / 86400) == (start, warmup)
    end = datetime(2026, 4, 1) if start == "empty" else datetime(2026, 6, 2)
    assert funnel.horizon.end(funnel.start) == end


def test_a_warmup_is_worked_out_and_the_forecast_begins_where_it_would() -> None:
    weeks = settling_weeks(fs.loads(TEXT), seed=3)
    assert 10 <= weeks <= 40  # 20 days on average: after 70 days 97% of those who come are there
    ds = fs.forecast(fs.loads(TEXT), seed=3, start="steady", replications=300, horizon="6 mo")
    empty = fs.forecast(fs.loads(TEXT), seed=3, start="empty", replications=300, horizon="6 mo")
    assert str(ds["month"].values[0])[:10] == str(empty["month"].values[0])[:10] == "2026-01-01"
    wins = ds["value"].sel(measure="wins", draw=0).isel(month=0).values
    z = (wins.mean() - 6 * 0.5 * 0.4 * 31) / (wins.std() / np.sqrt(300))
    print(f"wins of the first month: {wins.mean():.2f}, {6 * 0.5 * 0.4 * 31:.2f} expected, z = {z:.2f}")
    assert abs(z) < 4
    assert float(empty["mean"].sel(measure="wins").isel(month=0)) < 0.7 * wins.mean()


def test_a_funnel_that_never_settles_has_no_steady_state() -> None:
    crowded = fs.loads(TEXT, {"channels.web.rate": "40 / d"})
    with pytest.raises(ScenarioError, match="call still fills after 104 weeks"):
        settling_weeks(crowded, seed=1)


def test_a_series_is_cut_where_it_has_settled() -> None:
    rng = np.random.default_rng(1)
    series = np.concatenate([np.linspace(0, 10, 30), np.full(170, 10.0)]) + 0.2 * rng.normal(size=200)
    assert 25 <= truncation(series) <= 35
    assert truncation(np.ones(50)) == 0


def test_a_forecast_from_open_deals_counts_them(tmp_path) -> None:
    deals = "pipeline: {deals: [{stage: wait, count: 50}]}\n"
    scenario = fs.loads(TEXT + deals, {"channels.web.rate": "0 / d"})
    ds = fs.forecast(scenario, seed=1, replications=300)
    assert ds.attrs["start"] == "pipeline"
    wins = ds["value"].sel(measure="wins").sum("month").values
    z = (wins.mean() - 20) / np.sqrt(50 * 0.4 * 0.6 / 300)
    assert abs(z) < 4
    without = fs.forecast(scenario, seed=1, replications=5, start="empty")
    assert float(without["mean"].sel(measure="wins").sum()) == 0.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"start": "stedy"}, "--start: stedy: a forecast starts empty, steady, pipeline. Did you mean steady?"),
        ({"start": "pipeline"}, "--start: pipeline: sales has no open deals. Write pipeline:"),
        ({"horizon": "12"}, "--horizon: 12: a duration carries a unit (s, min, h, d, w). Write 12 mo or 52 w"),
        ({"horizon": "last lead"}, "--horizon: last lead: a forecast's horizon is a time. Write 12 mo or 52 w"),
    ],
)
def test_what_cannot_be_forecast_is_refused(options, said) -> None:
    with pytest.raises(ScenarioError) as caught:
        fs.forecast(fs.loads(TEXT), seed=1, replications=2, **options)
    assert str(caught.value.problems[0]).startswith(said)


def test_the_sentence_says_only_what_the_intervals_allow(plain, ranged) -> None:
    assert forecast_sentence(plain).endswith("no number has a range, so all that varies is luck.")
    assert f"most of what is not known comes from {WON}." in forecast_sentence(
        ranged.assign(explained_low=ranged["explained_low"] * 0 + 0.6)
    )
    weak = ranged.assign(explained_low=ranged["explained_low"] * 0, comes_first=ranged["comes_first"] * 0)
    assert "stands out" in forecast_sentence(weak)
    lucky = ranged.assign(assumptions_share_high=0.4)
    assert forecast_sentence(lucky).endswith("most of what is not known is luck.")
    assert "Revenue over 12 months" in forecast_sentence(plain)


@pytest.mark.parametrize(
    ("value", "said"), [(5_440_000, "5.44M"), (4e6, "4M"), (999_900, "1M"), (87.2, "87.2"), (250e3, "250k"), (0, "0")]
)
def test_amounts_are_short(value, said) -> None:
    assert short(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.97, "97%"), (1.0, "100%"), (0.9996, "more than 99.9%"), (4e-4, "less than 0.1%"), (0.0, "0%"), (0.004, "0.4%")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_certainty(share, said) -> None:
    assert percent(share) == said
