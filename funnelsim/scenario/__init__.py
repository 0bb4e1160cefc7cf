"""What people write: scenario files, read, checked and frozen."""

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.loading import load, loads
from funnelsim.scenario.model import Scenario

__all__ = ["Problem", "Scenario", "ScenarioError", "load", "loads"]
