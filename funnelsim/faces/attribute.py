"""The command `attribute`: credit of channels by many models, from a log of touches."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from funnelsim.faces.answers import PICTURES, RequestError, answering, check_target, say
from funnelsim.faces.credit_files import SUFFIXES, save_credit
from funnelsim.faces.credit_models import chosen, pair
from funnelsim.faces.credit_page import print_credit
from funnelsim.faces.journey_choices import Choices

if TYPE_CHECKING:
    import xarray as xr

    from attribution.journeys import Journeys
    from attribution.models import CreditModel

MOST: Final = 10
"""Paths that `--disagree` shows."""


class Again(StrEnum):
    """What a further conversion of a prospect gets."""

    since = "since"
    all = "all"
    first = "first"


class Since(StrEnum):
    """The touches from which a window for conversions can run."""

    last = "last"
    first = "first"


class Alike(StrEnum):
    """What journeys have in common that are shown together."""

    path = "path"
    runs = "runs"
    channels = "channels"


@answering
def attribute(
    touches: Annotated[Path, typer.Argument(help="Parquet or CSV: one row an event, or one a path with counts")],
    models: Annotated[str, typer.Option(help="names with commas between, or all")] = "all",
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="our name=the file's, as prospect=user_id; repeat it")
    ] = None,
    again: Annotated[Again, typer.Option(help="touches of a further conversion")] = Again.since,
    sales: Annotated[bool, typer.Option("--sales", help="count what reps do as touches of their team")] = False,
    channels: Annotated[
        str | None, typer.Option(metavar="A,B", help="count the touches of these channels alone")
    ] = None,
    ignore_direct: Annotated[
        str | None, typer.Option(metavar="CHANNEL", help="not count its touches in journeys that have others")
    ] = None,
    window: Annotated[
        str | None, typer.Option(metavar="30d", help="not count conversions longer after the last touch")
    ] = None,
    since: Annotated[Since, typer.Option("--window-since", help="touch from which --window runs")] = Since.last,
    lookback: Annotated[
        str | None, typer.Option(metavar="30d", help="not count touches longer before the end of a journey")
    ] = None,
    lookback_touches: Annotated[
        int | None, typer.Option(help="count only so many touches, the last ones", min=1)
    ] = None,
    transforms: Annotated[
        list[str] | None,
        typer.Option(
            "--transform",
            metavar="NAME",
            help="collapse, first_occurrence, frequency, remove_unless_all=CHANNEL or "
            "remove_if_last_and_not_all=CHANNEL; repeat it",
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="segment, day, week, month, quarter or year: credit each by itself")
    ] = None,
    disagree: Annotated[
        str | None, typer.Option(metavar="ONE,OTHER", help="show the journeys on which two models disagree")
    ] = None,
    alike: Annotated[Alike, typer.Option(help="journeys that --disagree counts together")] = Alike.path,
    halves: Annotated[
        int | None,
        typer.Option(metavar="SPLITS", help="credit halves of the prospects apart, so many times, as 20", min=1),
    ] = None,
    interval: Annotated[
        float | None, typer.Option(help="level of intervals in per cent, as 90", min=1, max=99.9)
    ] = None,
    resamples: Annotated[int, typer.Option(help="draws of prospects for the intervals", min=20)] = 200,
    seed: Annotated[int, typer.Option(help="of draws and halves", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="keep credit: nc, or a table as parquet or csv")
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="draw credit: png, svg or pdf")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Share out conversions among channels, by one credit model or by all.

    \b
    Events need prospect, time and channel, and say what ends a journey by kind (touch, conversion, ...) or conversion
    (0 or 1). Paths need path, as search > mail > search, and may have converted, lost and value.

    What counts is narrowed down in the order of these options: --channels, --ignore-direct, --window, --lookback and
    --lookback-touches, --transform. What no longer counts is told by reason.

    \b
    funnelsim run retargeting_trap -n 1 --journeys j.parquet
    funnelsim attribute j.parquet
    funnelsim attribute j.parquet --models last,shapley --interval 90 --plot credit.png
    funnelsim attribute j.parquet --lookback 14d --transform collapse --models linear,markov_2
    funnelsim attribute j.parquet --by month --out credit.parquet
    funnelsim attribute j.parquet --models last,linear,shapley_rate --halves 20
    funnelsim attribute j.parquet --disagree last,first --alike runs
    funnelsim attribute log.csv --column prospect=user_id --column time=seen_at --models first,last,markov_1
    """
    check_target(out, SUFFIXES)
    check_target(plot, PICTURES)
    if plot is not None and by is not None:
        raise RequestError("--plot: it draws one credit, not one for each group; leave --by or --plot out")
    two = None if disagree is None else pair(disagree)
    named = list(two) if two is not None and models == "all" else chosen(models)
    choices = Choices(channels, ignore_direct, window, since.value, lookback, lookback_touches, tuple(transforms or ()))
    choices.check()
    journeys = _journeys(
        touches, choices, {"columns": _mapping(columns), "again": again.value, "sales": sales}, quiet=as_json
    )
    asked = {"by": by, "interval": interval, "resamples": resamples, "seed": seed}
    credits = _credits(journeys, named, asked, quiet=as_json)
    credits.attrs |= {f"chosen: {option}": text for option, text in choices.told().items()}
    disputes = None if two is None else _disputes(journeys, two, alike.value)
    split = None if halves is None else _stability(journeys, named, halves, seed, quiet=as_json)
    if out is not None:
        save_credit(credits, out)
    if plot is not None:
        _draw(credits, plot, named=named is not None)
    print_credit(credits, disputes, split, by, as_json)
    for path in (out, plot):
        if path is not None and not as_json:
            say(f"wrote {path}")


def _journeys(touches: Path, choices: Choices, read: dict[str, Any], quiet: bool) -> "Journeys":
    """What counts of the journeys of a file, with what is being done on the terminal."""
    from attribution.jit import is_cold
    from attribution.tables import open_journeys
    from funnelsim.faces.progress import working
    from funnelsim.faces.terminal import messages

    console = messages()
    if is_cold() and not quiet:
        console.print("compiling the credit models for this machine, once: some ten seconds")
    with _in_words(), working(f"reading {touches.name}", console, not quiet):
        return choices.applied(open_journeys(touches, **read))


def _credits(
    journeys: "Journeys", models: "list[CreditModel] | None", asked: dict[str, Any], quiet: bool
) -> "xr.Dataset":
    """Their credits."""
    from attribution.comparison import credit
    from funnelsim.faces.progress import Meter, working
    from funnelsim.faces.terminal import messages

    console = messages()
    with _in_words():
        if asked["interval"] is None:
            with working("sharing out conversions", console, not quiet):
                return credit(journeys, models, **asked)
        with Meter(asked["resamples"], console, not quiet, "drawing prospects anew") as meter:
            return credit(journeys, models, **asked, progress=meter)


def _disputes(journeys: "Journeys", two: "tuple[CreditModel, CreditModel]", alike: str) -> "xr.Dataset":
    """The journeys on which two models disagree."""
    from attribution.disputes import disagreement_by_journey

    with _in_words():
        return disagreement_by_journey(journeys, *two, most=MOST, alike=alike)


@contextmanager
def _in_words() -> Iterator[None]:
    """What cannot be computed is a request that cannot be met."""
    try:
        yield
    except (ValueError, ArithmeticError) as error:
        raise RequestError(str(error)) from None


def _stability(
    journeys: "Journeys", models: "list[CreditModel] | None", splits: int, seed: int, quiet: bool
) -> "xr.Dataset":
    """How far apart the credits of halves are."""
    from attribution.halves import stability
    from funnelsim.faces.progress import Meter
    from funnelsim.faces.terminal import messages

    with _in_words(), Meter(splits, messages(), not quiet, "crediting halves") as meter:
        return stability(journeys, models, splits=splits, seed=seed, progress=meter)


def _draw(credits: "xr.Dataset", plot: Path, named: bool) -> None:
    """Draw credit into a file: the models that were named, else a few of different kinds."""
    from functools import partial

    from attribution.plots import picture
    from funnelsim.plots import save_picture

    save_picture(credits, plot, partial(picture, models=list(map(str, credits["model"].values)) if named else None))


def _mapping(columns: list[str] | None) -> dict[str, str]:
    out = {}
    for each in columns or []:
        name, equals, own = each.partition("=")
        if not equals or not name.strip() or not own.strip():
            raise RequestError(f"--column {each}: found no name=name; write --column prospect=user_id")
        out[name.strip()] = own.strip()
    return out
