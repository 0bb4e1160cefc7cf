"""The weight of the mode in a PERT distribution."""

PERT_WEIGHT = 4.0
