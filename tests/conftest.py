"""What all tests share: hypothesis draws the same examples in every run, and tables that tests record are printed.

FUNNELSIM_LONG=1 draws new examples every time, ten times as many where a test asks for `examples`.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

LONG = os.environ.get("FUNNELSIM_LONG", "") == "1"
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile("same", derandomize=True, database=None, deadline=None, suppress_health_check=SLOW)
settings.register_profile("long", derandomize=False, deadline=None, print_blob=True, suppress_health_check=SLOW)
settings.load_profile("long" if LONG else "same")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what tests recorded as `table`, also those of other processes."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, text in getattr(report, "user_properties", ()):
            if name == "table" and report.when == "call":
                terminalreporter.section(report.nodeid)
                terminalreporter.write_line(text)
