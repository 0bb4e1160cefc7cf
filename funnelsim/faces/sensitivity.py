"""`funnelsim sensitivity`: which assumptions matter, and what would have to be true for another policy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from funnelsim.faces.answers import RequestError, answering, check_target, overrides, say

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console, RenderableType


@answering
def sensitivity(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)],
    measure: Annotated[
        str, typer.Option(metavar="NAME", help="What is looked at, as profit, wins, sla.qualify.")
    ] = "profit",
    sobol: Annotated[
        int, typer.Option(metavar="POINTS", min=0, help="Sobol indices too, of so many points: 64, 128, ...")
    ] = 0,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", "-p", metavar="NAME", help="Where another policy would be chosen.")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policies of a file of their own.", show_default=False)
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help='Change a value, or give it a range: KEY="20% to 30%".'),
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=2, max=1_000_000, help="How many times each is run.")
    ] = 50,
    seed: Annotated[int, typer.Option(min=0, max=(1 << 63) - 1, help="Same seed, same people.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads of the kernel; default all processors.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="T.nc", help="Keep the tornado in a netCDF-4 file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
) -> None:
    """Move each assumption over its range: what it does to a measure, and when another policy would be better.

    \b
    funnelsim sensitivity revenue_plan
    funnelsim sensitivity revenue_plan --measure wins --sobol 64
    funnelsim sensitivity b2b_saas --set teams.sdr.salary="6000 to 9000 / mo" --policy fast_response

    Assumptions are numbers of the scenario that are written as ranges (20% to 30%: nine times in ten between), or as
    laws. The tornado takes them to their ends one at a time; Sobol indices move all of them at once.
    """
    from funnelsim.faces.grids import print_trimmed
    from funnelsim.faces.terminal import output, words
    from funnelsim.scenario import load
    from funnelsim.studies import sobol as indices
    from funnelsim.studies import tornado as swings
    from funnelsim.studies import turning
    from funnelsim.studies.variants import policies_in, wanted

    check_target(out, (".nc",))
    found = load(scenario, overrides(settings))
    known: dict[str, Any] = dict(found.policies) | (policies_in(policies, found.currency) if policies else {})
    chosen = wanted(known, policy or []) if policy or policies else {}
    if sobol and sobol & (sobol - 1):
        raise RequestError(f"--sobol {sobol}: Sobol's sequence is even for powers of two: write 64 or 128")
    n = len(swings.assumed(found))
    how: dict[str, Any] = {"seed": seed, "replications": replications, "threads": threads}

    ds = _metered(
        replications * (1 + 2 * n),
        as_json,
        "assumptions",
        lambda meter: swings.tornado(found, measure=measure, progress=meter, **how),
    )
    of = None
    if sobol:
        of = _metered(
            indices.runs(found, sobol),
            as_json,
            "Sobol's points",
            lambda meter: indices.sobol(
                found, measure=measure, points=sobol, progress=meter, **{**how, "replications": min(replications, 10)}
            ),
        )
    turns = None
    if chosen:
        runs = replications * turning.runs(found, chosen)
        turns = _metered(
            runs, as_json, "policies", lambda meter: turning.turning_points(found, chosen, progress=meter, **how)
        )
    if out is not None:
        from funnelsim.results.files import save_result

        save_result(ds, out)
    if as_json:
        print(json.dumps(_document(ds, of, turns), indent=2, allow_nan=False))
        return
    console = output()
    print_trimmed(_tornado(ds, console), console)
    print_trimmed(words(swings.sentence(ds), "bold"), console)
    if of is not None:
        print_trimmed(_sobol(of, console), console)
    for line in turning.sentences(turns) if turns is not None else []:
        print_trimmed(words(line, "bold"), console)
    if out is not None:
        say(f"wrote {out}")


def _metered(total: int, quiet: bool, doing: str, study: Callable[[Any], "xr.Dataset"]) -> "xr.Dataset":
    """A study, with a bar while it is made."""
    from funnelsim.faces.studying import metered

    with metered(total, quiet, doing) as meter:
        return study(meter)


def _tornado(ds: "xr.Dataset", console: "Console") -> "RenderableType":
    """What the measure is at both ends of each assumption."""
    from rich.text import Text

    from funnelsim.faces.grids import bounded, cell, fits, grid
    from funnelsim.faces.terminal import plain

    table, unit = grid(), plain(ds["value"].attrs["units"])
    table.add_column("assumption")
    title = plain(ds.attrs["measure_title"])
    for head in ("from", f"{title}\n({unit})", "to", f"{title}\n({unit})", "unit"):
        table.add_column(head, justify="right")
    narrow = []
    for name in ds["assumption"].values:
        row = ds.sel(assumption=name)
        ends = [
            (_short(float(own["at"])), cell(bounded(own, "value", unit), console))
            for own in (row.sel(end=end) for end in ("low", "high"))
        ]
        of = plain(row["unit"].values)
        table.add_row(plain(name), *ends[0], *ends[1], of)
        narrow.append(f"{plain(name)} ({of})\n  {ends[0][0]}: {ends[0][1]} {unit}; {ends[1][0]}: {ends[1][1]} {unit}")
    return table if fits(table, console) else Text("\n".join(narrow) + "\n")


def _short(number: float) -> str:
    """Four digits of a number, thousands apart."""
    return f"{float(f'{number:.4g}'):,.10g}"


def _sobol(ds: "xr.Dataset", console: "Console") -> "RenderableType":
    from funnelsim.faces.grids import bounded, cell, grid
    from funnelsim.faces.terminal import plain
    from funnelsim.results.estimates import PERCENT

    table = grid()
    table.add_column("share of the variance (%)")
    for head in ("alone", "with others"):
        table.add_column(head, justify="right")
    for name in ds["assumption"].values:
        row = ds.sel(assumption=name)
        cells = [cell(bounded(row, part, "1").times(PERCENT, "%"), console) for part in ("first", "total")]
        table.add_row(plain(name), *cells)
    return table


def _document(ds: "xr.Dataset", of: "xr.Dataset | None", turns: "xr.Dataset | None") -> dict[str, Any]:
    """What `--json` prints."""
    from funnelsim.studies.tornado import sentence
    from funnelsim.studies.turning import sentences

    swings = {str(name): _swing(ds.sel(assumption=name)) for name in ds["assumption"].values}
    out: dict[str, Any] = {name: ds.attrs[name] for name in ("name", "seed", "replications", "level", "measure")}
    out |= {"units": ds["value"].attrs["units"], "base": _ends(ds, "base"), "tornado": swings, "sentence": sentence(ds)}
    if of is not None:
        rows = {str(name): of.sel(assumption=name) for name in of["assumption"].values}
        out["sobol"] = {name: {part: _ends(row, part) for part in ("first", "total")} for name, row in rows.items()}
    if turns is not None:
        rows = {str(name): turns.sel(assumption=name) for name in turns["assumption"].values}
        keys = ("turns_at", "turns_low", "turns_high")
        out["chosen"] = turns.attrs["chosen"]
        out["turns"] = {
            name: [_known(row[key]) for key in keys] + [str(row["to"].values)] for name, row in rows.items()
        }
        out["turning"] = sentences(turns)
    return out


def _swing(row: "xr.Dataset") -> dict[str, Any]:
    """An assumption at both ends."""
    out: dict[str, Any] = {"unit": str(row["unit"].values), "centre": float(row["centre"])}
    for end in ("low", "high"):
        own = row.sel(end=end)
        out[end] = {"at": float(own["at"]), "value": _ends(own, "value"), "difference": _ends(own, "difference")}
    return out


def _ends(row: "xr.Dataset", name: str) -> list[float | None]:
    return [_known(row[f"{name}{x}"]) for x in ("", "_low", "_high")]


def _known(each: Any) -> float | None:
    number = float(each)
    return number if abs(number) < float("inf") else None
