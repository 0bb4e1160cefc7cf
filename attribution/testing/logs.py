"""Small logs of paths with counts: drawn for laws, changed by them, and told in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

CHANNELS = ("ads", "mail", "search", "web")


class Row(NamedTuple):
    """A path, how many journeys took it and converted or were lost, and what each conversion was worth."""

    path: tuple[str, ...]
    converted: int
    lost: int
    worth: int = 1


@dataclass(frozen=True)
class Log:
    """Rows of paths with counts."""

    rows: tuple[Row, ...]

    @property
    def channels(self) -> set[str]:
        """Names that occur."""
        return {name for row in self.rows for name in row.path}

    @property
    def conversions(self) -> int:
        """All conversions."""
        return sum(row.converted for row in self.rows)

    @property
    def lost(self) -> int:
        """All journeys without conversion."""
        return sum(row.lost for row in self.rows)

    @property
    def value(self) -> int:
        """What all conversions were worth."""
        return sum(row.converted * row.worth for row in self.rows)

    def arguments(self) -> tuple[list[list[str]], list[float], list[float], list[float]]:
        """What a model is given: paths, converted, lost, value."""
        rows = self.rows
        return (
            [list(row.path) for row in rows],
            [float(row.converted) for row in rows],
            [float(row.lost) for row in rows],
            [float(row.converted * row.worth) for row in rows],
        )

    def renamed(self, names: Mapping[str, str]) -> Log:
        """The same with other names of channels."""
        return Log(tuple(row._replace(path=tuple(names[name] for name in row.path)) for row in self.rows))

    def single(self) -> Log:
        """The same with one row a journey."""
        return Log(
            tuple(
                row._replace(converted=hit, lost=1 - hit)
                for row in self.rows
                for hit in [1] * row.converted + [0] * row.lost
            )
        )

    def times(self, n: int) -> Log:
        """The same with every journey `n` times."""
        return Log(tuple(row._replace(converted=n * row.converted, lost=n * row.lost) for row in self.rows))

    def otherwise_lost(self) -> Log:
        """The same conversions with other counts of lost journeys, more in every second row."""
        return Log(tuple(row._replace(lost=row.lost + 7 * (1 - at % 2)) for at, row in enumerate(self.rows)))

    def __add__(self, other: Log) -> Log:
        return Log(self.rows + other.rows)

    def __str__(self) -> str:
        return "\n".join(
            f"  {' > '.join(row.path)}: {row.converted} converted"
            + (f" worth {row.worth} each" if row.worth != 1 and row.converted else "")
            + f", {row.lost} lost"
            for row in self.rows
        )


def drawn_logs(seed: int, n: int) -> Iterator[Log]:
    """`n` logs, small ones first, each with a conversion and a lost journey."""
    for at in range(n):
        rng = np.random.default_rng([seed, at])
        # Few channels and long paths, so that windows of four touches meet again; many, so that names matter.
        names, longest = CHANNELS[: 2 + at % 3], 2 + 8 * at // n
        rows = [
            Row(
                tuple(str(name) for name in rng.choice(names, rng.integers(1, longest + 1))),
                int(rng.integers(0, 4)),
                int(rng.integers(0, 4)),
                int(rng.integers(1, 6)),
            )
            for _ in range(1 + 9 * at // n)
        ]
        rows[0] = rows[0]._replace(converted=rows[0].converted + 1)
        rows[-1] = rows[-1]._replace(lost=rows[-1].lost + 1)
        yield Log(tuple(rows))


def logs_that_meet(seed: int, n: int) -> Iterator[Log]:
    """The same after a log in which journeys meet again: what is lost of one path says something of the other.

    A chain of high order learns from paths only where they share a window; drawn ones seldom do. Without its first
    touch the one path is the other, so the same holds of rates of sets and of exact paths.
    """
    both = ("ads", "mail") * 5
    yield Log((Row(("search", *both), 3, 1), Row(both, 1, 3)))
    yield from drawn_logs(seed, n - 1)


def smaller_logs(log: Log) -> Iterator[Log]:
    """Logs with a row, a touch, or part of a count less, that still have a conversion and a lost journey."""
    for at, row in enumerate(log.rows):
        others = [None, *_smaller_rows(row)]
        for other in others:
            rows = log.rows[:at] + ((other,) if other is not None else ()) + log.rows[at + 1 :]
            found = Log(rows)
            if found.conversions > 0 and found.lost > 0:
                yield found


def _smaller_rows(row: Row) -> Iterator[Row]:
    if len(row.path) > 1:
        for at in range(len(row.path)):
            yield row._replace(path=row.path[:at] + row.path[at + 1 :])
    for name in ("converted", "lost"):
        count = getattr(row, name)
        for less in sorted({0, count // 2, count - 1}):
            if 0 <= less < count:
                yield row._replace(**{name: less})
    if row.worth > 1:
        yield row._replace(worth=1)
