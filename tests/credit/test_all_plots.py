"""Every picture carries the caveat, and stays readable whatever channels are called."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from matplotlib import cbook, rc_context
from matplotlib import pyplot as plt
from matplotlib.text import Text

from attribution import plots
from attribution.comparison import CAVEAT, credit
from attribution.journeys import Journeys, from_paths
from attribution.models import ALL, First, ShaoLi
from attribution.plots import names

from .pictures import HOSTILE, drawn, every_picture, figure_of, timed, words


def test_every_chart_of_credit_says_that_credit_is_not_effect() -> None:
    found = every_picture(drawn(list("abcd")))
    assert {name for name, ax in found.items() if CAVEAT not in words(ax)} == {"lengths"}
    picture = figure_of(found["picture"])
    assert [CAVEAT in words(ax) for ax in picture.axes] == [True, True]


@pytest.mark.parametrize("channels", [HOSTILE, ["a"], [chr(0x10FFFF) * 40, "\ud7ff" * 40, "W" * 40]])
def test_nothing_leaves_the_sheet_or_lies_on_the_picture(channels: list[str]) -> None:
    for name, ax in every_picture(drawn(channels)).items():
        figure = figure_of(ax)
        # Another resolution than that at which lines were broken: letters are of other widths.
        figure.set_dpi(80)
        figure.draw_without_rendering()
        sheet, box = figure.bbox.padded(2), ax.get_window_extent()
        below = [ax.xaxis.label, *(each for each in ax.texts if each.get_gid() == "small print")]
        heights = [box.y0, *(end for each in below for end in each.get_window_extent().intervaly[::-1])]
        assert (np.diff(heights) < 1).all(), name
        # Lines of thirty letters are not broken, however narrow the Axes.
        notes = [each for each in below[1:] if max(map(len, each.get_text().splitlines())) > 30]
        assert all(each.get_window_extent().x1 <= box.x1 + 1 for each in notes), name
        for label in ax.get_yticklabels():
            assert label.get_window_extent().x1 <= box.x0, (name, label.get_text())
        # Ticks beyond the ends of an axis are there, but not drawn.
        low, high = sorted(ax.get_xlim())
        ticks = [each for each in ax.get_xticklabels() if low <= each.get_position()[0] <= high]
        for each in (*ax.texts, *ticks, *ax.get_yticklabels(), ax.xaxis.label, ax.title):
            extent = each.get_window_extent()
            inside = sheet.containsx(extent.x0) and sheet.containsx(extent.x1) and sheet.containsy(extent.y0)
            assert inside or not each.get_text(), (name, each.get_text())


def test_names_stay_text(tmp_path: Any) -> None:
    assert cbook.is_math_text(HOSTILE[0] + "$")
    for name, ax in every_picture(drawn(HOSTILE)).items():
        texts = [each.get_text() for each in ax.findobj(Text)]
        assert not any(cbook.is_math_text(each) for each in texts), name
        if name == "picture":
            for suffix in ("png", "svg", "pdf"):
                figure_of(ax).savefig(tmp_path / f"p.{suffix}")


def test_short_names_are_all_different() -> None:
    shown = names.texts(HOSTILE)
    assert len(set(shown)) == len(HOSTILE)
    assert shown[0] == r"\$a_{1}\$ costs \$5"
    assert shown[1:3] == HOSTILE[1:3]
    assert shown[3].endswith("2026_north")
    assert shown[4].endswith("2026_south")
    assert names.text(" ") == "' '"
    assert shown[10] == "two lines and a tab\\x00"
    assert all(len(each.replace("\\$", "$")) <= names.MOST for each in shown)
    alike = names.texts(["x" * 20 + middle + "y" * 20 for middle in "abc"])
    assert len(set(alike)) == 3


def test_letters_that_no_font_has_are_written_as_numbers() -> None:
    assert names.text("\U0001faf6 \x00") == "\\U0001faf6 \\x00"
    assert names.text("канал") == "канал"


def test_letters_of_another_font_are_looked_for() -> None:
    """STIX has no Arabic, a font that comes with Matplotlib has."""
    with rc_context({"font.family": ["STIXGeneral"]}):
        assert names.text("العربية") == "العربية"
        assert len(names.families(["العربية"])) == 2
        assert names.families(["plain"]) == ["STIXGeneral"]
        ax = plots.credit_bars(credit(drawn(["العربية", "b"]), [First()]))
        figure_of(ax).draw_without_rendering()


@pytest.mark.parametrize(
    "journeys",
    [
        from_paths(["a"]),
        from_paths(["a > a", "a"], [0, 0], [3, 4]),
        from_paths(["a > b", "c"], [0, 0], [3, 4]),
        from_paths([]),
    ],
)
def test_little_can_be_drawn_too(journeys: Journeys) -> None:
    for ax in every_picture(journeys).values():
        figure_of(ax).draw_without_rendering()
    assert "no conversion" in words(plots.credit_bars(credit(journeys, ALL[:2]))) or journeys.conversions


def test_times_of_no_conversion_are_said_to_be_none() -> None:
    ax = plots.time_to_conversion(timed([], lost=3))
    assert "no conversions" in words(ax)
    at_once = plots.time_to_conversion(timed([0.0, 0.0]))
    assert "50% within 0 hours" in words(at_once)
    for each in (ax, at_once):
        figure_of(each).draw_without_rendering()


def test_one_model_is_named_in_the_title_and_stands_alone() -> None:
    picture = plots.picture(credit(drawn(list("ab")), [ShaoLi()]))
    (ax,) = picture.axes
    assert "by shao_li" in ax.get_title(loc="left")


def test_no_figure_is_left_open() -> None:
    every_picture(drawn(list("ab")))
    assert plt.get_fignums() == []


def test_importing_pictures_loads_no_drawing() -> None:
    loaded = "{'matplotlib', 'numba', 'xarray', 'pandas', 'funnelsim'} & {*sys.modules}"
    code = f"import attribution.plots, sys; print(*{loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
