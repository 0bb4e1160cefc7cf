"""Numbers show what is known of them and no more."""

import math

import pytest

from funnelsim.faces.numbers import with_interval
from funnelsim.results.estimates import Estimate

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "half", "shown"),
    [
        (412.3, 9.1, "412 ± 9"),
        (412.3, 0.912, "412.3 ± 0.9"),
        (412.3, 0.0123, "412.300 ± 0.012"),
        (5_684_775.0, 439_419.0, "5,700,000 ± 400,000"),
        (5_684_775.0, 139_419.0, "5,680,000 ± 140,000"),
        (0.0, 0.0, "0 ± 0"),
        (140.0, 0.0, "140 ± 0"),
        (47_835.728953, 1e-9, "47,836 ± 0"),
        (24.531143, 1e-12, "24.53 ± 0"),
        (1.0, 9.6, "1 ± 10"),
        (-3.2, 0.25, "-3.20 ± 0.25"),
        (0.00001, 0.0000012, "0.000010 ± 0.000001"),
        (317.0, NAN, "317"),
        (53_412.0, NAN, "53,412"),
        (1.8249, NAN, "1.82"),
        (NAN, NAN, "·"),
    ],
)
def test_an_estimate_is_shown_with_the_digits_of_its_interval(value, half, shown):
    assert with_interval(Estimate(value, value - half, value + half, "h"), "±", "·") == shown
