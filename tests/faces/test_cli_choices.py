"""What counts, as the command line says it: the same as the library's functions one behind the other."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import funnelsim as fs
from attribution import credit, from_events
from attribution.journeys import (
    Transform,
    collapse,
    compose,
    conversion_window,
    first_occurrence,
    frequency,
    ignore_direct,
    lookback,
    only,
    remove_if_last_and_not_all,
    remove_unless_all,
)
from attribution.models import Linear, Markov
from funnelsim.faces.cli import app


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Touches a day or so apart, some conversions a while after the last."""
    rng, n = np.random.default_rng(3), 1500
    who, day = rng.integers(0, 250, n), np.round(rng.random(n) * 60, 3)
    kind = np.where(rng.random(n) < 0.15, "conversion", "touch")
    names = rng.choice(["ads", "direct", "mail", "tv"], n)
    channel = [None if what == "conversion" else name for what, name in zip(kind, names, strict=True)]
    start = dt.datetime(2026, 1, 5)
    time = [start + dt.timedelta(days=float(each)) for each in day]
    file = tmp_path_factory.mktemp("log") / "log.parquet"
    pq.write_table(pa.table({"prospect": who, "time": time, "kind": kind, "channel": channel}), file)
    return file


def run(*words: Any, width: int = 100):
    return CliRunner().invoke(app, ["attribute", *map(str, words)], env={"COLUMNS": str(width)})


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("--channels mail,ads", partial(only, channels=["ads", "mail"])),
        ("--ignore-direct direct", partial(ignore_direct, channel="direct")),
        ("--window 36h", partial(conversion_window, days=1.5)),
        ("--window 1w --window-since first", partial(conversion_window, days=7, since="first")),
        ("--lookback 10d", partial(lookback, days=10)),
        ("--lookback-touches 2", partial(lookback, touches=2)),
        ("--transform collapse", collapse),
        ("--transform first_occurrence", first_occurrence),
        ("--transform frequency", frequency),
        ("--transform remove_unless_all=tv", remove_unless_all("tv")),
        (
            "--transform remove_if_last_and_not_all=direct --transform collapse",
            compose(remove_if_last_and_not_all("direct"), collapse),
        ),
        (
            "--transform collapse --transform remove_unless_all=tv --lookback-touches 3 --lookback 20d --window 5d "
            "--ignore-direct direct --channels direct,tv,mail",
            compose(
                partial(only, channels=["direct", "mail", "tv"]), ignore_direct, partial(conversion_window, days=5),
                partial(lookback, days=20, touches=3), collapse, remove_unless_all("tv"),
            ),
        ),
    ],
)  # fmt: skip
def test_options_are_the_functions_of_the_library(log: Path, words: str, same: Transform) -> None:
    """Credit, and everything that is left out, by reason; the order of options is the page's, not the line's."""
    expected = credit(same(from_events(pq.read_table(log))), [Linear(), Markov(2)])
    told = json.loads(run(log, "--models", "linear,markov_2", "--json", *words.split()).stdout)
    for model, by_name in told["credit"].items():
        for name, by_channel in by_name.items():
            found = expected[name].sel(model=model).to_series().to_dict()
            assert by_channel == found
    assert left_out(told) == left_out(expected.attrs)
    # Negative control: a choice that did nothing would leave out what was left out before.
    assert left_out(told) != left_out(credit(from_events(pq.read_table(log)), [Linear()]).attrs)


def left_out(attrs: dict[str, Any]) -> dict[str, int]:
    """What is in no journey, by reason."""
    return {key: n for key, n in attrs.items() if key.startswith("left out")}


def test_transforms_apply_in_the_order_of_the_line(log: Path) -> None:
    """Of ads > direct > ads two touches are left if direct goes first, and one is if runs are one afterwards."""
    words = ["--transform collapse", "--transform remove_unless_all=direct"]
    one, other = (
        json.loads(run(log, "--models", "linear", "--json", *" ".join(order).split()).stdout)["touches"]
        for order in (words, words[::-1])
    )
    assert one > other


def test_choices_are_kept_and_told(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "credit.nc"
    words = ["--lookback", "10d", "--window", "1w", "--transform", "collapse", "--transform", "first_occurrence"]
    shown = run(log, "--models", "last", "--out", out, *words)
    attrs = fs.open_result(out).attrs
    assert {key: attrs[key] for key in attrs if key.startswith("chosen")} == {
        "chosen: lookback": "10d",
        "chosen: window": "1w since the last touch",
        "chosen: transform": "collapse, then first_occurrence",
    }
    assert "chosen: window 1w since the last touch\n" in shown.stderr
    for key, n in attrs.items():
        if key.startswith("left out"):
            assert f"left out: {n:,} {key.removeprefix('left out: ')}" in shown.stderr
    assert sum(key.startswith("left out") for key in attrs) >= 4


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--lookback 30", "--lookback 30: a duration carries a unit (s, min, h, d, w); write 30d, 12h or 4w"),
        ("--lookback 1mo", "--lookback 1mo: months and years differ in length"),
        ("--lookback 0d", "--lookback 0d: a duration here must be longer than nothing"),
        ("--window soon", "--window soon: it must be a duration; write 30d"),
        ("--transform colapse", "--transform: there is no transform 'colapse'; did you mean collapse?"),
        ("--transform nothing", "--transform: there is no transform 'nothing'; known are collapse, first_occurrence"),
        ("--transform remove_unless_all", "it names no channel; write --transform remove_unless_all=direct"),
        ("--transform collapse=tv", "collapse is told no channel; write --transform collapse"),
        (
            "--transform remove_unless_all=vt",
            "--transform remove_unless_all=vt: no channel 'vt'; known are ads, direct",
        ),
        ("--channels mial,tv", "--channels: there is no channel 'mial'; did you mean mail?"),
        ("--ignore-direct none", "--ignore-direct: there is no channel 'none'; known are ads, direct, mail, tv"),
    ],
)
def test_bad_input_is_said_in_words(log: Path, words: str, says: str) -> None:
    shown = run(log, *words.split())
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert says in shown.stderr


def test_windows_of_paths_without_times(tmp_path: Path) -> None:
    file = tmp_path / "paths.csv"
    file.write_text("path,converted\na > b > a,3\n")
    shown = run(file, "--lookback", "30d")
    assert (shown.exit_code, "--lookback: days need the times of touches and ends" in shown.stderr) == (2, True)
    assert json.loads(run(file, "--lookback-touches", "2", "--models", "first", "--json").stdout)["touches"] == 2


def test_what_is_wrong_with_words_is_said_before_anything_is_read(tmp_path: Path) -> None:
    shown = run(tmp_path / "nothing.csv", "--lookback", "30")
    assert "--lookback 30: a duration carries a unit" in shown.stderr


def test_no_conversion_is_left(log: Path) -> None:
    """A table in which nobody is credited, and where all conversions went."""
    shown = run(log, "--lookback", "1s", "--window", "1s", "--models", "first,linear")
    assert shown.exit_code == 0, shown.output
    assert shown.stderr.startswith("0 conversions of ")
    rows = [line.split() for line in shown.stdout.splitlines() if line.strip().startswith(("first", "linear"))]
    assert [set(row[1:]) for row in rows] == [{"0.0"}] * 2
