"""The page of `attribute`: credit by model, halves and disputes below it, as tables or as one JSON document."""

import json
from typing import TYPE_CHECKING

from funnelsim.faces.answers import say

if TYPE_CHECKING:
    import xarray as xr


def print_credit(
    credits: "xr.Dataset", disputes: "xr.Dataset | None", split: "xr.Dataset | None", by: str | None, as_json: bool
) -> None:
    """Print credit, and what else was asked for: tables with notes on standard error, or one JSON document."""
    from funnelsim.faces.credit_tables import credit_document, credit_notes, credit_table, largest_first
    from funnelsim.faces.dispute_tables import dispute_document, dispute_table, dispute_title
    from funnelsim.faces.grids import print_trimmed
    from funnelsim.faces.halves_tables import halves_document, halves_table
    from funnelsim.faces.terminal import output, plain, words

    if as_json:
        more = {} if disputes is None else {"disagreement": dispute_document(disputes)}
        more |= {} if split is None else {"halves": halves_document(split)}
        print(json.dumps(credit_document(credits, by) | more, indent=2, allow_nan=False))
        return
    console, order = output(), largest_first(credits)
    for group in [None] if by is None else credits[by].values:
        if group is not None:
            console.print(f"{by} {plain(group)}")
        own = credits if group is None else credits.sel({by: group})
        print_trimmed(credit_table(own, order, console.width), console)
    if by is not None and (split is not None or disputes is not None):
        console.print("all journeys")
    if split is not None:
        print_trimmed(halves_table(split), console)
    if disputes is not None:
        print_trimmed(words(dispute_title(disputes)), console)
        print_trimmed(dispute_table(disputes, console), console)
    for line in credit_notes(credits):
        say(line)
    if split is not None:
        say(f"halves: {split['apart'].attrs['covers']}")
