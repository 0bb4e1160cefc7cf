"""Simulate marketing and sales funnels with limited capacity: `load` a scenario, `simulate` it, look at the dataset.

    import funnelsim as fs
    s = fs.load("b2b_saas")
    ds = fs.simulate(s, replications=1000, seed=7)
    fs.interval(ds["wins"])

Names are imported when they are first used, so that importing this package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funnelsim import plots
    from funnelsim.core.problems import Problem, ScenarioError
    from funnelsim.faces.report.page import report
    from funnelsim.results.files import open_result, save_result
    from funnelsim.results.intervals import interval, ratio_interval
    from funnelsim.results.simulate import simulate
    from funnelsim.results.views import in_words
    from funnelsim.scenario.loading import changed, load, loads
    from funnelsim.scenario.model import Scenario
    from funnelsim.scenario.policies import Policy
    from funnelsim.studies.compare import compare
    from funnelsim.studies.diagnosis import diagnose
    from funnelsim.studies.forecast import forecast
    from funnelsim.studies.precise import simulate_until
    from funnelsim.studies.search import search
    from funnelsim.studies.seek import seek
    from funnelsim.studies.sobol import sobol
    from funnelsim.studies.sweep import sweep
    from funnelsim.studies.tornado import tornado
    from funnelsim.studies.turning import turning_points
    from funnelsim.studies.uncertainty import uncertainty
    from funnelsim.studies.words import sentences

    __version__: str

_HOMES = {
    "Problem": "core.problems",
    "ScenarioError": "core.problems",
    "Scenario": "scenario.model",
    "Policy": "scenario.policies",
    "load": "scenario.loading",
    "changed": "scenario.loading",
    "loads": "scenario.loading",
    "simulate": "results.simulate",
    "simulate_until": "studies.precise",
    "interval": "results.intervals",
    "ratio_interval": "results.intervals",
    "in_words": "results.views",
    "report": "faces.report.page",
    "open_result": "results.files",
    "save_result": "results.files",
    "compare": "studies.compare",
    "diagnose": "studies.diagnosis",
    "sobol": "studies.sobol",
    "tornado": "studies.tornado",
    "turning_points": "studies.turning",
    "search": "studies.search",
    "seek": "studies.seek",
    "sweep": "studies.sweep",
    "forecast": "studies.forecast",
    "uncertainty": "studies.uncertainty",
    "sentences": "studies.words",
}

_ROOMS = ("plots",)
"""Rooms that are looked at as a whole, as `fs.plots.funnel`."""

__all__ = [
    "Policy",
    "Problem",
    "Scenario",
    "ScenarioError",
    "__version__",
    "changed",
    "compare",
    "diagnose",
    "forecast",
    "in_words",
    "interval",
    "load",
    "loads",
    "open_result",
    "plots",
    "ratio_interval",
    "report",
    "save_result",
    "search",
    "seek",
    "sentences",
    "simulate",
    "simulate_until",
    "sobol",
    "sweep",
    "tornado",
    "turning_points",
    "uncertainty",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("funnelsim")
        except PackageNotFoundError:
            return "0+unknown"
    if name in _ROOMS:
        return import_module(f"funnelsim.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'funnelsim' has no attribute {name!r}; it has {', '.join(__all__)}")
    found = getattr(import_module(f"funnelsim.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
