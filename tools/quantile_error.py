"""Print the largest error of the quantile tables against SciPy: relative to the value, of the normal absolute.

It takes no arguments: python tools/quantile_error.py.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent.parent))
from funnelsim.chance import quantiles
from funnelsim.chance.quantiles import row_of, within_row
from funnelsim.core.jit import kernel

LAWS: dict[str, tuple[NDArray[np.float64], Any]] = {
    "exponential": (quantiles.exponential(), stats.expon),
    "normal": (quantiles.normal(), stats.norm),
    "lognormal, sigma 0.5": (quantiles.lognormal(0.5), stats.lognorm(0.5)),
    "lognormal, sigma 2": (quantiles.lognormal(2.0), stats.lognorm(2.0)),
    "gamma, cv 0.5": (quantiles.gamma(0.5), stats.gamma(4, scale=0.25)),
    "gamma, cv 1.5": (quantiles.gamma(1.5), stats.gamma(1 / 2.25, scale=2.25)),
    "weibull, shape 0.7": (quantiles.weibull(0.7), stats.weibull_min(0.7)),
    "triangular, mode 0.3": (quantiles.triangular(0.3), stats.triang(0.3)),
    "pert, mode 0.3": (quantiles.pert(0.3), stats.beta(2.2, 3.8)),
    "uniform": (quantiles.uniform(), stats.uniform),
}
N_WORDS = 200_000


def main() -> None:
    """Compare every law at random words and at the ends of both tails."""
    random = np.random.default_rng(1).integers(0, 2**32, N_WORDS, dtype=np.uint32)
    ends = np.arange(2_000, dtype=np.uint32)
    words = np.concatenate([random, ends, ~ends])
    lower, upper = (words + 0.5) / 2**32, (~words + 0.5) / 2**32
    for name, (table, law) in LAWS.items():
        found = _read(table, words)
        expected = np.where(lower <= 0.5, law.ppf(np.minimum(lower, 0.5)), law.isf(np.minimum(upper, 0.5)))
        error = np.abs(found - expected) / (1.0 if name == "normal" else np.abs(expected))
        print(f"{name:22} largest {error.max():.1e} at probability {lower[error.argmax()]:.4f}")


def _read(table: NDArray[np.float64], words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """The table's values at words, read by the compiled rule itself."""
    values = np.zeros(words.size)
    _read_all(np.ascontiguousarray(table).view(quantiles.CUBIC)[:, 0], words, values)
    return values


@kernel
def _read_all(rows, words, values):  # type: ignore[no-untyped-def]
    for at in range(words.size):
        values[at] = within_row(rows[row_of(words[at])], words[at])


if __name__ == "__main__":
    main()
