"""A small set of printed facts that alone fixes the order of events and the groups of factors.

Facts about one factor meet the others only through the order. So each fact becomes a table of
truths, a row an order and a column a set of patients: does it print? In the right order every
wrong set has to be ruled out by some fact of its factor, which is a smallest set cover and
solved exactly; every wrong order has to lose all sets of one factor. What rates and tests
leave open, printed times close; those are taken away one by one as long as nothing opens.
From there `sufficient` goes on to facts that leave exactly the cohorts that all facts leave.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from recohort.audit.disclosure import timed_joints
from recohort.audit.sufficient import Sufficient, about_fact
from recohort.minimal import spared
from recohort.paper.statistics import COUNTS, RANKS, RATES, TESTS, TIMES
from recohort.survival.cohorts import Cohort
from recohort.survival.comparisons import fitting_ties
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.groups import fitting_groups
from recohort.survival.orders import Orders, fitting_orders
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem, about, is_group
from recohort.survival.stages import survival_steps
from recohort.witness import cohort_in_words


def generating(problem: Problem, cohort: Cohort) -> list[str]:
    """A small set of facts that leaves only the order and the groups of `cohort`.

    The number of patients is taken as known. Smallest by factor among rates, tests and counts;
    with the others, none can be left out.
    """
    steps = [s for s in survival_steps(problem)[0] if about(problem, s, RATES + TESTS).rows]
    size, told = size_facts(problem), about(problem, None, RATES + COUNTS + RANKS)
    on_all = [f for f in facts_of(told) if f not in size and _on_all(problem, f)]
    everyone = _spared(on_all, lambda facts: len(_orders(told, size + facts).pattern))
    orders = _orders(told, size + everyone)
    here, factors, tables = _place(orders, cohort), {}, {}
    for step in steps:
        tables[step] = _truths(problem, orders, here, step)
        factors[step] = _smallest_cover(tables[step], here, dict(cohort.masks)[step])
    factors = _all_orders_ruled_out(factors, tables)
    chosen = [*size, *everyone, *(f for facts in factors.values() for f in facts)]
    timed = [f for f in facts_of(problem) if _is_time(problem, f) and f not in chosen]
    times = _spared(timed, lambda facts: len(solutions(keeping(problem, chosen + facts), steps)))
    return [*chosen, *times]


def _on_all(problem, fact):
    """Is a fact about all patients, or their deaths?"""
    rows = _telling(problem, fact)
    return all(not r.filters or r.filters[0][0] == "event" for r in rows)


def solutions(problem: Problem, steps: list[tuple]) -> set[tuple]:
    """Orders with a set for each step that print all rows and leave room for real times."""
    known = [s for s in steps if s in survival_steps(problem)[0]]
    every = timed_joints(problem, known)
    return {(j.pattern, j.counts, tuple(sorted(j.masks.items()))) for j in every}


def _telling(problem, fact):
    """A fact's rows but for the number of all patients, the denominator of many."""
    rows = keeping(problem, [fact]).rows
    return [r for r in rows if r.filters or r.statistic != "count"]


def _is_time(problem, fact):
    """Is the fact about times that a linear bound can use (no SD), of all or of one group?"""
    rows = keeping(problem, [fact]).rows
    return all(r.statistic in TIMES and r.statistic != "sd" for r in rows) and all(
        is_group(r) or not r.filters for r in rows
    )


def _facts_on(problem, step):
    """Facts of which every row is about one factor: rates, tests and counts."""
    own = {r.fact for r in about(problem, step, RATES + TESTS + COUNTS).rows}
    return [
        f
        for f in facts_of(problem)
        if f in own
        and all(is_group(r) and r.filters[0][0] == step[0] for r in _telling(problem, f))
    ]


def _orders(told, facts):
    return fitting_orders(keeping(told, facts))


def _spared(facts, measure):
    """`facts` without those that, left out one after the other, leave the measure as it is."""
    wanted = measure(facts)
    return spared(facts, ([f] for f in reversed(facts)), lambda rest: measure(rest) == wanted)


def _place(orders, cohort):
    same = (orders.pattern == cohort.pattern) & (orders.counts == cohort.counts).all(axis=1)
    (here,) = np.flatnonzero(same)
    return int(here)


def _truths(problem, orders: Orders, here: int, step) -> dict:
    """For each fact on a factor: does a set print it in an order? Booleans by order and set.

    Tests are worked out for every set in the right order, and elsewhere for the sets that print
    all rates; where they are not worked out they rule out nothing.
    """
    shape = len(orders.pattern), 2**problem.size
    facts, tables = _facts_on(problem, step), {}
    for fact in facts:
        own = about(keeping(problem, [fact]), step, RATES + COUNTS)
        if own.rows:
            tables[fact] = np.zeros(shape, bool)
            tables[fact][fitting_groups(own, orders, *step)] = True
    likely = np.all(list(tables.values()), axis=0) if tables else np.ones(shape, bool)
    likely[here] = True
    at, sets = np.nonzero(likely)
    for fact in facts:
        tests = about(keeping(problem, [fact]), step, TESTS)
        if tests.rows:
            good = np.array(fitting_ties(tests, orders, at, sets, step), object) != 0
            table = tables.setdefault(fact, np.ones(shape, bool))
            table[at, sets] &= good.astype(bool)
    return {fact: tables[fact] for fact in facts if fact in tables}


def _smallest_cover(tables, here, right):
    """Fewest facts that leave in the right order the sets that all facts together leave."""
    together = np.all([t[here] for t in tables.values()], axis=0)
    assert together[right]
    for size in range(len(tables) + 1):
        for chosen in combinations(tables, size):
            left = np.all([tables[f][here] for f in chosen], axis=0) if chosen else True
            if np.array_equal(np.broadcast_to(left, together.shape), together):
                return list(chosen)
    raise AssertionError("all facts together leave what they leave")


def _all_orders_ruled_out(factors, tables):
    """Add facts until every order that all facts rule out is ruled out: the best one first."""
    factors = {step: list(facts) for step, facts in factors.items()}

    def kept(chosen):
        left = np.ones(len(next(iter(next(iter(tables.values())).values()))), bool)
        for step, facts in chosen.items():
            if facts:
                left &= np.all([tables[step][f] for f in facts], axis=0).any(axis=1)
        return int(left.sum())

    wanted = kept({step: list(own) for step, own in tables.items()})
    while kept(factors) > wanted:
        trials = [
            (kept(factors | {s: [*factors[s], f]}), s, f)
            for s, own in tables.items()
            for f in own
            if f not in factors[s]
        ]
        _, step, fact = min(trials, key=lambda t: t[0])
        factors[step].append(fact)
    return factors


def predictions(problem: Problem, found: list[Cohort], chosen: Sufficient) -> pd.DataFrame:
    """What the chosen facts say of all others: one row a fact.

    Columns: `fact`; `role`: "given", or "predicted": with the chosen facts alone the search leaves
    the cohorts `found`, which print all others; `about`: "times", a group's column or "all";
    `witness`: of a given fact, a cohort that prints all others given and is none of `found`
    (empty for the number of patients, and where it was not asked for). Raises AssertionError
    where one of `found` does not print a fact after all.
    """
    rows, every = [], facts_of(problem)
    assert all(printed_facts(problem, cohort) == {*every} for cohort in found)
    for fact in every:
        role = "given" if fact in chosen.facts else "predicted"
        witness = cohort_in_words(chosen.witnesses.get(fact)) if role == "given" else ""
        rows.append((fact, role, about_fact(problem, fact), witness))
    return pd.DataFrame(rows, columns=["fact", "role", "about", "witness"])


def size_facts(problem: Problem) -> list[str]:
    """The facts that tell nothing but the number of patients, which the search takes as known."""
    return [f for f in facts_of(problem) if not _telling(problem, f)]
