"""Laws of credit models over logs of paths, and the families of models of which each holds.

They are the trust tests that published packages fail somewhere. Each is a `Law`: call it with a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attribution.testing.law import Finding, Law, LawBroken, same, told
from attribution.testing.logs import Log, Row, drawn_logs, logs_that_meet, smaller_logs

Model = Callable[[list[list[str]], list[float], list[float], list[float]], Mapping[str, float]]
"""Credit by channel of paths, conversions, lost journeys and value."""

FAMILIES: Final = {
    "every": "every model",
    "names": "models that name no channel themselves, as last-but-direct does",
    "counts": "models of proportions: without prior, penalty or drawing",
    "shares": "models that hand out every conversion once; not participation, not raw sums",
    "value": "models that hand out the value of conversions instead of their number",
    "rates": "models whose definition asks how often journeys convert: chains, games of rates, pairs, regressions",
    "journeys": "models that share a conversion within its own journey: rules, and the Shapley value of conversions",
}
OTHER: Final = {"ads": "tv", "mail": "radio", "search": "fair", "web": "blog"}
"""Names in the opposite order of the alphabet."""
WITHIN: Final = {"ads": "theta", "mail": "eta", "search": "beta", "web": "ta"}
"""Names that are found in each other."""
LAWS: Final[dict[str, Law]] = {}
"""Laws by name."""


def law(family: str, says: str, *, somewhere: bool = False) -> Callable[[Finding], Finding]:
    """Make a law of a function that says what is wrong with a model's answers to a log."""

    def kept(finding: Finding) -> Finding:
        name = finding.__name__
        LAWS[name] = Law(
            name, says, family, finding, logs_that_meet if somewhere else drawn_logs, smaller_logs, somewhere
        )
        return finding

    return kept


def laws_for(*families: str) -> tuple[Law, ...]:
    """The laws that hold of models that are in all these families. Raises ValueError where there is no such family."""
    unknown = [each for each in families if each not in FAMILIES]
    if unknown:
        raise ValueError(f"laws: no family {', '.join(unknown)}; known are {', '.join(FAMILIES)}")
    return tuple(each for each in LAWS.values() if each.family in families)


def ask(model: Model, log: Log) -> dict[str, float]:
    """A model's credit by channel. Raises LawBroken where that is no answer."""
    found = model(*log.arguments())
    if not isinstance(found, Mapping):
        raise LawBroken(f"it returned {type(found).__name__}; it must return credit by channel")
    strange = sorted(str(name) for name, credit in found.items() if name not in log.channels and credit != 0)
    if strange:
        raise LawBroken(f"it credits {', '.join(strange)}, which no journey knows")
    return {name: float(found.get(name, 0.0)) for name in sorted(log.channels)}


def _apart(
    found: Mapping[str, float], other: Mapping[str, float], then: str, tolerance: float, names: Mapping[str, str] = {}
) -> str:
    """The first channel that gets something else, in words."""
    for name, credit in found.items():
        new = names.get(name, name)
        if not same(credit, other.get(new, 0.0), tolerance):
            return f"{name} gets {told(credit)}; {then}, {told(other.get(new, 0.0))}"
    return ""


def _called(log: Log, names: Mapping[str, str]) -> str:
    return "with " + ", ".join(f"{name} called {names[name]}" for name in sorted(log.channels))


@law("names", "Other names, in another order of the alphabet, are credited alike.")
def other_names(model: Any, log: Log, tolerance: float) -> str:
    renamed = ask(model, log.renamed(OTHER))
    return _apart(ask(model, log), renamed, _called(log, OTHER), tolerance, OTHER)


@law("names", "A name that is part of another one, as eta of theta, is not taken for it.")
def names_within_names(model: Any, log: Log, tolerance: float) -> str:
    renamed = ask(model, log.renamed(WITHIN))
    return _apart(ask(model, log), renamed, _called(log, WITHIN), tolerance, WITHIN)


@law("every", "Rows in another order are credited alike.")
def order_of_rows(model: Any, log: Log, tolerance: float) -> str:
    turned = ask(model, Log(log.rows[::-1]))
    return _apart(ask(model, log), turned, "with rows in the opposite order", tolerance)


@law("every", "A row that counts many journeys is the same as a row for each of them.")
def rows_split(model: Any, log: Log, tolerance: float) -> str:
    return _apart(ask(model, log), ask(model, log.single() + _no_journeys(log)), "with a row a journey", tolerance)


def _no_journeys(log: Log) -> Log:
    """Rows that count nothing, of the channels that would be gone with a row for each journey."""
    gone = sorted(log.channels - log.single().channels)
    return Log(tuple(Row((name,), 0, 0) for name in gone))


@law("every", "Asked again, it answers the same: what is drawn has a seed.")
def asked_again(model: Any, log: Log, tolerance: float) -> str:
    return _apart(ask(model, log), ask(model, log), "asked again", tolerance)


@law("every", "A channel that no journey had gets nothing, and changes nothing.")
def nobody(model: Any, log: Log, tolerance: float) -> str:
    more = ask(model, log + Log((Row(("nobody",), 0, 0), Row((*log.rows[0].path, "nobody"), 0, 0))))
    if not same(more["nobody"], 0.0, tolerance):
        return f"'nobody', in two rows that count no journey, gets {told(more['nobody'])}"
    return _apart(ask(model, log), more, "beside a channel that no journey had", tolerance)


@law("counts", "Twice the journeys, twice the credit.")
def doubling(model: Any, log: Log, tolerance: float) -> str:
    doubled = {name: credit / 2.0 for name, credit in ask(model, log.times(2)).items()}
    return _apart(ask(model, log), doubled, "half of what it gets of twice the journeys", tolerance)


@law("shares", "Credit adds up to the conversions.")
def adds_up(model: Any, log: Log, tolerance: float) -> str:
    total = sum(ask(model, log).values())
    return (
        "" if same(total, log.conversions, tolerance) else f"credit of {told(total)} for {log.conversions} conversions"
    )


@law("value", "Credit of value adds up to the value.")
def value_adds_up(model: Any, log: Log, tolerance: float) -> str:
    total = sum(ask(model, log).values())
    return "" if same(total, log.value, tolerance) else f"credit of {told(total)} for a value of {log.value}"


@law("rates", "Journeys without conversion matter: with other counts of them some credit is another.", somewhere=True)
def lost_matter(model: Any, log: Log, tolerance: float) -> str:
    apart = _apart(ask(model, log), ask(model, log.otherwise_lost()), "", tolerance)
    return "" if apart else "more lost journeys in some rows change no credit"


@law("journeys", "Journeys without conversion earn and cost nothing.")
def lost_earn_nothing(model: Any, log: Log, tolerance: float) -> str:
    return _apart(ask(model, log), ask(model, log.otherwise_lost()), "with 7 more lost in every second row", tolerance)


@law("journeys", "The credit of two logs together is the sum of their credits.")
def logs_add_up(model: Any, log: Log, tolerance: float) -> str:
    other = Log((Row(("mail", "ads"), 2, 1), Row(("search",), 1, 1)))
    apart, own = ask(model, log), ask(model, other)
    total = {name: apart.get(name, 0.0) + own.get(name, 0.0) for name in sorted({*apart, *own})}
    return _apart(total, ask(model, log + other), "together with mail > ads (2, 1) and search (1, 1)", tolerance)


def chosen(laws: Iterable[Law | str], known: Mapping[str, Law]) -> tuple[Law, ...]:
    """Laws by name or as they are. Raises ValueError where there is no such law."""
    laws = tuple(laws)
    unknown = [each for each in laws if isinstance(each, str) and each not in known]
    if unknown:
        raise ValueError(f"laws: no law {', '.join(map(str, unknown))}; known are {', '.join(known)}")
    return tuple(known[each] if isinstance(each, str) else each for each in laws)
