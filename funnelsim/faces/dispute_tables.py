"""Tables and documents of disputes: the journeys on which two credit models disagree."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console, RenderableType

WIDE: Final = 100
"""Columns from which a table has room; below, each path has lines of its own."""


def dispute_table(found: "xr.Dataset", console: "Console") -> "RenderableType":
    """The paths, how many conversions are placed elsewhere on each, and on which channels."""
    from rich.text import Text

    from attribution.disputes import disagreement_in_words
    from funnelsim.faces.grids import grid
    from funnelsim.faces.terminal import plain, words

    frame = disagreement_in_words(found)
    more = list(frame.columns[4:])
    rows = list(frame.itertuples(index=False, name=None))
    if console.width < WIDE:
        lines = [
            f"{plain(path)}\n  {apart:,.1f} of {of:,.0f} conversions placed elsewhere, {share:.1f}% of all"
            + "".join(f"\n  {plain(head)}: {plain(says)}" for head, says in zip(more, says_more, strict=True) if says)
            for path, of, apart, share, *says_more in rows
        ]
        return Text("\n".join(lines))
    table = grid()
    for head in ("path", "conversions", "placed\nelsewhere", "of all\n(%)", *more):
        is_text = head == "path" or head in more
        table.add_column(words(head) if is_text else head, justify="left" if is_text else "right", no_wrap=not is_text)
    for path, of, apart, share, *says_more in rows:
        table.add_row(words(path), f"{of:,.0f}", f"{apart:,.1f}", f"{share:.1f}", *map(words, says_more))
    return table


def dispute_title(found: "xr.Dataset") -> str:
    """What the table is about, and how much of it is shown."""
    one, other = map(str, found["model"].values)
    about = found.attrs
    all_of = about["conversions"]
    said = f"{one} and {other} place {about['placed_elsewhere']:,.1f} of {all_of:,.0f} conversions on other channels"
    shown, of = found.sizes["path"], about["disputed_paths"]
    return f"{said}, inside {of:,} of {about['paths']:,} {KINDS[about['alike']]}" + (
        f"; the {shown} largest:" if shown < of else ":" if of else ""
    )


KINDS: Final = {
    "path": "paths that convert",
    "runs": "paths that convert, touches that repeat the one before being one",
    "channels": "sets of channels that convert",
}


def dispute_document(found: "xr.Dataset") -> dict[str, Any]:
    """What `--json` says of a disagreement."""
    channels = [str(each) for each in found["channel"].values]

    def credit(of: "xr.DataArray") -> dict[str, dict[str, float]]:
        return {
            str(model): dict(zip(channels, of.sel(model=model).values.tolist(), strict=True))
            for model in found["model"].values
        }

    names = ("journeys", "conversions", "placed_elsewhere", "share")
    paths = [
        {
            "path": str(path),
            **{name: float(found[name][at]) for name in names},
            "credit": credit(found["credit"].isel(path=at)),
        }
        for at, path in enumerate(found["path"].values)
    ]
    about = {name: found.attrs[name] for name in ("alike", "paths", "disputed_paths", "placed_elsewhere")}
    return {
        "models": [str(each) for each in found["model"].values],
        **about,
        "by_path": paths,
        "rest": credit(found["rest"]),
    }
