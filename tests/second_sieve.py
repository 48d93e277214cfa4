"""The slow search's candidates counted by the package: the twin of `candidates.js`."""

from math import prod
from typing import NamedTuple

import numpy as np

from recohort.paper.statistics import COUNTS, RANKS, RATES, TESTS
from recohort.survival.groups import fitting_groups
from recohort.survival.orders import fitting_orders
from recohort.survival.problem import about, many_sets
from recohort.survival.tied import death_ties, fitting_ties
from thirteen_lessons.sieve_counts import MOST_ORDERS, MOST_TIES, sieve_rows, sieve_steps


class Count(NamedTuple):
    """What is left: orders, for each step its groups over all orders, and their products."""

    orders: int  # those in which every factor has a group
    groups: dict  # step to a number; None while its rows wait
    total: int


def count_candidates(problem, rows) -> Count:
    """The candidates that print the chosen `rows` (of `sieve_rows`) and the sizes of groups."""
    offered = {row.id for row in sieve_rows(problem)}
    base = (r for r in problem.rows if r.statistic in COUNTS and r.id not in offered)
    chosen = problem._replace(rows=(*base, *rows))
    orders = fitting_orders(about(chosen, None, RATES + COUNTS + RANKS))
    found = {step: _groups(chosen, orders, step) for step in sieve_steps(problem)}
    number = len(orders.pattern)
    free = {step: many_sets(problem, *step) for step in found}
    waiting = prod(free[step] for step, counts in found.items() if counts is None)
    counted = [counts.tolist() for counts in found.values() if counts is not None]
    groups = {s: None if c is None else int(c.sum()) for s, c in found.items()}
    if not counted:
        return Count(number, groups, waiting * number)
    products = [prod(counts) for counts in zip(*counted, strict=True)]
    return Count(sum(p > 0 for p in products), groups, waiting * sum(products))


def _groups(problem, orders, step):
    """Each order's number of groups that print the chosen rows; None without rows, or waiting."""
    rates, tests = about(problem, step, RATES + COUNTS), about(problem, step, TESTS)
    number = len(orders.pattern)
    if number > MOST_ORDERS or not about(problem, step, RATES + TESTS).rows:
        return None
    at, sets = fitting_groups(rates, orders, *step)
    ties = np.array([len(ties) for ties in _ties(problem.size, orders)], int)
    if tests.rows and ties[at].sum() <= MOST_TIES:
        good = np.array(fitting_ties(tests, orders, at, sets, step), object) != 0
        at = at[good.astype(bool)]
    return np.bincount(at, minlength=number)


def _ties(size, orders):
    pairs = zip(orders.pattern.tolist(), orders.counts.tolist(), strict=True)
    return [death_ties(size, pattern, set(counts)) for pattern, counts in pairs]
