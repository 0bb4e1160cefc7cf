"""Tables and documents of stability: how far apart the credits of two halves of the prospects are, by model."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table


def halves_table(found: "xr.Dataset") -> "Table":
    """Mean and largest distance over splits, in per cent of all credit."""
    from funnelsim.faces.grids import grid
    from funnelsim.faces.terminal import words

    table = grid()
    table.add_column("halves apart (%)")
    for head in (f"mean of {found.sizes['split']}", "largest"):
        table.add_column(head, justify="right", no_wrap=True)
    for model in found["model"].values:
        row = found.sel(model=model)
        cells = [float(row[name]) for name in ("mean_apart", "largest_apart")]
        table.add_row(words(model), *("-" if cell != cell else f"{100 * cell:.1f}" for cell in cells))
    return table


def halves_document(found: "xr.Dataset") -> dict[str, Any]:
    """What `--json` says of it."""
    by_model = {
        str(model): {name: _known(float(found[name].sel(model=model))) for name in ("mean_apart", "largest_apart")}
        for model in found["model"].values
    }
    about = found["apart"].attrs
    return {
        "splits": found.attrs["splits"], "seed": found.attrs["seed"], "units": about["units"],
        "covers": about["covers"], "by_model": by_model,
    }  # fmt: skip


def _known(number: float) -> float | None:
    return None if number != number else number
