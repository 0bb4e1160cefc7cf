"""The kernel's working memory: as large as the work in process needs, never as the number of prospects.

Nothing here survives a replication. If a table is too small the kernel says FULL, the store is doubled and the
replication is run again: it is a pure function of its address, so nobody can tell.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.chance.agenda import AGENDA, tables
from funnelsim.chance.lines import HEAD, LINES, LINK
from funnelsim.core.jit import part
from funnelsim.core.rows import NUMBER, Frame, Layout, numbers
from funnelsim.plan.trace import ROW
from funnelsim.rules.contacts import CONTACTS, MARK, MOOD
from funnelsim.rules.expectation import HOPES, hope_table
from funnelsim.rules.reviews import DIALS, GAUGE, SETTING

# States of a prospect's slot.
FREE, DELAYED, ROUTING, JOINING, WAITING, WORKING, PAUSING, BALKING, COOLING = range(9)
# Statuses of a replication.
DONE, FULL = range(2)


def _record(**columns: str) -> np.dtype[np.void]:
    return np.dtype(list(columns.items()), align=True)


PERSON: Final = _record(
    # What every event reads, in one line of the cache of 64 bytes.
    who="u8",
    entered="i8",  # tick of entering the stage
    response="i8",  # ticks from entering the stage to the first response; -1 before it
    token="i4",  # a notice about an earlier state has another token
    state="i4",
    stage="i4",
    row="i4",  # of what the present visit may do
    segment="i4",
    cell="i4",
    visit="i4",
    cohort="i4",  # where the counts of its bucket of birth begin; NONE if born before the end of the warm-up
    exit_word="u4",
    next_free="i4",
    # What is read at birth and end, and when it joins a line.
    born="i8",
    value="i8",
    intent="f8",
    score="f8",
    duration_word="u4",
    patience_word="u4",
    team="i4",
    recycles="i4",
    attempt="i4",
    tier="i4",
    shuns="i4",  # the rep from whom it was taken away
    fresh="i1",  # has not been admitted yet in this visit
    foremost="i1",
    reached="i1",
    keeps_place="i1",
    bought="i1",
    # What concerns its work.
    joined="i8",  # tick of joining the team, where the SLA's clock starts
    in_line_since="i8",
    deadline="i8",
    begun="i8",
    clock="i8",  # what the team's clock read then
    work="i8",  # its ticks; while it waits those left over from an interruption, else 0
    rep="i4",
    line="i4",  # in which it waits, where a team may have several
    since="i8",  # tick by which its place in line counts
    spell="i4",  # stages entered: a notice of a touch concerns one
    has="i4",  # hidden attributes, as bits
    deal="i4",  # the row of one that is open at the start, in its first stage; else NONE
)
# Next: the tick, or one beyond the horizon.
GENERATOR: Final = _record(next="i8", rank="i8", exposure="f8", piece="i8", w0="u4", w1="u4", w2="u4", w3="u4")
CREW: Final = _record(free="i8", waiting="i8", turn="i8", open="i8", filed="i8", filed_starts="i8")
"""Filed: ticks of work, and starts of it, in the pages filed so far."""
VACANT: Final = np.dtype([("reps", "i8")])
"""A word of 64 reps: the bits of those with a free slot."""
DESK: Final = _record(busy="i8", queued="i8", employed="i8", hired="i8", nth="i8")
"""Hired: the tick from which the ramp counts of the nth rep in this place."""
JOINER: Final = _record(slot="i4", token="i4", team="i8")
STATE: Final = _record(
    now="i8",
    bucket="i8",
    boundary="i8",  # the tick before which nothing but facts and choices is to do: the earlier of the next two
    turn="i8",  # the bucket's end, or the warm-up's
    review="i8",  # the next review
    status="i8",
    key="u8",
    agenda="i8",  # addresses of frames
    lines="i8",
    contacts="i8",
    dials="i8",
    hopes="i8",
    trace_size="i8",
    nth_words="i8",  # words of counts of visits a slot
    rows="i8",
    free_slot="i8",  # the first of those given back
    n_joiners="i8",
    dirty="i8",  # the bits of teams that have to choose; more teams than a word has bits share them
    few="i8",  # if no more joined, each team chooses as if it were alone; -1 if teams share bits
    cohort="i8",  # of those born now
    events="i8",
    prospects="i8",
    most="i8",  # slots ever given out
)

BINS_AN_OCTAVE: Final = 32
BINS: Final = 41 * BINS_AN_OCTAVE
"""Bins of a histogram of ticks, from half a tick to 2**40: 32 an octave, so a quantile is known to 3%. There is one
histogram a stage of times in stage, then one a stage of response times, then one of cycle times."""

NTHS_A_WORD: Final = 4
_LINE: Final = 64
STORE: Final = Layout(
    "store",
    within=("state",),
    state=STATE,
    people=PERSON,
    nths=np.dtype([("n", "u2")]),
    nth_words=NUMBER,
    met=np.dtype([("n", "i4")]),
    generators=GENERATOR,
    crews=CREW,
    desks=DESK,
    vacant=VACANT,
    joiners=JOINER,
    bins=NUMBER,
    trace=ROW,
)
state_at = STORE.reader("state")
person_at = STORE.reader("people")
slots_of = STORE.size("people")
nth_at = STORE.reader("nths", alias="nths")
nth_word_at = STORE.reader("nth_words", alias="nths")
met_at = STORE.reader("met")
generator_at = STORE.reader("generators")
crew_at = STORE.reader("crews")
desk_at = STORE.reader("desks")
vacant_at = STORE.reader("vacant")
joiner_at = STORE.reader("joiners")
bin_at = STORE.reader("bins")
trace_at = STORE.reader("trace")


@part
def give_up(store):
    """A table is too small: the replication ends as FULL before the next tick."""
    state = state_at(store, 0)
    state.status, state.boundary = FULL, -1


def _lined_up(n: int, record: np.dtype[np.void]) -> NDArray[np.void]:
    """Zeros that begin with a line of the cache."""
    size, room = n * record.itemsize, np.zeros(n * record.itemsize + _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    return room[start : start + size].view(record)


class Store:
    """Tables of one thread for `slots` prospects at once, `room` notices (a power of two), `rows` rows of trace."""

    def __init__(self, terms: np.void, slots: int, room: int, rows: int) -> None:
        n_stages, n_teams, n_reps = int(terms["n_stages"]), int(terms["n_teams"]), int(terms["n_reps"])
        self.slots, self.room, self.rows = slots, room, rows
        self.agenda = Frame(AGENDA, tables(room))
        self.lines = Frame(LINES, {"heads": np.zeros(2 * n_teams + n_reps, HEAD), "links": np.zeros(slots, LINK)})
        n_touches = int(terms["n_touches"])
        touched = slots if n_touches else 0
        self.contacts = Frame(
            CONTACTS,
            {"marks": np.zeros(touched * n_touches, MARK), "moods": np.zeros(touched, MOOD)},
        )
        self.dials = Frame(
            DIALS,
            {
                "settings": np.zeros(int(terms["n_dials"]), SETTING),
                "gauges": np.zeros(int(terms["n_reviews"]), GAUGE),
            },
        )
        self.hopes = Frame(HOPES, {"hopes": hope_table(n_stages * int(terms["n_segments"]))})
        nth_words = -(-n_stages // NTHS_A_WORD)
        nths = numbers(slots * nth_words)
        state = np.zeros(1, STATE)
        state["agenda"], state["lines"] = self.agenda.address, self.lines.address
        state["contacts"], state["dials"] = self.contacts.address, self.dials.address
        state["hopes"] = self.hopes.address
        state["trace_size"], state["nth_words"] = rows, nth_words
        self.frame = Frame(
            STORE,
            {
                "state": state,
                "people": _lined_up(slots, PERSON),
                "nths": nths.view(np.uint16),
                "nth_words": nths,
                "met": np.zeros(slots * max(1, n_teams), np.int32),
                "generators": np.zeros(int(terms["n_sources"]), GENERATOR),
                "crews": np.zeros(n_teams, CREW),
                "desks": np.zeros(n_reps, DESK),
                "vacant": np.zeros(n_reps // 64 + 1, VACANT),
                "joiners": np.zeros(slots, JOINER),
                "bins": numbers((2 * n_stages + 1) * BINS),
                "trace": np.zeros(rows, ROW),
            },
        )

    @property
    def address(self) -> int:
        """What compiled code takes."""
        return self.frame.address

    @property
    def state(self) -> np.void:
        """The kernel's own numbers."""
        state: np.void = self.frame["state"][0]
        return state
