"""What a search knows of a paper's solutions, at its end and at any moment before."""

from collections.abc import Callable
from typing import NamedTuple

from recohort.survival.problem import Problem

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
