"""How the kernel writes a row of the trace."""

from funnelsim.core.jit import part
from funnelsim.engines.store import state_at, trace_at
from funnelsim.plan.features import known_plain


@part
def log(plan, store, tick, code, person, rep, detail):
    """One row about a prospect, if a trace is kept (never by the plain kernel); rows beyond the store's are counted."""
    if not known_plain(plan) and state_at(store, 0).trace_size > 0:
        _write(store, tick, code, person, rep, detail)


@part(rare=True)
def _write(store, tick, code, person, rep, detail):
    state = state_at(store, 0)
    if state.rows < state.trace_size:
        row = trace_at(store, state.rows)
        row.tick, row.code, row.prospect = tick, code, person.who
        row.stage, row.visit, row.rep, row.detail = person.stage, person.visit, rep, detail
    state.rows += 1
