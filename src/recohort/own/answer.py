"""A short file answered: checked, searched; its times, what to give up, what each number did."""

import hashlib
from collections.abc import Callable
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pandas as pd

from recohort.own.checks import COUNTED, contradictions, in_words, remarks
from recohort.own.search import INTERRUPTED, ended, find_within, quiet, times_between
from recohort.paper.options import ANY, DEFAULTS
from recohort.paper.short_file import read_own
from recohort.paper.statistics import COUNTS, RATES
from recohort.survival.cohorts import UndecidedError
from recohort.survival.corrections import Pool, smallest_corrections
from recohort.survival.found import Bounds
from recohort.survival.known import ORDERS, TESTED, Found
from recohort.survival.orders import group_exists
from recohort.survival.problem import Problem, about, group_sizes, problem_of, steps_of, without

BESIDE = 60  # seconds, at the most, for what is asked after the search
MOST = 5  # lines that may have to go
ADD = "Numbers that narrow them down: limits, the number of deaths, medians, quartiles."
Say = Callable[[str, int, int], None]  # what is done, how much, of how much


class Effort(NamedTuple):
    """What a search may take; `megabytes` None sets no bound."""

    seconds: float = inf  # with all that is asked after it
    megabytes: int | None = None
    beside: float = BESIDE  # of what is asked after it
    bounds: Bounds | None = None  # counts of work


class GivenUp(NamedTuple):
    """The smallest sets of lines without which there is a cohort.

    `conflicts` prove that there are no others: of each, no cohort is consistent with all its lines.
    `open` says why they are not known, where that is so.
    """

    sets: list[frozenset]  # of ids of rows
    conflicts: list[frozenset]
    open: str = ""


class Answer(NamedTuple):
    """What is said of one file."""

    name: str
    digest: str  # SHA-256 of the file
    published: pd.DataFrame
    told: dict | None  # conventions; None: any named way
    contradictions: list[str]
    found: Found
    times: list  # of the solutions listed, as far as time allowed
    given_up: GivenUp | None
    without: dict  # by fact, what is found without it
    seconds: float

    @property
    def outcome(self) -> str:
        """What it comes to: "found", "none" or "open"."""
        return "none" if self.contradictions else outcome(self.found)

    @property
    def sentences(self) -> list[str]:
        """What is said, the verdict first."""
        if self.contradictions:
            first = "No cohort is consistent with these numbers; they contradict one another by "
            return [first + "themselves, so that no search is needed.", *self.contradictions]
        said, few, many = [verdict(self.found)], len(self.times), len(self.found.solutions)
        if self.given_up and self.given_up.open:
            said.append(f"Which numbers to give up is not settled: {self.given_up.open}.")
        elif self.given_up:
            sets = "; or ".join(map(in_words, self.given_up.sets))
            said.append(f"Fewest numbers to give up, so that a cohort is left: {sets}.")
        if few < many:
            said.append(
                f"Times are narrowed down in {f'the first {few}' if few else 'none'} of the {many} "
                "solutions written, then the work ended; in the others, earliest and latest are "
                "the nearest times at which the paper gives a rate or a count."
            )
        return said + remarks(self.found)


def answer(
    path: str | Path,
    conventions: dict | None = None,
    effort: Effort | None = None,
    say: Say = quiet,
) -> Answer:
    """Check a short file's numbers, search, and ask what single numbers do.

    `say` is told what is done: what, how much of how much. Raises PublishedError for a faulty file.
    """
    effort, began = effort or Effort(), monotonic()
    published = read_own(path)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    problem = problem_of(published, None, conventions or ANY)
    wrong = contradictions(problem)
    said = Found("complete", [], 0, 0, None, [], problem), [], None, {}
    if not wrong:
        say(ORDERS, 0, 0)
        said = _searched(problem, effort, say)
    spent = monotonic() - began
    return Answer(Path(path).name, digest, published, conventions, wrong, *said, spent)


def _searched(problem, effort, say):
    """What is found, times of the solutions, what to give up, what is found without each fact."""
    until = monotonic() + effort.seconds

    def left(most=inf):
        return min(most, max(0.0, until - monotonic()))

    megabytes, gone, each = effort.megabytes, None, {}
    found = find_within(problem, left(), megabytes, lambda *told: say(*told[:3]), effort.bounds)
    until = 0 if found.stopped == INTERRUPTED else until
    if outcome(found) == "none":
        say("numbers to give up", 0, 0)
        gone = given_up(problem, left(effort.beside), megabytes)
    times = times_of(found, left(), megabytes, say)
    if found.status == "complete" and found.solutions:
        each = contributions(problem, left(effort.beside), megabytes, say)
    return found, times, gone, each


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


def outcome(found: Found) -> str:
    """What a search comes to: "found", "none" where no cohort is consistent, or "open"."""
    if found.least:
        return "found"
    return "none" if found.status == "complete" else "open"


def verdict(found: Found) -> str:
    """What the search says, and what to try next."""
    stopped = f"The search stopped: {found.stopped}."
    if outcome(found) == "open":
        return f"Open: no cohort was found, and none ruled out. {stopped} {ADD}"
    if outcome(found) == "none":
        ways, last = "however each is formed, by any named option", "."
        if found.problem.conventions != tuple((DEFAULTS | ANY).items()):
            ways = "under the conventions told"
            last = "; then leave the conventions open (without --conventions)."
        return (
            f"No cohort is consistent with all these numbers, with times as real numbers and {ways}"
            f": {_lost(found)}. Look there first, in the file, then in the paper{last}"
        )
    said = (
        "1 order with groups is" if found.least == 1 else f"{found.least:,} orders with groups are"
    )
    said += " consistent with all these numbers"
    if found.status == "complete":
        return f"{said}."
    listed = f"{len(found.solutions):,} of them are written, as examples."
    if found.status == "counted":
        return f"{said}; {listed}{_shared(found)} {ADD}"
    most = "" if found.most is None else f", and at most {found.most:,}"
    return f"At least {said}{most}; {listed} {stopped} {ADD}"


def _shared(found):
    """What all solutions share, by cell."""
    if found.shared is None:
        return ""
    known = {
        name: [str(place) for place, levels in enumerate(cells, 1) if len(levels) == 1]
        for name, cells in found.shared.items()
    }
    said = [
        f"{'who died' if name == 'event' else name} at {', '.join(places)}"
        for name, places in known.items()
        if places
    ]
    places = "places in order of time"
    return f" All of them share ({places}): {'; '.join(said) or 'no cell'}."


def _lost(found):
    """Where a search that found nothing lost its last candidate."""
    for column, level in steps_of(found.problem):
        if not group_sizes(found.problem, column, level):
            return f"the counts and percentages of {column!r} do not agree"
        if not group_exists(about(found.problem, (column, level), COUNTS + RATES), column, level):
            return f"no group prints the rates of {column}={level}, or those of all others"
    if not found.left(ORDERS):
        what = "survival rates, limits or single times of all patients"
        return f"no order of deaths prints the {what}"
    if not found.left(TESTED):
        what = "rates of a group, or its P value or hazard ratio, beside them"
        return f"no order of deaths prints the {what}"
    return "orders and groups fit the rates and tests, but none of them the times as printed"
