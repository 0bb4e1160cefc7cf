"""What commands share that run many points: a bar, what is varied, and how long there is to wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from funnelsim.faces.answers import RequestError

if TYPE_CHECKING:
    from funnelsim.faces.progress import Meter


@contextmanager
def metered(total: int, quiet: bool, doing: str = "simulating") -> "Iterator[Meter]":
    """A bar for so many replications, and a word where the engine must be compiled first."""
    from funnelsim.core.linking import announcing
    from funnelsim.faces.progress import Meter
    from funnelsim.faces.terminal import messages

    console = messages()

    def tell() -> None:
        if not quiet:
            console.print("compiling the engine for this machine, once: about 20 s")

    with announcing(tell), Meter(total, console, not quiet, doing) as meter:
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
