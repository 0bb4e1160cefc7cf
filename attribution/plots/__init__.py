"""Pictures of credit and of journeys. They take what was computed and optional Axes, return Axes, and compute nothing.

Drawing is loaded when something is drawn. Names of channels stay text, whatever they hold.
"""

from attribution.plots.bars import credit_bars
from attribution.plots.graph import markov_graph
from attribution.plots.matrix import disagreement_matrix
from attribution.plots.paths import path_lengths, time_to_conversion
from attribution.plots.picture import picture
from attribution.plots.ranks import rank_changes
from attribution.plots.removal import removal_effects

__all__ = [
    "credit_bars",
    "disagreement_matrix",
    "markov_graph",
    "path_lengths",
    "picture",
    "rank_changes",
    "removal_effects",
    "time_to_conversion",
]
