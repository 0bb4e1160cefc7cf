"""The machine line under every set of results: a figure without it says nothing."""

import os
import platform
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("funnelsim", "numba", "numpy", "simpy", "ciw", "salabim", "cimba")
CREDIT_PACKAGES = ("ChannelAttribution", "marketing_attribution_models", "mta", "pandas", "polars", "pyarrow")


def cpu_model() -> str:
    """The processor's own name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def package(name: str) -> str:
    """The package with its version."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} not installed"


def line() -> str:
    """Processor, cores, Python, packages and date."""
    cores = f"{os.cpu_count()} cores"
    python = f"Python {platform.python_version()}"
    return ", ".join([cpu_model(), cores, python, *map(package, PACKAGES + CREDIT_PACKAGES), date.today().isoformat()])
