"""Sums of money as people say them: `4M`, `250k`, `4,000,000`, `1.2 M USD`."""

from __future__ import annotations

import re

from funnelsim.scenario.refusal import Refusal, show
from funnelsim.scenario.units import money

TIMES = {"k": 1e3, "m": 1e6, "bn": 1e9, "": 1.0}
_SUM = re.compile(r"\s*(\$?)\s*([0-9][0-9,_]*(?:\.[0-9]+)?|\.[0-9]+)\s*(k|m|bn)?\s*([A-Z]{3})?\s*", re.IGNORECASE)
_GROUPS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def sum_of_money(value: object, currency: str) -> float:
    """An amount above 0 in a currency; raises `Refusal`."""
    text = str(value)
    match = _SUM.fullmatch(text)
    if match is None or ("," in match[2] and not _GROUPS.fullmatch(match[2])):
        remedy = f"write 4M, 250k or 4,000,000 {currency}"
        raise Refusal(f"found {show(value)}", "a target is an amount of money", remedy)
    named = match[4] or ("USD" if match[1] else currency)
    amount = money(f"{match[2].replace(',', '')} {named.upper()}", currency) * TIMES[(match[3] or "").lower()]
    if amount <= 0.0:
        raise Refusal(f"found {show(value)}", "a target is more than 0", "write 4M")
    return amount
