"""What the kernel counts of decisions and sales: discoveries, reps' work, wins, renewals, and customers lost."""

import numpy as np

from funnelsim.core.jit import part
from funnelsim.engines.store import BINS, bin_at, state_at
from funnelsim.engines.tallies import asked_page_at, bin_of, cell_page_at, rep_row_at, won_page_at
from funnelsim.plan.features import CELLS, TRAITS, uses
from funnelsim.plan.layout import EXPANSION, LOST, NEW, RENEWAL, exit_at, stage_at, terms_at, visit_at
from funnelsim.rules.discovery import suffices
from funnelsim.rules.service import booked


@part
def count_discovery(plan, tally, person, leaving):
    """Count what a discovery made of a prospect, and what it is."""
    visit, page = visit_at(plan, person.row), asked_page_at(tally, person.stage)
    if leaving == visit.refused_exit:
        return
    able, qualified = suffices(plan, person.row, np.int64(person.has)), leaving != visit.failed_exit
    page.discoveries += 1
    page.able += able
    page.qualified += qualified
    page.rightly_qualified += able and qualified


@part
def count_decided(plan, tally, person, leaving):
    """Count for a rep that work led to a decision, and whether the prospect was not lost by it."""
    row = rep_row_at(tally, person.rep)
    row.rep_done += 1
    to = exit_at(plan, person.segment * terms_at(plan, 0).n_exits + leaving).to
    row.rep_passed += stage_at(plan, to).terminal != LOST


@part
def book(plan, store, tally, person, row):
    """Book a sale of the stage that a prospect has entered, or that a customer is lost."""
    cell, node = cell_page_at(tally, cell_of(plan, person)), stage_at(plan, person.stage)
    amount = booked(plan, row, person.value)
    if node.sale == NEW:
        person.bought = 1
        count_win(plan, store, tally, person, amount)
    elif node.sale == RENEWAL:
        cell.renewals += 1
        cell.due += person.value
        cell.renewed += amount
        cell.kept += min(amount, person.value)
    elif node.sale == EXPANSION:
        cell.expansions += 1
        cell.expanded += amount
    else:
        person.bought = 0
        cell.churns += 1
        cell.churned += person.value


@part
def count_win(plan, store, tally, person, amount):
    """Count a win, what it brings, and how long it took."""
    cell, took = cell_page_at(tally, cell_of(plan, person)), state_at(store, 0).now - person.born
    cell.wins += 1
    if uses(plan, TRAITS):
        cell.revenue += amount
    won_page_at(tally, 0).cycle_time += took
    bin_at(store, 2 * terms_at(plan, 0).n_stages * BINS + bin_of(took)).n += 1


@part
def cell_of(plan, person):
    """A prospect's cell: its channel and segment."""
    return np.int64(person.cell) if uses(plan, CELLS) else np.int64(0)
