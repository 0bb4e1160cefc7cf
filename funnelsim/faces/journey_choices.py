"""Which touches and conversions count, as a command line says it: filters, windows and transforms of journeys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Final

from funnelsim.faces.answers import RequestError

if TYPE_CHECKING:
    from attribution.journeys import Journeys, Transform

TRANSFORMS: Final = ("collapse", "first_occurrence", "frequency")
OF_CHANNEL: Final = ("remove_unless_all", "remove_if_last_and_not_all")
"""Transforms that are told a channel, as remove_unless_all=direct."""
DAY_S: Final = 86_400.0


@dataclass(frozen=True)
class Choices:
    """What was asked for; None, or empty, where nothing was.

    Filters of channels come first, then the window for conversions, the lookback, and transforms in their order.
    """

    channels: str | None = None
    ignore_direct: str | None = None
    window: str | None = None
    since: str = "last"
    lookback: str | None = None
    lookback_touches: int | None = None
    transforms: Sequence[str] = ()

    def told(self) -> dict[str, str]:
        """What is chosen, by option."""
        said = {
            "channels": self.channels,
            "ignore-direct": self.ignore_direct,
            "window": self.window and f"{self.window} since the {self.since} touch",
            "lookback": self.lookback,
            "lookback-touches": self.lookback_touches and str(self.lookback_touches),
            "transform": ", then ".join(self.transforms),
        }
        return {option: text for option, text in said.items() if text}

    def check(self) -> None:
        """Refuse, before anything is read, what can be known to be wrong without journeys."""
        for option, text in (("--window", self.window), ("--lookback", self.lookback)):
            if text is not None:
                _days(option, text)
        for name in self.transforms:
            _transform(name)

    def applied(self, journeys: "Journeys") -> "Journeys":
        """What is left of journeys. Raises RequestError for channels that they do not have and times that they lack."""
        for option, step in self._steps(journeys):
            try:
                journeys = step(journeys)
            except ValueError as error:
                raise RequestError(f"{option}: {str(error).partition(': ')[2]}") from None
        return journeys

    def _steps(self, journeys: "Journeys") -> "list[tuple[str, Transform]]":
        """Options and what they do, in their order."""
        from attribution import journeys as of

        out: list[tuple[str, Transform]] = []
        if self.channels is not None:
            names = [_channel("--channels", name.strip(), journeys) for name in self.channels.split(",")]
            out.append(("--channels", partial(of.only, channels=names)))
        if self.ignore_direct is not None:
            name = _channel("--ignore-direct", self.ignore_direct, journeys)
            out.append(("--ignore-direct", partial(of.ignore_direct, channel=name)))
        if self.window is not None:
            days = _days("--window", self.window)
            out.append(("--window", partial(of.conversion_window, days=days, since=self.since)))
        if self.lookback is not None or self.lookback_touches is not None:
            back = None if self.lookback is None else _days("--lookback", self.lookback)
            out.append(("--lookback", partial(of.lookback, days=back, touches=self.lookback_touches)))
        return out + [(f"--transform {name}", _transform(name)) for name in self.transforms]


def _days(option: str, text: str) -> float:
    """Days of a duration, as 30d or 12 h."""
    from funnelsim.scenario.refusal import Refusal
    from funnelsim.scenario.units import duration

    try:
        return duration(text, open_low=True) / DAY_S
    except Refusal as refusal:
        raise RequestError(f"{option} {text}: {refusal.rule}; write 30d, 12h or 4w") from None


def _channel(option: str, name: str, journeys: "Journeys") -> str:
    """The name of a channel, which journeys must have."""
    if name not in journeys.channels:
        raise RequestError(f"{option}: there is no channel {name!r}; {_hint(name, journeys.channels)}")
    return name


def _hint(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"


def _transform(text: str) -> "Transform":
    """The transform of a name, with its channel behind an equals sign where it is told one."""
    from attribution import journeys as of

    name, equals, channel = (part.strip() for part in text.partition("="))
    if name in TRANSFORMS and not equals:
        return getattr(of, name)  # type: ignore[no-any-return]
    if name in OF_CHANNEL and channel:
        made: Callable[[str], Transform] = getattr(of, name)
        return made(channel)
    if name in TRANSFORMS:
        raise RequestError(f"--transform {text}: {name} is told no channel; write --transform {name}")
    if name in OF_CHANNEL:
        raise RequestError(f"--transform {text}: it names no channel; write --transform {name}=direct")
    known = [*TRANSFORMS, *(f"{each}=CHANNEL" for each in OF_CHANNEL)]
    near = get_close_matches(name, (*TRANSFORMS, *OF_CHANNEL), 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    raise RequestError(f"--transform: there is no transform {name!r}; {hint}")
