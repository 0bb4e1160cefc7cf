"""`python -m benchmarks [TOPIC] ...`: without a topic, every table."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    credit,
    crn,
    earlier,
    forecast,
    laws,
    machine,
    mechanisms,
    memory,
    reference,
    scaling,
    speed,
    start,
    threads,
)
from benchmarks.tables import Table

QUICK_DAYS, QUICK_CUSTOMERS, QUICK_PAIRS = 60.0, 10_000, 40

Build = Callable[[argparse.Namespace], list[Table]]
TOPICS: dict[str, Build] = {
    "speed": lambda given: speed.tables(given.repeat, given.days, given.customers),
    "mechanisms": lambda given: mechanisms.tables(given.repeat),
    "crn": lambda given: crn.tables(given.pairs),
    "credit": lambda given: credit.tables(given.repeat, given.quick),
    "forecast": lambda given: forecast.tables(given.repeat, given.quick),
    "laws": lambda given: laws.tables(),
    "scaling": lambda given: scaling.tables(given.repeat),
    "memory": lambda given: memory.tables(given.repeat),
    "threads": lambda given: threads.tables(given.repeat),
    "start": lambda given: start.tables(given.repeat),
    "earlier": lambda given: earlier.tables(given.repeat, given.checkout) if given.checkout else [],
}


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", choices=[[], *TOPICS], help="which tables (default: all)")
    parser.add_argument("--repeat", type=int, default=5, help="rounds of every measurement (default 5)")
    parser.add_argument("--days", type=float, default=reference.DAYS, help="longest horizon of the reference funnel")
    parser.add_argument("--customers", type=int, default=reference.CUSTOMERS, help="customers of a queue's replication")
    parser.add_argument("--pairs", type=int, default=200, help="paired replications of common random numbers")
    parser.add_argument("--quick", action="store_true", help="one round of small runs: does everything work?")
    parser.add_argument("--checkout", type=Path, help="an earlier checkout that `earlier` measures this one beside")
    parser.add_argument("--json", type=Path, help="also write the tables into this file")
    given = parser.parse_args()
    if "earlier" in given.topics and not (given.checkout and (given.checkout / "benchmarks").is_dir()):
        parser.error("`earlier` needs --checkout DIRECTORY, where an earlier checkout of this project lies")
    if given.quick:
        given.repeat, given.days, given.customers, given.pairs = 1, QUICK_DAYS, QUICK_CUSTOMERS, QUICK_PAIRS
    return given


def main() -> None:
    """Print every table as soon as it is measured, then the machine."""
    given = arguments()
    shown: list[Table] = []
    for topic in given.topics or TOPICS:
        for table in TOPICS[topic](given):
            table.show()
            shown.append(table)
    rounds = f"medians of {given.repeat}" if given.repeat > 1 else "one round: no medians"
    line = f"{machine.line()}; {rounds}"
    print(line)
    if given.json:
        given.json.write_text(json.dumps({"machine": line, "tables": [asdict(table) for table in shown]}, indent=1))


if __name__ == "__main__":
    main()
