"""Every model is explained, with its parameters; and what it is explained to do is what it does."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import attribution
from attribution.comparison import CAVEAT
from attribution.explanation import Explanation, explain
from attribution.journeys import from_paths
from attribution.models import (
    ALL,
    FITTED,
    CreditModel,
    LastNot,
    Linear,
    Markov,
    Milestone,
    Position,
    ShapleyRate,
    TimeDecay,
)

MODELS = [*ALL, *FITTED, LastNot()]
NEEDED = {
    "time": ("days",),
    "milestones": ("shares of its places",),
    "lost": ("rate", "journeys"),
}
"""Words of a formula of models that need something, one of which it holds."""


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.label)
def test_every_model_is_explained(model: CreditModel) -> None:
    found = explain(model)
    assert found.name == model.label
    assert found.caveat == CAVEAT
    for each in fields(Explanation):
        text = getattr(found, each.name)
        assert text.strip() == text != ""
        assert not re.search(r"[{}]|  +[^ ]", text) or each.name == "formula", text
    assert re.search(r"\b(19|20)\d\d\b", found.source)
    for need in model.needs:
        assert any(word in found.formula for word in NEEDED[need]), (need, found.formula)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.label)
def test_it_prints_in_eighty_columns(model: CreditModel) -> None:
    lines = str(explain(model)).splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(str(explain(model)).split()).endswith(CAVEAT)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.label)
def test_a_label_explains_the_same(model: CreditModel) -> None:
    assert explain(model.label) == explain(model)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (TimeDecay(), "7 days"),
        (TimeDecay(0.5), "0.5 days"),
        (Position(), "n = 2: x(first) = 50%, x(last) = 50%"),
        (Position(), "first gets 40%, the last 40%, and those between share 20%"),
        (Position(0.2, 0.6, True), "n = 2: x(first) = 30%, x(last) = 70%"),
        (Markov(2), "last 2 touches"),
        (Markov(1), "inv(I - Q)"),
        (ShapleyRate(500, 3), "500 orders are drawn with seed 3"),
        (LastNot("brand"), "not 'brand'"),
        (Milestone((("lead", 0.6), ("close", 0.4)), "", "mine"), "lead 60%, last touch before the close 40%"),
        (Milestone((("first", 0.5),), "sql", "mine"), "The other 50% are shared by the other touches up to sql."),
    ],
)
def test_parameters_show(model: CreditModel, says: str) -> None:
    assert says in " ".join(str(explain(model)).split())


def test_what_is_said_of_two_touches_is_what_is_done() -> None:
    for model in (Position(), Position(0.1, 0.5), Position(0.3, 0.6, True)):
        said = re.search(r"n = 2: x\(first\) = ([\d.]+)%, x\(last\) = ([\d.]+)%", explain(model).formula)
        assert said is not None
        done = 100 * model.credit(from_paths(["a > b"])).conversions
        np.testing.assert_allclose([float(each) for each in said.groups()], done, rtol=1e-5)


def test_names_and_classes() -> None:
    assert attribution.explain(Markov) == explain("markov") == explain("markov_1")
    assert attribution.explain is explain  # a module of that name would hide it
    assert explain("markov_7").definition == explain(Markov(7)).definition
    assert explain("last_not_paid search") == explain(LastNot("paid search"))
    with pytest.raises(AttributeError):
        explain(Linear).name = "other"  # type: ignore[misc]


@dataclass(frozen=True)
class Mine(CreditModel):
    """Somebody else's model."""

    name = "linearr"
    weight: float


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("marcov_2", r"explain: there is no model 'marcov_2'; the nearest is markov_2; known are first, last"),
        ("markov_0", r"there is no model 'markov_0'; the nearest is markov_"),
        ("last_not_", r"there is no model 'last_not_'"),
        ("", r"there is no model ''; the nearest is "),
        (Mine(1.0), r"explain: linearr is none of this project's models; the nearest is linear;"),
        (Mine, r"explain: Mine has no defaults"),
        (3, r"explain: 3 is none of this project's models"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(asked: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        explain(asked)  # type: ignore[arg-type]


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.add(tag)


def test_notebooks_show_names_and_do_not_run_them() -> None:
    found = explain(LastNot("<script>x</script> a_b*c|`d"))
    assert Tags(found._repr_html_()).found == {"h4", "dl", "dt", "b", "dd", "pre", "p", "em"}
    shown = found._repr_markdown_()
    assert r"\<script\>x\</script\> a\_b\*c\|\`d" in shown
    assert not re.search(r"(?<!\\)[<|`]", shown)
    assert f"*{CAVEAT}*" in shown


def test_the_page_on_attribution_tells_of_every_model() -> None:
    page = (Path(__file__).parents[2] / "docs" / "attribution.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)`", page, re.MULTILINE)
    assert [model.label for model in (*ALL, *FITTED) if model.label not in rows] == []
    assert CAVEAT in " ".join(page.split())
