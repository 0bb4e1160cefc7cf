"""scenarios/customer_success.yaml: lateness costs what its curve says, and satisfaction brings friends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from theory.evidence import Runs, agree, of_same, one_each, run

import funnelsim as fs
from funnelsim.plan.trace import ENTERED, LEFT, STARTED

NAME = "customer_success"
PLEASED = 0.88  # of those whom nobody let wait
HALF_LIFE, FLOOR, CAUSAL = 10.0, 0.2, 0.6  # of the curve, in days
AT_ONCE: dict[str, Any] = {"teams.cs.reps": 60, "teams.cs.hours": "mon-sun 0-24"}
ENOUGH: dict[str, Any] = {"teams.cs.reps": 9}


def satisfied(runs: Runs) -> NDArray[np.float64]:
    """The share of those onboarded who are satisfied, by replication."""
    taken = [runs.count("exits", "onboarding", label) for label in ("satisfied", "disappointed")]
    return np.asarray(taken[0] / sum(taken))


def test_with_people_at_once_as_many_are_satisfied_as_the_file_says() -> None:
    agree("satisfied", satisfied(run(NAME, AT_ONCE, seed=691, replications=60)), PLEASED)


def test_without_an_effect_of_lateness_the_line_does_no_harm() -> None:
    """Two people where four are too few: they are late for everybody, and nobody minds."""
    changes = {"teams.cs.reps": 2, "stages.onboarding.response.causal_share": "0%"}
    agree("satisfied", satisfied(run(NAME, changes, seed=692, replications=80)), PLEASED)


@pytest.mark.parametrize("reps", [3, 4])
def test_lateness_costs_what_the_curve_says_of_the_waits(reps: int) -> None:
    """Each customer's chance worked out from the trace, by the formula of the curve."""
    runs = run(NAME, {"teams.cs.reps": reps}, seed=693, replications=120, trace=True)
    pleased, expected = np.array([onboarded(runs, rows) for rows in runs.outcome.traces]).T
    print(f"{reps} reps: of those onboarded {expected.mean():.1%} are expected to be satisfied")
    agree("satisfied, over what the curve says", pleased / expected, 1)
    assert expected.mean() < PLEASED - 0.03


def onboarded(runs: Runs, rows: NDArray[np.void]) -> tuple[float, float]:
    """The share of satisfied customers in a replication, and the share that was to be expected of their waits."""
    stage = runs.compiled.stages.index("onboarding")
    left = one_each(rows, LEFT, stage)
    begun, came = (of_same(one_each(rows, code, stage), left) for code in (STARTED, ENTERED))
    days = (begun["tick"] - came["tick"]) * runs.compiled.timeline.tick / 86_400
    chances = PLEASED * (1 - CAUSAL * (1 - FLOOR) * (1 - 2 ** (-days / HALF_LIFE)))
    exits = [at for at, name in enumerate(runs.compiled.exits) if name[:2] == ("onboarding", "satisfied")]
    return float(np.isin(left["detail"], exits).mean()), float(chances.mean())


@pytest.fixture(scope="module")
def enough() -> xr.Dataset:
    return fs.simulate(fs.load(NAME, ENOUGH), replications=480, seed=694)


def years_in(ds: xr.Dataset, stage: str) -> NDArray[np.float64]:
    """Years that customers spent in a stage, all together, by replication."""
    measured = np.datetime64(ds.attrs["measured_until"]) - np.datetime64(ds.attrs["measured_from"])
    return np.asarray(ds["work_in_process_mean"].sel(stage=stage).values * (measured / np.timedelta64(1, "D")) / 365.25)


def test_those_who_are_satisfied_bring_others_at_their_rate(enough: xr.Dataset) -> None:
    """0.4 a year for each who is satisfied, and none for the others."""
    agree("friends a year", total(enough, "referrals") / years_in(enough, "satisfied"), 0.4)


def test_disappointed_customers_leave_as_often_as_the_file_says_and_far_sooner(enough: xr.Dataset) -> None:
    """60% of them after 18 weeks; of the others some 9% after a year."""
    share, yearly = {}, {}
    for stage in ("satisfied", "disappointed"):
        gone = enough["exits"].sel(exit=f"{stage} -> gone").sum("bucket").values
        share[stage] = gone / enough["left"].sel(stage=stage).sum("bucket").values
        yearly[stage] = (gone / years_in(enough, stage)).mean()
        print(f"{stage}: {share[stage].mean():.1%} leave, {yearly[stage]:.3f} of a customer a year")
    agree("of the disappointed leave", share["disappointed"], 0.6)
    assert 0.07 < share["satisfied"].mean() < 0.10  # 7% of one segment, 10% of the other
    assert yearly["disappointed"] > 15 * yearly["satisfied"]


def test_more_satisfied_customers_bring_more_others_and_leave_less() -> None:
    """The same customers under two onboardings, replication by replication."""
    few, many = (changed({"stages.onboarding.exits.satisfied": p}) for p in ("60%", "95%"))
    for name, sign in (("referrals", 1), ("churns", -1)):
        gap = sign * (total(many, name) - total(few, name))
        print(f"{name}: {total(few, name).mean():.0f}, then {total(many, name).mean():.0f}")
        assert (gap > 0).all()


def changed(changes: dict[str, Any]) -> xr.Dataset:
    return fs.simulate(fs.load(NAME, {**ENOUGH, **changes}), replications=20, seed=695)


def total(ds: xr.Dataset, name: str) -> NDArray[np.float64]:
    """A count of the whole period, by replication."""
    return np.asarray(ds[name].sum([dim for dim in ds[name].dims if dim != "replication"]).values)
