"""`funnelsim diagnose`: what a little more of every capacity, conversion and delay would bring, and what is held up."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from funnelsim.faces.answers import answering, check_target, overrides, say

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console, RenderableType


@answering
def diagnose(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)],
    against: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="A funnel that does better: which difference costs most.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one value; may be repeated.")
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=2, max=1_000_000, help="How many times each is run.")
    ] = 40,
    seed: Annotated[int, typer.Option(min=0, max=(1 << 63) - 1, help="Same seed, same people.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of the kernel; default all processors.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="D.nc", help="Keep the diagnosis in a netCDF-4 file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")] = False,
) -> None:
    """Say which stage holds revenue up, and what one unit more of everything is worth.

    \b
    funnelsim diagnose capacity_crunch
    funnelsim diagnose b2b_saas --set teams.sdr.reps=3
    funnelsim diagnose mine.yaml --against last_year.yaml

    Every team gets one more rep, every piece of work and every wait becomes a tenth shorter, every chance a little
    better, one at a time and on the same people. A stage is held up if a tenth less work or time there brings at least
    1% more revenue, beyond chance.
    """
    from funnelsim.faces.grids import print_trimmed
    from funnelsim.faces.terminal import output, words
    from funnelsim.scenario import load
    from funnelsim.studies.diagnosis import sentence

    check_target(out, (".nc",))
    found = load(scenario, overrides(settings))
    ds = _diagnosed(found, None if against is None else load(against), replications, seed, threads, as_json)
    if out is not None:
        from funnelsim.results.files import save_result

        save_result(ds, out)
    if as_json:
        print(json.dumps(_document(ds), indent=2, allow_nan=False))
        return
    print_trimmed(_table(ds, output()), output())
    print_trimmed(words(sentence(ds), "bold"), output())
    if out is not None:
        say(f"wrote {out}")


def _diagnosed(
    scenario: Any, against: Any, replications: int, seed: int, threads: int | None, quiet: bool
) -> "xr.Dataset":
    from funnelsim.faces.studying import metered
    from funnelsim.studies.diagnosis import diagnose as study
    from funnelsim.studies.nudges import nudges, restorations

    runs = 1 + len(nudges(scenario) if against is None else restorations(scenario, against))
    with metered(replications * runs, quiet) as meter:
        return study(scenario, seed=seed, replications=replications, against=against, threads=threads, progress=meter)


def _table(ds: "xr.Dataset", console: "Console") -> "RenderableType":
    """What each nudge brings, the largest first."""
    from rich.text import Text

    from funnelsim.faces.grids import bounded, cell, fits, grid
    from funnelsim.faces.terminal import plain

    table = grid()
    unit = plain(ds["revenue"].attrs["units"])
    for title in ("one more", "of", "unit"):
        table.add_column(title)
    for title in (f"revenue\n({unit})", f"left after cost\n({unit})", "revenue for 1% less\n(%)"):
        table.add_column(title, justify="right")
    narrow = []
    for at in (-ds["worth"]).values.argsort():
        row = ds.isel(nudge=int(at))
        place, what = plain(row["stage"].values or row["team"].values), plain(row["what"].values)
        cells = [
            cell(bounded(row, name, str(row[name].attrs["units"])), console)
            for name in ("revenue", "worth", "elasticity")
        ]
        table.add_row(what, place, plain(row["unit"].values), *cells)
        narrow.append(f"{place}: {what}\n  revenue {cells[0]}, left {cells[1]} {unit}")
    return table if fits(table, console) else Text("\n".join(narrow) + "\n")


def _document(ds: "xr.Dataset") -> dict[str, Any]:
    """What `--json` prints."""
    from funnelsim.studies.diagnosis import sentence

    rows = []
    for at in range(ds.sizes["nudge"]):
        row = ds.isel(nudge=at)
        said = {key: str(row[key].values) for key in ("kind", "stage", "team", "what", "unit")}
        found = {
            name: [_known(row[f"{name}{end}"]) for end in ("", "_low", "_high")]
            for name in ("revenue", "worth", "elasticity")
        }
        rows.append({**said, **found, "gain": _known(row["gain"])})
    kept = {key: ds.attrs[key] for key in ("name", "seed", "replications", "level", "currency", "held_up")}
    return {
        **kept,
        "units": {name: ds[name].attrs["units"] for name in ("revenue", "worth", "elasticity")},
        "nudges": rows,
        "sentence": sentence(ds),
    }


def _known(each: Any) -> float | None:
    number = float(each)
    return number if abs(number) < float("inf") else None
