"""What stands at a place of a solution."""

from recohort.survival.problem import Problem


def level_at(problem: Problem, joint, column: str, place: int) -> object:
    """Who died, or the level of a factor, at a place of a solution."""
    if column == "event":
        return bool(joint.pattern >> place & 1)
    levels = problem.levels[column]
    named = {v: mask for (c, v), mask in joint.masks.items() if c == column}
    rest = levels[1] if len(levels) == 2 and levels[1] is not None else "other"
    return next((level for level, mask in named.items() if mask >> place & 1), rest)
