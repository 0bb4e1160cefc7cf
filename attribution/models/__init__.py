"""Credit models, and the list of those that are run when nobody names any."""

from attribution.models.additive_hazard import AdditiveHazard
from attribution.models.causal_hazard import CausalHazard
from attribution.models.chain_orders import choose_order
from attribution.models.credit import Credit, CreditModel
from attribution.models.fitted_games import game_of
from attribution.models.heuristics import (
    FULL_PATH,
    INVERSE_J,
    J_SHAPED,
    LEAD_CREATION,
    U_HUBSPOT,
    U_MARKETO,
    W_SHAPED,
    First,
    Last,
    LastNot,
    Linear,
    LinearDistinct,
    Milestone,
    Participation,
    Position,
    TimeDecay,
)
from attribution.models.leave_one_out import LeaveOneOut
from attribution.models.logistic import BaggedLogistic
from attribution.models.markov import Markov
from attribution.models.markov_chosen import MarkovChosen
from attribution.models.removal import removal_effects
from attribution.models.shao import ShaoLi
from attribution.models.shapley import Shapley, ShapleyOrdered, ShapleyRate
from attribution.models.shapley_game import ShapleyGame
from attribution.models.transition_matrix import transitions

__all__ = [
    "ALL",
    "FITTED",
    "FULL_PATH",
    "INVERSE_J",
    "J_SHAPED",
    "LEAD_CREATION",
    "U_HUBSPOT",
    "U_MARKETO",
    "W_SHAPED",
    "AdditiveHazard",
    "BaggedLogistic",
    "CausalHazard",
    "Credit",
    "CreditModel",
    "First",
    "Last",
    "LastNot",
    "LeaveOneOut",
    "Linear",
    "LinearDistinct",
    "Markov",
    "MarkovChosen",
    "Milestone",
    "Participation",
    "Position",
    "ShaoLi",
    "Shapley",
    "ShapleyGame",
    "ShapleyOrdered",
    "ShapleyRate",
    "TimeDecay",
    "choose_order",
    "game_of",
    "removal_effects",
    "transitions",
]

ALL: tuple[CreditModel, ...] = (
    First(),
    Last(),
    Linear(),
    LinearDistinct(),
    Position(),
    J_SHAPED,
    INVERSE_J,
    TimeDecay(),
    Participation(),
    LEAD_CREATION,
    U_MARKETO,
    U_HUBSPOT,
    W_SHAPED,
    FULL_PATH,
    Markov(1),
    Markov(2),
    Markov(3),
    Markov(4),
    Shapley(),
    ShapleyOrdered(),
    ShapleyRate(),
    ShaoLi(),
    LeaveOneOut(),
)
"""What `credit` runs by default; those that journeys do not suffice for are named with the reason."""

FITTED: tuple[CreditModel, ...] = (MarkovChosen(), BaggedLogistic(), AdditiveHazard(), CausalHazard())
"""Models that are fitted by rounds, or to parts of the journeys: run where they are named."""
