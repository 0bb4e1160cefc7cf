"""Intervals by drawing prospects anew: the law of the draws, what they depend on, and how wide they come out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from attribution.comparison import credit
from attribution.journeys import MILESTONES, Journeys, from_paths
from attribution.journeys.drawing import times_drawn
from attribution.models import ALL, First, Linear, Markov, ShapleyRate
from attribution.resampling import draws


def single(n: int, seed: int, share: float = 0.3) -> Journeys:
    """Journeys of one prospect each."""
    rng = np.random.default_rng(seed)
    paths = [" > ".join(rng.choice(list("abcd"), rng.integers(1, 6))) for _ in range(n)]
    converted = (rng.random(n) < share).astype(float)
    return from_paths(paths, converted, 1 - converted, 10 * converted)


def test_draws_are_poisson() -> None:
    times = times_drawn(np.arange(200_000, dtype=np.uint64), seed=3, draw=5)
    found = np.bincount(times.astype(int), minlength=8)[:8]
    expected = times.size * stats.poisson.pmf(np.arange(8), 1)
    z = (found - expected) / np.sqrt(expected)
    print("z", z.round(2))
    assert np.abs(z).max() < 4


def test_draws_know_nothing_of_each_other() -> None:
    whose = np.arange(100_000, dtype=np.uint64)
    pairs = [((1, 0), (1, 1)), ((1, 0), (2, 0)), ((0, 1), (1, 0))]
    for one, other in pairs:
        r = np.corrcoef(times_drawn(whose, *one), times_drawn(whose, *other))[0, 1]
        print("z", round(r * np.sqrt(whose.size), 2))
        assert abs(r) * np.sqrt(whose.size) < 4


def test_the_order_of_journeys_does_not_matter() -> None:
    journeys = replace(single(2000, 1), prospect=np.arange(2000, dtype=np.uint64))
    order = np.random.default_rng(2).permutation(2000)
    sizes = np.diff(journeys.offsets)
    touches = np.concatenate([np.arange(journeys.offsets[at], journeys.offsets[at + 1]) for at in order])
    assert journeys.prospect is not None
    shuffled = replace(
        journeys,
        offsets=np.concatenate([[0], np.cumsum(sizes[order])]),
        channel=journeys.channel[touches],
        converted=journeys.converted[order],
        lost=journeys.lost[order],
        value=journeys.value[order],
        prospect=journeys.prospect[order],
    )
    models = [Linear(), Markov(2), ShapleyRate()]
    found = [credit(each, models, interval=80, resamples=20, seed=4) for each in (journeys, shuffled)]
    for name in ("conversions_interval", "share_interval", "value_interval"):
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-9)


@pytest.mark.parametrize("counted", [False, True])
def test_intervals_are_as_wide_as_counts_vary(counted: bool) -> None:
    """A count of conversions has a standard deviation of its root; of rows that count many journeys too."""
    if counted:
        journeys = from_paths(["a", "b > a"], [900.0, 400.0], [50.0, 70.0])
    else:
        journeys = single(20_000, 7)
    found = credit(journeys, [First()], interval=90, resamples=2000, seed=1)
    width = np.diff(found["conversions_interval"].sel(model="first"), axis=0)[0]
    expected = 2 * stats.norm.ppf(0.95) * np.sqrt(found["conversions"].sel(model="first").values)
    print("ratio", (width / expected).round(3))
    np.testing.assert_allclose(width, expected, rtol=0.08)


def test_journeys_of_one_prospect_are_drawn_together() -> None:
    """Negative control of drawing rows: where all journeys are one prospect's, the whole log is drawn 0, 1, 2 times."""
    journeys = single(10_000, 5)
    together = replace(journeys, prospect=np.arange(10_000, dtype=np.uint64) // np.uint64(10))
    widths = []
    for each in (journeys, together):
        found = credit(each, [First()], interval=90, resamples=600, seed=2)
        widths.append(float(np.diff(found["conversions_interval"].sel(model="first", channel="a"), axis=0)[0]))
    # Of ten journeys with one first touch in thirteen that counts, drawing them together adds little.
    all_at_once = replace(journeys, prospect=np.zeros(10_000, np.uint64))
    found = credit(all_at_once, [First()], interval=90, resamples=600, seed=2)
    assert 0.9 < widths[1] / widths[0] < 1.4
    assert float(np.diff(found["conversions_interval"].sel(model="first", channel="a"), axis=0)[0]) > 20 * widths[0]


def test_levels_are_checked() -> None:
    with pytest.raises(ValueError, match=r"an interval of 100 per cent; it lies between 0 and 100"):
        credit(single(10, 1), [First()], interval=100)


def test_the_order_of_events_does_not_matter() -> None:
    import pyarrow as pa

    from attribution.journeys import from_events

    rng = np.random.default_rng(9)
    n = 3000
    log = {
        "prospect": [f"p{at}" for at in rng.integers(0, 400, n)],
        "time": rng.permutation(n).astype(float),
        "channel": rng.choice(list("abc"), n),
        "conversion": (rng.random(n) < 0.1).astype(int),
    }
    order = rng.permutation(n)
    shuffled = {name: np.asarray(column)[order] for name, column in log.items()}
    found = [
        credit(from_events(pa.table(each)), [Linear(), First()], interval=80, resamples=40) for each in (log, shuffled)
    ]
    np.testing.assert_allclose(found[0]["conversions_interval"], found[1]["conversions_interval"], rtol=1e-9)


@pytest.mark.parametrize("counted", [False, True])
def test_a_draw_is_the_same_however_many_follow(counted: bool) -> None:
    journeys = from_paths(["a", "b > a"], [90.0, 40.0], [50.0, 70.0]) if counted else single(300, 3)
    few, many = (draws(journeys, [Linear(), Markov(2)], resamples=n, seed=6) for n in (21, 40))
    for one, other in zip(few, many, strict=True):
        np.testing.assert_array_equal(one, other[:21])
    assert (many[0].sum(2) > 0).all()


def test_conversions_that_are_worth_one_are_counted_once_and_come_out_the_same() -> None:
    """As with twice the value, of which each half is exact; of every model, on journeys with times and milestones."""
    journeys = timed(400, 5)
    alone = draws(journeys, ALL, resamples=9, seed=4)
    twice = draws(replace(journeys, value=2 * journeys.value), ALL, resamples=9, seed=4)
    np.testing.assert_array_equal(journeys.value, journeys.converted)
    np.testing.assert_allclose(alone[0], twice[0], rtol=1e-12)
    np.testing.assert_allclose(alone[1], twice[1] / 2, rtol=1e-12)
    np.testing.assert_allclose(alone[0], alone[1], rtol=2e-5)


def timed(n: int, seed: int) -> Journeys:
    """Journeys a touch a day, some milestones passed, every conversion worth one."""
    found, rng = single(n, seed), np.random.default_rng(seed)
    sizes = np.diff(found.offsets)
    day = 86_400_000_000
    time = np.concatenate([np.arange(size) * day for size in sizes]).astype(np.int64)
    reached = np.where(rng.random((n, 5)) < 0.6, rng.integers(0, 8, (n, 5)) % sizes[:, None], -1).astype(np.int32)
    end = (sizes * day).astype(np.int64)
    value = found.converted.copy()
    return replace(found, value=value, time=time, end=end, milestones=reached, milestone_names=MILESTONES)
