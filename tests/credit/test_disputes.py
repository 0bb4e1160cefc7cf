"""Journeys on which two models disagree: what is placed elsewhere inside them adds up to what channels differ by."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution import credit, disagreement, disagreement_by_journey, disagreement_in_words, from_events, from_paths
from attribution.disputes import ALIKE
from attribution.journeys import collapse
from attribution.models import CausalHazard, First, Last, LeaveOneOut, Linear, Markov, Participation, Shapley, TimeDecay

from .drawn import ROWS, Row, journeys_of
from .test_groups import log

PAIRS = [
    (First(), Last()),
    (Linear(), TimeDecay()),
    (Participation(), Shapley()),
    (LeaveOneOut(), CausalHazard()),
]


@pytest.mark.parametrize("alike", ALIKE)
@pytest.mark.parametrize("most", [1, 5, None])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].label}-{pair[1].label}")
def test_differences_inside_journeys_add_up_to_those_of_channels(pair, most: int | None, alike: str) -> None:
    """Whatever is counted together, and however few are shown, models with other totals too."""
    journeys = from_events(log())
    found, whole = disagreement_by_journey(journeys, *pair, most, alike=alike), credit(journeys, pair)["conversions"]
    one, other = (model.label for model in pair)
    inside = found["credit"].sum("path") + found["rest"]
    for label in (one, other):
        np.testing.assert_allclose(inside.sel(model=label), whole.sel(model=label), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        inside.sel(model=one) - inside.sel(model=other), whole.sel(model=one) - whole.sel(model=other), atol=1e-10
    )
    # Differences inside journeys can only cancel between them.
    apart = float(abs(whole.sel(model=one) - whole.sel(model=other)).sum()) / 2
    assert found.attrs["placed_elsewhere"] >= apart - 1e-9
    if most is None:
        np.testing.assert_allclose(found["placed_elsewhere"].sum(), found.attrs["placed_elsewhere"], rtol=1e-12)
        np.testing.assert_allclose(found["share"].sum(), 1.0, rtol=1e-12)
        assert found.sizes["path"] == found.attrs["disputed_paths"]
    assert (np.diff(found["placed_elsewhere"]) <= 0).all()


@given(rows=ROWS, alike=st.sampled_from(ALIKE))
@settings(max_examples=60)
def test_first_and_last_disagree_where_a_path_ends_elsewhere_than_it_began(rows: list[Row], alike: str) -> None:
    """Without arrays: all conversions of such a path, and none of another; sets of channels hold both kinds."""
    found = disagreement_by_journey(journeys_of(rows), First(), Last(), None, alike=alike)
    firsts: dict[str, Counter[str]] = {}
    lasts: dict[str, Counter[str]] = {}
    for row in rows:
        path = [name for at, name in enumerate(row.path) if alike != "runs" or at == 0 or row.path[at - 1] != name]
        name = " + ".join(sorted(set(path))) if alike == "channels" else " > ".join(path)
        firsts.setdefault(name, Counter())[row.path[0]] += row.converted
        lasts.setdefault(name, Counter())[row.path[-1]] += row.converted
    expected = {
        name: sum(abs(firsts[name][c] - lasts[name][c]) for c in firsts[name] | lasts[name]) / 2 for name in firsts
    }
    assert dict(zip(found["path"].values.tolist(), found["placed_elsewhere"].values.tolist(), strict=True)) == {
        name: apart for name, apart in expected.items() if apart
    }


def test_shares_of_one_channel_come_to_the_disagreement_of_models() -> None:
    """Of journeys of one set of channels there is one group, and inside it is the whole disagreement."""
    journeys = from_paths(["a > b", "b > a", "a > b > b"], [5, 3, 2])
    found = disagreement_by_journey(journeys, First(), Linear(), alike="channels")
    apart = disagreement(credit(journeys, [First(), Linear()])).sel(model="first", other="linear")
    np.testing.assert_allclose(found["placed_elsewhere"].values, [10 * float(apart)], rtol=1e-12)


def test_in_words_by_hand() -> None:
    journeys = from_paths(["mail > mail > ads", "ads > mail", "ads", "tv > mail > ads"], [30, 10, 7, 8], [1, 2, 3, 4])
    found = disagreement_by_journey(journeys, Last(), Linear())
    frame = disagreement_in_words(found)
    assert frame.columns.tolist() == [
        "path", "conversions", "placed elsewhere", "of all (%)", "more by last", "more by linear"
    ]  # fmt: skip
    assert frame.values.tolist() == [
        ["mail x2 > ads", 30.0, 20.0, 65.9, "ads 20.0", "mail 20.0"],
        ["tv > mail > ads", 8.0, 5.3, 17.6, "ads 5.3", "mail 2.7, tv 2.7"],
        ["ads > mail", 10.0, 5.0, 16.5, "mail 5.0", "ads 5.0"],
    ]
    assert found["journeys"].values.tolist() == [31.0, 12.0, 12.0]
    assert found.attrs["paths"] == 4


def test_runs_are_the_paths_of_collapsed_journeys() -> None:
    """Where models do not see runs, the same as on journeys without them."""
    journeys = from_events(log())
    found = disagreement_by_journey(journeys, First(), Last(), None, alike="runs")
    other = disagreement_by_journey(collapse(journeys), First(), Last(), None)
    assert found["path"].values.tolist() == other["path"].values.tolist()
    np.testing.assert_array_equal(found["placed_elsewhere"], other["placed_elsewhere"])


def test_two_that_agree() -> None:
    found = disagreement_by_journey(from_paths(["a", "b > b"], [3, 4]), First(), Last())
    assert (found.sizes["path"], found.attrs["placed_elsewhere"]) == (0, 0.0)
    assert disagreement_in_words(found).empty


def test_journeys_without_a_touch_are_nobodys() -> None:
    journeys = from_paths(["a > b", "b > a"], [2, 1])
    empty = replace(
        journeys, offsets=np.array([0, 0, 2, 4]), converted=np.array([9.0, 2, 1]), lost=np.zeros(3), value=np.zeros(3)
    )
    for alike in ALIKE:
        found = disagreement_by_journey(empty, First(), Last(), alike=alike)
        expected = {"channels": [1.0]}.get(alike, [2.0, 1.0])
        assert found["placed_elsewhere"].values.tolist() == expected


def test_what_is_wrong_is_said() -> None:
    journeys = from_paths(["a > b"])
    for pair, keywords, says in [
        ((First(), Markov(1)), {}, "markov_1: it hands out all conversions together, by channel; no journey has"),
        ((First(), First()), {}, "first: two models have this name"),
        ((First(), Last()), {"most": 0}, "most: 0; it must be at least 1, or None for all"),
        ((First(), Last()), {"alike": "paths"}, "alike is 'paths'; it must be one of path, runs, channels"),
    ]:
        with pytest.raises(ValueError, match=says):
            disagreement_by_journey(journeys, *pair, **keywords)
