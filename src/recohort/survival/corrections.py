"""Printed numbers that cannot all be true: smallest corrections, each with its proof.

A conflict is a set of facts that no cohort prints together, minimal: without any one of
them there is a cohort, kept as a witness. A correction is a set of facts that meets every
conflict; the search lists all those of the smallest size (the hitting sets of Reiter 1987).
"""

from collections.abc import Iterable, Sequence

from recohort.minimal import smallest_hitting_sets, spared
from recohort.survival.cohorts import Cohort, cohorts
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem, is_group
from recohort.survival.stages import possible
from recohort.survival.words import counting_rows


def facts_of(problem: Problem) -> list[str]:
    """The problem's facts in the order of the file."""
    return list(dict.fromkeys(row.fact for row in problem.rows))


def keeping(problem: Problem, facts: Iterable[str]) -> Problem:
    """The problem with the rows of `facts` only."""
    kept = frozenset(facts)
    return problem._replace(rows=tuple(r for r in problem.rows if r.fact in kept))


class Pool:
    """Cohorts found so far, each with the facts that it prints.

    Most questions of a search for conflicts have an answer that was seen before.
    """

    def __init__(self, problem: Problem):
        self.problem = problem
        self.found = []

    def cohort(self, facts: Iterable[str]) -> Cohort | None:
        """Some cohort that prints all rows of `facts`: a known one, or the first searched."""
        wanted = set(facts)
        for printed, cohort in self.found:
            if wanted <= printed:
                return cohort
        near = self.found[0][1] if self.found else None
        cohort = next(cohorts(keeping(self.problem, wanted), near), None)
        if cohort is not None:
            printed = printed_facts(self.problem, cohort)
            if not wanted <= printed:
                raise AssertionError(f"search and check disagree on {wanted - printed}")
            self.found.append((printed, cohort))
            self.found.sort(key=lambda pair: -len(pair[0]))
        return cohort


def coarse_conflict(pool: Pool, facts: Sequence[str]) -> list[str]:
    """Facts that no cohort prints together: `facts` without the columns that play no part."""
    return spared(facts, _chunks(pool.problem), lambda rest: pool.cohort(rest) is None)


def minimal_conflict(pool: Pool, facts: Sequence[str]) -> dict[str, Cohort | None]:
    """A minimal set of facts that no cohort prints together, each with a cohort without it.

    Out of `facts` of that kind. One that no cohort prints even alone is a conflict by itself,
    with nothing to drop. Else leaves out whole columns, then single facts, as long as no cohort
    appears.
    """
    alone = [f for f in facts if not possible(keeping(pool.problem, [f]))]
    if alone:
        return {alone[0]: None}
    kept = coarse_conflict(pool, facts)
    on_all = {row.fact for row in pool.problem.rows if not row.filters}
    last = sorted(kept, key=lambda fact: fact in on_all)  # those on all keep orders few
    kept = spared(kept, ([fact] for fact in last), lambda rest: pool.cohort(rest) is None)
    return {fact: pool.cohort([f for f in kept if f != fact]) for fact in kept}


def _chunks(problem):
    """Sets of facts to leave out together: sums and words first, then whole columns of groups.

    Sums and words tie all times and columns together: the search is slow with them alone.
    """
    sums = {r.fact for r in problem.rows if r.statistic in ("sd", "mean")}
    words = {r.fact for r in counting_rows(problem)}
    columns = {}
    for row in problem.rows:
        if is_group(row):
            columns.setdefault(row.filters[0][0], set()).add(row.fact)
    return [sums, words, *sorted(columns.values(), key=len, reverse=True)]


def smallest_corrections(pool: Pool, most: int = 20) -> tuple[list[frozenset], list[frozenset]]:
    """All smallest sets of facts to set aside so that a cohort prints the rest.

    Returns them with the conflicts that rule out all others: each is a set of facts that
    no cohort prints together, so that a correction has to meet it; when each smallest set
    that meets all conflicts leaves a cohort, there is no other.
    Raises ValueError where more than `most` facts would have to go.
    """
    facts = facts_of(pool.problem)
    conflicts = [frozenset([f]) for f in facts if not possible(keeping(pool.problem, [f]))]
    while True:
        candidates = smallest_hitting_sets(conflicts, most)
        if not candidates:
            raise ValueError(f"no correction of at most {most} facts")
        good = [a for a in candidates if pool.cohort([f for f in facts if f not in a])]
        if good:
            return good, conflicts
        rest = [f for f in facts if f not in candidates[0]]
        conflicts.append(frozenset(coarse_conflict(pool, rest)))
