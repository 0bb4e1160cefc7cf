"""Laws that a credit model must keep, to be asked of any model, of this project or not.

from attribution.testing import check_model
print(check_model(my_model))

A model is a callable of `(paths, converted, lost, value)`: a path is a list of names of channels, the others are
numbers by path; it returns the credit by channel. `OfPaths` makes one of a CreditModel. A value of games is a callable
of what every set of channels is worth, by its bits; see `check_game`. Laws say what must hold of a model of a family,
not which model is right.
"""

from attribution.testing.adapter import OfPaths, families_of
from attribution.testing.games import GAME_LAWS, Game
from attribution.testing.law import Law, LawBroken
from attribution.testing.laws import FAMILIES, LAWS, laws_for
from attribution.testing.logs import Log, Row
from attribution.testing.report import Answer, Report, check_game, check_model

__all__ = [
    "FAMILIES",
    "GAME_LAWS",
    "LAWS",
    "Answer",
    "Game",
    "Law",
    "LawBroken",
    "Log",
    "OfPaths",
    "Report",
    "Row",
    "check_game",
    "check_model",
    "families_of",
    "laws_for",
]
