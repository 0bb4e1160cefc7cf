"""Touches: thinned Poisson processes on clocks that stand still, drips, and what they leave behind and how it fades."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from funnelsim.plan.trace import ENTERED, LEFT, TOUCHED
from funnelsim.rules.contacts import WAS_SEEN, touch_of

from .evidence import Runs, agree, run

SIZE = 2000
RATE, DAYS = 0.9, 20.0
"""Touches a day, and days in the stage."""

FUNNEL = f"""
name: touched
start: 2026-01-05
horizon: 60 d
channels:
  list: {{arrivals: {{batches: {{at: [2026-01-05], size: {SIZE}}}}}, intent: {{normal: {{mean: 0.2, sd: 1.2}}}}}}
  ads: {{touches: {{rate: {RATE} / d}}}}
stages:
  nurture: {{duration: {DAYS} d, exits: {{won: {{logit: -1, intent: 1}}, lost: {{rest: true}}}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
"""


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def over_intent(function: Any) -> float:
    """The mean of a function of intent over those who come."""
    found, _ = integrate.quad(lambda x: function(x) * stats.norm.pdf(x, 0.2, 1.2), -9, 9)
    return float(found)


def touched(changes: dict[str, Any], seed: int, replications: int = 40, trace: bool = False) -> Runs:
    """The funnel with changes, many times."""
    return run(FUNNEL, changes, seed=seed, replications=replications, trace=trace)


def per_prospect(runs: Runs, channel: str, count: str = "seen") -> Any:
    return runs.count(count, channel) / SIZE


def test_touches_at_a_rate_are_poisson() -> None:
    runs = touched({}, 301, 80, trace=True)
    agree("touches", per_prospect(runs, "ads"), RATE * DAYS)
    spread = []
    for rows in runs.outcome.traces:
        _, counts = np.unique(rows["prospect"][rows["code"] == TOUCHED], return_counts=True)
        counts = np.concatenate([counts, np.zeros(SIZE - counts.size, counts.dtype)])
        spread.append(counts.var(ddof=1))
    agree("variance", np.array(spread), RATE * DAYS)


def test_touches_thinned_by_a_probability_are_poisson_of_what_is_left() -> None:
    runs = touched({"channels.ads.touches.seen": "40%"}, 302)
    agree("sent", per_prospect(runs, "ads", "sent"), RATE * DAYS)
    agree("seen", per_prospect(runs, "ads"), 0.4 * RATE * DAYS)


def test_touches_that_follow_intent_are_seen_by_those_who_would_buy_anyway() -> None:
    follows = {"rate": "0.1 / d", "seen": {"logit": -1, "intent": 1.5}}
    runs = touched({"channels.ads.touches": follows}, 303, 240, trace=True)

    def seen(x: float) -> float:
        return 0.1 * DAYS * sigmoid(-1 + 1.5 * x)

    agree("seen", per_prospect(runs, "ads"), over_intent(seen))
    none = over_intent(lambda x: math.exp(-seen(x)))
    won_touched = over_intent(lambda x: sigmoid(-1 + x) * (1 - math.exp(-seen(x)))) / (1 - none)
    won_untouched = over_intent(lambda x: sigmoid(-1 + x) * math.exp(-seen(x))) / none
    assert won_touched > 1.5 * won_untouched
    shares: tuple[list[float], list[float]] = ([], [])
    for rows in runs.outcome.traces:
        hit = np.unique(rows["prospect"][(rows["code"] == TOUCHED) & (rows["detail"] & WAS_SEEN > 0)])
        won = rows["prospect"][(rows["code"] == ENTERED) & (rows["stage"] == 1)]
        shares[0].append(np.isin(won, hit).sum() / hit.size)
        shares[1].append((~np.isin(won, hit)).sum() / (SIZE - hit.size))
    agree("P(won | touched)", np.array(shares[0]), won_touched)
    agree("P(won | untouched)", np.array(shares[1]), won_untouched)


def test_a_channel_s_clock_stands_still_where_it_does_not_reach() -> None:
    """Three stages, of which it reaches the first and the last: as many touches as days there, whenever they are."""
    stages: dict[str, Any] = {
        "stages.nurture": {"duration": "4 d", "exits": {"apart": 1}},
        "stages.apart": {"duration": {"exponential": {"mean": "9 d"}}, "exits": {"again": 1}},
        "stages.again": {"duration": "7 d", "exits": {"won": 0.5, "lost": 0.5}},
        "channels.ads.touches.during": ["nurture", "again"],
        "horizon": "300 d",
    }
    runs = touched(stages, 304, trace=True)
    agree("touches", per_prospect(runs, "ads"), RATE * 11)
    codes = list(runs.compiled.stages)
    for rows in runs.outcome.traces[:5]:
        assert not (rows["stage"][rows["code"] == TOUCHED] == codes.index("apart")).any()
    # The third touch of everybody comes after an Erlang time on that clock.
    third = []
    for rows in runs.outcome.traces:
        by = rows[rows["code"] == TOUCHED]
        again = rows[(rows["code"] == ENTERED) & (rows["stage"] == codes.index("again"))]
        since = dict(zip(again["prospect"].tolist(), again["tick"].tolist(), strict=True))
        day = 86_400
        for row in by[by["detail"] >> 20 == 3]:
            second = row["tick"] if row["stage"] == 0 else row["tick"] - since[int(row["prospect"])] + 4 * day
            third.append(second / day)
    distance = stats.kstest(
        third, lambda t: stats.gamma.cdf(t, 3, scale=1 / RATE) / stats.gamma.cdf(11, 3, scale=1 / RATE)
    )
    print(f"third touch: n {len(third)}, distance {distance.statistic:.5f}, p {distance.pvalue:.3f}")
    assert distance.pvalue > 1e-4
    assert stats.kstest(np.array(third) * 1.02, lambda t: stats.gamma.cdf(t, 3, scale=1 / RATE)).pvalue < 1e-4


def test_a_drip_comes_at_its_times() -> None:
    drip = {"drip": ["0 d", "3 d", "7 d", "30 d"]}
    runs = touched({"channels.ads.touches": drip}, 305, replications=2, trace=True)
    for rows in runs.outcome.traces:
        by = rows[rows["code"] == TOUCHED]
        # A time of nothing is the next tick, and the fourth mail would come after the stage is over.
        np.testing.assert_array_equal(np.unique(by["tick"]), [1, 3 * 86_400, 7 * 86_400])
        assert by.size == 3 * SIZE


@pytest.mark.parametrize("enough", [3.0, 4.0, 5.5, 6.6])
def test_points_fade_geometrically_until_they_are_enough(enough: float) -> None:
    """A mail a day worth 2 points, half-life 2 d: after n of them 2 (1 - r^n) / (1 - r) with r = 2^(-1/2)."""
    r = 2 ** (-0.5)
    score = [2 * (1 - r**n) / (1 - r) for n in range(1, 20)]
    wanted = next(n for n, each in enumerate(score, 1) if each >= enough)
    changes: dict[str, Any] = {
        "score": {"half_life": "2 d"},
        "channels.ads.touches": {"drip": [f"{day} d" for day in range(1, 20)], "points": 2},
        "stages.nurture.handoff": {"score": {"at_least": enough, "to": "won"}},
    }
    runs = touched(changes, 306, replications=1, trace=True)
    rows = runs.outcome.traces[0]
    left = rows[rows["code"] == LEFT]
    print(f"{enough} points are reached by mail {wanted}: {score[wanted - 2]:.3f} before, {score[wanted - 1]:.3f} then")
    assert {runs.compiled.exits[at].label for at in np.unique(left["detail"])} == {"scored"}
    np.testing.assert_array_equal(np.unique(left["tick"]), [wanted * 86_400])


def test_a_score_that_never_is_enough_leaves_one_to_the_end() -> None:
    """Negative control: the limit of the sum is 2 / (1 - r) = 6.83 points."""
    changes: dict[str, Any] = {
        "score": {"half_life": "2 d"},
        "channels.ads.touches": {"drip": [f"{day} d" for day in range(1, 20)], "points": 2},
        "stages.nurture.handoff": {"score": {"at_least": 6.84, "to": "won"}},
    }
    runs = touched(changes, 306, replications=1)
    assert runs.count("exits", "nurture", "scored").sum() == 0


def test_what_touches_add_to_intent_fades_and_repeats_less() -> None:
    """Mails at days 2, 8 and 14, half-life 10 d, each further one worth 60% of the one before, decided at day 20."""
    changes = {
        "channels.ads.touches": {"drip": ["2 d", "8 d", "14 d"], "lift": 0.9, "repeat": "60%", "half_life": "10 d"}
    }
    left = sum(0.9 * 0.6**n * 2 ** (-(DAYS - day) / 10) for n, day in enumerate((2, 8, 14)))
    runs = touched(changes, 307, replications=200)
    agree("P(won)", runs.share("nurture", "won"), over_intent(lambda x: sigmoid(-1 + x + left)))
    assert over_intent(lambda x: sigmoid(-1 + x + 0.9 * 3)) > 1.3 * over_intent(lambda x: sigmoid(-1 + x + left))


def test_channels_do_more_together() -> None:
    """A fair at day 1 adds 0.5; the mail at day 5 adds 0.6, and half as much again to those who saw the fair."""
    changes = {
        "channels.ads.touches": {"drip": ["5 d"], "lift": 0.6, "synergy": {"fair": "50%"}},
        "channels.fair": {"touches": {"drip": ["1 d"], "lift": 0.5, "seen": "40%"}},
    }
    runs = touched(changes, 308, replications=200)
    both = over_intent(lambda x: sigmoid(-1 + x + 0.5 + 0.6 * 1.5))
    agree("P(won)", runs.share("nurture", "won"), 0.4 * both + 0.6 * over_intent(lambda x: sigmoid(-1 + x + 0.6)))


def test_a_hand_is_raised_at_some_touch_with_a_geometric_chance() -> None:
    changes = {
        "channels.ads.touches": {"drip": ["1 d", "2 d", "3 d", "4 d"], "seen": "80%", "hand_raise": "15%"},
        "stages.nurture.handoff": {"hand_raise": {"to": "won"}},
    }
    runs = touched(changes, 309, replications=200)
    agree("P(raised)", runs.share("nurture", "raised"), 1 - (1 - 0.8 * 0.15) ** 4)
    agree("mails seen", per_prospect(runs, "ads"), 0.8 * sum((1 - 0.12) ** n for n in range(4)))


def test_a_hand_raise_counts_only_with_a_score_where_both_are_asked() -> None:
    """Two points a mail and four are asked: hands raised at the first mail count for nothing."""
    changes = {
        "channels.ads.touches": {"drip": ["1 d", "2 d", "3 d"], "points": 2, "hand_raise": "30%"},
        "stages.nurture.handoff": {"both": {"at_least": 4, "to": "won"}},
    }
    runs = touched(changes, 310, replications=200)
    agree("P(ready)", runs.share("nurture", "ready"), 1 - 0.7**2)


def test_who_wants_no_more_gets_no_more() -> None:
    changes = {"channels.ads.touches": {"drip": [f"{day} d" for day in range(1, 9)], "opt_out": "10%"}}
    runs = touched(changes, 311, replications=100)
    agree("mails sent", per_prospect(runs, "ads", "sent"), sum(0.9**n for n in range(8)))
    agree("opted out", per_prospect(runs, "ads", "opted_out"), 1 - 0.9**8)
    changes["channels.ads.touches"]["heeds_opt_out"] = False  # type: ignore[index]
    assert (per_prospect(touched(changes, 311, 20), "ads", "sent") == 8).all()


def test_more_contacts_make_more_want_no_more() -> None:
    """Fatigue: with log-odds that grow by 0.3 a touch the chance to opt out grows as the product of its steps."""
    changes = {
        "channels.ads.touches": {
            "drip": [f"{day} d" for day in range(1, 7)],
            "opt_out": {"logit": -4, "touches": 0.3},
        }
    }
    stay = 1.0
    for n in range(1, 7):
        stay *= 1 - sigmoid(-4 + 0.3 * n)
    agree("opted out", per_prospect(touched(changes, 312, 200), "ads", "opted_out"), 1 - stay)


def test_the_log_knows_of_a_share_of_what_was_sent() -> None:
    runs = touched({"channels.ads.touches.observed": "70%"}, 313, 20, trace=True)
    shares = [(rows["detail"][rows["code"] == TOUCHED] & 8 > 0).mean() for rows in runs.outcome.traces]
    agree("observed", np.array(shares), 0.7)


def test_a_channel_that_adds_nothing_changes_nothing() -> None:
    """Without its own rows the trace is that of a scenario in which the channel is switched off."""
    changes: dict[str, Any] = {"channels.ads.touches.seen": {"logit": -1, "intent": 1}}
    idle = touched(changes, 314, 3, trace=True).outcome.traces
    off = touched({**changes, "channels.ads.on": False}, 314, 3, trace=True).outcome.traces
    lifted = touched({**changes, "channels.ads.touches.lift": 0.2}, 314, 3, trace=True).outcome.traces
    for here, gone, other in zip(idle, off, lifted, strict=True):
        assert (here["code"] == TOUCHED).any()
        np.testing.assert_array_equal(here[here["code"] != TOUCHED], gone)
        assert not np.array_equal(other[other["code"] != TOUCHED], gone)


def test_switching_a_channel_off_leaves_the_touches_of_others_as_they_were() -> None:
    two = {
        "channels.mail": {"touches": {"rate": "0.5 / d", "seen": "50%", "lift": 0.3}},
        "channels.ads.touches.lift": 0.3,
    }
    both = touched(two, 315, 3, trace=True)
    alone = touched({**two, "channels.ads.on": False}, 315, 3, trace=True)
    mail = both.compiled.touching.index("mail")
    for here, there in zip(both.outcome.traces, alone.outcome.traces, strict=True):
        mails, kept = (rows[rows["code"] == TOUCHED] for rows in (here, there))
        np.testing.assert_array_equal(mails[touch_of(mails["detail"]) == mail], kept)
        assert kept.size
