"""The quality of the score among the results: where there is a score, as a number without replications."""

import json
import math

import pytest
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces.cli import app
from funnelsim.results.summary import summary

SHOP = """
name: shop
start: 2026-01-05
horizon: 4 w
channels:
  web: {arrivals: {rate: 5 / d}, intent: {normal: {mean: 0, sd: 0.8}}}
stages:
  call: {team: sdr, duration: 1 h, exits: {won: 50%, lost: 50%}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 2, queue: fifo}}
"""
ASKED = {"score": {"intent": 1, "auc": "80%"}}


def test_it_is_one_number_whatever_came():
    ds = fs.simulate(fs.loads(SHOP, {"score": {"intent": 1, "noise": 0.6}}), replications=3, seed=5)
    assert ds["score_auc"].dims == ()
    assert float(ds["score_auc"]) == pytest.approx(0.5 + math.asin(0.8) / math.pi, abs=1e-12)
    found = summary(ds).totals["score_auc"]
    assert (found.value, found.unit) == (pytest.approx(79.5167, abs=1e-4), "%")
    assert math.isnan(found.half)


def test_what_was_asked_for_is_a_result():
    ds = fs.simulate(fs.loads(SHOP, ASKED), replications=2, seed=5)
    assert float(ds["score_auc"]) == pytest.approx(0.8, abs=1e-10)


def test_without_weights_there_is_none():
    for changes in ({}, {"score": {"half_life": "3 d"}}):
        ds = fs.simulate(fs.loads(SHOP, changes), replications=2, seed=5)
        assert "score_auc" not in ds
        assert not summary(ds).totals["score_auc"].known


def test_of_too_many_kinds_there_is_none():
    channels = {f"c{at}": {"arrivals": {"rate": "1 / w"}, "intent": at / 50} for at in range(201)}
    scenario = fs.loads(SHOP, {"score": {"intent": 1}, "channels": channels})
    assert "score_auc" not in fs.simulate(scenario, replications=1, seed=5)


def test_it_is_kept_in_a_file(tmp_path):
    ds = fs.simulate(fs.loads(SHOP, ASKED), replications=2, seed=5)
    fs.save_result(ds, tmp_path / "r.nc")
    assert float(fs.open_result(tmp_path / "r.nc")["score_auc"]) == float(ds["score_auc"])


def test_a_run_prints_it(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    words = ["run", str(file), "-n", "2", "--set", "score={intent: 1, auc: 80%}"]
    shown = CliRunner().invoke(app, words, env={"COLUMNS": "100"})
    (line,) = [line for line in shown.output.splitlines() if "AUC" in line]
    assert line.split() == ["score:", "AUC", "against", "intent", "80.0", "%"]
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["totals"]["score_auc"]
    assert told == {"value": pytest.approx(80), "low": None, "high": None, "unit": "%"}
    plain = CliRunner().invoke(app, ["run", str(file), "-n", "2", "--json"])
    assert json.loads(plain.stdout)["totals"]["score_auc"] is None
