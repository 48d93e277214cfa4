"""What is asked after a search: the times, which numbers can be given up, what each contributed."""

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import NamedTuple

from recohort.own.bounded import INTERRUPTED, ended, find_within
from recohort.own.checks import COUNTED
from recohort.own.search import times_between
from recohort.survival.cohorts import UndecidedError
from recohort.survival.corrections import Pool, smallest_corrections
from recohort.survival.known import Found
from recohort.survival.problem import Problem, without

MOST = 5  # lines that may have to go
Say = Callable[[str, int, int], None]  # what is done, how much, of how much


class GivenUp(NamedTuple):
    """The smallest sets of lines without which there is a cohort.

    `conflicts` prove that there are no others: of each, no cohort is consistent with all its lines.
    `open` says why they are not known, where that is so.
    """

    sets: list[frozenset]  # of ids of rows
    conflicts: list[frozenset]
    open: str = ""


def given_up(problem: Problem, seconds: float, megabytes: int | None = None) -> GivenUp:
    """The smallest sets of lines to give up, where so much effort is enough."""
    lines = problem._replace(rows=tuple(row._replace(fact=row.id) for row in problem.rows))
    found, stopped = ended(partial(_smallest, lines), seconds, megabytes)
    return GivenUp([], [], stopped) if stopped else found


def _smallest(problem, _):
    try:
        return GivenUp(*smallest_corrections(Pool(problem), MOST))
    except UndecidedError:
        return GivenUp([], [], "some orders with groups are neither shown nor refuted")
    except ValueError:
        return GivenUp([], [], f"more than {MOST} would have to go")


def times_of(found: Found, seconds: float, megabytes: int | None, say: Say) -> list[list[tuple]]:
    """`times_between` of each solution listed, of as many as time and memory allow."""
    known = []

    def keep(times):
        known.append(times)
        say("times of the solutions", len(known), len(found.solutions))

    ended(partial(_times_of, found), seconds, megabytes, keep)
    return known


def _times_of(found, tell):
    for joint in found.solutions:
        tell(times_between(found.problem, joint))


def contributions(
    problem: Problem, seconds: float, megabytes: int | None, say: Say
) -> dict[str, Found]:
    """By fact (a rate with its limits is one), what is found without it, as far as time allows.

    No fact takes more than a tenth of the seconds.
    """
    found, until = {}, monotonic() + seconds
    rows = sorted(problem.rows, key=lambda row: row.statistic in COUNTED)  # counts say least
    facts = list(dict.fromkeys(row.fact for row in rows if row.filters or row.options))
    for done, fact in enumerate(facts):
        say("what each number contributed", done, len(facts))
        left = min(seconds / 10, until - monotonic())
        if left <= 0:
            break
        found[fact] = find_within(without(problem, {fact}), left, megabytes)
        if found[fact].stopped == INTERRUPTED:
            break
    return found
