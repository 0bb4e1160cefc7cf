"""The graph of stages: everything can be reached, everybody gets out, and no round takes no time."""

from __future__ import annotations

from funnelsim.scenario.edges import Graph, live, possible, timeless
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario


def check_graph(scenario: Scenario, ledger: Ledger) -> None:
    """Note stages nobody reaches, stages nobody leaves for good, and cycles that take no time."""
    stages = ledger.names("stages")
    if not stages:
        return
    terminals = {name for name, stage in scenario.stages.items() if stage.terminal is not None}
    graph = possible(scenario, ledger)
    _unreached(scenario, graph, ledger)
    if not terminals and not graph.unknown:
        ledger.add(
            ("stages",),
            "no stage is terminal",
            "journeys end somewhere",
            "write won: {terminal: won} and lost: {terminal: lost}",
            needs=(),
        )
    elif terminals:
        _trapped(scenario, terminals, ledger)
    _timeless(scenario, ledger)


def _unreached(scenario: Scenario, graph: Graph, ledger: Ledger) -> None:
    """Stages that no prospect can reach; those that only follow from another one are not named."""
    if not _entries_are_known(scenario, ledger):
        return
    entries = {channel.enters for channel in scenario.channels.values() if channel.brings}
    entries |= {deal.stage for deal in (scenario.pipeline.deals if scenario.pipeline is not None else ())}
    if not entries & set(graph.targets):
        return
    reached = graph.reached(entries)
    missed = [name for name in graph.targets if name not in reached]
    before = graph.reversed()
    sources = [name for name in missed if not (before.targets[name] & set(missed)) - {name}]
    explained: set[str] = set()
    for name in [*sources, *missed]:
        if name not in explained:
            explained |= graph.reached({name})
            ledger.add(
                ("stages", name),
                "no prospect can reach this stage",
                "every stage is reached from some channel",
                f"name {name} in an exit or in a channel's enters, or remove it",
                needs=(),
            )


def _entries_are_known(scenario: Scenario, ledger: Ledger) -> bool:
    """Whether it is sure where every channel enters; a default needs the first stage to be sound."""
    channels = ledger.names("channels")
    written = all(ledger.wrote("channels", name, "enters") for name in channels)
    stages_known = all(ledger.sound(("stages", name, "terminal")) for name in ledger.names("stages"))
    return (written or stages_known) and all(ledger.sound(("channels", name, "enters")) for name in channels)


def _trapped(scenario: Scenario, terminals: set[str], ledger: Ledger) -> None:
    """Cycles that never end, for everybody or for a segment; stages that only lead there are not named."""
    traps: dict[tuple[str, ...], list[str]] = {}
    for segment in ledger.segments:
        graph = live(scenario, ledger, segment)
        saved = graph.reversed().reached(terminals | graph.unknown)
        held = {name for name, stage in scenario.stages.items() if name not in saved and stage.exits}
        for trap in _closed(graph, held):
            traps.setdefault(trap, []).append(segment)
    for trap, segments in traps.items():
        of = "" if len(segments) == len(ledger.segments) else f" of segment {segments[0]}"
        round_trip = " -> ".join([*trap[:8], trap[0]])
        ledger.add(
            ("stages", trap[0], "exits"),
            f"prospects{of} never get out of {round_trip}",
            "a cycle must end: every stage leads to a terminal one",
            "give one of these stages an exit to won or lost",
            needs=(),
        )


def _closed(graph: Graph, held: set[str]) -> list[tuple[str, ...]]:
    """The sets of stages, in order of the file, that one never leaves again once inside."""
    before = graph.reversed()
    closed: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for name in graph.targets:
        if name not in held or name in seen:
            continue
        reach = graph.reached({name})
        while onward := reach - before.reached({name}):
            name = next(iter(onward))
            reach = graph.reached({name})
        if reach <= seen:
            continue
        seen |= before.reached(reach)
        closed.append(tuple(each for each in graph.targets if each in reach))
    return closed


def _slower(cycle: list[str], scenario: Scenario) -> str:
    """What makes a round take time."""
    ready = [name for name in cycle if name in scenario.stages and scenario.stages[name].handoff is not None]
    if ready:
        return f"lead the handoff of {ready[0]} elsewhere, or let it wait for a hand-raise"
    return "give one of these stages a duration"


def _timeless(scenario: Scenario, ledger: Ledger) -> None:
    """Cycles of ways that take no time: the clock would stand still."""
    graph = timeless(scenario, ledger)
    seen: set[str] = set()
    for name in graph.targets:
        if name in seen:
            continue
        after = graph.reached(graph.targets[name])
        if name in after:
            cycle = [each for each in graph.targets if each in after and name in graph.reached(graph.targets[each])]
            seen |= set(cycle)
            round_trip = " -> ".join([*cycle[:8], cycle[0]])
            ledger.add(
                ("stages", name),
                f"the round {round_trip} takes no time",
                "a cycle takes time somewhere",
                _slower(cycle, scenario),
                needs=(),
            )
