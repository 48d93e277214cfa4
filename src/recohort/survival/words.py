"""Counts over several columns, or over time: words and numbers that tie columns together."""

from fractions import Fraction
from functools import cache

from recohort.paper.rounding import COMPARED
from recohort.paper.rows import Row
from recohort.paper.statistics import COUNTS
from recohort.survival.problem import Problem, agrees, bits, count_value, group_of, mask_of
from recohort.survival.times import whole


def counting_rows(problem: Problem) -> list[Row]:
    """Counts over several columns or over time: they can be judged only on whole cohorts."""
    counts = (row for row in problem.rows if row.statistic in COUNTS)
    return [row for row in counts if len(row.filters) > 1 or cuts_of(row)]


def cuts_of(row: Row) -> list[tuple[str, str]]:
    """The conditions of a count on time: an operator and a value each."""
    if row.statistic == "units_lost":
        return [("<", dict(row.options)["at"])]
    return [(operator, value) for column, operator, value in row.filters if column == "time"]


def steps_named(problem: Problem, row: Row) -> frozenset:
    """The (column, level) pairs whose patients a counting row needs to know."""
    groups = [f for f in row.filters if f[0] not in ("time", "event")]
    groups += [(v, "=", "True") for name, v in row.options if name == "multiple"]
    return frozenset(group_of(problem, f)[:2] for f in groups)


def timed_steps(problem: Problem) -> set[tuple]:
    """The (column, level) pairs that a count with a condition on time names."""
    timed = [row for row in counting_rows(problem) if cuts_of(row)]
    return set().union(*(steps_named(problem, row) for row in timed))


def may_hold(problem: Problem, row: Row, pattern: int, masks: dict, low: list, high: list) -> bool:
    """Can a count over several columns and times still come out as stated?"""
    span = count_span(problem, row, pattern, masks, low, high, problem.scale)
    if span is None:
        return True
    least, most = span
    values = (count_value(row, number, problem.size) for number in range(least, most + 1))
    return any(agrees(problem, row, value) for value in values)


def count_span(
    problem: Problem, row: Row, pattern: int, masks: dict, low: list, high: list, scale: int = 1
) -> tuple[int, int] | None:
    """Least and most that a counting row can come to, or None while a column is open.

    `low` and `high` bound the times, which are months times the scale.
    """
    surely = possibly = problem.everyone
    for operator, value in cuts_of(row):
        met, cut = COMPARED[operator], _scaled(value, scale)
        ends = [(met(a, cut), met(b, cut)) for a, b in zip(low, high, strict=True)]
        surely &= bits(a and b for a, b in ends)
        possibly &= bits(a or b for a, b in ends)
    least = counted_among(problem, row, pattern, masks, surely)
    most = counted_among(problem, row, pattern, masks, possibly)
    return None if least is None or most is None else (least, most)


def counted_among(problem: Problem, row: Row, pattern: int, masks: dict, inside: int) -> int | None:
    """What a row counts if just the patients `inside` (bits) meet its conditions on time.

    None while a column is open. Units are one a patient, two where `multiple` is true.
    """
    for column, operator, value in row.filters:
        if column == "event":
            inside &= pattern if (value == "True") == (operator == "=") else ~pattern
        elif column != "time":
            mask = mask_of(problem, (column, operator, value), masks)
            if mask is None:
                return None
            inside &= mask
    if row.statistic != "units_lost":
        return inside.bit_count()
    several = mask_of(problem, (dict(row.options)["multiple"], "=", "True"), masks)
    return None if several is None else inside.bit_count() + (inside & several).bit_count()


@cache
def _scaled(value, scale):
    return whole(Fraction(value) * scale)
