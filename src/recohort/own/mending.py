"""What single numbers of a short file do: which can be given up, and what each contributed."""

from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from recohort.effort import EffortError, within
from recohort.survival.cohorts import UndecidedError
from recohort.survival.corrections import Pool, smallest_corrections
from recohort.survival.found import Found
from recohort.survival.problem import Problem, without

MOST = 5  # lines that may have to go


class GivenUp(NamedTuple):
    """The smallest sets of lines without which there is a cohort.

    `conflicts` prove that there are no others: of each, no cohort is consistent with all its lines.
    `open` says why they are not known, where that is so.
    """

    sets: list[frozenset]  # of ids of rows
    conflicts: list[frozenset]
    open: str = ""


def given_up(
    problem: Problem, seconds: float | None = None, megabytes: int | None = None
) -> GivenUp:
    """The smallest sets of lines to give up, where so much effort is enough."""
    lines = problem._replace(rows=tuple(row._replace(fact=row.id) for row in problem.rows))
    try:
        with within(seconds, megabytes):
            return GivenUp(*smallest_corrections(Pool(lines), MOST))
    except EffortError as error:
        return GivenUp([], [], f"the search for them ended at {error}")
    except UndecidedError:
        return GivenUp([], [], "some orders with groups are neither shown nor refuted")
    except ValueError:
        return GivenUp([], [], f"more than {MOST} would have to go")
    except KeyboardInterrupt:
        return GivenUp([], [], "interrupted")


def contributions(
    problem: Problem,
    search: Callable[[Problem], Found],
    seconds: float,
    say: Callable[[str, int, int], None],
) -> dict[str, Found]:
    """By fact (a rate with its limits is one), what is found without it, as far as time allows.

    No fact takes more than a tenth of the seconds.
    """
    found, began = {}, monotonic()
    facts = list(dict.fromkeys(row.fact for row in problem.rows if row.filters or row.options))
    for done, fact in enumerate(facts):
        say("what each number contributed", done, len(facts))
        left = began + seconds - monotonic()
        if left <= 0:
            break
        try:
            with within(min(seconds / 10, left)):
                found[fact] = search(without(problem, {fact}))
        except EffortError:
            continue
        except KeyboardInterrupt:
            break
    return found
