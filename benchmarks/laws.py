"""What each published package answers to the laws of `attribution.testing`, with its version, beside ours.

Packages that draw at random are asked with the seed they let a user fix, and to a tolerance of what they promise.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from attribution.models import ALL
from attribution.testing import LAWS, check_model, laws_for
from benchmarks.tables import Table

SEPARATOR = " > "
CASES = 12
EXACT, DRAWN = 1e-6, 0.1
Credit = dict[str, float]


def channelattribution_first(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """ChannelAttribution, first touch."""
    import ChannelAttribution

    found = ChannelAttribution.heuristic_models(
        _frame(paths, converted, lost), "path", "converted", sep=">", flg_pro=False
    )
    return _positive(found.set_index("channel_name")["first_touch"])


def channelattribution_markov(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """ChannelAttribution, Markov of order 1, by simulation with a fixed seed."""
    import ChannelAttribution

    frame = _frame(paths, converted, lost)
    found = ChannelAttribution.markov_model(
        frame, "path", "converted", var_null="lost", order=1, seed=1, sep=">", flg_pro=False, verbose=False
    )
    return _positive(found.set_index("channel_name")["total_conversions"])


def mam_linear(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """marketing_attribution_models, linear."""
    return _mam("run_linear", paths, converted, lost)


def mam_markov(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """marketing_attribution_models, Markov."""
    return _mam("run_markov", paths, converted, lost)


def mam_shapley(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """marketing_attribution_models, Shapley."""
    return _mam("run_shapley", paths, converted, lost)


def mta_linear(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """mta, linear."""
    return _mta("linear", "linear", paths, converted, lost, share="proportional")


def mta_markov(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """mta, Markov."""
    return _mta("markov", "markov", paths, converted, lost)


def mta_shapley(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """mta, Shapley."""
    return _mta("shapley", "shapley", paths, converted, lost)


def mta_shao(paths: Any, converted: Any, lost: Any, value: Any) -> Credit:
    """mta, Shao and Li."""
    return _mta("shao", "shao", paths, converted, lost)


RULES, CHAINS = ("every", "names", "counts", "shares", "journeys"), ("every", "names", "counts", "shares", "rates")
GAMES = ("every", "names", "counts", "shares")
IMPORTED = {"CA": "ChannelAttribution", "mam": "mam", "mta": "mta"}
PACKAGES = {"CA": "ChannelAttribution", "mam": "marketing_attribution_models", "mta": "mta"}
ASKED: tuple[tuple[str, str, Callable[..., Credit], tuple[str, ...], float], ...] = (
    ("CA", "first", channelattribution_first, RULES, EXACT),
    ("CA", "Markov 1", channelattribution_markov, CHAINS, DRAWN),
    ("mam", "linear", mam_linear, RULES, EXACT),
    ("mam", "Markov 1", mam_markov, CHAINS, EXACT),
    ("mam", "Shapley", mam_shapley, GAMES, EXACT),
    ("mta", "linear", mta_linear, RULES, EXACT),
    ("mta", "Markov 1", mta_markov, CHAINS, EXACT),
    ("mta", "Shapley", mta_shapley, GAMES, EXACT),
    ("mta", "Shao-Li", mta_shao, CHAINS, EXACT),
)
"""Package, name of the model, the model, the families it is in, and how far equal credits may be apart, relative."""


def tables() -> list[Table]:
    """One row a law, one column a package and model; notes say what the first broken laws found."""
    names = [name for name in LAWS if name != "value_adds_up"]
    columns, notes = {}, []
    for package, called, model, families, tolerance in ASKED:
        label = f"{package} {called}"
        if find_spec(IMPORTED[package]) is None:
            notes.append(f"{label}: skipped: {PACKAGES[package]} is not installed")
            continue
        laws = [law for law in laws_for(*families) if law.name in names]
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = check_model(model, laws, cases=CASES, tolerance=tolerance)
        columns[label] = {row.law: "yes" if row.passed else "NO" for row in report.rows}
        broken = [row for row in report.rows if not row.passed]
        notes += [f"{label}, {row.law}: {' '.join(row.found.split())}" for row in broken]
    reports = [check_model(model, cases=CASES) for model in ALL]
    ours = {name: all(row.passed for each in reports for row in each.rows if row.law == name) for name in names}
    columns[f"ours, all {len(ALL)}"] = {name: "yes" if kept else "NO" for name, kept in ours.items()}
    table = Table("Laws that credit models keep (blank: not asked of this kind)", ("law", *columns))
    table.rows += [(name, *(kept.get(name, "") for kept in columns.values())) for name in names]
    known = [
        f"{short}: {PACKAGES[short]} {version(PACKAGES[short])}" for short in PACKAGES if find_spec(IMPORTED[short])
    ]
    table.notes += [", ".join(known), *notes]
    return [table]


def _frame(paths: Any, converted: Any, lost: Any) -> Any:
    import pandas as pd

    texts = [SEPARATOR.join(path) for path in paths]
    frame = pd.DataFrame({"path": texts, "converted": list(map(int, converted)), "lost": list(map(int, lost))})
    # A user would not hand over rows that count nobody.
    return frame[frame["converted"] + frame["lost"] > 0].reset_index(drop=True)


def _mam(method: str, paths: Any, converted: Any, lost: Any) -> Credit:
    import mam
    import polars as pl

    rows = [
        (SEPARATOR.join(path), flag, int(n))
        for path, hits, misses in zip(paths, converted, lost, strict=True)
        for flag, n in ((True, hits), (False, misses))
        if n
    ]
    frame = pl.DataFrame(rows, schema=["path", "converted", "journeys"], orient="row")
    made = mam.MAM(
        frame, format_type="grouped_journey", channels_colname="path", occurrences_colname="journeys",
        journey_with_conv_colname="converted", path_separator=SEPARATOR,
    )  # fmt: skip
    found = getattr(made, method)().to_polars()
    return dict(zip(found["channels"].to_list(), found["attribution"].to_list(), strict=True))


def _mta(method: str, name: str, paths: Any, converted: Any, lost: Any, **more: Any) -> Credit:
    import mta

    frame = _frame(paths, converted, lost).rename(columns={"converted": "total_conversions", "lost": "total_null"})
    made = mta.MTA(frame, allow_loops=True, add_timepoints=False, sep=SEPARATOR)
    getattr(made, method)(normalize=False, **more)
    credits = {channel: float(credit) for channel, credit in made.attribution[name].items()}
    # Its sums are shares: they are rounded where it scales them itself.
    total = sum(credits.values())
    return {channel: credit / total * sum(converted) for channel, credit in credits.items()} if total else credits


def _positive(credits: Any) -> Credit:
    return {str(name): float(credit) for name, credit in credits.items()}
