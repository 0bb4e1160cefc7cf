"""Credit by touch and by journey: it adds up to credit by channel, and says who cannot know it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

import attribution
from attribution import credit, credit_by_journey, credit_by_touch, from_events, from_paths
from attribution.journeys import Journeys
from attribution.models import (
    ALL,
    FITTED,
    BaggedLogistic,
    CausalHazard,
    Credit,
    CreditModel,
    First,
    Last,
    LastNot,
    LeaveOneOut,
    LinearDistinct,
    Markov,
    Participation,
    Position,
    Shapley,
)

from .drawn import ROWS, Row, journeys_of
from .test_groups import log

TOGETHER = ("markov_1", "markov_2", "markov_3", "markov_4", "shapley_rate", "shao_li")
"""Models that hand out all conversions together."""


def summed(table: pa.Table, model: str, channels: list[str], of: str = "conversions") -> np.ndarray:
    """Shares times what journeys brought, by channel."""
    frame = table.select(["channel", of, model]).to_pandas()
    return (frame[model] * frame[of]).groupby(frame["channel"].astype(str)).sum().reindex(channels, fill_value=0).values


def by_channel(journeys: Journeys, models: list[CreditModel], rtol: float = 1e-12) -> set[str]:
    """The models whose credit adds up, whether of touches or of channels in journeys."""
    whole, channels = credit(journeys, models), list(journeys.channels)
    tables = credit_by_touch(journeys, models), credit_by_journey(journeys, models)
    for model in whole["model"].values.tolist():
        for table in tables:
            for of in ("conversions", "value"):
                scale = max(1.0, abs(whole[of]).max().item())
                found = summed(table, model, channels, of)
                np.testing.assert_allclose(found, whole[of].sel(model=model), rtol=rtol, atol=rtol * scale)
    return set(whole["model"].values.tolist())


@given(rows=ROWS)
@settings(max_examples=30)
def test_credit_of_touches_adds_up_to_that_of_channels(rows: list[Row]) -> None:
    """Of every model that can say it and that the journeys suffice for, for counts of journeys too."""
    journeys = journeys_of([replace(row, lost=row.lost + 1) for row in rows])
    skipped = [name.removeprefix("skipped: ") for name in credit(journeys).attrs]
    enough = [model for model in (*ALL, LastNot("direct")) if model.label not in (*TOGETHER, *skipped)]
    by_channel(journeys, enough)


def test_every_model_says_it_or_says_why_not() -> None:
    """Fitted ones too, on a log with times; what cannot be known is left out by name, or refused where it is named."""
    journeys = from_events(log())
    table = credit_by_touch(journeys)
    about = {key.decode(): text.decode() for key, text in table.schema.metadata.items()}
    models = {model.label for model in ALL}
    skipped = {key.removeprefix("skipped: ") for key in about if key.startswith("skipped: ")}
    assert models == skipped | (models & set(table.column_names))
    together = {name for name in skipped if "it hands out all conversions together" in about[f"skipped: {name}"]}
    assert together == set(TOGETHER)
    can = [model for model in (*ALL, *FITTED) if model.label not in (*skipped, "markov_chosen")]
    assert by_channel(journeys, can) >= {"additive_hazard", "causal_hazard", "bagged_logistic", "leave_one_out"}
    for label in (*TOGETHER, "markov_chosen"):
        model = next(each for each in (*ALL, *FITTED) if each.label == label)
        with pytest.raises(ValueError, match=rf"{label}: it hands out all conversions together"):
            credit_by_touch(journeys, [model])


def test_a_log_by_hand() -> None:
    """Two who convert and one who does not; leave one out: b > a converts half the time, a alone never, b unknown."""
    start = dt.datetime(2026, 3, 2, 12)
    days = [0, 1, 1, 0, 2, 3]
    table = pa.table(
        {
            "prospect": [7, 7, 7, 5, 5, 9],
            "time": [start + dt.timedelta(days=day) for day in days],
            "channel": ["b", "a", None, "b", "a", "a"],
            "kind": ["touch", "touch", "conversion", "touch", "touch", "touch"],
            "value": [None, None, 50.0, None, None, None],
            "segment": ["x", "x", "x", "y", "y", "y"],
        }
    )
    found = credit_by_touch(from_events(table), [First(), LeaveOneOut()])
    rows = found.to_pylist()
    assert [row["prospect"] for row in rows] == [7, 7]
    assert [(row["place"], row["channel"], row["segment"]) for row in rows] == [(1, "b", "x"), (2, "a", "x")]
    assert [row["time"] for row in rows] == [start, start + dt.timedelta(days=1)]
    assert [(row["conversions"], row["value"]) for row in rows] == [(1.0, 50.0)] * 2
    assert [row["first"] for row in rows] == [1.0, 0.0]
    # Without a it is b, which is no path: 1/2 - 0; without b it is a, whose rate is 0.
    assert [row["leave_one_out"] for row in rows] == [0.5, 0.5]
    assert found.schema.metadata[b"touches of journeys without a conversion"] == b"3"
    assert len({row["journey"] for row in rows}) == 1
    inside = credit_by_journey(from_events(table), [First()]).to_pylist()
    assert [(row["channel"], row["touches"], row["first"]) for row in inside] == [("a", 1, 0.0), ("b", 1, 1.0)]
    assert inside[0]["end"] == start + dt.timedelta(days=1)


def test_touches_that_a_model_cannot_tell_apart_get_the_same() -> None:
    """By hand: a > a > b is half a's; counts tell touches apart only by how many there are."""
    journeys = from_paths(["a > a > b", "b", "a"], [6, 1, 1], [1, 4, 4], [30, 1, 1])
    table = credit_by_touch(journeys, [Shapley(), LinearDistinct(), Participation(), BaggedLogistic(bags=0)])
    first = table.slice(0, 3)
    assert first["shapley"].to_pylist() == first["linear_distinct"].to_pylist() == [0.25, 0.25, 0.5]
    assert first["participation"].to_pylist() == [0.5, 0.5, 1.0]
    # Symmetric channels have the same coefficient.
    np.testing.assert_allclose(first["bagged_logistic"].to_numpy(), [0.25, 0.25, 0.5], rtol=1e-6)
    assert b"touches of one channel" in table.schema.field("shapley").metadata[b"tells apart"]
    counted = credit_by_touch(journeys, [BaggedLogistic(bags=0, counts=True), First()])
    assert {counted.schema.field(at).metadata[b"tells apart"] for at in counted.column_names[-2:]} == {b"touches"}
    shares = counted["bagged_logistic"].to_numpy()
    assert shares[0] == shares[1]
    assert shares[:3].sum() == pytest.approx(1.0, rel=1e-12)


def test_what_journeys_do_not_know_has_no_column() -> None:
    names = credit_by_touch(from_paths(["a > b"]), [First()]).column_names
    assert names == ["journey", "place", "channel", "conversions", "value", "first"]


def test_shares_of_a_baseline_are_missing_from_a_journey() -> None:
    """Touches on the first day, conversions at any time: shares of touches come to what the baseline does not keep."""
    rng = np.random.default_rng(4)
    waits = rng.uniform(0.0, 60.0, 300)
    converts = waits < 30.0
    who = np.concatenate([np.arange(300), np.flatnonzero(converts), [300, 301]])
    kinds = ["touch"] * 300 + ["conversion"] * int(converts.sum()) + ["touch", "loss"]
    times = np.concatenate([np.zeros(300), waits[converts], [0.0, 30.0]])
    table = pa.table(
        {
            "prospect": who,
            "time": times,
            "kind": kinds,
            "channel": ["a", "b"] * 150 + [None] * int(converts.sum()) + ["a", None],
        }
    )
    journeys = from_events(table)
    kept = CausalHazard().credit(journeys).details["baseline_conversions"]
    table = credit_by_touch(journeys, [CausalHazard()])
    given = float(table["causal_hazard"].to_numpy() @ table["conversions"].to_numpy())
    assert given + kept == pytest.approx(journeys.conversions, rel=1e-12)
    assert kept > 0.05 * journeys.conversions


def test_a_model_of_ones_own_may_say_it() -> None:
    class Middle(CreditModel):
        name: ClassVar[str] = "middle"

        def credit(self, journeys: Journeys) -> Credit:
            shares = np.zeros(journeys.n_touches)
            shares[(journeys.offsets[:-1] + journeys.offsets[1:] - 1) // 2] = 1.0
            each = np.repeat(journeys.converted, np.diff(journeys.offsets)) * shares
            found = np.bincount(journeys.channel, each, len(journeys.channels))
            return Credit(found, found, shares)

    assert credit_by_touch(from_paths(["a > b > c"]), [Middle()])["middle"].to_pylist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("table", [credit, credit_by_touch, credit_by_journey])
def test_two_models_of_one_name_are_refused(table: Any) -> None:
    """Before, one took the place of the other, or both were added up."""
    with pytest.raises(ValueError, match="position_40_20_40: two models have this name"):
        table(from_paths(["a > b"]), [Position(), Position(halves=True)])


def test_a_table_goes_to_frames_and_files(tmp_path: Any) -> None:
    import pyarrow.parquet as pq

    table = attribution.credit_by_touch(from_events(log()), [Last()])
    pq.write_table(table, tmp_path / "touches.parquet")
    assert pq.read_table(tmp_path / "touches.parquet").equals(table)
    frame = table.to_pandas()
    assert frame["last"].sum() == from_events(log()).conversions
    assert frame["time"].dtype.kind == "M"


def test_nobody_converts() -> None:
    journeys = from_paths(["a > b"], [0], [3])
    assert credit_by_touch(journeys, [First(), LeaveOneOut()]).num_rows == 0
    assert credit_by_journey(journeys, [First()]).num_rows == 0
    with pytest.raises(ValueError, match="markov_1"):
        credit_by_journey(journeys, [Markov(1)])
