"""Attribution: credit for conversions, from journeys. It knows nothing of the simulator: they meet in one table.

from attribution import credit, from_events
print(credit(from_events(touches))["share"].to_pandas())
"""

from typing import Any

_AT = {
    "Journeys": "attribution.journeys",
    "JourneysError": "attribution.journeys",
    "as_table": "attribution.tidy",
    "choose_order": "attribution.models.chain_orders",
    "credit": "attribution.comparison",
    "credit_by_journey": "attribution.touches",
    "credit_by_touch": "attribution.touches",
    "disagreement": "attribution.comparison",
    "disagreement_by_journey": "attribution.disputes",
    "disagreement_in_words": "attribution.disputes",
    "explain": "attribution.explanation",
    "from_events": "attribution.journeys",
    "from_paths": "attribution.journeys",
    "game_of": "attribution.models.fitted_games",
    "in_pieces": "attribution.journeys",
    "read": "attribution.journeys",
    "removal_effects": "attribution.models.removal",
    "stability": "attribution.halves",
    "transitions": "attribution.models.transition_matrix",
}
__all__ = [
    "Journeys",
    "JourneysError",
    "as_table",
    "choose_order",
    "credit",
    "credit_by_journey",
    "credit_by_touch",
    "disagreement",
    "disagreement_by_journey",
    "disagreement_in_words",
    "explain",
    "from_events",
    "from_paths",
    "game_of",
    "in_pieces",
    "read",
    "removal_effects",
    "stability",
    "transitions",
]


def __getattr__(name: str) -> Any:
    """What the package offers, loaded when it is first asked for: the schema alone needs no compiler."""
    if name not in _AT:
        raise AttributeError(f"module 'attribution' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_AT[name]), name)
