"""Credit by touch and by journey: tables of who, when and what share of a conversion, for warehouses and frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.comparison import CAVEAT
from attribution.journeys.cells import cells_of, journey_of_touch
from attribution.journeys.pieces import Pieces
from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models import ALL, CreditModel
from attribution.models.credit import called_once
from attribution.shares import touch_shares

SHARE = "share of the journey's conversions and value"


def credit_by_touch(journeys: Journeys, models: Sequence[CreditModel] | None = None) -> pa.Table:
    """What each touch of converting journeys is credited, by the models that know touches (default: all that do).

    One row a touch. Columns: `journey` (its number), `prospect` (the log's own number, or one that stands for its
    text), `segment`, `place` (1 is the first), `channel`, `time` (on the clock of the log), `conversions` and `value`
    of the journey; then one column a model: the touch's share of these. Times the conversions it is credit in
    conversions, times the value credit in value, and summed over touches that of `attribution.credit`. What journeys do
    not know has no column. A model that knows which channels touched a journey, but not how often, gives touches of a
    channel the same: the metadata of its column says what it `tells apart`. The table's metadata names models that
    were left out and why, and how many touches are of journeys that did not convert.

    Raises ValueError where a model that was named cannot say: chains, games of rates, Shao and Li hand out all
    conversions together.
    """
    whose, counts = journey_of_touch(journeys), _counts(journeys)
    found, told, about = _shares(journeys, models)
    rows = np.flatnonzero(counts[whose])
    place = rows - journeys.offsets[:-1][whose[rows]] + 1
    columns: dict[str, Any] = {
        **_of_journeys(journeys, whose[rows]),
        "place": place.astype(np.int32),
        "channel": _named(journeys.channels, journeys.channel[rows]),
        "time": None if journeys.time is None else pa.array(journeys.time[rows], pa.timestamp("us")),
        **_worth(journeys, whose[rows]),
    }
    about["touches of journeys without a conversion"] = str(journeys.n_touches - rows.size)
    return _table(columns, {label: shares[rows] for label, shares in found.items()}, told, about)


def credit_by_journey(journeys: Journeys, models: Sequence[CreditModel] | None = None) -> pa.Table:
    """What each channel of each converting journey is credited, by models that know journeys (default: all that do).

    One row a journey and channel that touched it. Columns: `journey`, `prospect`, `segment`, `end` (on the clock of the
    log), `channel`, `touches` (how many of the channel), `conversions` and `value` of the journey; then one column a
    model: the channel's share of these. Otherwise as `credit_by_touch`, whose shares are summed here.
    """
    found, told, about = _shares(journeys, models)
    cells, counts = cells_of(journeys), _counts(journeys)
    rows = np.flatnonzero(counts[cells.journey])
    whose = cells.journey[rows]
    columns: dict[str, Any] = {
        **_of_journeys(journeys, whose),
        "end": None if journeys.end is None else pa.array(journeys.end[whose], pa.timestamp("us")),
        "channel": _named(journeys.channels, cells.channel[rows]),
        "touches": cells.touches[rows].astype(np.int32),
        **_worth(journeys, whose),
    }
    about["journeys without a conversion"] = str(journeys.n - int(counts.sum()))
    return _table(columns, {label: cells.summed(shares)[rows] for label, shares in found.items()}, told, about)


def _shares(
    journeys: Journeys, models: Sequence[CreditModel] | None
) -> tuple[dict[str, Reals], dict[str, str], dict[str, str]]:
    """Shares by touch and what is told apart, by label; and what the table says of itself."""
    if isinstance(journeys, Pieces):
        raise ValueError("credit by touch: journeys in pieces; ask for each piece by itself")
    found: dict[str, Reals] = {}
    told: dict[str, str] = {}
    about = {"says": CAVEAT}
    for model in called_once(ALL if models is None else models):
        try:
            found[model.label], told[model.label] = touch_shares(model, journeys)
        except ValueError as error:
            if models is not None:
                raise
            about[f"skipped: {model.label}"] = str(error).partition(": ")[2] or str(error)
    return found, told, about | {f"left out: {why}": str(n) for why, n in journeys.left_out.items()}


def _counts(journeys: Journeys) -> NDArray[np.bool_]:
    """Which journeys have something to share out."""
    return np.asarray((journeys.converted > 0) | (journeys.value != 0))


def _of_journeys(journeys: Journeys, whose: Ints) -> dict[str, Any]:
    segment = None if journeys.segment is None else _named(journeys.segments, journeys.segment[whose])
    prospect = None if journeys.prospect is None else journeys.prospect[whose]
    return {"journey": whose, "prospect": prospect, "segment": segment}


def _worth(journeys: Journeys, whose: Ints) -> dict[str, Any]:
    return {"conversions": journeys.converted[whose], "value": journeys.value[whose]}


def _named(names: tuple[str, ...], codes: NDArray[np.int32]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names, pa.string()))


def _table(
    columns: Mapping[str, Any], found: Mapping[str, Reals], told: Mapping[str, str], about: dict[str, str]
) -> pa.Table:
    """The columns that are known, then those of models."""
    known = {name: pa.array(column) for name, column in columns.items() if column is not None}
    units = {"conversions": "conversions", "value": "currency"}
    fields = [
        pa.field(name, column.type, metadata={"units": units[name]} if name in units else None)
        for name, column in known.items()
    ]
    for label, shares in found.items():
        if label in known:
            raise ValueError(f"{label}: a model is called like a column of the table; give it another name")
        known[label] = pa.array(shares)
        about_it = {"units": "1", "long_name": SHARE, "tells apart": told[label]}
        fields.append(pa.field(label, pa.float64(), metadata=about_it))
    return pa.Table.from_arrays(list(known.values()), schema=pa.schema(fields, metadata=about))
