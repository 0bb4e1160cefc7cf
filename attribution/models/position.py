"""Credit by place in the journey: first, last, linear, position-based, time decay, participation, milestones.

Each model is a rule that shares one conversion among the touches of its journey; every rule is a paragraph of one
kernel, which reads all journeys once for all rules that are asked for. What the rules say, and where packages differ,
stands in `attribution.explain`.
"""

from __future__ import annotations

import numpy as np

from attribution.jit import kernel

FIRST, LAST, LAST_NOT, LINEAR, DISTINCT, POSITION, DECAY, PARTICIPATION, MILESTONES = range(9)


@kernel
def share_out(offsets, channel, time, reached, rules, numbers, converted, value, credit, by_touch):
    """Add to `credit`, by rule, channel and count, what rules give; to `by_touch`, unless it is empty, each touch's
    share by the one rule there is.

    Journeys that hand out nothing are passed over. What the numbers of a rule hold is said at each rule. A rule says
    what the touches from one to another get `each`, and which of the touches get shares of their own besides.
    """
    n_milestones, longest = reached.shape[1], 0
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    touches, own = np.empty(longest + n_milestones + 2, np.int64), np.empty(longest + n_milestones + 2)
    met, taken = np.full(credit.shape[1], -1, np.int64), np.full(longest, -1, np.int64)
    for j in range(offsets.size - 1):
        begin, n = offsets[j], offsets[j + 1] - offsets[j]
        if n == 0 or (converted[j] == 0.0 and value[j] == 0.0):
            continue
        for r in range(rules.size):
            rule, turn = rules[r], j * rules.size + r
            frm, upto, each, n_own = 0, 0, 0.0, 0
            if rule == FIRST:
                touches[0], own[0], n_own = 0, 1.0, 1
            elif rule == LAST:
                touches[0], own[0], n_own = n - 1, 1.0, 1
            elif rule == LAST_NOT:
                # The code of the channel that does not count, unless there is no other.
                direct, at = np.int64(numbers[r, 0]), n - 1
                while at > 0 and channel[begin + at] == direct:
                    at -= 1
                touches[0], own[0], n_own = n - 1 if channel[begin + at] == direct else at, 1.0, 1
            elif rule == LINEAR:
                upto, each = n, 1.0 / n
            elif rule in (PARTICIPATION, DISTINCT):
                for at in range(n):
                    # Without a branch: a channel that was met is written over.
                    code = channel[begin + at]
                    touches[n_own] = at
                    n_own += met[code] != turn
                    met[code] = turn
                own[:n_own] = 1.0 / n_own if rule == DISTINCT else 1.0
            elif rule == POSITION:
                # First, middle, last, and whether each of two touches takes half of the middle.
                first, middle, last = numbers[r, 0], numbers[r, 1], numbers[r, 2]
                if n == 1:
                    first, last = 1.0, 0.0
                elif n > 2:
                    frm, upto, each = 1, n - 1, middle / (n - 2)
                elif numbers[r, 3] != 0.0:
                    first, last = first + middle / 2.0, last + middle / 2.0
                else:
                    first, last = first / (first + last), last / (first + last)
                touches[0], own[0], touches[1], own[1], n_own = 0, first, n - 1, last, 2
            elif rule == DECAY:
                # The half-life, on the clock of the touches.
                total, latest, n_own = 0.0, time[begin + n - 1], n
                for at in range(n):
                    # Relative to the last touch: a journey that ended long after it keeps its weights.
                    touches[at], own[at] = at, 2.0 ** ((time[begin + at] - latest) / numbers[r, 0])
                    total += own[at]
                for at in range(n):
                    own[at] /= total
            elif rule == MILESTONES:
                # The middle, the milestone it ends with (-1: the close), the shares of first touch, milestones, close.
                middle, stops, total = numbers[r, 0], np.int64(numbers[r, 1]), 0.0
                for m in range(n_milestones + 2):
                    if numbers[r, 2 + m] > 0.0:
                        at = 0 if m == 0 else (n - 1 if m == n_milestones + 1 else np.int64(reached[j, m - 1]))
                        if at >= 0:
                            touches[n_own], own[n_own], taken[at] = at, numbers[r, 2 + m], turn
                            total += own[n_own]
                            n_own += 1
                if middle > 0.0:
                    ends, n_before = n if stops < 0 or reached[j, stops] < 0 else np.int64(reached[j, stops]), n_own
                    # Without a branch as well: what a milestone has taken is written over.
                    for at in range(ends):
                        touches[n_own] = at
                        n_own += taken[at] != turn
                    if n_own > n_before:
                        own[n_before:n_own] = middle / (n_own - n_before)
                        total += middle
                # Of a total of 0, nothing that the rule credits is there: these conversions are nobody's.
                for k in range(n_own):
                    own[k] /= total
            for at in range(begin + frm, begin + upto):
                credit[r, channel[at], 0] += each * converted[j]
                credit[r, channel[at], 1] += each * value[j]
            for k in range(n_own):
                credit[r, channel[begin + touches[k]], 0] += own[k] * converted[j]
                credit[r, channel[begin + touches[k]], 1] += own[k] * value[j]
            if by_touch.size:
                by_touch[begin : begin + n] = 0.0
                by_touch[begin + frm : begin + upto] = each
                for k in range(n_own):
                    by_touch[begin + touches[k]] += own[k]
