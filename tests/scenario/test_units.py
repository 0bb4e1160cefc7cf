"""Numbers with units mean what people mean by them, and nothing else is taken for a number."""

from __future__ import annotations

import contextlib
import math
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelsim.scenario import moments, units
from funnelsim.scenario.refusal import Refusal

NO_NUMBERS = [None, True, False, [], {}, "", " ", "x", "nan", ".nan", "inf", "-inf", "0x", "1__", "١", "1 2", math.nan]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 s", 1),
        ("5 min", 300),
        ("5min", 300),
        ("1.5 h", 5400),
        (" 2  d ", 172_800),
        ("2 w", 1_209_600),
        ("1_000 s", 1000),
        (".5 h", 1800),
        ("1e2 min", 6000),
        ("0 d", 0),
        ("5. min", 300),
    ],
)
def test_a_duration_is_in_seconds(text: str, seconds: float) -> None:
    assert units.duration(text) == seconds


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (5, "write 5 min"),
        ("5", "write 5 min"),
        (0, "write 0 min"),
        ("2 mo", "write 60.875 d"),
        ("1 y", "write 365.25 d"),
        ("3 months", "write 91.3125 d"),
        ("5 minutes", "write 5 min"),
        ("5 MIN", "write 5 min"),
        ("2 days", "write 2 d"),
    ],
)
def test_a_duration_that_was_nearly_right_is_put_right(value: object, remedy: str) -> None:
    with pytest.raises(Refusal) as caught:
        units.duration(value)
    assert caught.value.remedy == remedy


@pytest.mark.parametrize(
    "value", [*NO_NUMBERS, "-1 s", "101 y", "1e300 d", "1e400 d", "36601 d", "5 min 3 s", "five min"]
)
def test_no_duration_is_made_of_anything_else(value: object) -> None:
    with pytest.raises(Refusal):
        units.duration(value)


@pytest.mark.parametrize(
    ("value", "p"),
    [("80%", 0.8), ("80 %", 0.8), (0.8, 0.8), ("0.8", 0.8), (0, 0.0), (1, 1.0), ("100%", 1.0), ("0.5%", 0.005)],
)
def test_a_probability_is_a_share_of_one(value: object, p: float) -> None:
    assert units.probability(value) == pytest.approx(p, rel=1e-15)


def test_eighty_is_no_probability_and_the_hint_says_what_was_meant() -> None:
    with pytest.raises(Refusal) as caught:
        units.probability(80)
    assert caught.value.remedy == "write 80% or 0.8"


@pytest.mark.parametrize("value", [*NO_NUMBERS, -0.1, 1.1, "101%", "-1%", "%", "80%%", 1e300, 10**400])
def test_no_probability_is_made_of_anything_else(value: object) -> None:
    with pytest.raises(Refusal):
        units.probability(value)


@pytest.mark.parametrize(
    ("text", "per_day"),
    [("22 / d", 22), ("22/d", 22), ("1 / h", 24), ("7 / w", 1), ("0 / d", 0), ("365.25 / y", 1), ("30.4375 / mo", 1)],
)
def test_a_rate_is_per_second(text: str, per_day: float) -> None:
    assert units.rate(text) * 86_400 == pytest.approx(per_day, rel=1e-14)


@pytest.mark.parametrize(
    "value", [*NO_NUMBERS, 22, "22", "22 / day", "-1 / d", "nan / d", "1e300 / s", "1 / 2 d", "/ d"]
)
def test_no_rate_is_made_of_anything_else(value: object) -> None:
    with pytest.raises(Refusal):
        units.rate(value)


def test_a_rate_per_day_spelt_out_is_put_right() -> None:
    with pytest.raises(Refusal) as caught:
        units.rate("22 / day")
    assert caught.value.remedy == "write 22 / d"


@pytest.mark.parametrize(
    ("text", "yearly"), [("20% / y", 0.2), ("-5% / y", -0.05), ("0.1 / y", 0.1), ("1% / mo", 1.01**12 - 1)]
)
def test_a_trend_is_compound_growth_per_year(text: str, yearly: float) -> None:
    assert units.growth(text) == pytest.approx(yearly, rel=1e-12)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0.2, "20%", "-100% / y", "-150% / y", "90% / d", "20% / h"])
def test_no_trend_is_made_of_anything_else(value: object) -> None:
    with pytest.raises(Refusal):
        units.growth(value)


@pytest.mark.parametrize(
    ("value", "amount"),
    [(92, 92), ("92", 92), ("92 USD", 92), ("$92", 92), ("$ 1_000.50", 1000.5), (0, 0), ("1e3 USD", 1000)],
)
def test_money_is_an_amount_in_the_currency_of_the_scenario(value: object, amount: float) -> None:
    assert units.money(value) == amount


@pytest.mark.parametrize("value", [*NO_NUMBERS, -1, "92 EUR", "€92", "92 €", "1,000", "$1,000", "USD", "$", 1e13, "5k"])
def test_no_money_is_made_of_anything_else(value: object) -> None:
    with pytest.raises(Refusal):
        units.money(value)


def test_dollars_are_refused_where_euros_are_due() -> None:
    assert units.money("92 EUR", "EUR") == 92
    with pytest.raises(Refusal) as caught:
        units.money("$92", "EUR")
    assert caught.value.remedy == "write 92 EUR"


@pytest.mark.parametrize(
    ("text", "monthly"), [("4000 / mo", 4000), ("$12_000 / y", 1000), ("7 USD / w", 30.4375), (0, 0)]
)
def test_a_running_cost_is_per_month(text: object, monthly: float) -> None:
    assert units.monthly_money(text) == pytest.approx(monthly, rel=1e-14)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-05", datetime(2026, 1, 5)),
        ("2026-01-05 10:00", datetime(2026, 1, 5, 10)),
        ("2026-01-05T10:00:30.9", datetime(2026, 1, 5, 10, 0, 30)),
        ("2026-01-05T10:00Z", datetime(2026, 1, 5, 10)),
        ("2026-01-05T00:30+02:00", datetime(2026, 1, 4, 22, 30)),
        (date(2026, 1, 5), datetime(2026, 1, 5)),
        (datetime(2026, 1, 5, 10), datetime(2026, 1, 5, 10)),
    ],
)
def test_a_moment_is_in_the_time_of_the_scenario(value: object, expected: datetime) -> None:
    assert moments.moment(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *NO_NUMBERS,
        2026,
        "2026",
        "01/05/2026",
        "2026-02-30",
        "2026-13-01",
        "1899-12-31",
        "2201-01-01",
        "2026-01-05 25:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-W01-1",
        "20260105",
    ],
)
def test_no_moment_is_made_of_anything_else(value: object) -> None:
    with pytest.raises(Refusal):
        moments.moment(value)


def test_a_day_has_no_time() -> None:
    assert moments.day("2026-12-25") == date(2026, 12, 25)
    with pytest.raises(Refusal):
        moments.day("2026-12-25 10:00")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(90, "1.5 min"), (7, "7 s"), (300, "5 min"), (3600, "1 h"), (86400 * 3, "3 d"), (4838400, "8 w")],
)
def test_a_duration_is_said_in_the_largest_unit_that_keeps_it_short(seconds: float, said: str) -> None:
    assert units.say(seconds) == said


READERS = [units.number, units.probability, units.duration, units.rate, units.growth, units.money, units.monthly_money]
READERS += [moments.moment, moments.day, units.offset]  # type: ignore[list-item]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.binary(max_size=3),
    st.from_regex(r"\A-?[0-9]{1,3}\.?[0-9]{0,3}(e[0-9]{1,3})? ?/? ?(s|min|h|d|w|mo|y|%|USD)?\Z"),
)


@pytest.mark.parametrize("reader", READERS)
@settings(deadline=None)
@given(value=VALUES)
def test_a_reader_gives_something_finite_or_a_refusal(reader: Any, value: object) -> None:
    found = None
    with contextlib.suppress(Refusal):
        found = reader(value)
    assert found is None or isinstance(found, date) or math.isfinite(found)
