"""Wins and revenue by their chances: sums of conditional expectations in place of coins, where they were counted.

Their means are those of `wins` and `revenue`, over every time bucket; their spread is smaller. A win is counted when it
is decided whether a deal comes into the tail of the funnel, less what is pending there: a bucket may hold less than
nothing.
"""

import json

from funnelsim.results.run import COUNT, HUNDREDTHS, Run, Variable, variable
from funnelsim.rules.expectation import MONEY, WINS

_WHAT = {"wins": "expected deals won", "revenue": "expected value of the deals won"}


def expectation(run: Run) -> dict[str, Variable]:
    """Expected wins and revenue, in all, by bucket and by origin; nothing where they were not counted.

    The attribute `tail_stages` is a JSON list of the stages whose coins are not tossed.
    """
    tail = run.compiled.tail
    if tail is None:
        return {}
    out = {}
    for name, unit, one in (("wins", COUNT, WINS), ("revenue", run.scenario.currency, MONEY * HUNDREDTHS)):
        counts, what = run.cells(f"expected_{name}"), _WHAT[name]
        for suffix, dims, over, where in (
            ("", "replication", (1, 2, 3), ""),
            ("_by_bucket", "replication bucket", (2, 3), " in the bucket"),
            ("_by", "replication bucket channel segment", (), ", by origin"),
        ):
            found = variable(dims, counts.sum(axis=over) / one, unit, f"{what}{where}")
            found[2]["tail_stages"] = json.dumps(tail, ensure_ascii=False)
            out[f"expected_{name}{suffix}"] = found
    return out
