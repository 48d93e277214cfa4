"""Orders of events, and the groups that fit in them: stages one and two of the search.

An order says, for the patients sorted by time, who died (bit i of `pattern`) and how
many had ended by each landmark (`counts`). Patients tied in time stand deaths first,
so that Kaplan-Meier rates depend on the order alone.
"""

from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np

from recohort.paper.statistics import COUNTS, RANKS, RATES
from recohort.survival.join import room_for_times
from recohort.survival.problem import Problem, about, agrees, group_sizes, level_masks, rows_for
from recohort.survival.tables import landmark_table


class Orders(NamedTuple):
    """Orders as arrays: `pattern` has shape (N,), `counts` (N, number of landmarks)."""

    pattern: np.ndarray
    counts: np.ndarray


def all_orders(problem: Problem) -> int:
    """How many orders there are before any printed figure is used."""
    n, landmarks = problem.size, len(problem.landmarks)
    return 2**n * sum(1 for _ in combinations_with_replacement(range(n + 1), landmarks))


def fitting_orders(problem: Problem) -> Orders:
    """Stage one: the orders that print the number of deaths and the rates of all patients.

    Landmarks that contradict the printed times of all patients (a quartile, say) go first.
    """
    n = problem.size
    dead = np.isin(np.bitwise_count(np.arange(2**n)), death_counts(problem))
    tables = [t for _, t in _tables(problem, None, n)]
    patterns, counts = [np.zeros(0, int)], [np.zeros((0, len(problem.landmarks)), np.int64)]
    ranks = about(problem, None, RANKS)
    for count in combinations_with_replacement(range(n + 1), len(problem.landmarks)):
        if not room_for_times(ranks, count):
            continue
        good = dead.copy()
        for k, table in zip(count, tables, strict=True):
            if table is not None:
                good &= (table >> k & 1).astype(bool)
        found = np.flatnonzero(good)
        patterns.append(found)
        counts.append(np.tile(np.array(count, np.int64), (len(found), 1)))
    return Orders(np.concatenate(patterns), np.concatenate(counts))


def remembered_orders(problem: Problem) -> Orders:
    """`fitting_orders` by the rows on all patients alone, remembered by them."""
    return _remembered(about(problem, None, RATES + COUNTS + RANKS))


_remembered = lru_cache(maxsize=64)(fitting_orders)


@lru_cache(maxsize=2048)
def group_exists(problem: Problem, column: str, level: str) -> bool:
    """Has some group of a printed size a pattern that prints its rates, orders apart?

    A necessary check on one level and its complement, each by itself.
    """
    for m in group_sizes(problem, column, level):
        sides = ((m, False), (problem.size - m, True))
        if all(_pattern_exists(problem, (column, level, c), size) for size, c in sides):
            return True
    return False


def _pattern_exists(problem, group, size):
    tables = [table for _, table in _tables(problem, group, size) if table is not None]
    return bool(np.all([t != 0 for t in tables], axis=0).any()) if tables else True


def fitting_groups(
    problem: Problem, orders: Orders, column: str, level: str
) -> tuple[np.ndarray, np.ndarray]:
    """Stage two: the sets of patients that print all rates of one level and of the others.

    Returns two arrays: indices into `orders` and the sets, as bits, that fit there.
    """
    found_at, found = [], []
    masks = level_masks(problem, column, level)
    for size in np.unique(np.bitwise_count(masks)).tolist():
        here = masks[np.bitwise_count(masks) == size]
        pairs = _fitting(problem, orders, here, (column, level, False))
        others = 2**problem.size - 1 - here
        order, member = _fitting(problem, orders, others, (column, level, True), pairs)
        found_at.append(order)
        found.append(here[member])
    if not found:
        return np.array([], int), np.array([], int)
    at, sets = np.concatenate(found_at), np.concatenate(found)
    ranked = np.lexsort((sets, at))
    return at[ranked], sets[ranked]


def _fitting(problem, orders, masks, group, pairs=None):
    """Which masks (of equal size) print the group's rates in which order, out of `pairs`.

    Pairs are two arrays, indices into `orders` and into `masks`; by default all of them. The
    first table sees the whole matrix, the next ones only what is left of it.
    """
    size = int(np.bitwise_count(masks[0]))
    tables = [(j, table) for j, table in _tables(problem, group, size) if table is not None]
    if tables:
        inner, back, rank = _inner_patterns(problem.size, orders.pattern, masks)
    for j, table in tables:
        if pairs is None:
            good = table[inner][back] >> rank[orders.counts[:, j]] & 1
            pairs = np.nonzero(good)
        else:
            at, member = pairs
            good = table[inner[back[at], member]] >> rank[orders.counts[at, j], member] & 1
            pairs = at[good > 0], member[good > 0]
    return np.nonzero(np.ones((len(orders.pattern), len(masks)))) if pairs is None else pairs


def _inner_patterns(n, patterns, masks):
    """The event pattern of each mask's members in each order, and their ranks by position.

    Returns the inner patterns in the distinct orders of deaths, which of those each order has,
    and the ranks.
    """
    place = np.arange(n + 1)[:, None]
    rank = np.bitwise_count(masks & ((1 << place) - 1)).astype(np.int64)
    weight = (masks >> place[:n] & 1) << rank[:n]
    bits, back = np.unique(patterns, return_inverse=True)
    inner = ((bits[:, None] >> place[:n, 0] & 1).astype(float) @ weight.astype(float)).astype(int)
    return inner, back, rank


def _tables(problem, group, size):
    rows = rows_for(problem, RATES, group)
    at = {
        m: tuple(r for r in rows if Fraction(dict(r.options)["at"]) == m) for m in problem.landmarks
    }
    return [
        (j, landmark_table(problem._replace(rows=()), at[m], size) if at[m] else None)
        for j, m in enumerate(problem.landmarks)
    ]


def death_counts(problem: Problem) -> list[int]:
    """The numbers of deaths that print every count and percentage of them."""
    rows = [r for r in problem.rows if r.statistic in ("count", "percent")]
    rows = [r for r in rows if r.filters and all(c == "event" for c, _, _ in r.filters)]
    unit = {"count": 1, "percent": Fraction(100, problem.size)}
    return [
        d
        for d in range(problem.size + 1)
        if all(agrees(problem, r, _of_event(r, d, problem.size) * unit[r.statistic]) for r in rows)
    ]


def _of_event(row, deaths, size):
    """How many patients meet the row's filters on `event` when so many died."""
    kept = {"True": deaths, "False": size - deaths}
    for _, operator, value in row.filters:
        kept = {v: k * ((v == value) == (operator == "=")) for v, k in kept.items()}
    return sum(kept.values())
