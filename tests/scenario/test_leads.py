"""A lead list is read exactly: every row once, in order of time, with its own attributes."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from funnelsim.scenario import loads
from funnelsim.scenario.channels import Replay
from funnelsim.scenario.lead_file import LeadsError
from funnelsim.scenario.leads import Leads, read_leads

from .places import SHARED, small

ROWS = """\
id,when,source,kind,amount,status,closed
1,2026-03-02 10:00:00,web,smb,100.5,open,
2,2026-03-01,,,,won,2026-04-01
3,2026-03-02T09:00:00.999Z,fair,enterprise,0,won,
4,2026-03-02T10:00:00+01:00, web ,smb,7,lost,2026-03-09 08:00
"""
COLUMNS = {"time": "when", "channel": "source", "segment": "kind", "value": "amount"}
OUTCOME = {"column": "status", "won": "won", "at": "closed"}


def replay(file: Path, columns: dict[str, str] = COLUMNS, outcome: dict[str, str] | None = OUTCOME) -> Replay:
    """A replay of a file."""
    return Replay.model_validate({"file": str(file), "columns": columns, "outcome": outcome})


def leads_of(content: str | bytes, tmp_path: Path, **more: dict[str, str] | None) -> Leads:
    """The leads of a file with this content."""
    file = tmp_path / "leads.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_leads(replay(file, **more), segments=["smb", "enterprise"])  # type: ignore[arg-type]


def test_rows_come_in_order_of_time_and_ties_in_the_order_of_the_file(tmp_path: Path) -> None:
    leads = leads_of(ROWS, tmp_path)
    assert leads.rows.tolist() == [2, 3, 4, 1]
    assert leads.times.dtype == np.dtype("datetime64[s]")
    assert leads.times.tolist() == [
        datetime(2026, 3, 1),
        datetime(2026, 3, 2, 9),
        datetime(2026, 3, 2, 9),
        datetime(2026, 3, 2, 10),
    ]
    assert (leads.first, leads.last) == (datetime(2026, 3, 1), datetime(2026, 3, 2, 10))


def test_every_row_keeps_its_own_attributes(tmp_path: Path) -> None:
    leads = leads_of(ROWS, tmp_path)
    assert leads.channel_names == ("web", "unknown", "fair")
    assert [leads.channel_names[code] for code in leads.channels] == ["unknown", "fair", "web", "web"]
    assert leads.segments.tolist() == [-1, 1, 0, 0]
    np.testing.assert_array_equal(leads.values, [np.nan, 0.0, 7.0, 100.5])
    assert leads.date_only.tolist() == [True, False, False, False]
    assert leads.won.tolist() == [True, True, False, False]
    assert leads.won_at.tolist() == [datetime(2026, 4, 1), None, None, None]


def test_columns_that_are_not_mapped_stay_unknown(tmp_path: Path) -> None:
    leads = leads_of(ROWS, tmp_path, columns={"time": "when"}, outcome=None)
    assert leads.channel_names == ()
    assert set(leads.channels) == set(leads.segments) == {-1}
    assert np.isnan(leads.values).all()
    assert not leads.won.any()
    assert np.isnat(leads.won_at).all()


@pytest.mark.parametrize(
    "packed",
    [
        lambda data: gzip.compress(data),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: gzip.compress(b"\xef\xbb\xbf" + data),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\n\n"),
    ],
    ids=["gzip", "byte order mark", "both", "windows", "blank lines"],
)
def test_the_same_rows_in_another_wrapping(packed: object, tmp_path: Path) -> None:
    plain, other = leads_of(ROWS, tmp_path), leads_of(packed(ROWS.encode()), tmp_path)  # type: ignore[operator]
    np.testing.assert_array_equal(plain.times, other.times)
    np.testing.assert_array_equal(plain.values, other.values)
    assert plain.channel_names == other.channel_names


def test_cells_may_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    text = 'when,source\n2026-03-01,"a ""b"", c\nd"\n2026-03-02,x\nnever,y\n'
    with pytest.raises(LeadsError) as caught:
        leads_of(text, tmp_path, columns={"time": "when", "channel": "source"}, outcome=None)
    (trouble,) = caught.value.troubles
    assert trouble.line == 5
    leads = leads_of(
        text.replace("never,y\n", ""), tmp_path, columns={"time": "when", "channel": "source"}, outcome=None
    )
    assert leads.channel_names == ('a "b", c\nd', "x")


def test_the_first_five_troubles_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    with pytest.raises(LeadsError) as caught:
        leads_of("when\n" + "never\n" * 100, tmp_path, columns={"time": "when"}, outcome=None)
    assert [trouble.line for trouble in caught.value.troubles] == [2, 3, 4, 5, 6, 7]
    assert caught.value.troubles[-1].found == "and 95 more cells like these"


def test_a_scenario_that_starts_with_its_first_lead_knows_its_window(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(ROWS)
    text = small(
        ("{rate: 5 / d}", f"{{replay: {{file: {file}, columns: {{time: when}}}}}}"), ("2026-01-05", "first lead")
    )
    assert loads(text.replace("52 w", "last lead + 2 w")).start is None
    with pytest.raises(Exception, match="the warm-up must end before the horizon"):
        loads(text.replace("52 w", "last lead + 2 w\nwarmup: 3 w"))


def shared(name: str) -> Path:
    """A real export; the test is skipped, visibly, where it is not."""
    file = SHARED / name / "opportunities.csv.gz"
    if not file.exists():
        pytest.skip(f"{name} is not here")
    return file


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows as the csv module reads them, without any of our code."""
    return list(csv.DictReader(io.StringIO(gzip.decompress(file.read_bytes()).decode())))


def test_bpi2012_is_read_row_for_row() -> None:
    file = shared("bpi2012")
    outcome = {"column": "status", "won": "won", "at": "closed_at"}
    leads = read_leads(replay(file, {"time": "created_at", "value": "amount"}, outcome))
    rows = rows_of(file)
    assert len(leads.times) == len(rows) == 7455
    assert leads.won.sum() == sum(row["status"] == "won" for row in rows)
    assert np.nansum(leads.values) == pytest.approx(sum(float(row["amount"] or 0) for row in rows))
    assert not leads.date_only.any()
    assert (np.diff(leads.times) >= np.timedelta64(0)).all()
    assert leads.times[0] == np.datetime64(min(row["created_at"] for row in rows)[:19])
    assert not np.isnat(leads.won_at[leads.won]).any()


def test_olist_has_dates_only_blank_channels_and_segments_of_winners() -> None:
    file = shared("olist")
    rows = rows_of(file)
    segments = sorted({row["segment"] for row in rows} - {""})
    columns = {"time": "created_at", "channel": "source", "segment": "segment", "value": "amount"}
    leads = read_leads(replay(file, columns, {"column": "status", "won": "won", "at": "closed_at"}), segments=segments)
    assert len(leads.times) == 5345
    assert leads.won.sum() == 336
    assert leads.date_only.all()
    counted = {name: int((leads.channels == code).sum()) for code, name in enumerate(leads.channel_names)}
    blank = sum(row["source"] == "" for row in rows)
    named_unknown = sum(row["source"] == "unknown" for row in rows)
    assert counted["unknown"] == blank + named_unknown
    assert blank > 0
    assert (leads.segments >= 0).sum() == sum(row["segment"] != "" for row in rows)
    assert np.isfinite(leads.values).sum() == sum(row["amount"] != "" for row in rows)
