"""Which columns belong together: they are joined set by set, all others only counted."""

from collections.abc import Sequence
from typing import NamedTuple

from recohort.paper.statistics import AT_RISK, COUNTS, PATIENTS, TIMES
from recohort.survival.problem import Problem, group_columns, is_joint
from recohort.survival.words import cuts_of, timed_steps


class Part(NamedTuple):
    """Columns that belong together."""

    rows: Problem  # only what is printed of these columns: times, timed counts, joint models
    steps: tuple
    words: tuple  # levels that only counts name: some sets for them have to exist


def parts_of(problem: Problem, used: Sequence[tuple], words: Sequence[tuple]) -> list[Part]:
    """Levels of one column, and columns that a row ties together, with the rows about them.

    Columns of `words` come in where a row ties them to a used one; with time, as used ones.
    """
    timed = timed_steps(problem)
    used = [*used, *(step for step in words if step in timed)]
    home = {column: {column} for column, _ in [*used, *words]}
    for columns in _tied(problem):
        together = set().union(*(home[c] for c in columns if c in home))
        home |= dict.fromkeys(together, together)
    found = []
    for columns in {id(part): part for part in home.values()}.values():
        steps = tuple(step for step in used if step[0] in columns)
        if steps:
            others = tuple(s for s in words if s[0] in columns and s not in steps)
            found.append(Part(_rows_of(problem, columns), steps, others))
    return found


def _tied(problem):
    """The columns that one row, or the rows of single patients together, speak of."""
    for row in problem.rows:
        if row.statistic in COUNTS or is_joint(problem, row):
            yield group_columns(row)
    yield _of_patients(problem)


def _of_patients(problem):
    """The columns that rows of single patients name: these are different patients, so together."""
    return set().union(*(group_columns(r) for r in problem.rows if r.statistic in PATIENTS))


def _rows_of(problem, columns):
    """The rows on some columns that bear on times or on ties of several columns together."""
    placed = columns & _of_patients(problem)
    rows = (
        row
        for row in problem.rows
        if (columns & group_columns(row) and (_is_timed(row) or is_joint(problem, row)))
        or (placed and row.statistic in PATIENTS)
    )
    return problem._replace(rows=tuple(rows))


def _is_timed(row):
    """Does a row ask something of times?"""
    if row.statistic in COUNTS:
        return bool(cuts_of(row))
    return row.statistic in TIMES or row.statistic == AT_RISK


def of_all(problem: Problem) -> Problem:
    """The problem with only the rows that ask something of times and name no column."""
    bare = not _of_patients(problem)
    rows = (
        row
        for row in problem.rows
        if (bare if row.statistic in PATIENTS else _is_timed(row) and not group_columns(row))
    )
    return problem._replace(rows=tuple(rows))
