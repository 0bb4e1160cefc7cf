"""Tables of a forecast: months with their bands, the load of teams, and the assumptions that matter most."""

from collections.abc import Sequence
from typing import Any, Final

import xarray as xr
from rich.console import Console, RenderableType
from rich.text import Text

from funnelsim.faces.grids import fits, grid, print_trimmed
from funnelsim.faces.terminal import plain, words
from funnelsim.studies.forecast_sentences import forecast_sentence, percent
from funnelsim.studies.sentences import digits

BANDS: Final = (("50%", 0.25, 0.75), ("80%", 0.1, 0.9), ("95%", 0.025, 0.975))
ROOMY: Final = 100
"""Columns in which long names and laws are wrapped."""
DIRECTIONS: Final = {1: "more brings more", -1: "more brings less", 0: "not known"}


def show_forecast(ds: xr.Dataset, console: Console) -> None:
    """Print a forecast."""
    print_trimmed(words(_head(ds), "bold"), console)
    revenue, totals = ds["band"].sel(measure="revenue"), ds["total_band"].sel(measure="revenue")
    money = str(ds.attrs["currency"])
    print_trimmed(_banded(ds, f"revenue ({money})", revenue, console), console)
    print_trimmed(_banded(ds, f"in all so far ({money})", totals, console), console)
    print_trimmed(_beside(ds, console), console)
    if ds.sizes["team"]:
        print_trimmed(_load(ds, console), console)
    if ds.sizes["assumption"]:
        print_trimmed(_assumptions(ds, console), console)
    print_trimmed(words(forecast_sentence(ds), "bold"), console)
    print_trimmed(words(_method(ds), "dim"), console)


def _head(ds: xr.Dataset) -> str:
    of = ds.attrs
    return (
        f"{of['name']}\n{of['measured_from'][:10]} to {of['measured_until'][:10]}; starts {STARTS[of['start']]}; "
        f"{_runs(ds)}; seed {of['seed']}"
    ).replace("\n", ": ")


STARTS: Final = {"empty": "with an empty funnel", "steady": "in a steady state", "pipeline": "with the open deals"}


def _runs(ds: xr.Dataset) -> str:
    draws, each = ds.sizes["draw"], ds.sizes["replication"]
    return f"{draws:,} draws of the ranges, {each:,} replications of each" if draws > 1 else f"{each:,} replications"


def _table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], console: Console, wraps: bool = False
) -> RenderableType:
    """A table, or its rows line by line where there is no room; cells that may be wrapped need less."""
    table = grid()
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    if fits(table, console) or (wraps and console.width >= ROOMY):
        return table
    lines = [plain(titles[0])] if titles[0] else []
    for row in rows:
        lines.append(row[0])
        pairs = zip(titles[1:], row[1:], strict=True)
        lines += [f"  {plain(title)}: {entry}".replace("  : ", "  ") for title, entry in pairs if entry]
    return Text("\n".join(lines) + "\n")


def _months(ds: xr.Dataset) -> list[str]:
    return [str(month)[:7] for month in ds["month"].values]


def _ends(band: xr.DataArray, low: float, high: float) -> str:
    """The ends of a band, with the digits that its width asks for."""
    ends = [float(band.sel(quantile=q)) for q in (low, high)]
    return " to ".join(digits(end, ends[1] - ends[0]) for end in ends)


def _middle(band: xr.DataArray) -> str:
    low, middle, high = (float(band.sel(quantile=q)) for q in (0.1, 0.5, 0.9))
    return digits(middle, high - low)


def _banded(ds: xr.Dataset, title: str, bands: xr.DataArray, console: Console) -> RenderableType:
    """A measure by month, its median and three bands."""
    rows = [
        [month, _middle(bands.isel(month=at)), *(_ends(bands.isel(month=at), low, high) for _, low, high in BANDS)]
        for at, month in enumerate(_months(ds))
    ]
    return _table([title, "median", *(f"{name} band" for name, _, _ in BANDS)], rows, console)


def _beside(ds: xr.Dataset, console: Console) -> RenderableType:
    """Wins, bookings and cost by month."""
    names = [name for name in ("wins", "bookings", "cost") if name != "bookings" or _sells_again(ds)]
    units = dict(zip(ds["measure"].values.tolist(), ds["unit"].values.tolist(), strict=True))
    rows = []
    for at, month in enumerate(_months(ds)):
        bands = [ds["band"].sel(measure=name).isel(month=at) for name in names]
        rows.append([month, *(entry for band in bands for entry in (_middle(band), _ends(band, 0.1, 0.9)))])
    titles = [title for name in names for title in (f"{name}\n({plain(units[name])})", "80% band")]
    return _table(["", *titles], rows, console)


def _sells_again(ds: xr.Dataset) -> bool:
    """Whether customers renew or buy more."""
    both = ds["mean"]
    return bool((both.sel(measure="bookings") != both.sel(measure="revenue")).any())


def _load(ds: xr.Dataset, console: Console) -> RenderableType:
    """Busy reps and utilisation by team and month."""
    rows = []
    for at, month in enumerate(_months(ds)):
        row = [month]
        for team in ds["team"].values:
            reps, used = (ds[f"{name}_band"].sel(team=team).isel(month=at) for name in ("busy", "utilisation"))
            row += [_middle(reps), _ends(reps, 0.1, 0.9), percent(float(used.sel(quantile=0.5)))]
        rows.append(row)
    names = [plain(team) for team in ds["team"].values]
    titles = [title for name in names for title in (f"{name}: busy\n(reps)", "80% band", "utilisation\n(%)")]
    return _table(["", *titles], rows, console)


def _assumptions(ds: xr.Dataset, console: Console) -> RenderableType:
    """Assumptions, those that matter most first."""
    order = ds["explained"].fillna(-1.0).argsort().values[::-1]
    rows = []
    for at in order:
        one = ds.isel(assumption=int(at))
        ends = f"{percent(float(one['explained_low']))} to {percent(float(one['explained_high']))}"
        way = DIRECTIONS[int(one["direction"])]
        rows.append([plain(one["assumption"].values), plain(one["written"].values),
                     percent(float(one["explained"])), ends, way])  # fmt: skip
    all_of_them = percent(float(ds["assumptions_share"]))
    low, high = (percent(float(ds[f"assumptions_share_{end}"])) for end in ("low", "high"))
    rows.append(["all assumptions, the rest is luck", "", all_of_them, f"{low} to {high}", ""])
    return _table(
        ["assumption", "range", "share of the variance\nof revenue (%)", f"{100 * ds.attrs['level']:g}% interval", ""],
        rows,
        console,
        wraps=True,
    )


def _method(ds: xr.Dataset) -> str:
    of = ds.attrs
    said = "Bands: quantiles of all runs. Deals count in the month in which they are won."
    if "chance" in ds:
        said += " The chance: Wilson's interval, replications of a draw counted by Kish's design effect."
    if ds.sizes["assumption"]:
        said += f" Shares: {of['importance_method']}; of all assumptions: {of['variance_method']}."
    return said


def forecast_document(ds: xr.Dataset) -> dict[str, Any]:
    """What `--json` prints."""
    names = [str(name) for name in ds["measure"].values]
    months = _months(ds)
    return {
        **{key: ds.attrs[key] for key in ("name", "seed", "start", "draws", "replications", "level", "currency")},
        "measured_from": ds.attrs["measured_from"],
        "measured_until": ds.attrs["measured_until"],
        "months": [
            {
                "month": month,
                **{name: _entry(ds, "", at, measure=name) for name in names},
                "revenue_until_then": _entry(ds, "total_", at, measure="revenue"),
                "teams": {
                    str(team): {
                        "busy_reps": _entry(ds, "busy_", at, team=team),
                        "utilisation": _entry(ds, "utilisation_", at, team=team),
                    }
                    for team in ds["team"].values
                },
            }
            for at, month in enumerate(months)
        ],
        "target": _target(ds),
        "assumptions": [_assumption(ds.isel(assumption=at)) for at in range(ds.sizes["assumption"])],
        "assumptions_share": [_known(ds[f"assumptions_share{end}"]) for end in ("", "_low", "_high")],
        "sentence": forecast_sentence(ds),
        "method": _method(ds),
    }


def _entry(ds: xr.Dataset, kind: str, month: int, **where: Any) -> dict[str, Any]:
    """Mean, median and bands of one month."""
    band = ds[f"{kind}band"].sel(where).isel(month=month)
    ends = {name: [float(band.sel(quantile=q)) for q in (low, high)] for name, low, high in BANDS}
    mean = float(ds[f"{kind}mean"].sel(where).isel(month=month))
    return {"mean": mean, "median": float(band.sel(quantile=0.5)), **ends}


def _target(ds: xr.Dataset) -> dict[str, Any] | None:
    if "chance" not in ds:
        return None
    chance = [_known(ds[f"chance{end}"]) for end in ("", "_low", "_high")]
    return {"amount": ds.attrs["target"], "by": ds.attrs["by"], "chance": chance}


def _assumption(one: xr.Dataset) -> dict[str, Any]:
    return {
        "path": str(one["assumption"].values),
        "range": str(one["written"].values),
        "share_of_variance": [_known(one[f"explained{end}"]) for end in ("", "_low", "_high")],
        "direction": DIRECTIONS[int(one["direction"])],
    }


def _known(value: xr.DataArray) -> float | None:
    found = float(value)
    return found if found == found else None
