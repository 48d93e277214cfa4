"""Ways to give patients times so that the order of a group among them is as wanted.

Each patient's time is one of 1..room, on the grid of the printed decimals. Ways in which no two
times are equal are counted group pattern by group pattern: a pattern says, from the earliest
time on, whether the patient belongs to the group. All counts are whole numbers.
"""

from collections import Counter
from itertools import accumulate
from math import prod


def every_time(room) -> int:
    """All ways, equal times included."""
    return prod(room)


def distinct_times(room) -> int:
    """Ways in which no two times are equal: the scarcest room is given first."""
    return prod(max(0, most - k) for k, most in enumerate(sorted(room)))


def times_by_pattern(room, group) -> dict[tuple, int]:
    """For each order of the group (a tuple of booleans): the ways with distinct times.

    `room` and `group` go patient by patient. Patients with equal room and group are alike.
    """
    kinds = Counter(zip(room, group, strict=True))
    start = {tuple(kinds.values()): [1] + [0] * max(room)}  # who is left: ways by the last time
    found, patterns = {}, [((), start)]
    while patterns:
        pattern, states = patterns.pop()
        if len(pattern) == len(room):
            found[pattern] = sum(map(sum, states.values()))
            continue
        for inside in (False, True):
            more = _next(states, list(kinds), inside)
            if more:
                patterns.append(((*pattern, inside), more))
    return found


def _next(states, kinds, inside):
    """One more patient, inside the group or not, after those before."""
    found = {}
    for left, ways in states.items():
        before = [0, *accumulate(ways)][:-1]  # ways with the last time earlier than each
        for k, (most, group) in enumerate(kinds):
            if group == inside and left[k]:
                rest = (*left[:k], left[k] - 1, *left[k + 1 :])
                own = [left[k] * n if t <= most else 0 for t, n in enumerate(before)]
                known = found.get(rest)
                found[rest] = [a + b for a, b in zip(known, own, strict=True)] if known else own
    return {rest: ways for rest, ways in found.items() if any(ways)}
