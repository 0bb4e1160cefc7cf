"""Lead lists as a person would count them: read with csv and datetime alone, to hold the replay against."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEADS = ROOT / "scenarios" / "leads.csv"
REPLAY = "channels.leads.replay"
_SHARED = ROOT.parent / "shared" / "data" / "crm"
MORE: dict[str, dict[str, object]] = {
    "leads": {},
    "olist": {},
    "bpi2012": {
        f"{REPLAY}.columns.channel": None,
        f"{REPLAY}.columns.value": "amount",
        "teams.sdr.reps": 10,
        "teams.closers.reps": 10,
        "stages.qualify.exits.contact": "70%",
    },
}
"""What lead_replay.yaml says has to be set for each list, but for the file."""


@dataclass(frozen=True)
class Export:
    """A list's file, its rows, and what must be set to replay it."""

    file: Path
    overrides: dict[str, object]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows, in the order of the file."""
        data = self.file.read_bytes()
        text = (gzip.decompress(data) if self.file.suffix == ".gz" else data).decode()
        return list(csv.DictReader(text.splitlines()))

    @property
    def dates(self) -> Counter[tuple[str, str]]:
        """How many leads came on each date from each source; blank sources are `unknown`, none are `leads`."""
        return Counter((row["created_at"][:10], row.get("source", "leads") or "unknown") for row in self.rows)

    @property
    def wins(self) -> Counter[str]:
        """Recorded wins by month."""
        return Counter(row["closed_at"][:7] for row in self.rows if row["status"] == "won")

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From the midnight of the first lead to the first midnight 13 weeks after the last."""
        days = sorted(datetime.fromisoformat(row["created_at"][:10]) for row in self.rows)
        return days[0], days[-1] + timedelta(weeks=13, days=1)


def export(name: str) -> Export:
    """A list by its name; the test is skipped where the shared data is not there."""
    file = LEADS if name == "leads" else _SHARED / name / "opportunities.csv.gz"
    if not file.exists():
        pytest.skip(f"needs {name}/opportunities.csv.gz of the shared data, which is not part of the project")
    return Export(file, {f"{REPLAY}.file": str(file), **MORE[name]})
