"""What a search came to, in the words that answers are written in."""

from typing import NamedTuple

from recohort.survival.problem import Problem
from recohort.validation.rebuild import Rebuilt


class Found(NamedTuple):
    """A search's answer."""

    status: str  # complete, counted, bounded or open
    solutions: list  # of Joint, as many as are listed
    least: int
    most: int | None
    shared: dict | None  # of each column and "event": at each place the levels in some solution
    stages: list  # of (name, candidates left)
    problem: Problem
    stopped: str  # which bound ended it; nothing where none did


def as_found(rebuilt: Rebuilt) -> Found:
    """A rebuilding told so."""
    n = len(rebuilt.solutions)
    status = {"complete": "complete", "many solutions": "bounded"}.get(rebuilt.status, "open")
    stopped = "" if status == "complete" else rebuilt.status
    whole = status == "complete"
    stages = [
        ("orders of deaths that print the rates of all patients", rebuilt.orders),
        ("orders with groups that print rates and tests", rebuilt.candidates),
        ("of them with times", n),
    ]
    least = n + (status == "bounded")
    shared = levels_in(rebuilt.problem, rebuilt.solutions) if whole else None
    return Found(
        status,
        rebuilt.solutions,
        least,
        n if whole else None,
        shared,
        stages,
        rebuilt.problem,
        stopped,
    )


def levels_in(problem: Problem, solutions: list) -> dict:
    """Of each column and `event`: at each place in order of time, the levels in some solution."""
    names = ["event", *(column for column, _ in problem.columns)]
    return {
        name: [
            {level_at(problem, joint, name, i) for joint in solutions} for i in range(problem.size)
        ]
        for name in names
    }


def level_at(problem: Problem, joint, column: str, place: int) -> object:
    """Who died, or the level of a factor, at a place of a solution."""
    if column == "event":
        return bool(joint.pattern >> place & 1)
    levels = problem.levels[column]
    named = {v: mask for (c, v), mask in joint.masks.items() if c == column}
    rest = levels[1] if len(levels) == 2 and levels[1] is not None else "other"
    return next((level for level, mask in named.items() if mask >> place & 1), rest)
