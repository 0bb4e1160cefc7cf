"""Credit apart by segment and period: each as if the others were not there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from attribution.comparison import credit
from attribution.groups import apart
from attribution.journeys import from_events, from_paths
from attribution.models import First, Last, Markov, TimeDecay


def log(n: int = 3000) -> pa.Table:
    rng = np.random.default_rng(12)
    prospect = rng.integers(0, 300, n)
    start = np.datetime64("2025-12-29T00:00:00", "us")
    return pa.table(
        {
            "prospect": prospect,
            "time": start + rng.integers(0, 100 * 86_400, n) * np.timedelta64(1_000_000, "us"),
            "channel": rng.choice(list("abc"), n),
            "conversion": (rng.random(n) < 0.15).astype(int),
            "segment": np.array(["large", "small"])[prospect % 2],
        }
    )


@pytest.mark.parametrize("by", ["segment", "day", "week", "month", "quarter", "year"])
def test_first_and_last_add_up_over_groups(by: str) -> None:
    journeys = from_events(log())
    models = [First(), Last(), TimeDecay()]
    whole, parts = credit(journeys, models), credit(journeys, models, by=by)
    assert parts["conversions"].dims == (by, "model", "channel")
    for name in ("conversions", "value"):
        np.testing.assert_allclose(parts[name].sum(by), whole[name], rtol=1e-12)
        assert parts[name].attrs["units"] == whole[name].attrs["units"]


def test_each_is_credited_as_if_it_were_alone() -> None:
    table = log()
    found = credit(from_events(table), [Markov(2), First()], by="segment", interval=80, resamples=20)
    for name in ("small", "large"):
        alone = credit(
            from_events(table.filter(pa.array(np.asarray(table["segment"]) == name))), [Markov(2), First()],
            interval=80, resamples=20,
        )  # fmt: skip
        for variable in ("share", "share_interval", "value"):
            np.testing.assert_allclose(found[variable].sel(segment=name), alone[variable], rtol=1e-9)


@pytest.mark.parametrize(
    ("by", "first", "last"),
    [
        ("day", "2025-12-29", "2026-04-07"),
        ("week", "2025-12-29", "2026-04-06"),
        ("month", "2025-12", "2026-04"),
        ("quarter", "2025-Q4", "2026-Q2"),
        ("year", "2025", "2026"),
    ],
)
def test_periods_have_the_names_of_a_calendar(by: str, first: str, last: str) -> None:
    """The log begins on a Monday, 29 December 2025, and ends 100 days later."""
    names = [name for name, _ in apart(from_events(log()), by)]
    assert (names[0], names[-1]) == (first, last)
    assert names == sorted(names)


def test_a_period_without_journeys_credits_nobody() -> None:
    table = pa.table({"prospect": [1, 2], "time": [10.0, 80.0], "channel": ["a", "b"], "conversion": [1, 1]})
    found = credit(from_events(table), by="month")
    assert found["month"].values.tolist() == ["1970-01", "1970-02", "1970-03"]
    assert found["conversions"].sel(month="1970-02").sum() == 0
    assert found["conversions"].sel(month="1970-03", model="first").values.tolist() == [0, 1]


def test_what_a_part_does_not_suffice_for_is_unknown_there() -> None:
    """Everybody of one segment converts: rates say nothing there, and something elsewhere."""
    table = pa.table(
        {
            "prospect": [1, 2, 3, 4],
            "time": [1.0, 1.0, 2.0, 3.0],
            "channel": ["a", "b", "a", "b"],
            "conversion": [1, 0, 1, 1],
            "segment": ["x", "x", "y", "y"],
        }
    )
    found = credit(from_events(table), by="segment")["conversions"].sel(model="shao_li")
    assert np.isnan(found.sel(segment="y")).all()
    assert found.sel(segment="x").values.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("segment", "by segment: these journeys have no segments"),
        ("month", "by month: it needs the times of touches"),
        ("moon", "by moon: it must be segment, day, week, month, quarter, year"),
    ],
)
def test_what_cannot_be_told_apart_is_said(by: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        credit(from_paths(["a > b"]), [First()], by=by)


def test_weeks_begin_on_mondays() -> None:
    for name, part in apart(from_events(log()), "week"):
        monday = np.datetime64(name)
        assert part.end is not None
        days = part.end.view("datetime64[us]").astype("datetime64[D]") - monday
        assert monday.astype("datetime64[D]").astype(int) % 7 == 4
        assert ((days >= np.timedelta64(0)) & (days < np.timedelta64(7))).all()


@pytest.mark.parametrize("by", ["segment", "week"])
def test_progress_comes_to_the_draws_that_were_asked_for(by: str) -> None:
    told: list[int] = []
    credit(from_events(log(400)), [First()], by=by, interval=80, resamples=20, progress=told.append)
    assert (sum(told), len(told) > 1, min(told) >= 0) == (20, True, True)
