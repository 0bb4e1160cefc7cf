"""A log in pieces: no prospect in two, and credits as of the whole log in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from attribution.comparison import credit
from attribution.journeys import JourneysError, from_events, in_pieces, pieces
from attribution.models import Last


def log(n: int, coded: bool = False) -> pa.Table:
    """A log at random, with times that are often alike, one milestone and a channel that touched once: most pieces know
    nothing of these two."""
    rng = np.random.default_rng(2)
    kinds = rng.choice(["touch", "conversion"], n, p=[0.9, 0.1]).astype(object)
    kinds[n // 2] = "milestone"
    names = rng.choice(list("abcdefg"), n).astype(object)
    names[np.flatnonzero(kinds == "touch")[3]] = "0 rare"
    channel = pa.array(np.where(kinds == "touch", names, None))
    return pa.table(
        {
            "user": pa.array([f"user {at}" for at in rng.integers(0, n // 8, n)]),
            "time": rng.integers(0, 60, n).astype(float),
            "kind": kinds,
            "channel": channel.dictionary_encode() if coded else channel,
            "milestone": pa.array(np.where(kinds == "milestone", "lead", None)),
            "value": rng.integers(1, 50, n),
        }
    )


@pytest.mark.parametrize("coded", [False, True])
def test_pieces_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coded: bool) -> None:
    monkeypatch.setattr(pieces, "ROWS_A_PIECE", 3000)
    monkeypatch.setattr(pieces, "BATCH", 1111)
    table = log(20_000, coded)
    for at in range(4):
        pq.write_table(table.slice(at * 5000, 5000), tmp_path / f"part-{at}.parquet")
    whole = from_events(table, columns={"prospect": "user"})
    dealt: list[int] = []
    with in_pieces(tmp_path, columns={"prospect": "user"}, progress=dealt.append) as parts:
        assert sum(dealt) == 20_000
        assert len(parts.files) == 7
        each = list(parts)
        found = credit(parts)
    expected = credit(whole)
    assert not any(file.exists() for file in parts.files)
    assert list(found["model"].values) == list(expected["model"].values)
    for name in ("conversions", "value", "share"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-12)
    for name in ("journeys", "conversions", "touches", "left out: conversions without a touch"):
        assert found.attrs[name] == expected.attrs[name]

    # Of each prospect everything is in one piece; pieces are of about the same size.
    owners = [set(part.prospect.tolist()) for part in each if part.prospect is not None]
    assert sum(map(len, owners)) == len(set().union(*owners))
    assert max(part.n for part in each) < 1.5 * min(part.n for part in each)


def test_a_piece_knows_no_other_channels() -> None:
    with pytest.raises(JourneysError, match=r"events: channel: g; channels are 0 rare, a, b, c, d, e, f"):
        from_events(log(500), columns={"prospect": "user"}, channels=("0 rare", *"abcdef"))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({}, "events: prospect: there is no such column; the table has user, time"),
        ({"prospect": "whom"}, "events: whom"),
    ],
)
def test_what_is_missing_is_said(columns: dict[str, Any], says: str) -> None:
    with pytest.raises(JourneysError) as error, in_pieces(ds.dataset(log(10)), columns=columns):
        pass
    assert str(error.value).startswith(says)


def test_intervals_of_pieces_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prospects are drawn by who they are, so it does not matter in which piece: all models, all three variables."""
    monkeypatch.setattr(pieces, "ROWS_A_PIECE", 3000)
    table = log(8000)
    whole = credit(from_events(table, columns={"prospect": "user"}), interval=80, resamples=20, seed=3)
    with in_pieces(ds.dataset(table), columns={"prospect": "user"}) as parts:
        assert len(parts.files) == 3
        told: list[int] = []
        found = credit(parts, interval=80, resamples=20, seed=3, progress=told.append)
    assert sum(told) == 20
    assert list(found["model"].values) == list(whole["model"].values)
    for name in ("conversions_interval", "value_interval", "share_interval"):
        np.testing.assert_allclose(found[name], whole[name], rtol=1e-9, atol=1e-9)


def test_pieces_drawn_by_place_would_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: where each piece counts its journeys from 0, the first ones of all pieces are drawn alike."""
    monkeypatch.setattr(pieces, "ROWS_A_PIECE", 3000)
    table = log(8000)
    whole = credit(from_events(table, columns={"prospect": "user"}), [Last()], interval=80, resamples=20)
    with in_pieces(ds.dataset(table), columns={"prospect": "user"}) as parts:
        by_place = [replace(each, prospect=None) for each in parts]
        monkeypatch.setattr(pieces.Pieces, "__iter__", lambda parts: iter(by_place))
        found = credit(parts, [Last()], interval=80, resamples=20)
    assert not np.allclose(found["conversions_interval"], whole["conversions_interval"], rtol=1e-3)
