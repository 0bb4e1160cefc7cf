"""null_marketing and retargeting_trap: what is seen beside a channel is not what it causes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from funnelsim.engines.run import Outcome, run_kernel
from funnelsim.plan.compile import compile_scenario
from funnelsim.plan.trace import ENTERED, TOUCHED
from funnelsim.rules.contacts import WAS_SEEN, touch_of
from funnelsim.scenario import load

CHANGED_BY_NOBODY = ("sent", "seen", "clicked", "raised", "opted_out", "totals")
"""What a channel that causes nothing changes when it is switched off: its own touches."""


def ran(name: str, overrides: dict[str, Any], replications: int = 20, trace: bool = False) -> Outcome:
    return run_kernel(
        compile_scenario(load(name, overrides)).plan, seed=11, replications=replications, threads=2, trace=trace
    )


def wins(outcome: Outcome) -> NDArray[np.int64]:
    """Wins of each replication."""
    return np.asarray(outcome.tally["wins"].sum(axis=(1, 2)))


@pytest.mark.parametrize("channel", ["display", "brand_search", "mail", "webinar"])
def test_no_channel_of_null_marketing_causes_anything_in_any_replication(channel: str) -> None:
    """Not only the wins: every count but those of its own touches is the same."""
    on, off = ran("null_marketing", {}), ran("null_marketing", {f"channels.{channel}.on": False})
    assert wins(on).min() > 100
    assert off.tally["sent"].sum() < on.tally["sent"].sum()
    for count, found in on.tally.arrays.items():
        if count not in CHANGED_BY_NOBODY:
            np.testing.assert_array_equal(found, off.tally[count], err_msg=count)


def test_switching_off_is_seen_where_a_channel_causes_something() -> None:
    """Negative control: a lift of a tenth in one channel, and every replication has other wins."""
    lifted = {"channels.display.touches.lift": 0.1}
    on, off = ran("null_marketing", lifted), ran("null_marketing", {**lifted, "channels.display.on": False})
    assert (wins(on) > wins(off)).all()


def conversion(channel: str) -> tuple[float, float]:
    """Share of those who bought, among those whom the channel touched and among the others."""
    compiled = compile_scenario(load("retargeting_trap"))
    number = compiled.touching.index(channel)
    shares = []
    for rows in ran("retargeting_trap", {}, 3, trace=True).traces:
        people = np.unique(rows["prospect"])
        touches = rows[(rows["code"] == TOUCHED) & (rows["detail"] & WAS_SEEN > 0)]
        touched = np.isin(people, touches["prospect"][touch_of(touches["detail"]) == number])
        stage = compiled.stages.index("won")
        bought = np.isin(people, rows["prospect"][(rows["code"] == ENTERED) & (rows["stage"] == stage)])
        shares.append((bought[touched].mean(), bought[~touched].mean()))
    inside, outside = np.mean(shares, axis=0)
    return float(inside), float(outside)


def test_retargeting_touches_those_who_buy_and_causes_nothing() -> None:
    touched, others = conversion("retargeting")
    print(f"bought: {touched:.1%} of those whom retargeting touched, {others:.1%} of the others")
    assert touched > 2.5 * others
    on, off = ran("retargeting_trap", {}), ran("retargeting_trap", {"channels.retargeting.on": False})
    np.testing.assert_array_equal(wins(on), wins(off))
    assert off.tally["sent"][:, :, 0].sum() == 0 < on.tally["sent"][:, :, 0].sum()


def test_mails_cause_what_they_seem_to() -> None:
    """Negative control, in the same funnel: without mails every replication sells less."""
    on, off = ran("retargeting_trap", {}), ran("retargeting_trap", {"channels.mail.on": False})
    print(f"wins without mails: {wins(off).mean() / wins(on).mean() - 1:+.1%}")
    assert (wins(off) < wins(on)).all()
