"""What a search knows of a paper's solutions, at its end and at any moment before."""

from collections.abc import Callable
from itertools import islice
from time import perf_counter
from typing import NamedTuple

from recohort.survival.problem import Problem
from recohort.survival.tally import sets_of, solutions_of

ORDERS, GROUPS, TESTED, SOLUTIONS = (
    "orders that print what is said of all patients",
    "orders with groups that print the rates",
    "orders with groups that print the tests as well",
    "solutions",
)


class Step(NamedTuple):
    """One stage of a search, and what it left."""

    name: str
    left: int
    seconds: float


class Found(NamedTuple):
    """What a search found.

    `status` is "complete" (all solutions are listed; none, where the list is empty), "counted" (too
    many to list; their number is exact), "bounded" (their number is proven to lie between `least`
    and `most`) or "open" (nothing was found before the work ended). `shared` maps each column, and
    "event", to the levels that occur in some solution, a set for each place in order of time.
    """

    status: str
    solutions: list  # of Joint, `Bounds.solutions` at most
    least: int
    most: int | None
    shared: dict | None  # None where it is not known
    stages: list  # of Step
    problem: Problem
    stopped: str = ""  # which bound ended the work

    def left(self, stage: str) -> int | None:
        """What one of the stages left; None where the search did not come to its end."""
        return next((step.left for step in self.stages if step.name == stage), None)


Told = Callable[[str, int, int, Found], None]  # stage, done, of so many, what is known by then


class Known:
    """What is known of the solutions at any moment."""

    def __init__(self, problem, solutions):
        """Nothing yet; `solutions` are listed at most."""
        self.problem, self.room = problem, solutions
        self.listed, self.least, self.most, self.whole = [], 0, 0, True
        self.glimpsed: Known | None = None  # by a first quick look
        self.events, self.levels = [0, 0], {}
        self.stages, self.stopped, self.begun = [], "", perf_counter()

    def close(self, name, left):
        """A stage is at its end."""
        self.stages.append(Step(name, left, perf_counter() - self.begun))

    def stop(self, why):
        """Some of the work is left out."""
        self.whole, self.stopped = False, self.stopped or why

    def found(self):
        """All that is known, as it is told."""
        whole = self.whole and self.least == self.most
        best = max((self, self.glimpsed or self), key=lambda known: known.least)
        listed = sorted(best.listed, key=lambda j: (j.counts, j.pattern, sorted(j.masks.items())))
        status = "complete" if best.least <= len(listed) else "counted"
        if not whole:
            status = "bounded" if best.least else "open"
        ends = best.least, self.most, self._shared() if whole and best.least else None
        return Found(status, listed, *ends, self.stages[:], self.problem, self.stopped)

    def add(self, start, counted):
        """The solutions of one order."""
        self.least += counted.least
        if not counted.ways:
            return
        everyone = self.problem.everyone
        for kind, mask in enumerate((start.pattern, everyone & ~start.pattern)):
            self.events[kind] |= mask
        for masks in sets_of(counted.ways):
            for column in {column for column, _ in masks}:
                self._add_levels(column, {v: m for (c, v), m in masks.items() if c == column})
        self.listed += islice(solutions_of(counted.ways, start), self.room - len(self.listed))

    def _add_levels(self, column, masks):
        known, levels = self.levels.setdefault(column, {}), self.problem.levels[column]
        rest = self.problem.everyone
        for level, mask in masks.items():
            known[level], rest = known.get(level, 0) | mask, rest & ~mask
        for level in (level for level in levels if level not in masks):
            known[level] = known.get(level, 0) | rest

    def _shared(self):
        places = range(self.problem.size)
        every = {"event": dict(zip((True, False), self.events, strict=True))}
        every |= {c: self.levels[c] for c, _ in self.problem.columns if c in self.levels}
        return {
            name: [{level for level, mask in known.items() if mask >> i & 1} for i in places]
            for name, known in every.items()
        }
