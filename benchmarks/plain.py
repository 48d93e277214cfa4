"""The order-and-groups stage in plain Python: the same space, the same cuts, no NumPy.

Exact rates and limits come from the search's own functions, so that only the enumeration
differs: every pattern of deaths, every landmark count, every set of patients in its turn,
each left at the first figure that it does not print.
"""

from fractions import Fraction
from itertools import combinations, combinations_with_replacement

from recohort.paper.statistics import RATES
from recohort.survival.join import room_for_times
from recohort.survival.orders import death_counts
from recohort.survival.problem import Problem, group_sizes, rows_for
from recohort.survival.tables import prints_rate, state_of


def tables(problem: Problem, group, size: int) -> list[tuple[int, list[int]]]:
    """For each landmark with numbers: its place, and the counts allowed by pattern, as bits."""
    found = []
    for j, landmark in enumerate(problem.landmarks):
        rows = [
            r
            for r in rows_for(problem, RATES, group)
            if Fraction(dict(r.options)["at"]) == landmark
        ]
        if rows:
            found.append((j, _table(problem, rows, size)))
    return found


def _table(problem, rows, size):
    allowed, answer = {}, [0] * 2**size

    def allows(state):
        if state not in allowed:
            allowed[state] = all(prints_rate(problem, row, state) for row in rows)
        return allowed[state]

    for q in range(size + 1):
        good = [allows(state_of(size, q, first)) for first in range(2**q)]
        for pattern in range(2**size):
            if good[pattern & 2**q - 1]:
                answer[pattern] |= 1 << q
    return answer


def fitting_orders(problem: Problem) -> list[tuple[int, tuple]]:
    """Every (pattern, counts) that prints the deaths and the rates of all patients."""
    n, found, deaths = problem.size, [], set(death_counts(problem))
    patterns = [p for p in range(2**n) if p.bit_count() in deaths]
    printed = tables(problem, None, n)
    for counts in combinations_with_replacement(range(n + 1), len(problem.landmarks)):
        if room_for_times(problem, counts):
            for pattern in patterns:
                if all(table[pattern] >> counts[j] & 1 for j, table in printed):
                    found.append((pattern, counts))  # noqa: PERF401 - the plain way, on purpose
    return found


def fitting_groups(problem: Problem, orders, column, level) -> list[tuple[int, int]]:
    """Every (index of an order, set) that prints the rates of one level and of the others."""
    found, n = [], problem.size
    for size in group_sizes(problem, column, level):
        sides = tables(problem, (column, level, False), size)
        others = tables(problem, (column, level, True), n - size)
        for chosen in combinations(range(n), size):
            mask = sum(1 << i for i in chosen)
            rest = [i for i in range(n) if not mask >> i & 1]
            for k, (pattern, counts) in enumerate(orders):
                if _prints(sides, chosen, mask, pattern, counts) and _prints(
                    others, rest, ~mask, pattern, counts
                ):
                    found.append((k, mask))
    return sorted(found)


def _prints(printed, chosen, mask, pattern, counts):
    if not printed:
        return True
    inner = 0
    for rank, i in enumerate(chosen):
        inner |= (pattern >> i & 1) << rank
    return all(
        table[inner] >> (mask & ((1 << counts[j]) - 1)).bit_count() & 1 for j, table in printed
    )
