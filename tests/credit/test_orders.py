"""The order of a chain is found again, by journeys that it was not fitted to; folds are of prospects."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import attribution
from attribution.journeys import Journeys, from_paths
from attribution.journeys.alike import merged
from attribution.journeys.folds import folds_of
from attribution.models import Markov, MarkovChosen
from attribution.models.chain_orders import auc_of
from attribution.models.credit import LANES
from attribution.testing import OfPaths, check_model

LONGEST = 20


def drawn(order: int, n: int, seed: int) -> Journeys:
    """Journeys of a chain of an order over three channels, with 3 to 4 touches; a journey a row."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(5, 0.7), 4**order) * 0.75 + np.array([0.2, 0.2, 0.2, 0.2, 0.2]) * 0.25
    paths: list[list[str]] = [[] for _ in range(n)]
    won, live, state = np.zeros(n), np.arange(n), np.zeros(n, int)
    for touch in range(LONGEST + 1):
        now = p[state[live]] * np.repeat([touch < LONGEST, touch > 0], [3, 2])
        step = (rng.random((live.size, 1)) * now.sum(1, keepdims=True) > now.cumsum(1)).sum(1)
        won[live[step == 3]] = 1
        live, step = live[step < 3], step[step < 3]
        for j, code in zip(live, step, strict=True):
            paths[j].append("abc"[code])
        state[live] = (4 * state[live] + step + 1) % 4**order
    return from_paths([" > ".join(path) for path in paths], won, 1 - won)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_that_journeys_were_drawn_with_comes_back(order: int, seed: int) -> None:
    journeys = drawn(order, 6000, seed)
    table = attribution.choose_order(journeys)
    gap = table["log_likelihood_by_fold"] - table["log_likelihood_by_fold"].sel(order=order)
    print(gap.mean("fold").values.round(4))
    assert table.attrs["chosen_log_likelihood"] == order
    found = MarkovChosen().credit(journeys)
    assert found.details["order"] == order
    xr.testing.assert_identical(found.details["choice"], table)
    np.testing.assert_array_equal(found.conversions, Markov(order).credit(journeys).conversions)
    if order > 1:
        # Chains that see too little foresee worse in every fold, of steps and of who converts.
        assert (gap.sel(order=slice(1, order - 1)) < 0).all()
        assert (table["auc"].sel(order=slice(1, order - 1)) < table["auc"].sel(order=order) - 0.01).all()


def test_by_what_they_were_fitted_to_the_highest_order_always_wins() -> None:
    """Negative control: how likely the journeys of a chain of order 1 are by their own counts of steps."""
    journeys = drawn(1, 3000, 1)
    ends = zip(journeys.offsets[:-1], journeys.offsets[1:], strict=True)
    paths = [
        ("start", *journeys.channel[a:b], f"end {won}") for (a, b), won in zip(ends, journeys.converted, strict=True)
    ]
    values = []
    for order in (1, 2, 3, 4):
        steps = Counter((told[max(0, at - order) : at], told[at]) for told in paths for at in range(1, len(told)))
        windows: Counter[Any] = Counter()
        for (window, _), n in steps.items():
            windows[window] += n
        values.append(sum(n * np.log(n / windows[window]) for (window, _), n in steps.items()))
    assert attribution.choose_order(journeys).attrs["chosen_log_likelihood"] == 1
    assert (np.diff(values) > 0).all()


def by_hand(
    rows: list[tuple[tuple[str, ...], str]], own: list[int], order: int, smoothing: float
) -> tuple[float, float]:
    """Mean over folds of the log-likelihood per touch and of the AUC, from definitions: sums over dictionaries."""
    names = {name for path, _ in rows for name in path}
    values, aucs = [], []
    for fold in sorted(set(own)):
        steps: Counter[Any] = Counter()
        for (path, end), at in zip(rows, own, strict=True):
            told = ("start", *path, end)
            if at != fold:
                steps.update(told[b:e] for e in range(2, len(told) + 1) for b in range(e))

        def chance(before: tuple[str, ...], step: str, steps: Counter[Any] = steps) -> float:
            of = sum(n for gram, n in steps.items() if gram[:-1] == before)
            rest = chance(before[1:], step) if before else 1 / (len(names) + 2)
            return (steps[*before, step] + smoothing * rest) / (of + smoothing)

        inside = [row for row, at in zip(rows, own, strict=True) if at == fold]
        told = [("start", *path, end) for path, end in inside]
        total = sum(np.log(chance(each[max(0, e - order) : e], each[e])) for each in told for e in range(1, len(each)))
        values.append(total / sum(len(path) for path, _ in inside))
        scores: dict[str, list[float]] = {"won": [], "lost": []}
        for each in told:
            last = each[max(0, len(each) - 1 - order) : -1]
            wins, loses = chance(last, "won"), chance(last, "lost")
            scores[each[-1]].append(wins / (wins + loses))
        pairs = [(a > b + 1e-12) + 0.5 * (abs(a - b) <= 1e-12) for a in scores["won"] for b in scores["lost"]]
        aucs.append(float(np.mean(pairs)))
    return float(np.mean(values)), float(np.mean(aucs))


def test_both_criteria_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (tuple(str(c) for c in rng.choice(list("abc"), rng.integers(1, 5))), str(rng.choice(["won", "lost"])))
        for _ in range(60)
    ]
    won = np.array([end == "won" for _, end in rows], float)
    journeys = from_paths([" > ".join(path) for path, _ in rows], won, 1 - won)
    journeys = replace(journeys, prospect=np.arange(60, dtype=np.uint64))
    own = []
    for j in range(60):
        dealt = folds_of(journeys.take(np.arange(60) == j), 3, seed=5)
        own.append(int((dealt.converted + dealt.lost)[0].argmax()))
    table = attribution.choose_order(journeys, (1, 2, 3), 3, 5, smoothing=0.7)
    for order in (1, 2, 3):
        value, auc = by_hand(rows, own, order, 0.7)
        assert float(table["log_likelihood"].sel(order=order)) == pytest.approx(value, rel=1e-12)
        assert float(table["auc"].sel(order=order)) == pytest.approx(auc, rel=1e-12)
    by_fold = table["auc_by_fold"].values
    np.testing.assert_allclose(table["auc_error"], by_fold.std(1, ddof=1) / np.sqrt(3), rtol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8))
def test_auc_is_a_count_of_pairs(rows: list[tuple[int, int, int]]) -> None:
    score, won, lost = np.array(rows, float).T
    wins, losses = np.repeat(score, won.astype(int)), np.repeat(score, lost.astype(int))
    if wins.size and losses.size:
        pairs = (wins[:, None] > losses).mean() + 0.5 * (wins[:, None] == losses).mean()
        assert auc_of(score / 7, won, lost) == pytest.approx(pairs, rel=1e-12)
    else:
        assert np.isnan(auc_of(score / 7, won, lost))


def test_folds_are_of_prospects_and_alike_in_size() -> None:
    rng = np.random.default_rng(7)
    n, folds = 30_000, 5
    journeys = drawn(1, 2000, 8).take(np.arange(2000) < 300)
    rows = rng.integers(0, 300, n)
    own = from_paths(
        [" > ".join("abc"[c] for c in journeys.channel[journeys.offsets[r] : journeys.offsets[r + 1]]) for r in rows]
    )
    own = replace(own, prospect=rng.permutation(10_000).repeat(3).astype(np.uint64))
    dealt = folds_of(own, folds, seed=1)
    sizes = dealt.converted.sum(0) / 3
    z = (sizes - 2000) / np.sqrt(10_000 * 0.2 * 0.8)
    print("z", z.round(2))
    assert np.abs(z).max() < 4
    # Prospects are whole: three journeys each, in one fold.
    for who in range(5):
        one = folds_of(own.take(own.prospect == who), folds, seed=1)
        assert sorted(one.converted.sum(0)) == [0, 0, 0, 0, 3]
    # Another seed deals otherwise.
    assert np.abs(folds_of(own, folds, seed=2).converted - dealt.converted).sum() > 1000
    # Without prospects, by path and count: as even, and not more even than chance.
    spread = folds_of(replace(own, prospect=None), folds, seed=1).converted.sum(0)
    squares = ((spread - n / folds) ** 2 / (n / folds)).sum()
    print("chi squared with 4 degrees", squares.round(2))
    assert 0.05 < squares < 25


def test_rows_in_another_order_are_in_the_same_folds() -> None:
    journeys = drawn(2, 1500, 9)
    order = np.random.default_rng(1).permutation(journeys.n)
    turned = from_paths(
        [" > ".join("abc"[c] for c in journeys.channel[journeys.offsets[j] : journeys.offsets[j + 1]]) for j in order],
        journeys.converted[order],
        journeys.lost[order],
    )
    found = [attribution.choose_order(each) for each in (journeys, turned, merged(journeys))]
    for other in found[1:]:
        xr.testing.assert_allclose(found[0], other, rtol=1e-12)


@pytest.mark.parametrize("model", [MarkovChosen(), MarkovChosen("auc", (1, 2), 3, 4)], ids=["log_likelihood", "auc"])
@pytest.mark.parametrize("credits", ["conversions", "value"])
def test_laws(model: MarkovChosen, credits: str) -> None:
    report = check_model(OfPaths(model, credits), seed=1, cases=12)
    failed = [row for row in report.rows if not row.passed]
    if model.criterion == "auc":
        # A log of few journeys may have no fold with both kinds; then it says so.
        failed = [row for row in failed if "no fold has both kinds" not in row.found]
    assert not failed, str(report)


def test_an_interval_keeps_the_order() -> None:
    journeys = drawn(2, 1500, 10)
    times = np.random.default_rng(2).poisson(1.0, (journeys.n, LANES)).astype(float)
    counts = [each[:, None] * times for each in (journeys.converted, journeys.lost, journeys.value)]
    conversions, value = MarkovChosen().recount(journeys)(*counts)
    for lane in range(LANES):
        converted, lost, worth = (each[:, lane] for each in counts)
        expected = Markov(2).credit(replace(journeys, converted=converted, lost=lost, value=worth))
        np.testing.assert_allclose(conversions[lane], expected.conversions, rtol=5e-6)
        np.testing.assert_allclose(value[lane], expected.value, rtol=5e-6)
    found = attribution.credit(journeys, [MarkovChosen()], interval=90, resamples=20)
    assert (found["share_interval"].sel(bound="low") < found["share"]).all()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"orders": ()}, r"choose_order: orders \(\); they are numbers from 1 on, at least one"),
        ({"orders": (0, 1)}, r"choose_order: orders \(0, 1\); they are numbers from 1 on"),
        ({"folds": 1}, "folds: 1; what is fitted to some folds is tried on another, so there are 2 or more"),
        ({"smoothing": 0.0}, "choose_order: a smoothing of 0; it must be more than 0"),
        ({"orders": (1, 40)}, "order 40 of 3 channels has more states than there are numbers"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        attribution.choose_order(drawn(1, 30, 1), **asked)


def test_what_cannot_be_known() -> None:
    with pytest.raises(ValueError, match="choose_order: no journey has a touch"):
        attribution.choose_order(from_paths(["a"], [0], [0]))
    converted = from_paths(["a > b", "a", "b"], [30, 20, 10])
    assert np.isnan(attribution.choose_order(converted)["auc"]).all()
    with pytest.raises(ValueError, match="no fold has both kinds of journeys that auc needs, converted and lost"):
        MarkovChosen("auc").credit(converted)
    assert MarkovChosen().credit(converted).conversions.sum() == pytest.approx(60)
    with pytest.raises(ValueError, match="markov_chosen: no criterion 'fit'; known are log_likelihood, auc"):
        MarkovChosen("fit")
