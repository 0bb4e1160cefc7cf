"""The bar appears only on a terminal, only after two seconds, and goes away."""

import io
import time

import pytest
from rich.console import Console

from funnelsim.faces import progress
from funnelsim.faces.progress import Meter, working


def console(terminal):
    return Console(file=io.StringIO(), force_terminal=terminal, width=80)


def test_a_long_run_shows_a_bar_with_the_time_left(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    screen = console(True)
    with Meter(10, screen) as meter:
        meter(3)
        time.sleep(0.3)
        meter(2)
        time.sleep(0.3)
    shown = screen.file.getvalue()
    assert "simulating" in shown
    assert "5/10" in shown
    assert "left" in shown
    assert meter.done == 5


@pytest.mark.parametrize(("terminal", "wanted"), [(False, True), (True, False)])
def test_no_bar_in_a_pipe_or_when_quiet(monkeypatch, terminal, wanted):
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    screen = console(terminal)
    with Meter(10, screen, wanted=wanted) as meter:
        time.sleep(0.2)
        meter(10)
    assert screen.file.getvalue() == ""


def test_a_short_run_shows_nothing():
    screen = console(True)
    with Meter(1, screen) as meter:
        meter(1)
    assert screen.file.getvalue() == ""


@pytest.mark.parametrize(
    ("terminal", "wanted", "said"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_what_is_being_done_is_said_on_a_terminal(terminal, wanted, said):
    screen = console(terminal)
    with working("reading touches.csv", screen, wanted):
        time.sleep(0.2)
    assert ("reading touches.csv" in screen.file.getvalue()) == (terminal and wanted)


def test_a_bar_names_what_it_counts(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    screen = console(True)
    with Meter(10, screen, doing="drawing prospects anew"):
        time.sleep(0.2)
    assert "drawing prospects anew" in screen.file.getvalue()
    assert "simulating" not in screen.file.getvalue()
