"""Credit models by the names that stand at a command line."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from funnelsim.faces.answers import RequestError

if TYPE_CHECKING:
    from attribution.models import CreditModel


def chosen(names: str) -> "list[CreditModel] | None":
    """The models of some labels with commas between; None for all."""
    return None if names == "all" else _named(names, "--models")


def pair(names: str) -> "tuple[CreditModel, CreditModel]":
    """Two models whose labels stand with a comma between."""
    found = _named(names, "--disagree")
    if len(found) != 2 or found[0].label == found[1].label:
        raise RequestError(f"--disagree {names}: name two different models with a comma between, as last,first")
    return found[0], found[1]


def _named(names: str, option: str) -> "list[CreditModel]":
    from attribution.models import ALL, FITTED, LastNot

    known: dict[str, Any] = {model.label: model for model in (*ALL, *FITTED)}
    out: list[CreditModel] = []
    for name in (each.strip() for each in names.split(",")):
        if name.startswith("last_not_"):
            out.append(LastNot(name.removeprefix("last_not_")))
        elif name in known:
            out.append(known[name])
        else:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}, last_not_CHANNEL"
            raise RequestError(f"{option}: there is no model {name!r}; {hint}")
    return out
