"""A range stands for a number: it is kept with its law, its median runs, and texts stay texts."""

from __future__ import annotations

import math

import jsonschema
import numpy as np
import pytest
from scipy import stats

from funnelsim.scenario import loads, schema
from funnelsim.scenario.distributions import Law
from funnelsim.scenario.document import parse
from funnelsim.scenario.loading import with_values
from funnelsim.scenario.quantiles import cdf, ppf

from .places import SMALL, small

WON = ("won: 30%", "won: 20% to 30%")
PATH = "stages.demo.exits.won"
PER_MONTH = "USD / mo"


def the_one(*changes):
    """The single assumption of the small scenario with these changes."""
    (found,) = loads(small(*changes)).assumptions
    return found


@pytest.mark.parametrize(
    ("change", "path", "family", "low", "high", "unit"),
    [
        (WON, PATH, "logit_normal", 20, 30, "%"),
        (("won: 30%", "won: 20 to 30%"), PATH, "logit_normal", 20, 30, "%"),
        (("won: 30%", "won: 0.2 to 0.3"), PATH, "logit_normal", 0.2, 0.3, ""),
        (("won: 30%", "won: {p: 20% to 30%}"), f"{PATH}.p", "logit_normal", 20, 30, "%"),
        (("won: 30%", "won: {logit: -1.2 to -0.6}"), f"{PATH}.logit", "normal", -1.2, -0.6, ""),
        (("won: 30%", "won: {logit: 0.2 to 0.6}"), f"{PATH}.logit", "normal", 0.2, 0.6, ""),
        (("duration: 3 d", "duration: 2 d to 4 d"), "stages.demo.duration", "lognormal", 2, 4, "d"),
        (("5 / d", "4 to 7 / d"), "channels.web.arrivals.rate", "lognormal", 4, 7, "/ d"),
        (("5 / d", "5 / d, trend: -10% / y to 30% / y"), "channels.web.arrivals.trend", "normal", -10, 30, "% / y"),
        (("reps: 2", "reps: 2 to 4"), "teams.sdr.reps", "lognormal", 2, 4, ""),
        (("reps: 2", "reps: 2, speed: 90% to 120%"), "teams.sdr.speed", "lognormal", 90, 120, "%"),
        (("reps: 2", "reps: 2, salary: $8000 to $12000 / mo"), "teams.sdr.salary", "lognormal", 8e3, 12e3, PER_MONTH),
        (("reps: 2", "reps: 2, salary: 8000 to 12000 USD / mo"), "teams.sdr.salary", "lognormal", 8e3, 12e3, PER_MONTH),
    ],
)  # fmt: skip
def test_a_range_is_a_ninety_percent_interval_of_the_law_that_fits_its_place(
    change, path, family, low, high, unit
) -> None:
    found = the_one(change)
    assert (found.path, found.law.family, found.unit) == (path, family, unit)
    assert (found.low, found.high) == pytest.approx((low, high))
    if not found.whole:
        assert found.quantile([0.05, 0.95]) == pytest.approx([low, high])


def test_the_median_stands_where_the_range_stood() -> None:
    scenario = loads(small(WON, ("reps: 2", "reps: 2 to 4"), ("5 / d", "4 / d to 9 / d")))
    odds = math.sqrt(0.2 / 0.8 * 0.3 / 0.7)
    assert scenario.stages["demo"].exits["won"].p.everyone == pytest.approx(odds / (1 + odds))
    assert scenario.channels["web"].arrivals.rate * 86400 == pytest.approx(6.0)
    assert len(scenario.teams["sdr"].reps) == 3


def test_an_assumption_knows_its_line() -> None:
    found = the_one(WON)
    assert SMALL.splitlines()[found.line - 1].strip() == "exits: {won: 30%, lost: {rest: true}}"
    (over,) = loads(SMALL, {PATH: "20% to 30%"}).assumptions
    assert (over.file, over.line, over.text) == ("--set", None, "20% to 30%")


@pytest.mark.parametrize(
    "change",
    [
        ("name: small", "name: 2 to 4"),
        ("name: small", "name: small\ndescription: 20% to 30%"),
        ("lost: {rest: true}}\n  won", "lost: {rest: true, reason: 3 d to 4 d}}\n  won"),
        ("teams:", "sources: {teams.sdr: {source: 5 to 8 %, confidence: L}}\nteams:"),
        ("teams:", "policies: {more: {says: 2 to 4, set: {teams.sdr.reps: 2 to 4}}}\nteams:"),
        ("{reps: 2", "{reps: [{name: 2 to 4}, {count: 1}]"),
    ],
)
def test_a_text_that_looks_like_a_range_stays_a_text(change) -> None:
    assert loads(small(change)).assumptions == ()


def test_a_stage_may_be_called_uncertain() -> None:
    scenario = loads(SMALL.replace("qualify", "uncertain"))
    assert scenario.assumptions == ()
    assert "uncertain" in scenario.stages
    assert the_one(("  qualify:", "  uncertain:"), ("demo: 40%", "demo: 30% to 40%")).path == (
        "stages.uncertain.exits.demo"
    )


@pytest.mark.parametrize(
    ("written", "law"),
    [
        ("triangular: {low: 20%, mode: 25%, high: 40%}", stats.triang(0.25, 0.2, 0.2)),
        ("uniform: {low: 20%, high: 40%}", stats.uniform(0.2, 0.2)),
        ("beta: {mean: 30%, sd: 5%}", stats.beta(24.9, 58.1)),
        ("normal: {mean: 30%, sd: 2%}", stats.norm(0.3, 0.02)),
        ("lognormal: {median: 20%, sigma: 0.2}", stats.lognorm(0.2, scale=0.2)),
        ("pert: {low: 10%, mode: 20%, high: 40%}", stats.beta(1 + 4 / 3, 1 + 8 / 3, 0.1, 0.3)),
    ],
)
def test_a_law_may_be_written_out(written, law) -> None:
    found = the_one(("won: 30%", f"won: {{uncertain: {{{written}}}}}"))
    u = np.array([0.01, 0.05, 0.3, 0.5, 0.9, 0.999])
    assert found.quantile(u) == pytest.approx(100 * law.ppf(u))
    assert found.centre == pytest.approx(100 * law.ppf(0.5))


@pytest.mark.parametrize(
    "law",
    [
        Law("normal", {"mean": 3.0, "sd": 2.0}),
        Law("logit_normal", {"median": 0.2, "sigma": 0.7}),
        Law("beta", {"a": 2.0, "b": 5.0}),
    ],
)
def test_distribution_functions_and_quantiles_are_inverse(law) -> None:
    u = np.linspace(0.001, 0.999, 101)
    assert cdf(law, ppf(law, u)) == pytest.approx(u)


def test_a_whole_law_is_rounded() -> None:
    found = the_one(("reps: 2", "reps: {uncertain: {uniform: {low: 1.5, high: 4.5}}}"))
    assert found.whole
    assert list(found.quantile([0.1, 0.5, 0.9])) == [2.0, 3.0, 4.0]
    between = the_one(("reps: 2", "reps: {uncertain: {triangular: {low: 1, mode: 2, high: 5}}}"))
    assert between.whole
    assert between.centre == 3.0  # the median, 2.55, rounded


def test_values_may_be_put_in_the_place_of_ranges() -> None:
    scenario = loads(small(WON, ("reps: 2", "reps: 2 to 4")))
    one = with_values(scenario, {PATH: 22.5})
    assert one.stages["demo"].exits["won"].p.everyone == pytest.approx(0.225)
    assert len(one.teams["sdr"].reps) == 3
    assert one.assumptions == ()
    with pytest.raises(KeyError, match="did you mean stages"):
        with_values(scenario, {"stages.demo.exits.win": 22.5})


def test_a_policy_may_bring_a_range() -> None:
    scenario = loads(small(("teams:", "policies: {more: {set: {teams.sdr.reps: 2 to 4}}}\nteams:")))
    from funnelsim.scenario.loading import changed

    (found,) = changed(scenario, scenario.policies["more"].changes).assumptions
    assert found.path == "teams.sdr.reps"


def test_correlations_are_kept_by_the_full_path_and_lapse_with_a_range() -> None:
    text = small(WON, ("5 / d", "4 / d to 9 / d"))
    text += "correlations: [{between: [stages.demo.exits.won, channels.web.rate], r: 0.5}]\n"
    assert loads(text)._assumptions.correlated == ((0, 1, 0.5),)
    assert loads(text, {PATH: "25%"})._assumptions.correlated == ()


def test_editors_accept_ranges_and_no_others() -> None:
    validator = jsonschema.Draft202012Validator(schema.scenario_schema())

    def sound(*changes):
        return validator.is_valid(parse(small(*changes), "a.yaml").tree)

    assert sound(WON, ("reps: 2", "reps: 2 to 4"), ("5 / d", "4 / d to 9 / d"), ("3 d", "2 d to 4 d"))
    assert sound(("won: 30%", "won: {uncertain: {triangular: {low: 20%, mode: 25%, high: 30%}}}"))
    assert not sound(("won: 30%", "won: {uncertain: {triangular: {low: 20%, high: 30%}}}"))
    assert not sound(("won: 30%", "won: {uncertain: {triangle: {low: 20%, high: 30%}}}"))
    assert not sound(("won: 30%", "won: 20% or 30%"))
