"""Quantile tables: one way to turn a word into a waiting time, a value or a normal deviate, whatever the family.

The quantile function of a unit law is kept as cubics on a grid that halves towards both tails: 32 octaves of
probability on either side of the median, 32 pieces an octave. Reading it needs no logarithm and no branch on the
family, and it is monotone in the word, so the same person waits longer when the mean is longer. Its error is
below 2e-8 of the value, and near 1e-6 at the mode of a triangular law; the tails end at probability 2**-33.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.jit import part

OCTAVES: Final = 32
PIECES: Final = 32
ROWS: Final = 2 * OCTAVES * PIECES
"""Rows of one table; a row holds the four coefficients of a cubic."""

_UPPER: Final = OCTAVES * PIECES
_BIAS: Final = 1023 << 5
_ONE: Final = np.uint64(1023 << 52)
"""The bits of 1.0, of which the low 52 say how far a number lies on the way to 2."""
_12, _17 = np.uint64(12), np.uint64(17)

Quantile = Callable[[NDArray[np.float64]], NDArray[np.float64]]


CUBIC: Final = np.dtype([("c0", "f8"), ("c1", "f8"), ("c2", "f8"), ("c3", "f8")])
"""A row of a table as compiled code sees it."""


@part
def _upper(word):
    """All bits if a word lies in the upper half, else none."""
    return np.int32(word) >> np.int32(31)


@part
def _octave_bits(word):
    """The bits of 2 w + 1, as a float, of a word folded to the lower half: its octave, its piece, its place therein."""
    folded = np.uint32(word ^ np.uint32(_upper(word)))
    return np.float64(np.int64(2) * np.int64(folded) + np.int64(1)).view(np.int64)


@part
def row_of(word):
    """The row of a table that a word falls into."""
    return (_octave_bits(word) >> 47) - _BIAS + (_UPPER & np.int64(_upper(word)))


@part
def within_row(cubic, word):
    """The unit law's quantile at a word, from the row it falls into."""
    t = (((np.uint64(_octave_bits(word)) << _17) >> _12) | _ONE).view(np.float64) - 1.0
    # Two halves that do not wait for each other.
    return (cubic.c3 * t + cubic.c2) * (t * t) + (cubic.c1 * t + cubic.c0)


def tabulate(lower: Quantile, upper: Quantile) -> NDArray[np.float64]:
    """The table of a law, shape (ROWS, 4), from its quantile at p and its quantile at 1 - p, for p in (0, 1/2]."""
    start = np.ldexp(1.0 + np.arange(PIECES) / PIECES, np.arange(OCTAVES)[:, None] - 33).ravel()
    step = np.repeat(np.ldexp(1.0 / PIECES, np.arange(OCTAVES) - 33), PIECES)
    nodes = np.minimum(start[:, None] + step[:, None] * np.array([0, 1 / 3, 2 / 3, 1]), 0.5)
    return np.concatenate([_cubics(lower(nodes)), _cubics(upper(nodes))])


def _cubics(y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of the cubics through values at 0, 1/3, 2/3, 1; a chord where the cubic would turn back."""
    y0, y1, y2, y3 = y.T
    c1 = (-11 * y0 + 18 * y1 - 9 * y2 + 2 * y3) / 2
    c2 = (18 * y0 - 45 * y1 + 36 * y2 - 9 * y3) / 2
    c3 = (-9 * y0 + 27 * y1 - 27 * y2 + 9 * y3) / 2
    t = np.linspace(0, 1, 9)
    slopes = c1[:, None] + 2 * c2[:, None] * t + 3 * c3[:, None] * t**2
    chord = y3 - y0
    turns = (slopes * np.sign(chord)[:, None]).min(axis=1) < 0
    c1 = np.where(turns, chord, c1)
    return np.stack([y0, c1, np.where(turns, 0.0, c2), np.where(turns, 0.0, c3)], axis=1)


def exponential() -> NDArray[np.float64]:
    """Mean 1."""
    return tabulate(lambda p: -np.log1p(-p), lambda p: -np.log(p))


def normal() -> NDArray[np.float64]:
    """Mean 0, standard deviation 1."""
    from scipy.special import ndtri

    return tabulate(ndtri, lambda p: -ndtri(p))


def lognormal(sigma: float) -> NDArray[np.float64]:
    """Median 1, standard deviation of the logarithm `sigma`."""
    from scipy.special import ndtri

    return tabulate(lambda p: np.exp(sigma * ndtri(p)), lambda p: np.exp(-sigma * ndtri(p)))


def gamma(cv: float) -> NDArray[np.float64]:
    """Mean 1, coefficient of variation `cv`."""
    from scipy.special import gammainccinv, gammaincinv

    k = 1 / cv**2
    return tabulate(lambda p: gammaincinv(k, p) / k, lambda p: gammainccinv(k, p) / k)


def weibull(shape: float) -> NDArray[np.float64]:
    """Scale 1."""
    return tabulate(lambda p: (-np.log1p(-p)) ** (1 / shape), lambda p: (-np.log(p)) ** (1 / shape))


def triangular(mode: float) -> NDArray[np.float64]:
    """On (0, 1) with the given mode."""

    def at(p: NDArray[np.float64], m: float) -> NDArray[np.float64]:
        rising = np.sqrt(p * m)
        falling = 1 - np.sqrt((1 - p) * (1 - m))
        return np.where(p < m, rising, falling)

    return tabulate(lambda p: at(p, mode), lambda p: 1 - at(p, 1 - mode))


def pert(mode: float) -> NDArray[np.float64]:
    """Beta on (0, 1) with shapes 1 + 4 mode and 5 - 4 mode (Malcolm, Roseboom, Clark, Fazar 1959)."""
    from scipy.special import betaincinv

    a, b = 1 + 4 * mode, 5 - 4 * mode
    return tabulate(lambda p: betaincinv(a, b, p), lambda p: 1 - betaincinv(b, a, p))


def uniform() -> NDArray[np.float64]:
    """On (0, 1)."""
    return tabulate(lambda p: p, lambda p: 1 - p)
