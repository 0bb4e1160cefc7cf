"""Make scenarios/leads.csv: an invented lead list, for the demo and the tests; the same bytes on every run.

Nine months of a growing company: fewer leads at weekends and at night, a webinar a month that brings many at once,
blank sources, deals that close one to many days later on working days, amounts known for winners only, and a share of
dead leads that nobody ever closed. The law of outcomes is this file's own: it knows nothing of the simulator.

    python tools/make_leads.py            # writes scenarios/leads.csv
"""

import csv
import math
import random
from datetime import datetime, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

FILE = Path(__file__).parent.parent / "scenarios" / "leads.csv"
FIRST, AS_OF = datetime(2025, 1, 2), datetime(2025, 9, 30, 23, 59, 59)
A_DAY, GROWTH_A_MONTH = 3.4, 1.25
WEEK = (1.25, 1.3, 1.25, 1.2, 1.0, 0.45, 0.55)
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 12, 16, 18, 17, 14, 15, 17, 17, 15, 12, 10, 9, 9, 8, 5, 2)
SOURCES = {  # weight, probability of a win
    "organic_search": (0.31, 0.13),
    "paid_search": (0.22, 0.10),
    "social": (0.14, 0.06),
    "direct_traffic": (0.10, 0.15),
    "email": (0.08, 0.08),
    "referral": (0.06, 0.20),
    "display": (0.04, 0.05),
    "": (0.05, 0.10),
}
WEBINAR_SIZE, WEBINAR_WINS = 40, 0.08


def main() -> None:
    """Write the file."""
    rows = sorted(_leads(random.Random(20250102)), key=lambda row: row[0])
    with FILE.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["opp_id", "created_at", "source", "amount", "closed_at", "status"])
        for number, row in enumerate(rows, 1):
            out.writerow([f"L{number:05d}", *row])


def _leads(chance: random.Random) -> list[list[str]]:
    """All leads: created_at, source, amount, closed_at, status; `chance.random()` alone is equal on every Python."""
    rows = []
    for day in range((AS_OF - FIRST).days + 1):
        date = FIRST + timedelta(days=day)
        mean = A_DAY * GROWTH_A_MONTH ** (day / 30.4375) * WEEK[date.weekday()]
        for _ in range(_poisson(mean, chance.random())):
            source = _pick(list(SOURCES), [weight for weight, _ in SOURCES.values()], chance.random())
            rows.append(_lead(date + _time_of_day(chance), source, SOURCES[source][1], chance))
        if date.weekday() == 3 and 8 <= date.day <= 14:
            for _ in range(WEBINAR_SIZE):
                after = date + timedelta(hours=16, seconds=int(3600 * chance.random()))
                rows.append(_lead(after, "webinar", WEBINAR_WINS, chance))
    return rows


def _lead(created: datetime, source: str, p_won: float, chance: random.Random) -> list[str]:
    """One lead and what became of it by the day of the export."""
    fate, amount = chance.random(), 2_500 * math.exp(0.9 * _normal(chance))
    closed = _in_office(created + timedelta(days=1 + 12 * math.exp(0.95 * _normal(chance))))
    given_up = _in_office(created + timedelta(days=2 + 25 * math.exp(0.8 * _normal(chance))))
    if fate < p_won and closed <= AS_OF:
        return [str(created), source, f"{amount:.2f}", str(closed), "won"]
    if fate > 0.4 and given_up <= AS_OF:
        return [str(created), source, "", str(given_up), "lost"]
    return [str(created), source, "", "", "open"]


def _time_of_day(chance: random.Random) -> timedelta:
    hour = _pick(list(range(24)), [float(weight) for weight in HOURS], chance.random())
    return timedelta(hours=hour, seconds=int(3600 * chance.random()))


def _in_office(instant: datetime) -> datetime:
    """The same instant to the second, moved into Monday to Friday, 9 to 18."""
    instant = instant.replace(hour=9 + instant.hour * 9 // 24, microsecond=0)
    return instant + timedelta(days=max(0, 7 - instant.weekday()) if instant.weekday() > 4 else 0)


def _normal(chance: random.Random) -> float:
    return NormalDist().inv_cdf(min(max(chance.random(), 1e-12), 1 - 1e-12))


def _poisson(mean: float, u: float) -> int:
    """The quantile of a Poisson number at u."""
    n, p = 0, math.exp(-mean)
    total = p
    while u > total and n < 1000:
        n += 1
        p *= mean / n
        total += p
    return n


def _pick(choices: list[Any], weights: list[float], u: float) -> Any:
    """The choice whose share of the weights u falls into."""
    mark = u * sum(weights)
    for choice, weight in zip(choices, weights, strict=True):
        mark -= weight
        if mark < 0:
            return choice
    return choices[-1]


if __name__ == "__main__":
    main()
