"""The command `attribute`: credit of channels by many models, from a log of touches."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from funnelsim.faces.answers import PICTURES, RequestError, answering, check_target, say

if TYPE_CHECKING:
    import xarray as xr

    from attribution.models import CreditModel


class Again(StrEnum):
    """What a further conversion of a prospect gets."""

    since = "since"
    all = "all"
    first = "first"


@answering
def attribute(
    touches: Annotated[Path, typer.Argument(help="Parquet or CSV: one row an event, or one a path with counts")],
    models: Annotated[str, typer.Option(help="names with commas between, or all")] = "all",
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="our name=the file's, as prospect=user_id; repeat it")
    ] = None,
    again: Annotated[Again, typer.Option(help="touches of a further conversion")] = Again.since,
    sales: Annotated[bool, typer.Option("--sales", help="count what reps do as touches of their team")] = False,
    by: Annotated[
        str | None, typer.Option(help="segment, day, week, month, quarter or year: credit each by itself")
    ] = None,
    interval: Annotated[
        float | None, typer.Option(help="level of intervals in per cent, as 90", min=1, max=99.9)
    ] = None,
    resamples: Annotated[int, typer.Option(help="draws of prospects for the intervals", min=20)] = 200,
    seed: Annotated[int, typer.Option(help="of these draws", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="write the dataset into this .nc file")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="draw credit: png, svg or pdf")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Share out conversions among channels, by one credit model or by all.

    \b
    Events need prospect, time and channel, and say what ends a journey by kind (touch, conversion, ...) or conversion
    (0 or 1). Paths need path, as search > mail > search, and may have converted, lost and value.

    \b
    funnelsim run retargeting_trap -n 1 --journeys j.parquet
    funnelsim attribute j.parquet
    funnelsim attribute j.parquet --models last,shapley --interval 90 --plot credit.png
    funnelsim attribute log.csv --column prospect=user_id --column time=seen_at --models first,last,markov_1
    """
    check_target(out, (".nc",))
    check_target(plot, PICTURES)
    if plot is not None and by is not None:
        raise RequestError("--plot: it draws one credit, not one for each group; leave --by or --plot out")
    chosen = _chosen(models)
    read = {"columns": _mapping(columns), "again": again.value, "sales": sales}
    asked = {"by": by, "interval": interval, "resamples": resamples, "seed": seed}
    credits = _credits(touches, read, chosen, asked, quiet=as_json)
    if out is not None:
        from funnelsim.results.files import save_result

        save_result(credits, out)
    if plot is not None:
        _draw(credits, plot, named=chosen is not None)
    _print(credits, by, as_json)
    for path in (out, plot):
        if path is not None and not as_json:
            say(f"wrote {path}")


def _credits(
    touches: Path, read: dict[str, Any], chosen: "list[CreditModel] | None", asked: dict[str, Any], quiet: bool
) -> "xr.Dataset":
    """The credits of a file, with what is being done on the terminal."""
    from attribution.comparison import credit
    from attribution.jit import is_cold
    from attribution.tables import open_journeys
    from funnelsim.faces.progress import Meter, working
    from funnelsim.faces.terminal import messages

    console = messages()
    if is_cold() and not quiet:
        console.print("compiling the credit models for this machine, once: some ten seconds")
    try:
        with working(f"reading {touches.name}", console, not quiet):
            journeys = open_journeys(touches, **read)
        if asked["interval"] is None:
            with working("sharing out conversions", console, not quiet):
                return credit(journeys, chosen, **asked)
        with Meter(asked["resamples"], console, not quiet, "drawing prospects anew") as meter:
            return credit(journeys, chosen, **asked, progress=meter)
    except (ValueError, ArithmeticError) as error:
        raise RequestError(str(error)) from None


def _print(credits: "xr.Dataset", by: str | None, as_json: bool) -> None:
    from funnelsim.faces.credit_tables import credit_document, credit_notes, credit_table, largest_first
    from funnelsim.faces.grids import print_trimmed
    from funnelsim.faces.terminal import output, plain

    if as_json:
        print(json.dumps(credit_document(credits, by), indent=2, allow_nan=False))
        return
    console, order = output(), largest_first(credits)
    for group in [None] if by is None else credits[by].values:
        if group is not None:
            console.print(f"{by} {plain(group)}")
        own = credits if group is None else credits.sel({by: group})
        print_trimmed(credit_table(own, order, console.width), console)
    for line in credit_notes(credits):
        say(line)


def _draw(credits: "xr.Dataset", plot: Path, named: bool) -> None:
    """Draw credit into a file: the models that were named, else a few of different kinds."""
    from functools import partial

    from attribution.plots import picture
    from funnelsim.faces.plots import save_picture

    save_picture(credits, plot, partial(picture, models=list(map(str, credits["model"].values)) if named else None))


def _mapping(columns: list[str] | None) -> dict[str, str]:
    out = {}
    for each in columns or []:
        name, equals, own = each.partition("=")
        if not equals or not name.strip() or not own.strip():
            raise RequestError(f"--column {each}: found no name=name; write --column prospect=user_id")
        out[name.strip()] = own.strip()
    return out


def _chosen(names: str) -> "list[CreditModel] | None":
    """The models of some labels; None for all."""
    from difflib import get_close_matches

    from attribution.models import ALL, FITTED, LastNot

    if names == "all":
        return None
    known: dict[str, Any] = {model.label: model for model in (*ALL, *FITTED)}
    out: list[CreditModel] = []
    for name in (each.strip() for each in names.split(",")):
        if name.startswith("last_not_"):
            out.append(LastNot(name.removeprefix("last_not_")))
        elif name in known:
            out.append(known[name])
        else:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}, last_not_CHANNEL"
            raise RequestError(f"--models: there is no model {name!r}; {hint}")
    return out
