"""Printed facts that leave exactly the cohorts that all facts together leave, none to spare.

With fewer facts never fewer cohorts are left. So one cohort that prints all but one of the chosen
facts, and is not among those left by all facts, shows that this one cannot be spared; and what
could not be spared among many facts cannot be among fewer.
"""

from collections.abc import Collection
from typing import NamedTuple

from recohort.paper.reading import SENTENCE
from recohort.paper.statistics import COUNTS, RATES, TESTS, TIMES
from recohort.survival.cohorts import Cohort, cohorts, ties_in
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.escapes import missed_by
from recohort.survival.orders import remembered_orders
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem, about, level_masks, steps_of
from recohort.survival.stages import survival_steps

ORDERS, SETS = 150, 2000  # with more, a search among few facts does not end in minutes


class Sufficient(NamedTuple):
    """Facts that leave the cohorts that all facts leave; each with one that it alone rules out."""

    facts: tuple
    witnesses: dict  # of each that was asked: one that prints the others and is none of those


def sufficient(
    problem: Problem, found: list[Cohort], start: Collection[str], known: Collection = ()
) -> Sufficient:
    """Out of all facts, some that leave exactly the cohorts `found`, and none to be spared.

    `found` are all cohorts of the problem, word for word. Begins with the facts `start`, adds
    what rules out one cohort after the other, numbers before sentences, then takes away what
    can be: sentences first, and of the rest the last in the file. `known` facts are kept unasked,
    and so are those without which there are `too_many` orders or groups to go through, unless a
    cohort is at hand. That no other such set is smaller is not shown. Minutes.
    """
    every, others = facts_of(problem), Others(problem, {cohort_key(cohort) for cohort in found})
    kept, witnesses = {*start, *known}, {}
    while (other := others.than(kept)) is not None:
        missed = {f for f in every if f not in kept} - printed_facts(problem, other)
        kept.add(min(missed, key=lambda f: (f.startswith(SENTENCE), every.index(f))))
    sentences_first = sorted(every, key=lambda f: (not f.startswith(SENTENCE), -every.index(f)))
    for fact in [f for f in sentences_first if f in kept and f not in known]:
        rest, own = kept - {fact}, about_fact(problem, fact)
        near = {f for f in every if f not in kept and about_fact(problem, f) != own}
        other = others.than(rest | near)  # quickly asked: all other columns are narrow
        if other is None and too_many(problem, rest):
            continue
        witnesses[fact] = other or others.than(rest)
        if witnesses[fact] is None:
            kept.remove(fact)
            del witnesses[fact]
    return Sufficient(tuple(f for f in every if f in kept), witnesses)


class Others:
    """Cohorts that are none of those `wanted` (keys), kept for the next question."""

    def __init__(self, problem: Problem, wanted: set[tuple]):
        self.problem, self.wanted, self.seen = problem, wanted, []

    def than(self, facts: set[str]) -> Cohort | None:
        """Some cohort that prints the facts, one seen before if there is one."""
        for printed, cohort in self.seen:
            if facts <= printed:
                return cohort
        cohort = other_cohort(self.problem, facts, self.wanted)
        if cohort is not None:
            self.seen.append((printed_facts(self.problem, cohort), cohort))
        return cohort


def too_many(problem: Problem, facts: Collection[str]) -> bool:
    """Do the facts leave more orders, or more sets for a group, than a search gets through?

    Orders that print what is said of all patients; sets for a group of which times alone are
    printed, no rate and no test that would narrow them.
    """
    told = keeping(problem, facts)
    orders = remembered_orders(told).pattern
    timed = [s for s in survival_steps(told)[0] if not about(told, s, RATES + TESTS).rows]
    sets = [len(level_masks(about(told, s, COUNTS), *s)) for s in timed]
    return len(orders) > ORDERS or max(sets, default=0) > SETS


def about_fact(problem: Problem, fact: str) -> str:
    """What a fact is about: "times", the first column of groups that it names, or "all"."""
    rows = keeping(problem, [fact]).rows
    if any(row.statistic in TIMES for row in rows):
        return "times"
    named = [c for row in rows for c, _, _ in row.filters if c not in ("time", "event")]
    named += [v for row in rows for name, v in row.options if name == "multiple"]
    return named[0] if named else "all"


def other_cohort(problem: Problem, facts: Collection[str], wanted: set[tuple]) -> Cohort | None:
    """A cohort that fits some facts and is not among those `wanted` (keys); None without one.

    One of the wanted counts as another with times that miss one of the other facts. Raises
    AssertionError where the facts do not leave all those wanted.
    """
    seen, told = set(), keeping(problem, facts)
    others = keeping(problem, [f for f in facts_of(problem) if f not in set(facts)])
    for cohort in cohorts(told, every_word=True):
        whole = filled(problem, cohort)
        if cohort_key(whole) not in wanted:
            return whole
        if other := missed_by(told, others, whole):
            return other
        seen.add(cohort_key(whole))
    assert seen == wanted
    return None


def cohort_key(cohort: Cohort) -> tuple:
    """What makes two cohorts the same one: order with ties, landmarks, groups in any sequence."""
    return cohort.pattern, cohort.counts, frozenset(cohort.masks), ties_in(cohort)


def filled(problem: Problem, cohort: Cohort) -> Cohort:
    """The cohort with columns of which no fact spoke: everyone has the column's first level."""
    masks = dict(cohort.masks)
    named = {column for column, _ in masks}
    for column, level in steps_of(problem):
        if column not in named:
            first = all(c != column for c, _ in masks)
            masks[column, level] = 2**problem.size - 1 if first else 0
    return cohort._replace(masks=tuple(masks.items()))
