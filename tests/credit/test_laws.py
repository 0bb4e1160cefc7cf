"""What holds of credit models and is no law of `attribution.testing`: it asks for more than paths with counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.comparison import credit, disagreement
from attribution.journeys import MILESTONES, Journeys, from_events, from_paths
from attribution.journeys.alike import merged
from attribution.models import ALL, LEAD_CREATION, CreditModel, Linear, Markov, ShapleyRate
from attribution.models.credit import LANES
from attribution.models.heuristics import Rule
from attribution.models.reversal import DRAWN
from attribution.models.sets import distinct_sets, set_table
from attribution.models.shapley import _rate_game, _rates

MODELS = [model for model in ALL if "time" not in model.needs and "milestones" not in model.needs]
NAMES = ("a", "b", "c", "aa")
ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=12,
)


def journeys_of(rows: list[Any]) -> Journeys:
    """Journeys of rows of path, conversions, losses; at least one of each, through every channel."""
    paths, converted, lost = zip(*[*rows, (list(NAMES), 1, 1)], strict=True)
    return from_paths([" > ".join(path) for path in paths], converted, lost, 10.0 * np.array(converted))


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.label)
def test_counting_anew_is_crediting_anew(model: CreditModel) -> None:
    """What a model works out once for all draws gives what it gives for journeys that are counted so."""
    rng = np.random.default_rng(6)
    log = random_log(rng, 500)
    journeys = from_events(log)
    if model.reads == "paths":
        journeys = merged(journeys)
    if model.reads == "sets":
        journeys = distinct_sets(journeys)[0]
    times = rng.poisson(1.0, (journeys.n, LANES)).astype(float)
    counts = [each[:, None] * times for each in (journeys.converted, journeys.lost, journeys.value)]
    found = model.recount(journeys)(*counts)
    near = 5 * DRAWN if isinstance(model, Markov) and model.order > 1 else 1e-12
    for lane in range(LANES):
        converted, lost, value = (each[:, lane] for each in counts)
        expected = model.credit(replace(journeys, converted=converted, lost=lost, value=value))
        np.testing.assert_allclose(found[0][lane], expected.conversions, rtol=near, atol=near)
        np.testing.assert_allclose(found[1][lane], expected.value, rtol=near, atol=near)


def random_log(rng: np.random.Generator, n: int) -> pa.Table:
    """Events of all kinds, at random."""
    return pa.table(
        {
            "prospect": rng.integers(0, 60, n),
            "time": np.round(rng.random(n) * 90, 3),
            "kind": rng.choice(["touch", "milestone", "conversion"], n, p=[0.75, 0.1, 0.15]),
            "channel": rng.choice(list(NAMES), n),
            "milestone": rng.choice(["lead", "opportunity"], n),
            "value": rng.integers(1, 9, n),
        }
    )


@pytest.mark.parametrize("model", [each for each in MODELS if isinstance(each, Rule)], ids=lambda model: model.label)
@settings(max_examples=30)
@given(rows=ROWS)
def test_credit_of_touches_adds_up_to_that_of_channels(model: Rule, rows: list[Any]) -> None:
    journeys = journeys_of(rows)
    found = model.credit(journeys, by_touch=True)
    assert found.by_touch is not None
    weights = found.by_touch * np.repeat(journeys.converted, np.diff(journeys.offsets))
    close(np.bincount(journeys.channel, weights, len(journeys.channels)), found.conversions)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.label)
def test_hours_days_and_weeks_are_the_same_time(model: CreditModel) -> None:
    """A clock that begins at another instant changes nothing."""
    log = random_log(np.random.default_rng(5), 400)
    later = log.set_column(1, "time", pa.array(log["time"].to_numpy() + 20_000))
    found = [model.credit(from_events(each)).conversions for each in (log, later)]
    close(found[0], found[1])


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@settings(max_examples=40)
@given(rows=ROWS)
def test_the_fitted_rate_is_the_observed_one(order: int, rows: list[Any]) -> None:
    journeys = journeys_of(rows)
    all_of = journeys.converted.sum() + journeys.lost.sum()
    found = Markov(order).credit(journeys).details["p_conversion"]
    assert found == pytest.approx(journeys.conversions / all_of, rel=1e-12)


@settings(max_examples=60)
@given(rows=ROWS)
def test_one_inverse_is_as_many_solves_as_there_are_channels(rows: list[Any]) -> None:
    from attribution.models.chains import chain_of
    from attribution.models.markov import _by_inverse, _by_rounds, _sets_by_inverse

    chain = chain_of(journeys_of(rows), 1)
    rounds = _by_rounds(chain, chain.steps.holds)
    for found in (_by_inverse(chain), _sets_by_inverse(chain, chain.steps.holds)):
        for one, other in zip(found, rounds, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)


def test_states_too_many_for_an_array_are_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    from attribution.models import chains

    rng = np.random.default_rng(8)
    paths = [" > ".join(rng.choice(list("abcdefg"), rng.integers(1, 9))) for _ in range(500)]
    journeys = from_paths(paths, rng.integers(0, 4, 500), rng.integers(0, 4, 500))
    dense = [Markov(order).credit(journeys).conversions for order in (1, 2, 3, 4)]
    monkeypatch.setattr(chains, "DENSE", 0)
    for order, expected in enumerate(dense, 1):
        np.testing.assert_allclose(Markov(order).credit(journeys).conversions, expected, rtol=1e-13)


def test_side_by_side() -> None:
    journeys = journeys_of([(["a", "b"], 3, 1), (["c"], 1, 4)])
    found = credit(journeys)
    assert list(found["model"].values) == [model.label for model in MODELS]
    assert "it needs the times of touches" in found.attrs["skipped: time_decay"]
    close(found["share"].sum("channel"), 1)
    apart = disagreement(found)
    close(apart, apart.transpose("other", "model"))
    close(apart.sel(model="first", other="first"), 0)
    close(apart.sel(model="linear_distinct", other="shapley"), 0)
    with pytest.raises(ValueError, match=r"time_decay: it needs the times of touches"):
        credit(journeys, [ALL[7]])


def test_parameters_are_told() -> None:
    assert Markov(3).get_params() == {"order": 3}
    assert Linear().get_params() == {}


def test_a_model_that_credits_nobody_agrees_with_nobody() -> None:
    table = pa.table({"prospect": [1, 1], "time": [1.0, 2.0], "channel": ["a", "b"], "conversion": [0, 1]})
    journeys = replace(from_events(table), milestones=np.full((1, 5), -1, np.int32), milestone_names=MILESTONES)
    apart = disagreement(credit(journeys, [LEAD_CREATION, Linear(), ALL[0]]))
    assert np.isnan(apart.sel(model="lead_creation")).all()
    assert float(apart.sel(model="linear", other="first")) == 0.5


def test_many_different_paths_are_counted_together() -> None:
    """More than the first table of paths has room for, against a counter of strings."""
    rng = np.random.default_rng(10)
    paths = [" > ".join(rng.choice(list("abcdefgh"), rng.integers(1, 8))) for _ in range(40_000)]
    converted = rng.integers(0, 3, len(paths))
    found = merged(from_paths(paths, converted, np.ones(len(paths))))
    names = np.array(found.channels)
    told = [" > ".join(names[found.channel[a:b]]) for a, b in pairwise(found.offsets)]
    expected: Counter[str] = Counter()
    for path, n in zip(paths, converted, strict=True):
        expected[path] += int(n)
    assert len(told) > 10_000
    assert dict(zip(told, found.converted.astype(int).tolist(), strict=True)) == dict(expected)


def test_the_game_of_rates_is_the_same_asked_set_by_set() -> None:
    """Beyond twenty channels sets are asked one by one; here both ways, for all sets of seven."""
    rng = np.random.default_rng(11)
    paths = [" > ".join(rng.choice(list("abcdefg"), rng.integers(1, 6))) for _ in range(400)]
    table = set_table(from_paths(paths, rng.integers(0, 4, 400), rng.integers(0, 4, 400)))
    np.testing.assert_allclose(_rate_game(table)(np.arange(1 << 7)), _rates(table), rtol=1e-12)


def test_more_channels_than_sets_can_all_be_asked_for() -> None:
    """Of 24 channels the rate game is drawn: values add up exactly, and errors are said."""
    rng = np.random.default_rng(13)
    names = [f"c{at:02d}" for at in range(24)]
    paths = [" > ".join(rng.choice(names, rng.integers(1, 5))) for _ in range(600)]
    journeys = from_paths(paths, rng.integers(0, 3, 600), rng.integers(0, 3, 600))
    found = ShapleyRate(permutations=60, seed=2).credit(journeys)
    assert found.details["shapley"].sum() == pytest.approx(found.details["grand"], rel=1e-12)
    assert (found.details["standard_error"] > 0).all()
    assert found.conversions.sum() == pytest.approx(journeys.conversions)
