"""Hazard models: what journeys were drawn with comes back, closed forms, laws of the climb, and known mistakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hazard_worlds import UNTIL, Likelihood, after_first, drawn, errors
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from attribution.journeys import Journeys, from_events, from_paths
from attribution.journeys.ragged import DAY_US
from attribution.models import AdditiveHazard, CausalHazard, additive_hazard
from attribution.models.hazard import PersonTime, person_time

BETA, OMEGA, BASE, FACTOR = [0.6, 0.35], [1.0, 0.15], 0.01, 1.8
LOGS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.floats(0, 20), st.sampled_from("abc")), min_size=1, max_size=5),
        st.none() | st.floats(0, 9),
    ),
    min_size=2,
    max_size=15,
)


def logged(rows: list[Any], scale: float = 1.0, names: dict[str, str] | None = None) -> Journeys:
    """Journeys of rows of touches (day, channel) and days from the last touch to a conversion; one of each at least."""
    rows = [*rows, ([(0.0, "a"), (1.5, "b"), (2.0, "c")], 1.0), ([(3.0, "a"), (4.0, "b"), (5.0, "c")], None)]
    events = []
    for who, (touches, wait) in enumerate(rows):
        events += [(who, day * scale, "touch", (names or {}).get(name, name)) for day, name in touches]
        if wait is not None:
            events.append((who, (max(touches)[0] + wait) * scale, "conversion", None))
    who, days, kinds, channels = map(list, zip(*events, strict=True))
    return from_events(pa.table({"prospect": who, "time": days, "kind": kinds, "channel": channels}))


def by_channel(likelihood: Likelihood) -> list[Any]:
    """Slopes to logarithms of beta and omega."""
    codes = likelihood.journeys.channel
    which = [codes == code for code in range(len(likelihood.journeys.channels))]
    return [*map(likelihood.slope_of_strength, which), *map(likelihood.slope_of_omega, which)]


def z_of(found: Any, truth: Any, error: Any) -> Any:
    """How many standard errors the logarithms of parameters are off."""
    z = np.log(np.asarray(found) / np.asarray(truth)) / error
    print("z", z.round(2), "error in per cent", (100 * error).round(2))
    return z


@pytest.fixture(scope="module")
def world() -> Journeys:
    return drawn(700_000, BETA, OMEGA, seed=11)


@pytest.fixture(scope="module")
def error(world: Journeys) -> Any:
    found = errors(by_channel(Likelihood(world, np.array(BETA)[world.channel], np.array(OMEGA)[world.channel])))
    # A parameter that is off by 2% fails.
    assert found.max() * 4 < 0.02
    return found


def parameters(model: AdditiveHazard, journeys: Journeys) -> Any:
    found = model.credit(journeys).details
    assert found["converged"]
    return np.concatenate([found["beta"], found["omega"]])


def test_what_journeys_were_drawn_with_comes_back(world: Journeys, error: Any) -> None:
    z = z_of(parameters(AdditiveHazard(until=UNTIL), world), BETA + OMEGA, error)
    assert np.abs(z).max() < 4


def test_observed_to_the_last_touch_it_does_not(world: Journeys, error: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: prospects who did not convert, thought to have been watched only up to their last touch."""

    def wrong(journeys: Journeys, *about: Any) -> PersonTime:
        assert journeys.end is not None
        return replace(person_time(journeys, *about), censored=journeys.end)

    monkeypatch.setattr(additive_hazard, "person_time", wrong)
    z = z_of(parameters(AdditiveHazard(until=UNTIL), world), BETA + OMEGA, error)
    assert np.abs(z[: len(BETA)]).min() > 20


def test_in_whole_days_it_does_not(world: Journeys, error: Any) -> None:
    """Negative control: ages cut to whole days."""
    assert world.time is not None
    closes = np.repeat(np.where(world.converted > 0, world.end, UNTIL), np.diff(world.offsets))
    cut = replace(world, time=closes - (closes - world.time) // DAY_US * DAY_US)
    z = z_of(parameters(AdditiveHazard(until=UNTIL), cut), BETA + OMEGA, error)
    assert np.abs(z).max() > 20


def test_a_baseline_comes_back() -> None:
    beta, omega = [0.8, 0.5], [2.0, 0.4]
    journeys = drawn(720_000, beta, omega, seed=12, base=BASE)
    truth = Likelihood(journeys, np.array(beta)[journeys.channel], np.array(omega)[journeys.channel], BASE)
    error = errors([*by_channel(truth), truth.slope_of_base()])
    assert error.max() * 4 < 0.02
    found = CausalHazard(until=UNTIL).credit(journeys)
    about = found.details
    assert about["converged"]
    z = z_of(np.r_[about["beta"], about["omega"], about["baseline"]], [*beta, *omega, BASE], error)
    assert np.abs(z).max() < 4
    # Negative control: without a baseline, its conversions make touches look stronger and memories longer.
    z = z_of(parameters(AdditiveHazard(until=UNTIL), journeys), beta + omega, error[:-1])
    assert np.abs(z).max() > 20
    # What the rate expects over all time at risk is what conversions are credited with: the slope is 0.
    np.testing.assert_allclose(about["expected"], found.conversions, rtol=1e-4)
    assert about["baseline"] * about["days_at_risk"] == pytest.approx(about["baseline_conversions"], rel=1e-4)


def test_a_pair_comes_back() -> None:
    journeys = drawn(300_000, BETA, OMEGA, seed=13, base=BASE, factor=FACTOR)
    pair = after_first(journeys.offsets, journeys.channel) & (journeys.channel == 1)
    strength = np.array(BETA)[journeys.channel] * np.where(pair, FACTOR, 1.0)
    truth = Likelihood(journeys, strength, np.array(OMEGA)[journeys.channel], BASE)
    other = after_first(journeys.offsets, 1 - journeys.channel) & (journeys.channel == 0)
    slopes = [*by_channel(truth), truth.slope_of_base(), *map(truth.slope_of_strength, (pair, other))]
    found = CausalHazard(until=UNTIL, pairs=True).credit(journeys).details
    assert found["converged"]
    told = [*found["beta"], *found["omega"], found["baseline"], found["factor"][0, 1], found["factor"][1, 0]]
    error = errors(slopes)
    # Seven parameters share what three told of before: here only one that is off by 4% fails.
    assert error.max() * 4 < 0.04
    assert np.abs(z_of(told, [*BETA, *OMEGA, BASE, FACTOR, 1.0], error)).max() < 4
    # Negative control: without the factor, the channel that has it looks stronger.
    plain = CausalHazard(until=UNTIL).credit(journeys).details["beta"]
    z = np.log(plain[1] / BETA[1]) / error[1]
    print("z", z.round(2))
    assert z > 10
    np.testing.assert_array_equal(np.diag(found["factor"]), 1.0)


def test_one_touch_one_channel() -> None:
    """beta = conversions / sum (1 - exp(-omega x time watched)), those who did not convert to the end of the log."""
    rows = [(0, 0.0, 2.0), (1, 1.0, None), (2, 4.0, None), (3, 5.0, 10.0)]
    events = [(who, day, "touch", "mail") for who, day, _ in rows]
    events += [(who, day, "conversion", None) for who, _, day in rows if day is not None]
    who, days, kinds, channels = map(list, zip(*events, strict=True))
    journeys = from_events(pa.table({"prospect": who, "time": days, "kind": kinds, "channel": channels}))
    for until, watched in ((None, [2.0, 9.0, 6.0, 5.0]), (30 * DAY_US, [2.0, 29.0, 26.0, 5.0])):
        found = AdditiveHazard(until, omega=0.3).credit(journeys).details
        expected = 2 / (1 - np.exp(-0.3 * np.array(watched))).sum()
        assert found["beta"][0] == pytest.approx(expected, rel=1e-12)
        assert found["omega"][0] == pytest.approx(0.3, rel=1e-12)
        gone = -found["beta"][0] * (1 - np.exp(-0.3 * np.array(watched))).sum()
        log_rates = 2 * np.log(found["beta"][0] * 0.3) - 0.3 * (2 + 5)
        assert found["log_likelihood"] == pytest.approx(gone + log_rates, rel=1e-12)


def test_two_touches_by_hand() -> None:
    """With a half-life of a day, touches 3 and 1 days before share a conversion as 1/8 to 1/2."""
    journeys = logged([])
    alone = journeys.take(np.array([True, True]))
    log = from_events(
        pa.table(
            {
                "prospect": [0, 0, 0, 1],
                "time": [1.0, 3.0, 4.0, 2.0],
                "kind": ["touch", "touch", "conversion", "touch"],
                "channel": ["mail", "mail", None, "mail"],
            }
        )
    )
    found = AdditiveHazard(omega=np.log(2)).credit(log, by_touch=True)
    np.testing.assert_allclose(found.by_touch, [0.2, 0.8, 0.0], rtol=1e-12)
    # Three channels, from the parameters that were found: ages of 3, 1.5 and 1 days.
    found = AdditiveHazard(memory=(0.1, 30.0)).credit(alone, by_touch=True)
    beta, omega = found.details["beta"], found.details["omega"]
    rates = beta * omega * np.exp(-omega * np.array([3.0, 1.5, 1.0]))
    assert found.by_touch is not None
    np.testing.assert_allclose(found.by_touch[:3], rates / rates.sum(), rtol=1e-9)


@pytest.mark.parametrize("base", [0.0, 0.02])
def test_the_slope_is_nothing_where_the_climb_ends(base: float) -> None:
    journeys = drawn(3000, [0.4, 0.2], [1.0, 0.2], seed=5, base=base)
    model: Any = CausalHazard if base else AdditiveHazard
    about = model(until=UNTIL, tolerance=1e-15).credit(journeys).details
    assert about["converged"]

    def value(theta: Any) -> float:
        strength, omega = np.exp(theta[:2])[journeys.channel], np.exp(theta[2:4])[journeys.channel]
        return Likelihood(journeys, strength, omega, float(np.exp(theta[4])) if base else 0.0).value()

    top = np.log([*about["beta"], *about["omega"], *([about["baseline"]] if base else [])])
    assert about["log_likelihood"] == pytest.approx(value(top), rel=1e-12)
    # Central, so that the bend does not count; 1 is what one conversion more or less is worth.
    ahead, behind = approx_fprime(top, value, 1e-5), -approx_fprime(-top, lambda theta: value(-theta), 1e-5)
    print("slope", (ahead + behind) / 2)
    assert np.abs(ahead + behind).max() / 2 < 1e-3
    assert np.abs(approx_fprime(top + 0.02, value, 1e-5)).max() > 1


@pytest.mark.parametrize("model", [AdditiveHazard(), CausalHazard(), CausalHazard(pairs=True)], ids=lambda m: m.label)
@settings(max_examples=40, deadline=None)
@given(rows=LOGS)
def test_laws(model: Any, rows: list[Any]) -> None:
    journeys = logged(rows)
    found = replace(model, rounds=300).credit(journeys, by_touch=True)
    # The likelihood never decreases, but for rounding.
    trace = found.details["trace"]
    assert (np.diff(trace) >= -1e-12 * np.abs(trace[1:])).all()
    # Credits, and what the baseline keeps, add up; so do touches.
    kept = found.details.get("baseline_conversions", 0.0)
    np.testing.assert_allclose(found.conversions.sum() + kept, journeys.conversions, rtol=1e-9)
    kept = found.details.get("baseline_value", 0.0)
    np.testing.assert_allclose(found.value.sum() + kept, journeys.total_value, rtol=1e-9)
    weights = found.by_touch * np.repeat(journeys.converted, np.diff(journeys.offsets))
    np.testing.assert_allclose(np.bincount(journeys.channel, weights, 3), found.conversions, rtol=1e-9)


@pytest.mark.parametrize("model", [AdditiveHazard(), CausalHazard(), CausalHazard(pairs=True)], ids=lambda m: m.label)
def test_the_same_journeys_told_otherwise(model: Any) -> None:
    journeys = drawn(4000, [0.5, 0.2, 0.3], [1.0, 0.2, 0.5], seed=6, base=0.01)
    assert journeys.time is not None
    assert journeys.end is not None
    model = replace(model, until=UNTIL, tolerance=1e-14)
    first = model.credit(journeys)
    # Other names in another order.
    order = np.array([2, 0, 1])
    renamed = model.credit(replace(journeys, channel=order[journeys.channel].astype(np.int32)))
    np.testing.assert_allclose(renamed.conversions[order], first.conversions, rtol=1e-5)
    # Twice the journeys as counts of 2.
    twice = replace(journeys, converted=2 * journeys.converted, lost=2 * journeys.lost, value=2 * journeys.value)
    np.testing.assert_allclose(model.credit(twice).conversions, 2 * first.conversions, rtol=1e-5)
    # A clock that begins elsewhere, and one that runs seven times as fast: beta stays, omega is a seventh.
    shift = 10_000 * DAY_US
    later = replace(journeys, time=journeys.time + shift, end=journeys.end + shift)
    np.testing.assert_allclose(replace(model, until=UNTIL + shift).credit(later).conversions, first.conversions)
    weeks = replace(journeys, time=7 * journeys.time, end=7 * journeys.end)
    slow = replace(model, until=7 * UNTIL).credit(weeks).details
    np.testing.assert_allclose(slow["beta"], first.details["beta"], rtol=1e-4)
    np.testing.assert_allclose(7 * slow["omega"], first.details["omega"], rtol=1e-4)
    # A channel that never occurs.
    more = model.credit(replace(journeys, channels=(*journeys.channels, "nobody")))
    assert more.conversions[-1] == 0
    assert np.isnan(more.details["omega"][-1])
    np.testing.assert_allclose(more.conversions[:-1], first.conversions, rtol=1e-5)


def test_backward_elimination() -> None:
    """A touch's share is what the rate at the conversion falls by when it is taken away after all later ones."""
    journeys = drawn(2000, [0.5, 0.4], [0.5, 0.2], seed=7, base=0.01, factor=2.0)
    assert journeys.time is not None
    assert journeys.end is not None
    found = CausalHazard(until=UNTIL, pairs=True).credit(journeys, by_touch=True)
    about, by_touch = found.details, found.by_touch
    assert by_touch is not None

    def rate(touches: range, end: int) -> float:
        total, met = about["baseline"], set()
        for at in touches:
            code = journeys.channel[at]
            factors = np.prod([about["factor"][other, code] for other in met - {code}])
            omega, age = about["omega"][code], (end - journeys.time[at]) / DAY_US
            total += about["beta"][code] * factors * omega * np.exp(-omega * age)
            met.add(code)
        return float(total)

    for j in np.flatnonzero(journeys.converted)[:200]:
        begin, stop, end = int(journeys.offsets[j]), int(journeys.offsets[j + 1]), int(journeys.end[j])
        rates = [rate(range(begin, last), end) for last in range(begin, stop + 1)]
        np.testing.assert_allclose(by_touch[begin:stop], np.diff(rates) / rates[-1], rtol=1e-6, atol=1e-12)


def test_long_faded_touches_still_share() -> None:
    """Ages at which every rate is below the smallest number: logarithms keep them apart."""
    log = {"prospect": [0, 0, 0, 1], "kind": ["touch", "touch", "conversion", "touch"], "channel": [*"ab", None, "a"]}
    journeys = from_events(pa.table({**log, "time": [0.0, 0.001, 2000.0, 5.0]}))
    found = AdditiveHazard(omega=1.0).credit(journeys)
    assert np.isfinite(found.details["log_likelihood"])
    assert found.conversions.sum() == pytest.approx(1)


def test_instants_of_every_kind() -> None:
    journeys = logged([])
    at = datetime(1970, 2, 1)
    zoned = at.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=5)))
    found = [AdditiveHazard(until).credit(journeys).details["trace"][0] for until in (31 * DAY_US, at, zoned, None)]
    assert found[0] == found[1] == found[2] != found[3]


def test_bounds_of_memory_are_told() -> None:
    """Conversions at the very instant of a touch: the likelihood has no maximum, the shortest memory is told."""
    log = {"prospect": [0, 1, 2, 2], "channel": ["a", "a", "a", "a"], "conversion": [1, 0, 0, 1]}
    journeys = from_events(pa.table({**log, "time": [1.0, 2.0, 1.0, 9.0]}))
    found = AdditiveHazard(memory=(0.5, 100.0)).credit(journeys).details
    assert found["at_bound"].all()
    assert found["omega"][0] == pytest.approx(2.0)


@pytest.mark.parametrize("model", [AdditiveHazard, CausalHazard])
def test_what_is_wrong_is_told(model: Any) -> None:
    journeys = logged([])
    name = model.name
    with pytest.raises(ValueError, match=rf"{name}: it needs the times of touches"):
        model().credit(from_paths(["a > b"], [1], [1]))
    with pytest.raises(ValueError, match=rf"{name}: it needs when journeys ended"):
        model().credit(replace(journeys, end=None))
    with pytest.raises(ValueError, match=rf"{name}: it needs journeys without conversion"):
        model().credit(replace(journeys, lost=0 * journeys.lost))
    with pytest.raises(ValueError, match=r"2 days before the last event; say a later time"):
        model(until=3 * DAY_US).credit(journeys)
    with pytest.raises(ValueError, match=rf"{name}: memory from 2 to 1 days"):
        model(memory=(2.0, 1.0))
    log = {"prospect": [0] * 5, "time": [1.0, 2.0, 3.0, 4.0, 5.0], "channel": ["a", None, "a", None, "a"]}
    twice = pa.table({**log, "kind": ["touch", "conversion", "touch", "conversion", "touch"]})
    with pytest.raises(ValueError, match=rf"{name}: journey 1 begins before the one before it ended"):
        model().credit(from_events(twice, again="all"))
    assert model().credit(from_events(twice)).conversions.sum() <= 2
    early = replace(journeys, end=journeys.end - 2 * DAY_US)
    with pytest.raises(ValueError, match=rf"{name}: touch 1 comes after the conversion of its journey"):
        model(until=UNTIL).credit(early)


def test_an_omega_is_positive() -> None:
    with pytest.raises(ValueError, match=r"an omega of 0 per day; it must be more than 0"):
        AdditiveHazard(omega=0.0)


def test_conversions_without_a_touch_are_counted() -> None:
    journeys = logged([])
    assert journeys.end is not None
    empty = replace(
        journeys,
        offsets=np.append(journeys.offsets, journeys.n_touches),
        converted=np.append(journeys.converted, 3.0),
        lost=np.append(journeys.lost, 0.0),
        value=np.append(journeys.value, 3.0),
        end=np.append(journeys.end, journeys.end[-1]),
        prospect=None,
    )
    found = AdditiveHazard().credit(empty)
    assert found.details["without_touch"] == 3
    np.testing.assert_allclose(found.conversions, AdditiveHazard().credit(journeys).conversions)
