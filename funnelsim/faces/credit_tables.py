"""Tables and documents of credit: shares of channels by model."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

NAMES: Final = ("conversions", "value", "share")


def largest_first(credits: "xr.Dataset") -> list[str]:
    """Channels by their mean share, over models and groups."""
    mean = credits["share"].mean([dim for dim in credits["share"].dims if dim != "channel"])
    return [str(each) for each in credits["channel"].values[mean.argsort().values[::-1]]]


def credit_table(credits: "xr.Dataset", order: list[str], width: int) -> "Table":
    """Shares in per cent, a row a model, the first channels of an order that there is room for."""
    from funnelsim.faces.grids import grid
    from funnelsim.faces.terminal import plain

    left = width - 2 - max(len(str(each)) for each in ["conversions (%)", *credits["model"].values])
    shown: list[str] = []
    for channel in order:
        left -= max(len(channel), 22 if "share_interval" in credits else 6) + 2
        if left < 14 and channel != order[-1]:
            break
        shown.append(channel)
    table = grid()
    table.add_column("conversions (%)")
    for channel in shown:
        table.add_column(plain(channel), justify="right", no_wrap=True)
    rest = len(order) - len(shown)
    if rest:
        table.add_column(f"{rest} others", justify="right", no_wrap=True)
    for model in credits["model"].values:
        row = credits.sel(model=model)
        cells = [_share(row, channel) for channel in shown]
        others = [f"{100 * (1 - float(row['share'].sel(channel=shown).sum())):.1f}"] if rest else []
        table.add_row(str(model), *cells, *others)
    return table


def _share(row: "xr.Dataset", channel: str) -> str:
    """A model's share for a channel in per cent, with its interval if there is one."""
    own = row.sel(channel=channel)
    share = float(own["share"])
    if share != share:
        return "-"
    text = f"{100 * share:.1f}"
    if "share_interval" in row:
        low, high = (100 * own["share_interval"].sel(bound=["low", "high"])).values
        text += f" ({low:.1f} to {high:.1f})"
    return text


def credit_notes(credits: "xr.Dataset") -> list[str]:
    """What stands below the tables: how much was credited, what was chosen, left out or skipped, and the caveat."""
    attrs = credits.attrs
    chosen = [f"chosen: {key.partition(': ')[2]} {what}" for key, what in attrs.items() if key.startswith("chosen")]
    skipped = [f"not run: {key.partition(': ')[2]}: {why}" for key, why in attrs.items() if key.startswith("skipped")]
    left_out = [f"left out: {n:,} {key.partition(': ')[2]}" for key, n in attrs.items() if key.startswith("left out")]
    seen = f"{attrs['conversions']:,.0f} conversions of {attrs['journeys']:,.0f} journeys, {attrs['touches']:,} touches"
    if "share_interval" in credits:
        about = credits["share_interval"].attrs
        seen += f"; {about['level']:g}% intervals of {about['resamples']} draws: {about['covers']}"
    left_out += [f"noticed: {n:,} {key.partition(': ')[2]}" for key, n in attrs.items() if key.startswith("noticed")]
    return [seen, *chosen, *left_out, *skipped, str(attrs["says"])]


def credit_document(credits: "xr.Dataset", by: str | None) -> dict[str, Any]:
    """What `--json` prints; with `by`, credit by group, model, variable and channel."""
    groups = [] if by is None else [str(each) for each in credits[by].values]
    found: dict[str, Any] = {name: _by_model(credits.sel({by: name})) for name in groups} if by else _by_model(credits)
    units = {name: credits[name].attrs["units"] for name in NAMES}
    return {"credit": found, **({"by": by} if by else {}), "units": units, **credits.attrs}


def _by_model(credits: "xr.Dataset") -> dict[str, dict[str, Any]]:
    channels = [str(each) for each in credits["channel"].values]
    by_model: dict[str, dict[str, Any]] = {}
    for model in map(str, credits["model"].values):
        row = credits.sel(model=model)
        by_model[model] = {name: dict(zip(channels, _known(row[name]), strict=True)) for name in NAMES}
        if "bound" in credits.dims:
            for name in NAMES:
                ends = [_known(row[f"{name}_interval"].sel(bound=bound)) for bound in ("low", "high")]
                by_model[model][f"{name}_interval"] = dict(
                    zip(channels, map(list, zip(*ends, strict=True)), strict=True)
                )
    return by_model


def _known(values: "xr.DataArray") -> list[float | None]:
    """Numbers, and nothing where a part does not suffice for a model."""
    return [None if each != each else each for each in values.values.tolist()]
