"""Any scenario at all: the kernel counts what its trace says, and its results can be shown and kept."""

import io
import os
from contextlib import ExitStack

import numpy as np
from hypothesis import given, settings
from rich.console import Console
from strategies import Tree, scenario_of, scenarios

from funnelsim.engines.recount import recount
from funnelsim.engines.run import run_kernel
from funnelsim.engines.tallies import DIMENSIONS
from funnelsim.faces.document import document
from funnelsim.faces.tables import show
from funnelsim.plan.compile import compile_scenario
from funnelsim.results.dataset import dataset_of
from funnelsim.results.heat import Heat
from funnelsim.results.run import Run
from funnelsim.results.summary import summary
from funnelsim.results.traced import Traced
from funnelsim.results.views import view_summary

EXAMPLES = 1000 if os.environ.get("FUNNELSIM_LONG", "") == "1" else 120


@settings(max_examples=EXAMPLES)
@given(scenarios())
def test_any_scenario_is_counted_and_shown(tree: Tree):
    scenario = scenario_of(tree)
    compiled = compile_scenario(scenario, expected=True)
    outcome = run_kernel(compiled.plan, seed=7, replications=2, threads=1, trace=True)
    again = recount(compiled.plan, outcome.traces, seed=7)
    for count in DIMENSIONS:
        np.testing.assert_array_equal(outcome.tally[count], again[count], err_msg=count)

    heat = Heat(scenario, compiled, 7)
    for replication, trace in enumerate(outcome.traces):
        heat.add(replication, trace)
    within, broken = (outcome.tally[name].sum(axis=1) for name in ("within_sla", "breaches"))
    for name, counted in (("sla_judged_by_hour", within + broken), ("sla_broken_by_hour", broken)):
        np.testing.assert_array_equal(heat.variables()[name][1].sum(axis=(2, 3)), counted, err_msg=name)

    ds = dataset_of(Run(scenario, compiled, outcome.tally.arrays, 7, 0, "kernel"))
    busy = ds["utilisation_by_bucket"].values
    assert np.nanmax(busy, initial=0) <= 1 + 1e-9
    assert (ds["busy"].sum("team") >= 0).all()
    found = summary(ds)
    owners = view_summary(ds, "owner")
    for width, view in ((40, None), (120, None), (40, owners), (120, owners)):
        screen = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
        show(ds, found, screen, view)
        assert max(len(line) for line in screen.file.getvalue().splitlines()) <= width
    assert document(ds, found, owners)["totals"]
    told = Traced(ExitStack(), {}, True, scenario, compiled, 7)
    for number, trace in enumerate(outcome.traces):
        told.write(number, trace)
    assert (told.added_to(ds)["engagements"] >= told.added_to(ds)["anonymous_engagements"]).all()
