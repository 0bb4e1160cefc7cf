"""`fs.sentences`: every kind of result has its words, and they say no more than their intervals."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import funnelsim as fs
from funnelsim.studies import sobol, uncertainty, words
from funnelsim.studies.sentences import sentence

STUDIES = Path(words.__file__).parent


def test_every_kind_of_result_has_words() -> None:
    modules = [import_module(f"funnelsim.studies.{file.stem}") for file in sorted(STUDIES.glob("[a-z]*.py"))]
    kinds = {module.KIND for module in modules if hasattr(module, "KIND")}
    assert len(kinds) >= 10
    assert kinds | {"run"} == set(words._SAID)


def test_a_run_says_what_was_won_and_what_holds_it_up() -> None:
    said = fs.sentences(fs.simulate(fs.load("b2b_saas", {"horizon": "40 w"}), replications=3, seed=1))
    assert len(said) == 2
    assert "wins" in said[0]
    assert "bottleneck" in said[1]


def test_a_comparison_says_a_sentence_for_each_policy_and_how_precise_it_is() -> None:
    shop = fs.load("revenue_plan")
    two = {"one": {"teams.sdr.reps": 6}, "two": {"teams.sdr.reps": 7}}
    plain = fs.compare(shop, two, replications=5, seed=1)
    assert fs.sentences(plain) == [sentence(plain, "one"), sentence(plain, "two")]
    precise = fs.compare(shop, two, precision="100", seed=1)
    assert fs.sentences(precise)[2].startswith("wins to within 100: reached")


def test_what_is_no_result_has_no_words() -> None:
    with pytest.raises(ValueError, match="found a dataset of kind 'cake'; sentences are of run, comparison"):
        fs.sentences(xr.Dataset(attrs={"kind": "cake"}))
    with pytest.raises(ValueError, match="kind ''"):
        fs.sentences(xr.Dataset())


def test_indices_below_zero_are_luck_and_assumptions_that_may_move_nothing_are_not_named() -> None:
    columns = {"first": [0.4, -0.1, 0.0], "first_low": [0.2, -0.3, 0.0], "first_high": [0.6, 0.2, 0.0],
               "total": [0.7, 0.3, 0.1], "total_low": [0.5, 0.1, -0.1], "total_high": [1.2, 0.5, 0.2]}  # fmt: skip
    of = {name: ("assumption", np.array(values)) for name, values in columns.items()}
    ds = xr.Dataset(of, {"assumption": ["a", "b", "c"]}, {"kind": sobol.KIND})
    assert fs.sentences(ds) == [
        "a: 40% (20 to 60%) of the variance would go if it were known; 70% (50 to 100%) would stay if all others were.",
        "b: 0% (0 to 20%) of the variance would go if it were known; 30% (10 to 50%) would stay if all others were.",
    ]
    assert "take more points" in fs.sentences(ds.isel(assumption=[2]))[0]


def test_the_variance_is_split_in_words() -> None:
    shares = {"share": [0.9, np.nan], "share_low": [0.8, np.nan], "share_high": [0.95, np.nan]}
    of = {name: ("measure", np.array(values)) for name, values in shares.items()}
    coords = {"measure": ["wins", "cost"], "title": ("measure", ["wins", "cost"])}
    assert fs.sentences(xr.Dataset(of, coords, {"kind": uncertainty.KIND})) == [
        "wins: 90% of the variance comes from the assumptions (80 to 95%), the rest is luck.",
        "cost: how its variance is split is not known.",
    ]
