"""Credit by place in the journey: first, last, linear, position-based, time decay, participation, milestones.

Each model is a rule that shares one conversion among the touches of its journey; every rule is a line of one kernel,
which reads all journeys once. What the rules say, and where packages differ, stands in `attribution.explain`.
"""

from __future__ import annotations

import numpy as np

from attribution.jit import kernel

FIRST, LAST, LAST_NOT, LINEAR, DISTINCT, POSITION, DECAY, PARTICIPATION, MILESTONES = range(9)


@kernel
def share_out(offsets, channel, time, reached, rule, number, counts, credit, by_touch):
    """Add to `credit`, by count and channel, what a rule gives; to `by_touch` each touch's share, unless it is empty.

    `counts` are what each journey hands out, by count and journey; what `number` holds is said at each rule.
    """
    n_counts, longest = counts.shape[0], 0
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    room, met = np.empty(longest), np.full(credit.shape[1], -1, np.int64)
    for j in range(offsets.size - 1):
        begin, n = offsets[j], offsets[j + 1] - offsets[j]
        some = False
        for c in range(n_counts):
            some = some or counts[c, j] != 0.0
        if n == 0 or not some:
            continue
        w = room[:n]
        if rule == FIRST:
            w[:] = 0.0
            w[0] = 1.0
        elif rule == LAST:
            w[:] = 0.0
            w[n - 1] = 1.0
        elif rule == LAST_NOT:
            # The code of the channel that does not count, unless there is no other.
            direct = np.int64(number[0])
            w[:] = 0.0
            at = n - 1
            while at > 0 and channel[begin + at] == direct:
                at -= 1
            if channel[begin + at] == direct:
                at = n - 1
            w[at] = 1.0
        elif rule == LINEAR:
            w[:] = 1.0 / n
        elif rule in (PARTICIPATION, DISTINCT):
            distinct = 0
            for at in range(n):
                is_new = met[channel[begin + at]] != j
                met[channel[begin + at]] = j
                w[at] = 1.0 if is_new else 0.0
                distinct += is_new
            if rule == DISTINCT:
                for at in range(n):
                    w[at] /= distinct
        elif rule == POSITION:
            # First, middle, last, and whether each of two touches takes half of the middle.
            w[:] = 0.0
            if n == 1:
                w[0] = 1.0
            elif n == 2:
                if number[3] != 0.0:
                    w[0], w[1] = number[0] + number[1] / 2.0, number[2] + number[1] / 2.0
                else:
                    ends = number[0] + number[2]
                    w[0], w[1] = number[0] / ends, number[2] / ends
            else:
                w[:] = number[1] / (n - 2)
                w[0], w[n - 1] = number[0], number[2]
        elif rule == DECAY:
            # The half-life, on the clock of the touches.
            total, latest = 0.0, time[begin + n - 1]
            for at in range(n):
                # Relative to the last touch: a journey that ended long after it keeps its weights.
                w[at] = 2.0 ** ((time[begin + at] - latest) / number[0])
                total += w[at]
            for at in range(n):
                w[at] /= total
        elif rule == MILESTONES:
            # The middle, the milestone it ends with (-1: the close), the shares of first touch, milestones and close.
            w[:] = 0.0
            n_milestones, middle, stops = reached.shape[1], number[0], np.int64(number[1])
            held, total = 0, 0.0
            for m in range(n_milestones + 2):
                share = number[2 + m]
                if share > 0.0:
                    at = 0 if m == 0 else (n - 1 if m == n_milestones + 1 else np.int64(reached[j, m - 1]))
                    if at >= 0:
                        w[at] += share
                        total += share
            if middle > 0.0:
                upto = n if stops < 0 or reached[j, stops] < 0 else np.int64(reached[j, stops])
                for at in range(upto):
                    held += w[at] == 0.0
                if held > 0:
                    for at in range(upto):
                        if w[at] == 0.0:
                            w[at] = -middle / held
                    for at in range(upto):
                        w[at] = abs(w[at])
                    total += middle
            if total == 0.0:
                # Nothing that the rule credits is there: these conversions are nobody's.
                total = 1.0
            for at in range(n):
                w[at] /= total
        for c in range(n_counts):
            given = counts[c, j]
            if given != 0.0:
                for at in range(n):
                    credit[c, channel[begin + at]] += given * w[at]
        if by_touch.size:
            for at in range(n):
                by_touch[begin + at] = w[at]
