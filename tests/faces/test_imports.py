"""What is heavy is imported only where it is used."""

import subprocess
import sys

import pytest

import funnelsim

HEAVY = ("matplotlib", "numba", "scipy", "xarray", "pyarrow", "netCDF4", "simpy", "pandas", "numpy", "pydantic")


def loaded_by(code):
    """The heavy packages that a new process has after some code."""
    asked = f"{code}\nimport sys; print(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr
    return set(found.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import funnelsim") == set()


def test_help_loads_nothing_heavy():
    code = """
import sys
sys.argv = ["funnelsim", "--help"]
from funnelsim.faces.cli import app
try:
    app()
except SystemExit:
    pass
"""
    assert loaded_by(code) == set()


def test_reading_a_scenario_needs_no_engine():
    assert not loaded_by("import funnelsim; funnelsim.load('mm1')") & {
        "matplotlib",
        "numba",
        "xarray",
        "pyarrow",
        "simpy",
    }


def test_a_run_draws_nothing_unless_asked():
    code = "import funnelsim as fs; fs.simulate(fs.load('mm1', {'horizon': '95 d'}), replications=1, seed=1)"
    assert not loaded_by(code) & {"matplotlib", "netCDF4", "simpy"}


def test_every_public_name_is_there():
    for name in funnelsim.__all__:
        assert getattr(funnelsim, name) is not None
    assert set(funnelsim.__all__) <= set(dir(funnelsim))
    with pytest.raises(AttributeError, match="it has"):
        funnelsim.simulat  # noqa: B018
