"""Every tally of a run counted a second time, from its trace: how the SimPy engine counts, and the kernel's proof.

One function a count, each named after the tally it gives; see `tallies.DIMENSIONS` for the dimensions and units. Sales,
discoveries and the settings of dials are counted in `recounted_sales`, `recounted_discoveries`, `recounted_settings`.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.rows import Frame
from funnelsim.core.ticks import NEVER
from funnelsim.engines import asked
from funnelsim.engines.census import Census, Reals, quantiles, table
from funnelsim.engines.journal import Ints, Journal
from funnelsim.engines.recounted_discoveries import DISCOVERIES
from funnelsim.engines.recounted_sales import SALES
from funnelsim.engines.recounted_settings import settings
from funnelsim.engines.tallies import Tally
from funnelsim.plan.features import PEOPLE
from funnelsim.plan.layout import COUNT, GOING_ON, LOST, NONE
from funnelsim.plan.trace import BREACHED, FINISHED, RETURNED, STARTED, TOUCHED
from funnelsim.rules.contacts import HAND_RAISED, OPTED_OUT, REFERRED, WAS_CLICKED, WAS_SEEN, touch_of


def recount(plan: Frame, traces: Sequence[NDArray[np.void]], *, seed: int, first: int = 0) -> Tally:
    """The tallies of replications first, first + 1, ... whose traces are given."""
    tally = Tally(plan["terms"][0], len(traces))
    for at, trace in enumerate(traces):
        census = Census(Journal(plan, trace, asked.replication_key(np.uint64(seed), first + at)))
        for name, count in COUNTS.items():
            tally[name][at] = count(census)
    return tally


def born(census: Census) -> Ints:
    return census.by_bucket(census.n_cells, census.journal.born, census.journal.cell)


def entries(census: Census) -> Ints:
    return census.by_stage(census.journal.entered)


def _by_cell(census: Census, kept: NDArray[np.bool_]) -> Ints:
    j = census.journal
    return table((census.n_stages, census.n_cells), (j.stage[kept], j.cell[j.person[kept]]))


def entries_by(census: Census) -> Ints:
    return _by_cell(census, census.journal.entered >= census.journal.warmup)


def reached(census: Census) -> Ints:
    j = census.journal
    return census.by_stage(np.where(j.nth == 0, j.born[j.person], NEVER))


def reached_by(census: Census) -> Ints:
    j = census.journal
    return _by_cell(census, (j.nth == 0) & (j.born[j.person] >= j.warmup))


def exits(census: Census) -> Ints:
    return census.by_bucket(census.n_exits, census.journal.left, census.journal.exit)


def stage_time(census: Census) -> Ints:
    return census.by_stage(census.journal.left, census.journal.left - census.journal.entered)


def stage_area(census: Census) -> Ints:
    j = census.journal
    on = j.terminal == GOING_ON
    return census.area(j.entered[on], j.left[on], j.stage[on], census.n_stages)


def line_area(census: Census) -> Ints:
    line = census.journal.in_line
    return census.area(line.begin, line.end, census.journal.stage[line.visit], census.n_stages)


def starts(census: Census) -> Ints:
    work = census.journal.at_work
    return census.by_bucket(census.n_stages, work.begin, census.journal.stage[work.visit])


def waited(census: Census) -> Ints:
    line = census.journal.in_line
    ends = np.where(line.end_code == STARTED, line.end, NEVER)
    return census.by_bucket(census.n_stages, ends, census.journal.stage[line.visit], line.end - line.begin)


def responses(census: Census) -> Ints:
    return census.by_stage(census.journal.started)


def response_time(census: Census) -> Ints:
    return census.by_stage(census.journal.started, census.journal.started - census.journal.joined)


def joins(census: Census) -> Ints:
    return census.by_stage(census.journal.joined)


def routing_time(census: Census) -> Ints:
    return census.by_stage(census.journal.joined, census.journal.joined - census.journal.entered)


def promises(census: Census) -> tuple[Ints, Ints]:
    """When it was seen that each visit's promise was kept, and when that it was broken; NEVER where it was not.

    It is seen at the first response, when one leaves unanswered, or at the end.
    """
    j, visits = census.journal, census.plan["visits"]
    promised = (visits["sla"] != 0)[j.row] & (j.joined < NEVER)
    within = visits["respond_within"][j.row]
    deadline = np.where(promised, j.joined + within, NEVER)
    home = np.where(promised & (visits["sla_business"] != 0)[j.row], census.plan["stages"]["team"][j.stage], NONE)
    for team, clock in enumerate(census.clocks):
        on = home == team
        deadline[on] = clock.reach(clock.read(j.joined[on]) + within[on])
    seen = np.where(j.started < NEVER, j.started, np.minimum(j.left, j.horizon - 1))
    seen = np.where(promised, seen, NEVER)
    return np.where((seen < deadline) & (seen == j.started), seen, NEVER), np.where(deadline <= seen, seen, NEVER)


def within_sla(census: Census) -> Ints:
    in_time, _ = promises(census)
    return census.by_stage(in_time)


def breaches(census: Census) -> Ints:
    _, broken = promises(census)
    return census.by_stage(broken)


def tiers(census: Census) -> Ints:
    rows = census.journal.rows
    rows = rows[rows["code"] == BREACHED]
    return census.by_bucket(census.n_tiers, rows["tick"], rows["detail"])


def _touches(census: Census, bit: int) -> Ints:
    """Touches of which something came, by bucket and touching channel; of a bit of 0 all that were sent."""
    rows = census.journal.rows
    rows = rows[rows["code"] == TOUCHED]
    outcome = rows["detail"] & (bit | REFERRED)
    rows = rows[outcome == bit]
    return census.by_bucket(census.n_touches, rows["tick"], touch_of(rows["detail"]))


def sent(census: Census) -> Ints:
    return _touches(census, 0)


def seen(census: Census) -> Ints:
    return _touches(census, WAS_SEEN)


def clicked(census: Census) -> Ints:
    return _touches(census, WAS_CLICKED)


def raised(census: Census) -> Ints:
    return _touches(census, HAND_RAISED)


def opted_out(census: Census) -> Ints:
    return _touches(census, OPTED_OUT)


def referred(census: Census) -> Ints:
    return _touches(census, REFERRED)


def busy_area(census: Census) -> Ints:
    work = census.journal.at_work
    return census.area(work.begin, work.end, _team_of(census, work.rep), census.n_teams, on_clocks=True)


def _team_of(census: Census, rep: Ints) -> Ints:
    return census.plan["reps"]["team"][rep].astype(np.int64)


def rep_busy(census: Census) -> Ints:
    j, work = census.journal, census.journal.at_work
    team = _team_of(census, work.rep)
    begin, end = (np.clip(ticks, j.warmup, j.horizon) for ticks in (work.begin, work.end))
    return table((census.n_reps,), (work.rep,), census.read(team, end) - census.read(team, begin))


def team_starts(census: Census) -> Ints:
    work = census.journal.at_work
    return census.by_bucket(census.n_teams, work.begin, _team_of(census, work.rep))


def _decided(census: Census) -> tuple[Ints, Ints]:
    """The reps whose work led to a decision, and the exits; none where reps do not differ."""
    j, work, visits = census.journal, census.journal.at_work, census.plan["visits"]
    exit_, done = j.exit[work.visit], (work.end_code == FINISHED) & (work.end == j.left[work.visit])
    done &= (exit_ != visits["unreached_exit"][j.row[work.visit]]) & (work.end >= j.warmup)
    done &= bool(int(j.terms["uses"]) & PEOPLE)
    return work.rep[done], exit_[done]


def rep_done(census: Census) -> Ints:
    rep, _ = _decided(census)
    return table((census.n_reps,), (rep,))


def rep_passed(census: Census) -> Ints:
    rep, exit_ = _decided(census)
    to = census.plan["exits"]["to"][exit_]
    return table((census.n_reps,), (rep,), (census.plan["stages"]["terminal"][to] != LOST).astype(np.int64))


def rep_starts(census: Census) -> Ints:
    work = census.journal.at_work
    return table((census.n_reps,), (work.rep[work.begin >= census.journal.warmup],))


def open_at_end(census: Census) -> Ints:
    j = census.journal
    return table((census.n_stages,), (j.stage[(j.terminal == GOING_ON) & (j.left == NEVER)],))


def cooling_at_end(census: Census) -> Ints:
    return np.asarray(census.journal.cooling.sum())


def totals(census: Census) -> Ints:
    """Events, prospects, and the most prospects at once; the warm-up counts."""
    j, rows, visits = census.journal, census.journal.rows, census.plan["visits"]
    routed, gives_up = (visits["routing"] != NONE)[j.row], visits["patience_exit"][j.row]
    deeds = census.plan["tiers"]["do"][rows["detail"][rows["code"] == BREACHED]]
    facts = (
        j.who.size,
        np.isin(rows["code"], (TOUCHED, FINISHED, RETURNED)).sum(),
        (routed & (j.deal == NONE) & ((j.joined < NEVER) | (j.balked < NEVER))).sum(),
        j.retries,
        ((j.balked < NEVER) & (j.left < NEVER)).sum(),
        ((j.exit != NONE) & (j.exit == gives_up)).sum(),
        (deeds != COUNT).sum(),
    )
    return np.array([sum(int(n) for n in facts), j.who.size, j.most_at_once])


def stage_quantiles(census: Census) -> Reals:
    return _quantiles_by_stage(census, census.journal.left, census.journal.entered)


def response_quantiles(census: Census) -> Reals:
    return _quantiles_by_stage(census, census.journal.started, census.journal.joined)


def _quantiles_by_stage(census: Census, end: Ints, begin: Ints) -> Reals:
    kept = (end < NEVER) & (end >= census.journal.warmup)
    spent, stage = (end - begin)[kept], census.journal.stage[kept]
    return np.stack([quantiles(spent[stage == number]) for number in range(census.n_stages)])


_COUNTS: Final[tuple[Callable[[Census], Ints | Reals], ...]] = (
    born, entries, entries_by, reached, reached_by, exits, stage_time, stage_area, line_area, joins, starts, waited,
    responses, response_time, routing_time, within_sla, breaches, tiers, sent, seen, clicked, raised, opted_out,
    referred, busy_area, rep_busy, rep_starts, team_starts, rep_done, rep_passed, open_at_end, cooling_at_end, totals,
    stage_quantiles, response_quantiles, *SALES, *DISCOVERIES, settings,
)  # fmt: skip
COUNTS: Final = {count.__name__: count for count in _COUNTS}
