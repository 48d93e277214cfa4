"""Counts over several columns, or over time: words and figures that tie columns together."""

from fractions import Fraction
from functools import cache

from recohort.paper.rounding import COMPARED
from recohort.paper.rows import Row
from recohort.paper.statistics import COUNTS
from recohort.survival.problem import Problem, agrees, bits, count_value, group_of, mask_of
from recohort.survival.times import whole


def counting_rows(problem: Problem) -> list[Row]:
    """Counts over several columns or over time: they can be judged only on whole cohorts."""
    return [r for r in problem.rows if r.statistic in COUNTS and _ties_columns(r)]


def _ties_columns(row):
    return len(row.filters) > 1 or counts_by_time(row)


def counts_by_time(row: Row) -> bool:
    """Does a count have a condition on time?"""
    return row.statistic == "units_lost" or any(c == "time" for c, _, _ in row.filters)


def steps_named(problem: Problem, row: Row) -> frozenset:
    """The (column, level) pairs whose patients a counting row needs to know."""
    groups = [f for f in row.filters if f[0] not in ("time", "event")]
    groups += [(v, "=", "True") for name, v in row.options if name == "multiple"]
    return frozenset(group_of(problem, f)[:2] for f in groups)


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
    inside = problem.everyone
    for row_filter in row.filters:
        if row_filter[0] != "time":
            mask = _known_mask(problem, row_filter, pattern, masks)
            if mask is None:
                return None
            inside &= mask
    if row.statistic == "units_lost":
        return _units(problem, row, masks, low, high, scale)
    surely = possibly = inside
    for column, operator, value in row.filters:
        if column == "time":
            sure, maybe = _time_masks(operator, _scaled(value, scale), low, high)
            surely, possibly = surely & sure, possibly & maybe
    return surely.bit_count(), possibly.bit_count()


def _known_mask(problem, row_filter, pattern, masks):
    if row_filter[0] != "event":
        return mask_of(problem, row_filter, masks)
    _, operator, value = row_filter
    return pattern if (value == "True") == (operator == "=") else ~pattern


@cache
def _scaled(value, scale):
    return whole(Fraction(value) * scale)


def _units(problem, row, masks, low, high, scale):
    """Units gone before a time, one a patient and two where `multiple` is true."""
    options = dict(row.options)
    several = mask_of(problem, (options["multiple"], "=", "True"), masks)
    if several is None:
        return None
    spans = _time_masks("<", _scaled(options["at"], scale), low, high)
    return tuple(m.bit_count() + (m & several).bit_count() for m in spans)


def _time_masks(operator, value, low, high):
    """Positions whose time surely, and possibly, stands in the relation to `value`."""
    met = COMPARED[operator]
    ends = [(met(a, value), met(b, value)) for a, b in zip(low, high, strict=True)]
    return bits(a and b for a, b in ends), bits(a or b for a, b in ends)
