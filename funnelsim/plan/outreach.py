"""The plan's touches: which channel reaches for prospects where, how often, and what a touch does."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.rows import NUMBER
from funnelsim.plan import layout
from funnelsim.plan.addresses import PLACE_BITS, addresses
from funnelsim.plan.layout import AMOUNT, CHANCE, CHANCES_A_TOUCH, NONE, TOUCH
from funnelsim.plan.timeline import Timeline
from funnelsim.scenario.chances import Chance, always
from funnelsim.scenario.model import Scenario


@dataclass
class Outreach:
    """Collects the channels that touch, and after them those through which customers refer others; `label` gives the
    number of a channel in the results."""

    scenario: Scenario
    timeline: Timeline
    label: Callable[[str], int]
    touching: tuple[str, ...] = ()
    referring: tuple[str, ...] = ()
    rows: list[tuple[object, ...]] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    chances: list[tuple[object, ...]] = field(default_factory=list)
    lifts: list[float] = field(default_factory=list)

    def collect(self) -> "Outreach":
        """Every channel with touches, in the order of the file."""
        channels = self.scenario.channels
        self.touching = tuple(name for name, channel in channels.items() if channel.touches is not None)
        self.referring = tuple(name for name, channel in channels.items() if channel.referrals is not None)
        places = addresses("touch", {*self.touching, *self.referring}, PLACE_BITS)
        for name in self.touching:
            touches = channels[name].touches
            assert touches is not None
            first = len(self.steps)
            self.steps += [self.timeline.ticks(step) for step in touches.drip or ()]
            rate = (touches.rate or 0.0) * self.timeline.tick
            fades = 0.0 if touches.half_life is None else touches.half_life / self.timeline.tick
            row = (rate, touches.repeat, fades, touches.points, touches.teaches, touches.observed, places[name])
            self.rows.append((*row, first, len(self.steps), self.label(name), NONE, int(touches.heeds_opt_out)))
            for segment in self.scenario.segments:
                self.lifts.append(touches.lift.of(segment))
                self._add_chances((touches.seen, touches.click, touches.hand_raise, touches.opt_out), segment)
        for name in self.referring:
            referrals = channels[name].referrals
            assert referrals is not None
            row = (referrals.rate * self.timeline.tick, 1.0, 0.0, 0.0, 0.0, 1.0, places[name])
            self.rows.append((*row, 0, 0, self.label(name), list(channels).index(name), 0))
            for segment in self.scenario.segments:
                self.lifts.append(0.0)
                self._add_chances((referrals.chance, always(0.0), always(0.0), always(0.0)), segment)
        return self

    def _add_chances(self, wanted: tuple[Chance, ...], segment: str) -> None:
        """What may come of a touch, in the order of the codes of the plan."""
        assert len(wanted) == CHANCES_A_TOUCH
        self.chances += [chance_row(each, segment) for each in wanted]

    def touch_table(self) -> NDArray[np.void]:
        """All channels that touch."""
        return np.array(self.rows, TOUCH)

    def chance_table(self) -> NDArray[np.void]:
        """All chances of touches, by channel and segment."""
        return np.array(self.chances, CHANCE)

    def lift_table(self) -> NDArray[np.void]:
        """What a first touch adds to intent, by channel and segment."""
        return np.array(self.lifts, np.float64).view(AMOUNT)

    def step_table(self) -> NDArray[np.void]:
        """The steps of all drips: ticks since entering a stage."""
        return np.array(self.steps, np.int64).view(NUMBER)

    def reach_table(self) -> NDArray[np.void]:
        """Whether a channel reaches for prospects in a stage, by stage and row of the touches."""
        channels = self.scenario.channels
        reaches = [
            channels[name].on and stage.duration is not None and (during is None or place in during)
            for place, stage in self.scenario.stages.items()
            for name, during in self._during()
        ]
        return np.array(reaches, np.int64).view(NUMBER)

    def _during(self) -> list[tuple[str, tuple[str, ...] | None]]:
        """The channel of each row of the touches, and the stages that it names."""
        channels, out = self.scenario.channels, list[tuple[str, tuple[str, ...] | None]]()
        for name in self.touching:
            touches = channels[name].touches
            assert touches is not None
            out.append((name, touches.during))
        for name in self.referring:
            referrals = channels[name].referrals
            assert referrals is not None
            out.append((name, referrals.during))
        return out

    def synergy_table(self) -> NDArray[np.void]:
        """What an earlier touch of another channel adds to the effect, by row of the touches and other row."""
        names = (*self.touching, *self.referring)
        found = np.zeros((len(names), len(names)))
        for at, name in enumerate(self.touching):
            touches = self.scenario.channels[name].touches
            assert touches is not None
            found[at, : len(self.touching)] = [touches.synergy.get(other, 0.0) for other in self.touching]
        return found.ravel().view(AMOUNT)


def chance_row(chance: Chance, segment: str) -> tuple[object, ...]:
    """A row of the plan's chances, for a segment."""
    weights = (chance.intent.of(segment), chance.fit.of(segment), chance.touches.of(segment))
    if chance.logit is not None:
        return (0.0, chance.logit.of(segment), *weights, layout.LOGIT)
    assert chance.p is not None
    return (chance.p.of(segment), 0.0, *weights, layout.SHARE)
