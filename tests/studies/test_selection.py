"""Ranking and selection keeps its promise on normal data whose means are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from funnelsim.studies.selection import (
    BARRED,
    BEATEN,
    CHOSEN,
    UNKNOWN,
    Rules,
    Sampler,
    Selection,
    closing,
    select,
)

Reals = NDArray[np.float64]
REPEATED = 300


def normal(means: Reals, seed: int, shared: float = 0.0, spread: float = 1.0) -> Sampler:
    """Normal rows around means (alternatives, 1 + limits), with a share of the variance in common."""
    rng = np.random.default_rng(seed)

    def sampler(which: object, first: int, n: int) -> Reals:
        common, own = rng.normal(size=(1, 1, n)), rng.normal(size=(*means.shape, n))
        noise = math.sqrt(shared) * common + math.sqrt(1 - shared) * own
        rows: Reals = means[list(which)][:, :, None] + spread * noise[list(which)]  # type: ignore[call-overload]
        return rows

    return sampler


def slippage(k: int, delta: float) -> Reals:
    """The hardest case: the best is better by delta, the others are equal."""
    return np.array([[delta if at == k - 1 else 0.0] for at in range(k)])


def repeated(means: Reals, rules: Rules, shared: float = 0.0) -> list[Selection]:
    return [select(normal(means, seed, shared), len(means), rules) for seed in range(REPEATED)]


def test_the_triangle_is_that_of_the_paper() -> None:
    """Kim and Nelson 2001, c = 1: h^2 = 2 eta (n0 - 1) with eta = ((2 alpha / (k - 1))^(-2 / (n0 - 1)) - 1) / 2."""
    eta = 0.5 * ((2 * 0.05 / 4) ** (-2 / 9) - 1)
    assert closing(0.05 / 4, 10) == pytest.approx(2 * eta * 9)
    # The defining equation: g(eta) = (1 + 2 eta)^(-(n0-1)/2) / 2 is the chance that is allowed.
    assert 0.5 * (1 + 2 * eta) ** (-4.5) == pytest.approx(0.05 / 4)


@pytest.mark.parametrize("growth", [0.0, 0.2])
@pytest.mark.parametrize("shared", [0.0, 0.8])
def test_the_best_is_chosen_as_often_as_promised(shared: float, growth: float) -> None:
    found = repeated(slippage(5, 0.5), Rules(0.5, growth=growth), shared)
    share = sum(each.chosen == 4 for each in found) / REPEATED
    spent = np.mean([sum(each.spent) for each in found])
    print(f"correlation {shared}, growth {growth}: chosen in {share:.1%}, {spent:.0f} replications")
    assert share >= 0.95
    assert all(each.is_sure for each in found)


def test_common_random_numbers_spend_fewer() -> None:
    rules = Rules(0.5)
    apart, together = (
        np.mean([sum(each.spent) for each in repeated(slippage(5, 0.5), rules, shared)]) for shared in (0.0, 0.8)
    )
    print(f"replications: {apart:.0f} apart, {together:.0f} on the same numbers")
    assert together < apart / 2


def test_replications_go_where_it_is_close() -> None:
    means = np.array([[0.0], [-0.5], [-4.0], [-4.0]])
    found = repeated(means, Rules(0.5))
    spent = np.mean([each.spent for each in found], axis=0)
    print(f"replications: {spent.round(1)}")
    assert spent[1] > 2.5 * spent[2]
    assert spent[2] < 15


def test_stopping_at_the_first_stage_chooses_wrongly_too_often() -> None:
    """Negative control: the best of ten replications each is no 95%."""
    hits = 0
    for seed in range(REPEATED):
        rows = normal(slippage(5, 0.5), seed)(range(5), 0, 10)
        hits += int(rows[:, 0].mean(axis=1).argmax()) == 4
    print(f"best of the first stage: {hits / REPEATED:.1%}")
    assert hits / REPEATED < 0.85


def test_limits_are_checked_and_the_best_that_keeps_them_is_chosen() -> None:
    """The best breaks its limit by the tolerance, the second keeps it by the tolerance and leads by delta."""
    means = np.array([[2.0, -0.4], [1.0, 0.4], [0.5, 0.4], [0.5, 2.0], [-1.0, -2.0]])
    found = repeated(means, Rules(0.5, (0.4,)), 0.3)
    share = sum(each.chosen == 1 for each in found) / REPEATED
    print(f"chosen in {share:.1%}, replications {np.mean([each.spent for each in found], axis=0).round(1)}")
    assert share >= 0.95


def test_where_no_limit_can_be_kept_none_is_chosen() -> None:
    means = np.array([[2.0, -1.0], [1.0, -1.0], [0.5, -1.0]])
    found = repeated(means, Rules(0.5, (0.5,)))
    assert sum(each.chosen is None for each in found) / REPEATED >= 0.95
    assert found[0].fates == (BARRED,) * 3


def test_what_has_no_spread_is_decided_at_once() -> None:
    """Salaries: costs that are the same in every replication; of equals the first."""
    means = np.array([[-3.0, 1.0], [-1.0, 1.0], [-1.0, 1.0], [5.0, -1.0]])
    found = select(normal(means, 1, spread=0.0), 4, Rules(0.1, (0.1,)))
    assert found.chosen == 1
    assert found.fates == (BEATEN, CHOSEN, BEATEN, BARRED)
    assert set(found.spent) == {10}
    assert found.rivals == (2,)


def test_what_is_unknown_takes_no_part() -> None:
    means = np.array([[math.nan], [1.0], [-5.0]])
    found = select(normal(means, 1), 3, Rules(0.5))
    assert found.chosen == 1
    assert found.fates[0] == UNKNOWN


def test_at_the_ceiling_there_is_no_guarantee() -> None:
    found = select(normal(slippage(3, 0.01), 1), 3, Rules(0.01, ceiling=40))
    assert not found.is_sure
    assert found.chosen is not None
    assert max(found.spent) == 40


@pytest.mark.parametrize(
    ("rules", "said"),
    [({"delta": 0.0}, "above 0"), ({"delta": 1, "tolerances": (0.0,)}, "above 0"), ({"delta": 1, "alpha": 0.7}, "0.5"),
     ({"delta": 1, "first_stage": 2}, "at least 3")],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(rules: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Rules(**rules)  # type: ignore[arg-type]
