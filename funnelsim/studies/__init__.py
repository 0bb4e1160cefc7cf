"""Questions that people ask of a simulation."""
