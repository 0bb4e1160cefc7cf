"""In any vocabulary the totals are the same; funnel and pipeline are told apart, and nobody is counted twice."""

import json
import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import funnelsim as fs
from funnelsim.plan.layout import LOST
from funnelsim.plan.trace import ARRIVED, ENTERED
from funnelsim.results.dataset import dataset_of
from funnelsim.results.run import Run
from funnelsim.results.views import in_words, view_summary

from .cases import dataset, scenario, shop, traced

NAME = "full"
STAGES = tuple(scenario(NAME).stages)
ZONES = {"stages.look.zone": "top", "stages.call.zone": "top", "stages.meet.zone": "low"}


def by_hand(words, owner=None):
    """One replication, worked by hand: ten come from the web to `see`, three from a fair straight to `talk`.

    Of the web's ten, six go on to `try`, three of these to `talk`; one of the ten goes from `see` to `talk` at once,
    three are lost. All seven who talked decide: three of the web's four and one of the fair's three buy.
    """
    stages = ["see", "try", "talk", "won", "lost"]
    exits = {
        ("see", "try"): 6, ("see", "talk"): 1, ("see", "lost"): 3, ("try", "talk"): 3, ("try", "lost"): 3,
        ("talk", "won"): 4, ("talk", "lost"): 3, ("talk", "see"): 0,
    }  # fmt: skip
    word_of = {stage: word for word, covered in words.items() for stage in covered}
    reached = [[10, 0], [6, 0], [4, 3], [3, 1], [7, 2]]
    return xr.Dataset(
        {
            "entries": (("replication", "bucket", "stage"), [[[10, 6, 7, 4, 9]]]),
            "left": (("replication", "bucket", "stage"), [[[10, 6, 7, 0, 0]]]),
            "exits": (("replication", "bucket", "exit"), [[list(exits.values())]]),
            "work_in_process_mean": (("replication", "stage"), [[1.5, 0.25, 2.0, 0.0, 0.0]]),
            "prospects": ("replication", [13]),
            "prospects_by": (("replication", "bucket", "channel", "segment"), [[[[10], [3]]]]),
            "reached_by": (("replication", "stage", "channel", "segment"), np.array(reached)[None, :, :, None]),
        },
        coords={
            "stage": stages,
            "stage_kind": ("stage", ["open", "open", "open", "won", "lost"]),
            "exit_stage": ("exit", [here for here, _ in exits]),
            "exit_to": ("exit", [there for _, there in exits]),
            "view_drawn": ("stage", [word_of[stage] for stage in stages], {"words": json.dumps(list(words))}),
        },
    )


def test_a_view_adds_up_its_stages_in_the_order_of_its_words():
    told = in_words(by_hand({"Late": ["talk", "try"], "Early": ["see"], "Closed": ["won", "lost"]}), "drawn")
    assert told["word"].values.tolist() == ["Late", "Early", "Closed"]
    assert told["word_stages"].values.tolist() == ["try, talk", "see", "won, lost"]
    assert told["entries"].values.tolist() == [[13, 10, 13]]
    assert told["left"].values.tolist() == [[13, 10, 0]]
    assert told["work_in_process"].values.tolist() == [[2.25, 1.5, 0.0]]


@pytest.mark.parametrize(
    ("covered", "low", "high"),
    [
        (["see", "try"], 10, 10),  # who tries has seen
        (["see", "talk"], 13, 13),  # everybody was born in one of the two
        (["try", "won"], 7, 10),  # 6 tried and 3 bought of the web's ten; of the fair's three 1 bought: 7 to 9 + 1
        (["talk", "won", "lost"], 7, 7),  # being lost is no step
        (["lost"], 9, 9),
        (["try", "talk"], 9, 13),  # by two ways: of the web's ten between 6 and 6 + 4
    ],
)
def test_nobody_is_counted_twice_where_that_can_be_known(covered, low, high):
    rest = [stage for stage in ("see", "try", "talk", "won", "lost") if stage not in covered]
    told = in_words(by_hand({"It": covered, "Rest": rest}), "drawn").sel(word="It")
    assert (int(told["reached"].item()), int(told["reached_at_most"].item())) == (low, high)


def test_conversion_is_of_the_cohort_and_leaves_the_lost_out():
    found = view_summary(by_hand({"A": ["see"], "Gone": ["lost"], "B": ["try", "talk"], "C": ["won"]}), "drawn")
    lines = {line.word: line for line in found.words}
    assert lines["A"].funnel["conversion"].value == 100 * 9 / 10
    assert lines["B"].funnel["conversion"].value == pytest.approx(100 * 4 / 9)
    assert lines["B"].at_most.value == 13
    assert not lines["A"].at_most.known
    assert math.isnan(lines["C"].funnel["conversion"].value)
    assert math.isnan(lines["Gone"].funnel["conversion"].value)
    assert lines["A"].funnel["share"].value == pytest.approx(100 * 10 / 13)
    assert [line.pipeline["in_process"].known for line in found.words] == [True, False, True, False]
    assert not set(lines["A"].funnel) & set(lines["A"].pipeline)


@st.composite
def partitions(draw):
    """The stages of a scenario in one to five words, in any order."""
    word_of = draw(st.lists(st.sampled_from("VWXYZ"), min_size=len(STAGES), max_size=len(STAGES)))
    words = draw(st.permutations(sorted(set(word_of))))
    return {word: tuple(stage for stage, each in zip(STAGES, word_of, strict=True) if each == word) for word in words}


def laid_over(words):
    """The dataset of a traced run with a view laid over it."""
    compiled, outcome = traced(NAME)
    seen = scenario(NAME).model_copy(update={"views": {"drawn": words}})
    return dataset_of(Run(seen, compiled, outcome.tally.arrays, 1, 0, "kernel"))


@given(partitions())
def test_totals_are_equal_in_every_vocabulary(words):
    ds = laid_over(words)
    told = in_words(ds, "drawn")
    assert told["word"].values.tolist() == list(words)
    for name, of_stages in (("entries", ds["entries"].sum("bucket")), ("left", ds["left"].sum("bucket"))):
        np.testing.assert_array_equal(told[name].sum("word"), of_stages.sum("stage"))
        for other in ("zone", "owner"):
            np.testing.assert_array_equal(told[name].sum("word"), in_words(ds, other)[name].sum("word"))
    np.testing.assert_allclose(told["work_in_process"].sum("word"), ds["work_in_process_mean"].sum("stage"))
    grouped = ds.groupby("view_drawn").sum()["entries"].sum("bucket").sel(view_drawn=list(words))
    np.testing.assert_array_equal(grouped.transpose("replication", ...), told["entries"])


@given(partitions())
def test_the_trace_finds_as_many_as_the_bounds_say(words):
    told = in_words(laid_over(words), "drawn")
    compiled, outcome = traced(NAME)
    lost = {at for at, kind in enumerate(compiled.plan["stages"]["terminal"].tolist()) if kind == LOST}
    for replication, trace in enumerate(outcome.traces):
        born = trace[(trace["code"] == ARRIVED) & (trace["tick"] >= compiled.timeline.warmup)]["prospect"]
        entered = trace[trace["code"] == ENTERED]
        for word, covered in words.items():
            places = {STAGES.index(stage) for stage in covered}
            there = entered[np.isin(entered["stage"], list(places - lost or places))]["prospect"]
            true = np.intersect1d(born, there).size
            line = told.isel(replication=replication).sel(word=word)
            assert int(line["reached"]) <= true <= int(line["reached_at_most"])


def test_a_word_of_a_chain_is_known_exactly():
    """Negative control: adding up its stages would count most of them twice."""
    ds = fs.simulate(fs.load("b2b_saas", {"horizon": "30 w", "warmup": "4 w"}), replications=2, seed=1, threads=1)
    told = in_words(ds, "prospecting_to_closed")
    np.testing.assert_array_equal(told["reached"], told["reached_at_most"])
    np.testing.assert_array_equal(told["reached"].sel(word="Prospecting"), ds["prospects"])
    added_up = ds["reached"].sum("bucket").sel(stage=["nurture", "qualify"]).sum("stage")
    assert (added_up > 1.2 * ds["prospects"]).all()


def test_a_word_for_each_stage_says_what_the_stages_say():
    ds = laid_over({stage: (stage,) for stage in STAGES})
    told = in_words(ds, "drawn")
    np.testing.assert_array_equal(told["reached"], ds["reached"].sum("bucket"))
    np.testing.assert_array_equal(told["reached_at_most"], told["reached"])


def test_another_owner_changes_the_view_of_owners_and_nothing_else():
    ours = fs.simulate(shop(**ZONES), replications=2, seed=3, threads=1)
    theirs = fs.simulate(shop(**ZONES, **{"stages.call.owner": "marketing"}), replications=2, seed=3, threads=1)
    xr.testing.assert_identical(in_words(ours, "zone"), in_words(theirs, "zone"))
    by_owner = [in_words(ds, "owner")["entries"] for ds in (ours, theirs)]
    np.testing.assert_array_equal(*(entries.sum("word") for entries in by_owner))
    moved = ours["entries"].sel(stage="call").sum("bucket")
    np.testing.assert_array_equal((by_owner[0] - by_owner[1]).sel(word="sales"), moved)
    assert (moved > 0).all()


def test_a_view_changes_nothing_that_happens():
    plain = fs.simulate(shop(), replications=2, seed=3, threads=1)
    views = {"views": {"two": {"all": ["look", "call", "meet", "think"], "end": ["won", "lost"]}}}
    seen = fs.simulate(shop(**views), replications=2, seed=3, threads=1)
    xr.testing.assert_equal(seen.drop_vars("view_two"), plain)
    assert seen["view_two"].values.tolist() == ["all", "all", "all", "all", "end", "end"]
    assert "view_zone" not in plain.coords


def test_a_result_from_a_file_knows_its_views(tmp_path):
    ds = laid_over({"späte Stufen": STAGES[1:], "one": STAGES[:1]})
    fs.save_result(ds, tmp_path / "r.nc")
    again = fs.open_result(tmp_path / "r.nc")
    for view in ("drawn", "zone", "owner"):
        xr.testing.assert_identical(in_words(again, view), in_words(ds, view))


def test_an_unknown_view_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="found 'ownr'; it must be one of zone, owner; did you mean owner"):
        in_words(fs.simulate(shop(**ZONES), replications=1, seed=3, threads=1), "ownr")


def test_what_is_there_is_what_leaves_a_day_times_how_long_it_stayed():
    ds = dataset()
    days = float(ds["bucket_days"].sum())
    by_flow = ds["left"].sum("bucket") / days * ds["time_in_stage_mean"].fillna(0) / 24
    np.testing.assert_allclose(ds["work_in_process_by_flow"], by_flow.transpose(*ds["work_in_process_by_flow"].dims))


def test_flow_and_pipeline_of_a_pure_delay_are_those_of_palm():
    ds = fs.simulate(fs.load("mginf"), replications=20, seed=5, threads=1)
    for name in ("work_in_process_by_flow", "work_in_process_mean"):
        found = fs.interval(ds[name].sel(stage="nurture"))
        error = float(found["high"] - found["mean"]) / 2.093
        z = (float(found["mean"]) - 50 * 2) / error
        print(f"{name}: {float(found['mean']):.3f}, z = {z:.2f}")
        assert abs(z) < 4
        assert 4 * error < 2  # an error of 2% fails
