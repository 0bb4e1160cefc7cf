"""Textbook queues: closed formulas, used as oracles by the tests and offered to planners.

They know nothing of funnels. All of them are free of units: give rates per hour and times in hours, or rates
per day and times in days, and times come back in the same unit. Steady state unless the name says otherwise;
what has no closed formula (calendars, response curves, score queues) is what the simulation is for. Importing
this package loads neither NumPy nor SciPy.
"""

from funnelsim.core.queueing.chain import Absorption, absorbing_chain, recycled_chain
from funnelsim.core.queueing.delay import mginf_mean_number, mginf_number_pmf, mtginf_mean_number
from funnelsim.core.queueing.erlang import (
    erlang_b,
    erlang_c,
    mmc_mean_number,
    mmc_mean_queue,
    mmc_mean_time,
    mmc_mean_wait,
    mmc_p_wait,
    mmc_wait_cdf,
    mmc_wait_quantile,
)
from funnelsim.core.queueing.jackson import JacksonNetwork, jackson_network, traffic_rates
from funnelsim.core.queueing.load import littles_law, offered_load, utilisation
from funnelsim.core.queueing.patience import ErlangA, erlang_a
from funnelsim.core.queueing.priority import (
    cobham_mean_waits,
    mmc_preemptive_mean_times,
    mmc_priority_mean_waits,
    preemptive_mean_times,
)
from funnelsim.core.queueing.single import (
    mg1_mean_queue,
    mg1_mean_time,
    mg1_mean_wait,
    mm1_mean_number,
    mm1_mean_time,
    mm1_mean_wait,
    mm1_number_pmf,
)

__all__ = [
    "Absorption",
    "ErlangA",
    "JacksonNetwork",
    "absorbing_chain",
    "cobham_mean_waits",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "jackson_network",
    "littles_law",
    "mg1_mean_queue",
    "mg1_mean_time",
    "mg1_mean_wait",
    "mginf_mean_number",
    "mginf_number_pmf",
    "mm1_mean_number",
    "mm1_mean_time",
    "mm1_mean_wait",
    "mm1_number_pmf",
    "mmc_mean_number",
    "mmc_mean_queue",
    "mmc_mean_time",
    "mmc_mean_wait",
    "mmc_p_wait",
    "mmc_preemptive_mean_times",
    "mmc_priority_mean_waits",
    "mmc_wait_cdf",
    "mmc_wait_quantile",
    "mtginf_mean_number",
    "offered_load",
    "preemptive_mean_times",
    "recycled_chain",
    "traffic_rates",
    "utilisation",
]
