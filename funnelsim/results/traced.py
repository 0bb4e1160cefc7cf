"""What is made of each replication's trace while it is there: files, and numbers that no count holds."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.plan.compile import Compiled
from funnelsim.results import records, tracefile
from funnelsim.results.files import whole
from funnelsim.results.heat import Heat, has_promises
from funnelsim.results.journeys import journeys_of, schema_of
from funnelsim.results.paths import Paths
from funnelsim.results.records import Records
from funnelsim.results.run import Variable
from funnelsim.results.tablefile import TableFile
from funnelsim.scenario.model import Scenario


class Traced:
    """Takes one replication's trace after the other; `files` may name trace, journeys and records, and appear when
    `stack` is left. With `numbers` the numbers are wanted without any file."""

    def __init__(
        self,
        stack: ExitStack,
        files: Mapping[str, Path],
        numbers: bool,
        scenario: Scenario,
        compiled: Compiled,
        seed: int,
    ) -> None:
        self.scenario, self.compiled, self.seed = scenario, compiled, seed
        with_records = "records" in files or (numbers and scenario.records is not None)
        self.paths = Paths(compiled) if numbers or "journeys" in files else None
        self.records = Records(scenario, compiled, seed) if with_records else None
        with_heat = self.paths is not None and has_promises(scenario)
        self.heat = Heat(scenario, compiled, seed) if with_heat else None
        schemas = {"trace": tracefile.SCHEMA, "journeys": schema_of(scenario, seed), "records": records.SCHEMA}
        self.files = {
            name: stack.enter_context(TableFile(stack.enter_context(whole(path)), schemas[name]))
            for name, path in files.items()
        }

    def write(self, replication: int, trace: NDArray[np.void]) -> None:
        """Take in one replication."""
        if "trace" in self.files:
            self.files["trace"].append(tracefile.trace_table(self.compiled, replication, trace))
        if self.paths is None and self.records is None:
            return
        journeys = journeys_of(self.scenario, self.compiled, self.seed, replication, trace)
        if "journeys" in self.files:
            self.files["journeys"].append(journeys)
        if self.paths is not None:
            self.paths.add(journeys, trace)
        if self.heat is not None:
            self.heat.add(replication, trace)
        if self.records is not None:
            written = self.records.add(replication, journeys)
            if "records" in self.files:
                self.files["records"].append(written)

    def added_to(self, dataset: xr.Dataset) -> xr.Dataset:
        """The dataset with the numbers that traces told."""
        variables: dict[str, Variable] = {}
        coordinates: dict[str, Variable] = {}
        if self.paths is not None:
            variables |= self.paths.variables()
        if self.heat is not None:
            variables |= self.heat.variables()
            coordinates |= self.heat.coordinates()
        if self.records is not None:
            variables |= self.records.variables()
            coordinates |= self.records.coordinates()
        return dataset.assign_coords(coordinates).assign(variables)
