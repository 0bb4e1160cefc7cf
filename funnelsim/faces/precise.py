"""What commands that run until precise share: their options, and a bar that shows the half-width coming down."""

import math
from typing import TYPE_CHECKING, Any, Final

from funnelsim.faces.answers import RequestError

if TYPE_CHECKING:
    import xarray as xr

    from funnelsim.faces.progress import Meter
    from funnelsim.studies.precision import Precision
    from funnelsim.studies.stopping import Reached, Watch

REPLICATIONS: Final = 100
"""How often a scenario is run where nobody says."""


def asked_precision(
    precision: str | None, replications: int | None, at_least: int | None, at_most: int | None
) -> "Precision | None":
    """The precision that was asked for, if any; refuses options that contradict each other."""
    from funnelsim.studies.precision import CEILING, FLOOR, precision_of

    if precision is None:
        if at_least is not None or at_most is not None:
            raise RequestError("--at-least and --at-most say how long --precision may go on; write --precision 2%")
        return None
    if replications is not None:
        raise RequestError(
            "--precision decides how many replications there are; leave --replications out, or bound them with "
            "--at-least and --at-most"
        )
    floor = at_least or min(FLOOR, at_most or FLOOR)
    try:
        return precision_of(precision, floor, at_most or max(CEILING, floor))
    except ValueError as error:
        raise RequestError(f"--{error}") from None


def watching(meter: "Meter", runs: int) -> "Watch":
    """Tells a meter of replications of so many runs how far intervals are from what was asked for."""
    from funnelsim.faces.numbers import count

    def watch(reached: "Reached") -> None:
        worst = max(range(len(reached.halves)), key=lambda at: reached.needed[at], default=None)
        if worst is not None:
            half, goal, n = reached.halves[worst], reached.goals[worst], count(reached.n)
            meter.aim(reached.next * runs, f"half-width {half:.3g} after {n}, sought {goal:.3g};")

    return watch


def precision_document(ds: "xr.Dataset") -> dict[str, Any]:
    """What `--json` prints of a precision; nothing where none was asked for."""
    from funnelsim.studies.precise import precision_sentence

    said = precision_sentence(ds)
    if not said:
        return {}
    kept = {str(name): _known(value) for name, value in ds.attrs.items() if str(name).startswith("precision")}
    met, reached = bool(kept.pop("precision_met")), ds["half_width"]
    halves: Any = _known(reached.values.tolist())
    if reached.ndim:
        halves = dict(zip(map(str, ds["policy"].values), map(_known, halves), strict=True))
    return {"precision": {**kept, "met": met, "half_width": halves, "says": said}}


def _known(value: Any) -> Any:
    """None for a number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
