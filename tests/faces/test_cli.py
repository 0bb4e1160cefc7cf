"""The command line answers in words, with the exit code that fits, and leaves no files by half."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces import cli

SCENARIO = """\
# yaml-language-server: $schema=x.json
name: a [bold]bracketed[/bold] name
start: 2026-01-05
horizon: 4 w
bucket: week
channels:
  ads: {arrivals: {rate: 20 / d}, cost: {per_lead: 5}}
  mail: {arrivals: {rate: 2 / d}}
stages:
  call: {team: sdr, duration: {exponential: {mean: 20 min}}, exits: {won: 50%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
segments: {all: {share: 1, deal_value: 100}}
views:
  steps: {"Talk & think": [call], Closed: [won, lost]}
teams:
  sdr: {reps: 1, hours: mon-fri 9-17, salary: 3000 / mo}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture
def replaying(file):
    """A scenario that replays a list whose channels have names of all kinds."""
    (file.parent / "list.csv").write_text("when,from\n2026-01-06,[red]ads\n2026-01-07,\x9b31m[link=x]\n")
    replay = "{replay: {file: list.csv, columns: {time: when, channel: from}}}"
    file.write_text(SCENARIO.replace("{arrivals: {rate: 2 / d}}", f"{{arrivals: {replay}}}"))
    return file


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def program(*arguments, **kwargs):
    """The program itself, in a process of its own."""
    environment = {**os.environ, **kwargs.pop("env", {})}
    command = [sys.executable, "-m", "funnelsim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, **kwargs)


def test_a_run_prints_its_funnel(file):
    found = run("run", file, "-n", 5)
    assert found.exit_code == 0, found.output
    for word in ("call", "[bold]bracketed[/bold]", "±", "wins", "(%)", "USD", "utilisation"):
        assert word in found.stdout, word
    assert "bottleneck" in found.stdout
    assert "5 replications" in found.stdout


def test_the_same_command_prints_the_same_funnel(file):
    command = ("run", file, "-n", 4, "--seed", 9)
    assert run(*command).stdout == run(*command, "--threads", 2).stdout
    assert run(*command).stdout != run("run", file, "-n", 4, "--seed", 10).stdout


def test_json_holds_the_numbers_of_python(file):
    found = run("run", file, "-n", 4, "--seed", 9, "--json")
    said = json.loads(found.stdout)
    ds = fs.simulate(fs.load(file), replications=4, seed=9)
    wins = fs.interval(ds["wins"])
    got = said["totals"]["wins"]
    assert [got["value"], got["low"], got["high"]] == pytest.approx([float(wins[k]) for k in ("mean", "low", "high")])
    assert got["unit"] == "deals"
    assert said["run"]["seed"] == 9
    assert said["stages"][0]["utilisation"]["unit"] == "%"
    assert said["stages"][1]["utilisation"] is None


def test_a_view_tells_the_funnel_in_its_words(file):
    found = run("run", file, "-n", 4, "--view", "steps")
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert sum(line.startswith(" Talk & think") for line in lines) == 2
    assert next(line.split()[-2:] for line in lines if line.startswith(" Closed")) == ["won,", "lost"]
    for word in ("steps", "reached", "conversion", "in process", "(prospects)", "Funnel:", "Pipeline:", "wins"):
        assert word in found.stdout, word
    assert "median time" not in found.stdout


def test_json_holds_a_view_that_was_asked_for(file):
    said = json.loads(run("run", file, "-n", 4, "--seed", 9, "--json", "--view", "steps").stdout)
    assert [word["word"] for word in said["view"]["words"]] == ["Talk & think", "Closed"]
    told = fs.in_words(fs.simulate(fs.load(file), replications=4, seed=9), "steps").mean("replication")
    talk, closed = said["view"]["words"]
    assert closed["stages"] == ["won", "lost"]
    assert talk["funnel"]["reached"]["value"] == pytest.approx(float(told["reached"][0]))
    assert talk["funnel"]["conversion"]["value"] == pytest.approx(100 * float(told["reached"][1] / told["reached"][0]))
    assert talk["pipeline"]["in_process"]["value"] == pytest.approx(float(told["work_in_process"][0]))
    assert closed["pipeline"]["in_process"] is None
    assert talk["funnel"]["reached_at_most"] is None
    assert "view" not in json.loads(run("run", file, "-n", 1, "--json").stdout)


def test_one_replication_has_no_interval(file):
    said = json.loads(run("run", file, "-n", 1, "--json").stdout)
    assert said["totals"]["wins"]["low"] is None
    assert "±" not in run("run", file, "-n", 1).stdout


def test_settings_change_the_scenario(file):
    few = json.loads(run("run", file, "-n", 3, "--json").stdout)
    many = json.loads(run("run", file, "-n", 3, "--json", "--set", "channels.mail.arrivals.rate=50 / d").stdout)
    assert many["totals"]["prospects"]["value"] > 2 * few["totals"]["prospects"]["value"]


def test_quiet_says_nothing_and_writes_its_files(file, tmp_path):
    targets = [tmp_path / name for name in ("r.nc", "t.parquet", "p.png")]
    options = [x for pair in zip(("--out", "--trace", "--plot"), targets, strict=True) for x in pair]
    found = run("run", file, "-n", 2, "--quiet", *options)
    assert (found.exit_code, found.output) == (0, "")
    assert all(path.stat().st_size > 1000 for path in targets)
    assert fs.open_result(targets[0]).attrs["replications"] == 2
    assert sorted(os.listdir(tmp_path)) == sorted(["mine.yaml", "r.nc", "t.parquet", "p.png"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "b2b_sas"], "did you mean b2b_saas"),
        (["run", "{file}", "--set", "teams.sdr.rep=2"], "did you mean"),
        (["run", "{file}", "--set", "teams.sdr.reps"], "write --set teams.sdr.reps=6"),
        (["run", "{file}", "--set", "teams.sdr.reps=many"], "teams.sdr.reps"),
        (["run", "{file}", "--out", "r.csv"], "must end in .nc"),
        (["run", "{file}", "--plot", "p.bmp"], "must end in .png or .svg or .pdf"),
        (["run", "{file}", "--heat", "p.bmp"], "must end in .png or .svg or .pdf"),
        (["run", "{file}", "--heat", "p.png"], "no stage has an SLA"),
        (["run", "{file}", "--out", "nowhere/r.nc"], "there is no folder nowhere"),
        (["run", "{file}", "-n", "0"], "--replications"),
        (["run", "{file}", "--seed", "-1"], "--seed"),
        (["run", "{file}", "--engine", "magic"], "magic"),
        (["run", "{file}", "--threads", "0"], "--threads"),
        (["run", "{file}", "--colour"], "--colour"),
        (["run", "{file}", "--view", "stepps"], "this scenario has steps, owner. Did you mean steps?"),
        (["run", "{file}", "--view", "zone", "--quiet"], "there is no such view"),
        (["check", "{file}", "--set", "views.steps.Closed=[won]"], "no word covers lost"),
        (["check", "{file}", "--set", "horizon=4 mo w"], "horizon"),
        (["init", "nothing"], "no such"),
        (["walk"], "walk"),
    ],
)
def test_bad_input_is_said_in_words_and_ends_with_2(arguments, said, file):
    found = program(*[argument.format(file=file) for argument in arguments])
    assert found.returncode == 2
    assert said.lower() in found.stderr.lower()
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_all_problems_of_a_scenario_are_told_at_once(file):
    file.write_text(SCENARIO.replace("4 w", "4 weeks").replace("50%", "150%"))
    found = run("check", file)
    assert found.exit_code == 2
    assert "2 problems" in found.stderr
    assert f"{file.name}:4" in found.stderr


def test_a_sound_scenario_is_called_fine(file):
    found = run("check", file)
    assert found.exit_code == 0
    assert "is fine" in found.stdout


def test_piped_output_is_plain_text_of_fixed_width(file):
    found = program("run", file, "-n", 2, env={"COLUMNS": "", "TERM": "xterm-256color"})
    assert found.returncode == 0
    assert "\x1b" not in found.stdout + found.stderr
    assert max(len(line) for line in found.stdout.splitlines()) <= 120
    assert found.stdout.isascii() is False


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_nothing_is_cut_off_on_a_narrow_terminal(file, width):
    found = program("run", file, "-n", 3, env={"COLUMNS": str(width)})
    assert max(len(line) for line in found.stdout.splitlines()) <= width
    assert "…" not in found.stdout
    for word in ("entered", "median time", "within SLA" if "SLA" in SCENARIO else "utilisation", "revenue"):
        assert word in found.stdout


@pytest.mark.parametrize("width", [30, 40, 50, 60, 120])
def test_a_view_is_not_cut_off_on_a_narrow_terminal(file, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    shown = run("run", file, "-n", 3, "--view", "steps").stdout
    assert max(len(line) for line in shown.splitlines()) <= width
    assert "…" not in shown
    for word in ("Talk & think", "Closed", "reached", "conversion", "entered", "in process"):
        assert word in shown


def test_a_terminal_without_our_letters_gets_others(file):
    found = program("run", file, "-n", 2, env={"PYTHONIOENCODING": "ascii"})
    assert found.returncode == 0
    assert "+/-" in found.stdout


def test_names_are_shown_as_they_are_and_obeyed_by_nobody(replaying, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")  # narrower tables break long names into two lines
    found = run("run", replaying, "-n", 2)
    assert found.exit_code == 0, found.output
    assert "[red]ads" in found.stdout
    assert "[link=x]" in found.stdout
    assert "\x9b" not in found.output
    assert "2 leads read" in found.stdout


def test_an_interrupt_leaves_with_130_and_no_file_by_half(file, tmp_path):
    command = [
        sys.executable,
        "-m",
        "funnelsim",
        "run",
        str(file),
        "-n",
        "1000000",
        "--trace",
        str(tmp_path / "t.parquet"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and not list(tmp_path.glob(".funnelsim-*")):
        time.sleep(0.2)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    assert os.listdir(tmp_path) == ["mine.yaml"]


def test_a_reader_who_has_seen_enough_gets_no_complaint(file):
    command = f"{sys.executable} -m funnelsim run {file} -n 2 | head -1"
    found = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=300)
    assert found.stderr == ""


def test_the_shelf_is_listed_by_name():
    found = run("list")
    assert found.exit_code == 0
    assert "b2b_saas" in found.stdout
    assert "textbook/mm1" in found.stdout


def test_a_copy_of_a_shipped_scenario_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run("init", "mm1", "my.yaml")
    assert found.exit_code == 0, found.output
    first = Path("my.yaml").read_text().splitlines()[0]
    schema = first.partition("$schema=")[2]
    assert (tmp_path / schema).resolve().name == "scenario.schema.json"
    assert (tmp_path / schema).resolve().is_file()
    assert run("check", "my.yaml").exit_code == 0
    again = run("init", "mm1", "my.yaml")
    assert again.exit_code == 2
    assert "my.yaml is there already" in again.stderr


def test_a_copy_brings_the_lists_it_replays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run("init", "lead_replay")
    assert found.exit_code == 0, found.output
    assert len(os.listdir(tmp_path)) == 2
    assert run("check", "lead_replay.yaml").exit_code == 0


def test_the_schema_is_one_json_document():
    assert json.loads(run("schema").stdout)["type"] == "object"


def test_help_shows_examples():
    assert "funnelsim run b2b_saas" in run("--help").stdout
    assert "--set" in run("run", "--help").stdout
    assert "funnelsim run b2b_saas --view AIDA" in run("run", "--help").stdout
