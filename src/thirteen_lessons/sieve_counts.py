"""The search, slowly: printed rows chosen one by one, and the candidates that they leave.

A candidate is an order of deaths and landmarks with a group chosen for every factor that has
rates. The page's script counts the same for any choice of rows; tests hold the two together.
"""

from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.paper.rounding import decimals_of
from recohort.paper.statistics import COUNTS, DASHES, RANKS, RATES, TESTS
from recohort.survival.comparisons import death_ties, fitting_ties, is_joint
from recohort.survival.groups import fitting_groups
from recohort.survival.orders import Orders, all_orders, fitting_orders
from recohort.survival.problem import (
    Problem,
    about,
    chosen_settings,
    group_of,
    group_sizes,
    many_sets,
    settings,
    steps_of,
)
from recohort.survival.terms import time_ways

# What is tried at the most: orders with their groups, and groups with their ties. Beyond that,
# rows on groups (or their P values) wait until other rows have left fewer.
MOST_ORDERS, MOST_TIES = 1_000, 50_000


class Count(NamedTuple):
    """What is left: orders, for each step its groups over all orders, and their products."""

    orders: int  # those in which every factor has a group
    groups: dict  # step to a number; None while its rows wait
    total: int


def sieve_steps(problem: Problem) -> list[tuple]:
    """The (column, level) pairs with printed rates: the groups of a candidate."""
    return [step for step in steps_of(problem) if about(problem, step, RATES).rows]


def sieve_rows(problem: Problem) -> list:
    """The rows to choose from: rates, tests, deaths and ranked times, of all and of groups.

    All patients first, then group by group; within each the rates by month. Sizes of groups
    are not among them: they are taken as printed from the start.
    """
    rows = [r for r in problem.rows if not r.filters and r.statistic in RATES]
    rows = sorted(rows, key=_by_month)
    rows += [r for r in problem.rows if r.statistic in COUNTS and _deaths(r)]
    ranked = (r for r in problem.rows if not r.filters and r.statistic in RANKS)
    rows += sorted(ranked, key=lambda r: Decimal(r.printed))
    for step in sieve_steps(problem):
        own = [r for r in about(problem, step, RATES + TESTS).rows if not is_joint(problem, r)]
        sides = {r.id: group_of(problem, r.filters[0])[2] for r in own}
        rows += sorted(own, key=lambda r: (r.statistic in TESTS, sides[r.id], *_by_month(r)))
    return rows


def _by_month(row):
    parts = ("survival", "survival_lower", "survival_upper", *DASHES, *TESTS)
    return Fraction(dict(row.options).get("at", "0")), parts.index(row.statistic)


def _deaths(row):
    return bool(row.filters) and all(column == "event" for column, _, _ in row.filters)


def count_candidates(problem: Problem, rows) -> Count:
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


def _ties(size, orders: Orders):
    pairs = zip(orders.pattern.tolist(), orders.counts.tolist(), strict=True)
    return [death_ties(size, pattern, set(counts)) for pattern, counts in pairs]


def sieve_data(problem: Problem, words: dict, named) -> dict:
    """What the script starts from, ready for JSON.

    `words` says in plain words what each row (by id) prints; `named` gives, for a step, the
    names of its factor and of both sides. Raises ValueError for rows that the script does not
    know: a middle between two patients, or a test under another convention.
    """
    steps = sieve_steps(problem)
    return {
        "size": problem.size,
        "landmarks": [float(month) for month in problem.landmarks],
        "mostOrders": MOST_ORDERS,
        "mostTies": MOST_TIES,
        "everything": str(all_orders(problem) * prod(many_sets(problem, *s) for s in steps)),
        "groups": [
            dict(
                zip(("label", "inside", "outside"), named(step), strict=True),
                sizes=group_sizes(problem, *step),
            )
            for step in steps
        ],
        "rows": [_row_data(problem, steps, row, words[row.id]) for row in sieve_rows(problem)],
    }


def _row_data(problem, steps, row, words):
    """One row: what it is about, its kind, and all that its printing depends on."""
    data = {"id": row.id, "words": words, "printed": row.printed, "kind": row.statistic}
    data["decimals"] = 0 if row.statistic in DASHES else decimals_of(row.printed)
    data["about"], data["other"] = -1, False
    if row.filters and not _deaths(row):
        column, level, data["other"] = group_of(problem, row.filters[0])
        data["about"] = steps.index((column, level))
    if row.statistic in RATES:
        data["at"] = problem.landmarks.index(Fraction(dict(row.options)["at"]))
        (data["path"],) = settings(problem, row)["interval_rounding"]
        data["kind"] = "dash" if row.statistic in DASHES else row.statistic
    if row.statistic in RANKS:
        (way,) = time_ways(problem, row, tuple(range(problem.size)), 0)
        if len(way.terms) != 1:
            raise ValueError(f"sieve: {row.id} lies between two patients")
        data |= {"kind": "time", "rank": way.terms[0][0]}
    if row.statistic in COUNTS and row.filters != (("event", "=", "True"),):
        raise ValueError(f"sieve: {row.id} counts something else than deaths")
    if row.statistic in TESTS:
        (found,) = chosen_settings(problem, row, ("test", "ties", "p_rounding"))
        test = found["test"] if row.statistic == "p_value" else found["ties"]
        if test not in ("log_rank", "breslow"):
            raise ValueError(f"sieve: {row.id} asks for {test}")
        data["path"] = found["p_rounding"]
    return data


def sieve_stages(problem: Problem, named) -> pd.DataFrame:
    """The candidates left by all patients' rows, then by each factor's: `stage`, `candidates`."""
    rows, steps = sieve_rows(problem), sieve_steps(problem)
    about_step = {
        row.id: None if _deaths(row) or not row.filters else group_of(problem, row.filters[0])[:2]
        for row in rows
    }
    kept, found = [], [("Nothing printed but the sizes of groups", count_candidates(problem, []))]
    for step in (None, *steps):
        kept += [row for row in rows if about_step[row.id] == step]
        name = "Numbers on all patients" if step is None else f"and on: {named(step)[0]}"
        found.append((name, count_candidates(problem, kept)))
    pairs = [(name, count.total) for name, count in found]
    return pd.DataFrame(pairs, columns=["stage", "candidates"], dtype=object)
