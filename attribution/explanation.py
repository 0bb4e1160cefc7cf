"""What a credit model says, from where, what it assumes and when it is wrong: `attribution.explain(model)`.

The words stand in `attribution.texts`; here they are found, filled in with a model's parameters, and shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from textwrap import fill, indent

from attribution.comparison import CAVEAT
from attribution.models import ALL, FITTED, CreditModel, LastNot, Markov
from attribution.texts import TEXTS, words_of

WIDTH = 80
MARKED = "\\`*_[]<>|$~#&"
"""What Markdown would read as more than itself."""


@dataclass(frozen=True)
class Explanation:
    """What there is to say of a credit model with its parameters. `print` shows it in 80 columns."""

    name: str
    definition: str
    formula: str
    """One or more lines; x is what a touch or a channel is credited, of one conversion unless it says otherwise."""
    source: str
    assumes: str
    wrong_when: str
    caveat: str = CAVEAT
    """What holds of every model: credit is not incremental effect."""

    def __str__(self) -> str:
        parts = [f"{self.name}\n{'=' * len(self.name)}"]
        for title, text in self._parts():
            body = indent(text, "  ") if title == "Formula" else fill(text, WIDTH - 2)
            parts.append(f"{title}\n{body if title == 'Formula' else indent(body, '  ')}")
        return "\n\n".join([*parts, fill(self.caveat, WIDTH)])

    def _repr_markdown_(self) -> str:
        parts = [f"### {_marked(self.name)}"]
        for title, text in self._parts():
            # Four spaces make code of a line whatever it holds; a fence could be closed by a channel's name.
            parts.append(f"**{title}**\n\n" + (indent(text, "    ") if title == "Formula" else _marked(text)))
        return "\n\n".join([*parts, f"*{_marked(self.caveat)}*"])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<dt><b>{title}</b></dt><dd>{f'<pre>{escape(text)}</pre>' if title == 'Formula' else escape(text)}</dd>"
            for title, text in self._parts()
        )
        return f"<h4>{escape(self.name)}</h4><dl>{rows}</dl><p><em>{escape(self.caveat)}</em></p>"

    def _parts(self) -> Iterator[tuple[str, str]]:
        yield "Definition", self.definition
        yield "Formula", self.formula
        yield "Source", self.source
        yield "Assumes", self.assumes
        yield "Wrong when", self.wrong_when


def explain(model: CreditModel | type[CreditModel] | str) -> Explanation:
    """What there is to say of a credit model: one with its parameters, a class (its defaults) or a label as "markov_2".

    Raises ValueError where there is no such model, or none that this project knows, with the nearest name.
    """
    if isinstance(model, str):
        model = _labelled(model)
    elif isinstance(model, type) and issubclass(model, CreditModel):
        model = _made(model)
    if type(model) not in TEXTS:
        name = model.label if isinstance(model, CreditModel) else repr(model)
        raise ValueError(f"explain: {name} is none of this project's models; {_near(name)}")
    text, words = TEXTS[type(model)], words_of(model)
    filled = (each.format(**words) for each in (text.definition, text.formula, text.assumes, text.wrong_when))
    definition, formula, assumes, wrong_when = filled
    return Explanation(model.label, definition, formula, text.source, assumes, wrong_when)


def _labelled(label: str) -> CreditModel:
    """The model of a label, or the one of a name with its defaults."""
    known = {model.label: model for model in (*ALL, *FITTED)}
    if label in known:
        return known[label]
    if label.startswith("last_not_") and label != "last_not_":
        return LastNot(label.removeprefix("last_not_"))
    order = label.removeprefix("markov_")
    if label != order and order.isascii() and order.isdigit() and int(order) > 0:
        return Markov(int(order))
    for kind in TEXTS:
        if label == kind.name:
            return _made(kind)
    raise ValueError(f"explain: there is no model {label!r}; {_near(label)}")


def _made(kind: type[CreditModel]) -> CreditModel:
    try:
        return kind()
    except TypeError as error:
        raise ValueError(f"explain: {kind.__name__} has no defaults ({error}); give one with its parameters") from None


def _near(name: str) -> str:
    names = list(dict.fromkeys([*(model.label for model in (*ALL, *FITTED)), *(kind.name for kind in TEXTS)]))
    near = get_close_matches(name, names, 1, cutoff=0.0)
    return f"the nearest is {near[0]}; known are {', '.join(names)}, last_not_CHANNEL and markov_ORDER"


def _marked(text: str) -> str:
    return "".join(f"\\{each}" if each in MARKED else each for each in text)
