"""The reference funnel and the M/M/c queue in Ciw, with its own nodes, reneging and routing objects.

Nodes: 1 delay, 2 SDRs (reneging), 3 account executives, 4 the thirty days until a return. Ciw has no memory of a
customer's past, so the routers mark the customer; they also count, which is cheaper than reading Ciw's records.
"""

from random import random
from typing import Any

import ciw

from benchmarks import reference as ref
from benchmarks.reference import Job, Tally, total

DELAY, CALL, DEAL, COOL_OFF = 1, 2, 3, 4


class Counts:
    """What the routers of one replication count."""

    def __init__(self) -> None:
        self.delay_ends = self.calls = self.abandoned = self.deals = self.wins = self.returns = 0


class Router(ciw.routing.NodeRouting):  # type: ignore[misc]  # Ciw is untyped
    """The way out of one node."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def lost(self, prospect: Any) -> Any:
        """Back to marketing for some, once; out for the others."""
        if getattr(prospect, "returned", False) or random() >= ref.RETURN_SHARE:
            return self.simulation.nodes[-1]
        prospect.returned = True
        return self.simulation.nodes[COOL_OFF]


class AfterDelay(Router):
    """From the delay to the SDRs."""

    def next_node(self, prospect: Any) -> Any:
        self.counts.delay_ends += 1
        return self.simulation.nodes[CALL]


class AfterCall(Router):
    """From the SDRs to an account executive, or lost; those who ran out of patience are lost too."""

    def next_node(self, prospect: Any) -> Any:
        self.counts.calls += 1
        return self.simulation.nodes[DEAL] if random() < ref.PASS else self.lost(prospect)

    def next_node_for_jockeying(self, prospect: Any) -> Any:
        self.counts.abandoned += 1
        return self.lost(prospect)


class AfterDeal(Router):
    """From the account executives: won, or lost."""

    def next_node(self, prospect: Any) -> Any:
        self.counts.deals += 1
        if random() < ref.WIN:
            self.counts.wins += 1
            return self.simulation.nodes[-1]
        return self.lost(prospect)


class AfterCoolOff(Router):
    """From the cool-off back to the delay."""

    def next_node(self, prospect: Any) -> Any:
        self.counts.returns += 1
        return self.simulation.nodes[DELAY]


def simulate_funnel(days: float, seed: int) -> Tally:
    """One replication of the reference funnel."""
    n = Counts()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(ref.ARRIVALS_A_DAY), None, None, None],
        service_distributions=[
            ciw.dists.Lognormal(ref.DELAY_MU, ref.SIGMA),
            ciw.dists.Exponential(1.0 / ref.CALL_MEAN),
            ciw.dists.Lognormal(ref.DEAL_MU, ref.SIGMA),
            ciw.dists.Deterministic(ref.RETURN_AFTER),
        ],
        reneging_time_distributions=[None, ciw.dists.Exponential(1.0 / ref.PATIENCE_MEAN), None, None],
        number_of_servers=[float("inf"), ref.N_SDRS, ref.N_AES, float("inf")],
        routing=ciw.routing.NetworkRouting([AfterDelay(n), AfterCall(n), AfterDeal(n), AfterCoolOff(n)]),
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(days)
    prospects = simulation.nodes[0].number_of_individuals
    events = prospects + n.delay_ends + n.calls + n.abandoned + n.deals + n.returns
    return Tally(prospects, events, n.wins, n.abandoned, n.calls)


def simulate_queue(servers: int, customers: int, seed: int) -> tuple[int, Any]:
    """One replication of the M/M/c queue until its last customer is served."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(ref.LOAD * servers)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[servers],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(customers, method="Finish")
    return customers, simulation


def read_queue(runs: list[tuple[int, Any]]) -> Tally:
    """The mean wait out of Ciw's records, which it always keeps."""
    tallies = []
    for customers, simulation in runs:
        waits = [record.waiting_time for record in simulation.get_all_records(only=["service"])]
        tallies.append(Tally(customers, 2 * customers, mean_wait=sum(waits) / len(waits)))
    return total(tallies)


def funnel(days: float, replications: int, seed: int) -> Job:
    """Replications of the reference funnel, one after the other."""
    return Job(lambda: [simulate_funnel(days, seed + r) for r in range(replications)], total)


def queue(servers: int, customers: int, replications: int, seed: int) -> Job:
    """Replications of the M/M/c queue, one after the other."""
    return Job(lambda: [simulate_queue(servers, customers, seed + r) for r in range(replications)], read_queue)
