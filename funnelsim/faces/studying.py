"""What commands of studies share: a bar while one is made, what is varied, and how its result is handed over."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from funnelsim.faces.answers import RequestError, say

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console

    from funnelsim.faces.progress import Meter
    from funnelsim.scenario.model import Scenario


@contextmanager
def compiling(quiet: bool) -> Iterator[None]:
    """A word, where the engine must be compiled first, when it is."""
    from funnelsim.core.linking import announcing
    from funnelsim.faces.terminal import messages

    def announce() -> None:
        if not quiet:
            messages().print("compiling the engine for this machine, once: about 20 s")

    with announcing(announce):
        yield


@contextmanager
def metered(total: int, quiet: bool, doing: str = "simulating") -> "Iterator[Meter]":
    """A bar for so many replications."""
    from funnelsim.faces.progress import Meter
    from funnelsim.faces.terminal import messages

    with compiling(quiet), Meter(total, messages(), not quiet, doing) as meter:
        yield meter


def ranges(vary: list[str] | None, option: str = "--vary") -> dict[str, str]:
    """`path=values` as a mapping; refuses what has no equals sign, and a path that stands twice."""
    out: dict[str, str] = {}
    for each in vary or []:
        path, equals, values = (part.strip() for part in each.partition("="))
        if not equals or not path:
            raise RequestError(f"{option} {each}: found no path=values; write {option} teams.sdr.reps=2..10")
        if path in out:
            raise RequestError(f"{option} {path}: stands there twice; give all its values at once, as {path}=2,4,8")
        out[path] = values
    return out


def policies_of(scenario: "Scenario", names: list[str], file: Path | None) -> dict[str, Any]:
    """The policies of a scenario and of a file: those named, else all there are. Raises ScenarioError."""
    from funnelsim.studies.variants import policies_in, wanted

    more = {} if file is None else policies_in(file, scenario.currency)
    return wanted({**scenario.policies, **more}, names)


def hand_over(
    ds: "xr.Dataset",
    out: Path | None,
    as_json: bool,
    document: "Callable[[xr.Dataset], dict[str, Any]]",
    show: "Callable[[xr.Dataset, Console], None]",
) -> None:
    """Keep a result where that was asked for, and print it: as a document, or as what `show` prints."""
    from funnelsim.faces.terminal import output

    if out is not None:
        from funnelsim.results.files import save_result

        save_result(ds, out)
    if as_json:
        print(json.dumps(document(ds), indent=2, allow_nan=False))
        return
    show(ds, output())
    if out is not None:
        say(f"wrote {out}")
