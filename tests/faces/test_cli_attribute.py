"""The command `attribute`: a table, JSON, a file, and errors in words."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xarray as xr
from matplotlib.figure import Figure
from pyarrow import csv
from typer.testing import CliRunner

import funnelsim as fs
from attribution import stability
from attribution.models import Linear, ShapleyRate
from attribution.tables import open_journeys
from funnelsim.faces.cli import app

PATHS = "path;converted;lost;value\nsearch > mail;30;70;300\nsearch;10;90;100\nmail;5;95;50\n"


def run(*words: str, width: int = 100):
    return CliRunner().invoke(app, ["attribute", *words], env={"COLUMNS": str(width)})


@pytest.fixture
def paths(tmp_path: Path) -> Path:
    file = tmp_path / "paths.csv"
    file.write_text(PATHS)
    return file


def test_a_table_and_what_it_says(paths: Path) -> None:
    shown = run(str(paths), "--models", "first,last,leave_one_out")
    assert shown.exit_code == 0, shown.output
    rows = {line.split()[0]: line.split()[1:] for line in shown.stdout.splitlines() if line.strip()}
    # By hand: first 40 and 5 of 45; leave one out 30 x 25/45 + 10.
    assert rows["first"] == ["88.9", "11.1"]
    assert rows["last"] == ["22.2", "77.8"]
    assert rows["leave_one_out"] == ["59.3", "40.7"]
    assert "45 conversions of 300 journeys, 4 touches" in shown.stderr
    assert "does not say what would be lost" in shown.stderr


def test_json_and_file_say_the_same(paths: Path, tmp_path: Path) -> None:
    out = tmp_path / "credit.nc"
    told = json.loads(run(str(paths), "--json", "--out", str(out)).stdout)
    kept = fs.open_result(out)
    assert told["credit"]["first"]["value"] == {"mail": 50.0, "search": 400.0}
    for model, by_name in told["credit"].items():
        for name, by_channel in by_name.items():
            assert kept[name].sel(model=model).values.tolist() == list(by_channel.values())
    assert told["units"] == {"conversions": "conversions", "value": "currency", "share": "1"}
    assert "time_decay" not in told["credit"]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_credit_is_kept_as_a_table(paths: Path, tmp_path: Path, suffix: str) -> None:
    """Every digit: numbers of a file are those that JSON tells."""
    out = tmp_path / f"credit.{suffix}"
    shown = run(str(paths), "--models", "first,linear,markov_1", "--interval", "80", "--json", "--out", str(out))
    told = json.loads(shown.stdout)["credit"]
    rows = (pq.read_table(out) if suffix == "parquet" else csv.read_csv(out)).to_pylist()
    assert {(row["model"], row["channel"]) for row in rows} == {(a, b) for a in told for b in ("mail", "search")}
    for row in rows:
        by_name = told[row["model"]]
        for name in ("conversions", "value", "share"):
            assert row[name] == by_name[name][row["channel"]]
            assert [row[f"{name}_low"], row[f"{name}_high"]] == by_name[f"{name}_interval"][row["channel"]]
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"credit.{suffix}", "paths.csv"]


def test_journeys_of_a_run(tmp_path: Path) -> None:
    """A channel that follows intent and causes nothing gets most of the credit of last touches."""
    file = tmp_path / "j.parquet"
    fs.simulate(fs.load("retargeting_trap", {"horizon": "26 w"}), replications=1, seed=3, journeys=file)
    told = json.loads(run(str(file), "--json").stdout)
    assert told["credit"]["last"]["share"]["retargeting"] > 0.5
    assert told["credit"]["shapley_rate"]["share"]["retargeting"] < 0.1


def test_a_narrow_terminal_sums_up_the_small_ones(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("path,converted\n" + "".join(f"channel {at} > channel {at + 1},{40 - at}\n" for at in range(30)))
    shown = run(str(file), "--models", "linear", width=60)
    assert max(map(len, shown.stdout.splitlines())) <= 60
    assert "others" in shown.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--models", "frist"], "--models: there is no model 'frist'; did you mean first?"),
        (["--models", "time_decay"], "time_decay: it needs the times of touches"),
        (["--models", "last_not_direct"], "last_not_direct: no channel 'direct'; known are mail, search"),
        (["--column", "prospect"], "--column prospect: found no name=name"),
        (["--column", "value=worth"], "paths: worth: there is no such column; the table has path, converted"),
        (["--out", "credit.xlsx"], "credit.xlsx: the name must end in .nc or .parquet or .csv"),
    ],
)
def test_bad_input_is_said_in_words(paths: Path, words: list[str], says: str) -> None:
    shown = run(str(paths), *words)
    assert shown.exit_code == 2
    assert says in shown.stderr
    assert shown.stdout == ""


@pytest.mark.parametrize(
    ("name", "text", "code", "says"),
    [
        ("nothing.csv", None, 1, "there is no such file"),
        ("touches.xlsx", "", 2, "found another kind of file; it must be one of .parquet, .csv"),
        ("empty.csv", "", 2, "it cannot be read"),
        ("fake.parquet", "no parquet", 2, "it cannot be read"),
        ("words.csv", "path,converted\na > b,many\n", 2, "paths: a count is not a number"),
        ("short.csv", "path,converted\na > b\n", 2, "it cannot be read"),
    ],
)
def test_a_file_that_is_none_is_said_in_words(
    tmp_path: Path, name: str, text: str | None, code: int, says: str
) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    shown = run(str(file))
    assert (shown.exit_code, shown.stdout) == (code, "")
    assert says in shown.stderr


def test_intervals_are_shown_and_told(paths: Path) -> None:
    words = [str(paths), "--models", "linear", "--interval", "90", "--resamples", "50"]
    shown = run(*words)
    assert "90% intervals of 50 draws" in shown.stderr
    told = json.loads(run(*words, "--json").stdout)["credit"]["linear"]
    low, high = told["share_interval"]["search"]
    assert low < told["share"]["search"] < high
    assert f"{100 * told['share']['search']:.1f} ({100 * low:.1f} to {100 * high:.1f})" in shown.stdout


def test_halves_are_told(paths: Path) -> None:
    """As the library has them; where nothing is left to compare, a dash and null."""
    words = [str(paths), "--models", "linear,shapley_rate", "--halves", "5", "--seed", "3"]
    expected = stability(open_journeys(paths), [Linear(), ShapleyRate()], splits=5, seed=3)
    told = json.loads(run(*words, "--json").stdout)["halves"]
    assert (told["splits"], told["seed"], told["units"]) == (5, 3, "1")
    lines = {line.split()[0]: line.split()[1:] for line in run(*words).stdout.splitlines()[5:] if line.strip()}
    assert lines["halves"] == ["apart", "(%)", "mean", "of", "5", "largest"]
    for model in ("linear", "shapley_rate"):
        own = [float(expected[name].sel(model=model)) for name in ("mean_apart", "largest_apart")]
        assert list(told["by_model"][model].values()) == own
        assert lines[model] == [f"{100 * each:.1f}" for each in own]
    paths.write_text("path,converted,lost\na > b,0,9\n")
    words = [str(paths), "--models", "linear", "--halves", "3"]
    assert json.loads(run(*words, "--json").stdout)["halves"]["by_model"]["linear"]["mean_apart"] is None
    assert run(*words).stdout.splitlines()[-2].split() == ["linear", "-", "-"]


def test_credit_is_drawn(paths: Path, tmp_path: Path) -> None:
    marks = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for suffix, mark in marks.items():
        plot = tmp_path / f"credit.{suffix}"
        shown = run(str(paths), "--plot", str(plot))
        assert shown.exit_code == 0, shown.output
        assert plot.read_bytes().startswith(mark)
        assert f"wrote {plot}" in shown.stderr


def test_the_picture_shows_the_models_that_are_named(paths: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attribution import plots

    asked: list[list[str] | None] = []

    def noted(credits: xr.Dataset, models: list[str] | None) -> Figure:
        asked.append(models)
        return Figure()

    monkeypatch.setattr(plots, "picture", noted)
    named = "first,last,linear,markov_1,markov_2,markov_3,markov_4"
    for words in ([], ["--models", named]):
        assert run(str(paths), *words, "--plot", str(paths.with_suffix(".png"))).exit_code == 0
    assert asked == [None, named.split(",")]


@pytest.mark.parametrize(
    ("target", "says"),
    [("credit.jpg", "the name must end in .png or .svg or .pdf"), ("no/credit.png", "there is no folder")],
)
def test_a_picture_that_cannot_be_written_is_refused_before_anything_is_read(
    tmp_path: Path, target: str, says: str
) -> None:
    shown = run(str(tmp_path / "nothing.csv"), "--plot", str(tmp_path / target))
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert says in shown.stderr


def test_groups_have_a_table_each(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(
        "user,time,channel,conversion,segment\n"
        "1,1.0,mail,0,small\n1,2.0,ads,1,small\n2,1.0,mail,1,large\n3,1.0,mail,0,large\n"
    )
    words = [str(file), "--column", "prospect=user", "--models", "last,shao_li", "--by", "segment"]
    lines = [line.strip() for line in run(*words).stdout.splitlines() if line.strip()]
    assert [line for line in lines if line.startswith("segment")] == ["segment large", "segment small"]
    assert [line.split() for line in lines if line.startswith("last")] == [
        ["last", "100.0", "0.0"],  # mail, ads
        ["last", "0.0", "100.0"],
    ]
    told = json.loads(run(*words, "--json").stdout)
    assert told["by"] == "segment"
    assert told["credit"]["small"]["last"]["share"] == {"ads": 1.0, "mail": 0.0}
    assert told["credit"]["small"]["shao_li"]["share"] == {"ads": None, "mail": None}
    refused = run(*words, "--plot", str(tmp_path / "c.png"))
    assert (refused.exit_code, "leave --by or --plot out" in refused.stderr) == (2, True)


def test_the_first_time_it_says_that_it_compiles(paths: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attribution import jit

    said = "compiling the credit models for this machine, once"
    monkeypatch.setattr(jit, "is_cold", lambda: True)
    assert said in run(str(paths), "--models", "first").stderr
    assert said not in run(str(paths), "--models", "first", "--json").stderr
    monkeypatch.setattr(jit, "is_cold", lambda: False)
    assert said not in run(str(paths), "--models", "first").stderr


def test_a_chain_that_does_not_come_to_rest_is_said_in_words(paths: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attribution.models import chains

    monkeypatch.setattr(chains, "ROUNDS", 1)
    shown = run(str(paths), "--models", "markov_2")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "the chain of order 2 had not come to rest after 1 rounds" in shown.stderr
