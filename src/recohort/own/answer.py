"""A short file answered: checked, searched, and what else is said of it."""

import hashlib
from math import inf
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pandas as pd

from recohort.own.bounded import INTERRUPTED, find_within, quiet
from recohort.own.checks import contradictions, in_words, remarks
from recohort.own.mending import GivenUp, Say, contributions, given_up, times_of
from recohort.own.search import problem_from
from recohort.own.verdict import outcome, verdict
from recohort.paper.short_file import read_own
from recohort.survival.found import Bounds
from recohort.survival.known import ORDERS, Found

BESIDE = 60  # seconds, at the most, for what is asked after the search


class Effort(NamedTuple):
    """What a search may take; `megabytes` None sets no bound."""

    seconds: float = inf  # with all that is asked after it
    megabytes: int | None = None
    beside: float = BESIDE  # of what is asked after it
    bounds: Bounds | None = None  # counts of work


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
        return [verdict(self.found), *self._to_give_up(), *self._wide(), *remarks(self.found)]

    def _wide(self):
        few, many = len(self.times), len(self.found.solutions)
        if few < many:
            yield (
                f"Times are narrowed down in {f'the first {few}' if few else 'none'} of the {many} "
                "solutions written, then the work ended; in the others, earliest and latest are "
                "the nearest times at which the paper gives a rate or a count."
            )

    def _to_give_up(self):
        if self.given_up is None:
            return
        if self.given_up.open:
            yield f"Which numbers to give up is not settled: {self.given_up.open}."
            return
        rows = {row.id: row for row in self.found.problem.rows}
        sets = [in_words([rows[name] for name in own]) for own in self.given_up.sets]
        yield f"Fewest numbers to give up, so that a cohort is left: {'; or '.join(sets)}."


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
    problem = problem_from(published, conventions)
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

    megabytes, gone, without = effort.megabytes, None, {}
    found = find_within(problem, left(), megabytes, lambda *told: say(*told[:3]), effort.bounds)
    until = 0 if found.stopped == INTERRUPTED else until
    if outcome(found) == "none":
        say("numbers to give up", 0, 0)
        gone = given_up(problem, left(effort.beside), megabytes)
    times = times_of(found, left(), megabytes, say)
    if found.status == "complete" and found.solutions:
        without = contributions(problem, left(effort.beside), megabytes, say)
    return found, times, gone, without
