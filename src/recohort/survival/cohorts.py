"""The search from end to end: orders with groups of all columns, and the times that they have."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise

from recohort.survival.comparisons import prints_joint
from recohort.survival.join import Joint, candidates, extend, order_bounds
from recohort.survival.problem import Problem, bits, is_joint
from recohort.survival.questions import meets, question
from recohort.survival.reals import Times, real_times, settled
from recohort.survival.stages import Cohort, joints, survival_stages, survival_steps
from recohort.survival.tied import death_ties
from recohort.survival.times import grid_times
from recohort.survival.words import counting_rows, may_hold, timed_steps


class UndecidedError(Exception):
    """Some order with groups was neither shown nor refuted, and nothing else was found."""


def cohorts(
    problem: Problem, near: Cohort | None = None, every_word: bool = False
) -> Iterator[Cohort]:
    """Every cohort consistent with every row of the problem, its times being real numbers.

    A cohort stands for all times that its order (ties included), landmarks and groups admit;
    `times` are one choice, well inside. Levels that nothing but counts and words bear on are
    given in the first way that fits; with `every_word`, or where words tie them to times, in
    every way. Where there are very many orders, those like the cohort `near` are tried first.
    Raises UndecidedError at the end where an order with groups remains open.
    """
    known, left_open = set(), 0
    for joint in filled_joints(problem, near, every_word):
        for ties in ties_of(problem, joint):
            key = joint.pattern, joint.counts, tuple(sorted(joint.masks.items())), ties
            if key in known:
                continue
            found = times_for(problem, joint, ties)
            left_open += found.status == "open"
            if found.status == "some":
                known.add(key)
                yield _cohort(joint, map(float, found.witness))
    if left_open:
        raise UndecidedError(f"{left_open} orders with groups are neither shown nor refuted")


def _cohort(joint, times):
    return Cohort(joint.pattern, joint.counts, tuple(joint.masks.items()), tuple(times))


def some_cohort(problem: Problem, near: Cohort | None = None) -> tuple[str, Cohort | None]:
    """Whether a cohort exists (some, none or open), and the first that was found."""
    try:
        found = next(cohorts(problem, near), None)
    except UndecidedError:
        return "open", None
    return ("some" if found else "none"), found


def filled_joints(
    problem: Problem, near: Cohort | None = None, every_word: bool = False
) -> Iterator[Joint]:
    """Orders with groups of every column, words included, that leave room for times."""
    used, words = survival_steps(problem)
    every_word = every_word or not timed_steps(problem).isdisjoint(words)
    for stage in survival_stages(problem, used, near):
        for joint in joints(problem, stage, used):
            own = {s: candidates(problem, joint.pattern, s) for s in words}
            whole = extend(problem, own, joint)
            yield from whole if every_word else islice(whole, 1)


def ties_of(problem: Problem, joint: Joint) -> list[int]:
    """The ways to tie deaths under which the order and groups are consistent with the tests."""
    return list(allowed_ties(problem, joint).values())


def allowed_ties(problem: Problem, joint: Joint, most: int | None = None) -> dict[int, int]:
    """The same by their places among all ways to tie deaths, or among the first `most`."""
    every = death_ties(problem.size, joint.pattern, set(joint.counts), most)
    together = [row for row in problem.rows if is_joint(problem, row)]
    return {
        t: ties
        for t, ties in enumerate(every)
        if joint.ties >> t & 1
        and all(prints_joint(problem, row, joint.pattern, ties, joint.masks) for row in together)
    }


def ties_in(cohort: Cohort) -> int:
    """Bit i: patients i and i + 1 die at one time."""
    return tied_deaths(cohort.pattern, cohort.times)


def tied_deaths(pattern: int, times: Sequence) -> int:
    """The deaths that some times tie, as bits: i and i + 1 die at one time."""
    return bits(
        pattern >> i & 3 == 3 and one == other for i, (one, other) in enumerate(pairwise(times))
    )


def has_times(problem: Problem, joint: Joint) -> str:
    """Are there real times for an order with groups, under some ties: some, none or open?"""
    return settled(times_for(problem, joint, ties) for ties in ties_of(problem, joint)).status


def times_for(problem: Problem, joint: Joint, ties: int | None) -> Times:
    """Real times for an order with groups and tied deaths (None: any): some, none or open."""
    return real_times(question(problem, joint.pattern, joint.counts, joint.masks, ties))


def grid_cohorts(problem: Problem, every_word: bool = False) -> Iterator[Cohort]:
    """The cohorts whose times are whole units of the last printed decimal, one for each choice.

    An assumption, not a fact: what it alone decides is told beside what holds for real times.
    """
    for joint in filled_joints(problem, every_word=every_word):
        yield from _timed(problem, joint)


def _timed(problem, joint):
    """Stage five: every choice of times on the grid for one joint order and groups.

    Deaths are tied just as in one of the tie patterns that print the tests; a death that
    follows a censored patient follows strictly, else the order would be another.
    """
    low, high = order_bounds(problem, joint.counts, grid=True)
    strict = (joint.pattern >> 1) & (2 ** (problem.size - 1) - 1)
    for ties in ties_of(problem, joint):
        asked = question(problem, joint.pattern, joint.counts, joint.masks, ties)
        accept = partial(_accepts, problem, joint, asked)
        for found in grid_times(joint.constraints, low, high, accept, ties, strict & ~ties):
            yield _cohort(joint, (x / problem.scale for x in found))


def _accepts(problem, joint, asked, low, high):
    """May times between bounds still print all counts? Single times: are they what is asked?"""
    if low == high:
        return meets(asked, [Fraction(time) / problem.scale for time in low])
    counts = counting_rows(problem)
    return all(may_hold(problem, r, joint.pattern, joint.masks, low, high) for r in counts)
