"""Expected wins in a dataset: there if they were asked for, with what they are, and the same by both engines."""

import json

import numpy as np

import funnelsim as fs

from .cases import shop

NAMES = ("wins", "revenue")


def test_expected_wins_are_labelled_and_add_up():
    ds = fs.simulate(shop(), replications=3, seed=3, threads=1, expected=True)
    for name in NAMES:
        whole = ds[f"expected_{name}"]
        assert whole.dims == ("replication",)
        assert whole.attrs["units"] == ds[name].attrs["units"]
        assert json.loads(whole.attrs["tail_stages"]) == []
        for suffix in ("_by_bucket", "_by"):
            part = ds[f"expected_{name}{suffix}"]
            assert part.dims == ds[f"{name}{suffix}"].dims
            assert part.attrs["long_name"].startswith(f"expected {ds[name].attrs['long_name']}"[:14])
            others = [dimension for dimension in part.dims if dimension != "replication"]
            np.testing.assert_allclose(part.sum(others), whole, rtol=1e-12)
        assert (whole > 0).all()
        assert not np.array_equal(whole, ds[name])


def test_counting_by_chances_changes_no_other_variable():
    plain = fs.simulate(shop(), replications=2, seed=3, threads=1)
    assert not any(str(name).startswith("expected_") for name in plain.variables)
    ds = fs.simulate(shop(), replications=2, seed=3, threads=1, expected=True)
    added = [name for name in ds.data_vars if name not in plain]
    assert added == [f"expected_{name}{suffix}" for name in NAMES for suffix in ("", "_by_bucket", "_by")]
    assert ds.drop_vars(added).equals(plain)


def test_both_engines_give_the_same_expected_wins():
    scenario = fs.load("pipeline_forecast", overrides={"horizon": "5 w"})
    one, other = (
        fs.simulate(scenario, replications=2, seed=3, expected=True, engine=engine) for engine in ("kernel", "simpy")
    )
    assert json.loads(one["expected_wins"].attrs["tail_stages"]) == ["talk", "evaluation", "proposal", "negotiation"]
    for name in NAMES:
        assert np.array_equal(one[f"expected_{name}_by"], other[f"expected_{name}_by"])
        assert one[f"expected_{name}_by"].values.any()
