"""The search's view of a paper: its size, landmarks, groups and rows, all from the two files."""

from collections import Counter, namedtuple
from collections.abc import Iterable
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from itertools import product
from math import comb

import numpy as np
import pandas as pd

from recohort.paper import printed
from recohort.paper.options import ANY, DEFAULTS, settings_of
from recohort.paper.reading import rows_of
from recohort.paper.rounding import Number, decimals_of
from recohort.paper.rows import CUTS, Filter, Row
from recohort.paper.statistics import COUNTS, PATIENTS, RATES, TESTS, TIMES

ANY_TIES = -1  # as bits: every way to tie deaths
STEP = 2  # half units in a unit of time: the last printed decimal


class Problem(namedtuple("Problem", "size landmarks columns rows conventions")):
    """A paper to be rebuilt; hashable, so that stages can be remembered.

    `columns` pairs each grouping column with its levels, `conventions` each switch with
    its paper-wide option, or with several of which any may hold. Its hash, asked for very
    often, is computed once.
    """

    @cached_property
    def _hash(self):
        return super().__hash__()

    def __hash__(self):
        return self._hash

    @property
    def everyone(self) -> int:
        """All patients, as bits."""
        return 2**self.size - 1

    @cached_property
    def levels(self) -> dict:
        """Each grouping column's levels; None stands for patients of whom no level is printed."""
        return dict(self.columns)

    @cached_property
    def scale(self) -> int:
        """Half units per month, from the most decimals that any printed time has."""
        times = (r for r in self.rows if r.statistic in TIMES and r.relation == "rounds to")
        return STEP * 10 ** max((decimals_of(r.printed) for r in times), default=1)

    @cached_property
    def by_step(self) -> dict:
        """For each (column, level): the rows on it or its complement, and the column's counts."""
        rows = {step: [] for step in steps_of(self)}
        for row in filter(is_group, self.rows):
            column = row.filters[0][0]
            of_column = [step for step in rows if step[0] == column]
            own = of_column if row.statistic in COUNTS else [group_of(self, row.filters[0])[:2]]
            for step in own:
                rows.setdefault(step, []).append(row)
        return rows


def problem_of(
    published: pd.DataFrame, statements: pd.DataFrame | None = None, conventions: dict = ANY
) -> Problem:
    """Compile both files (frames as read) into a `Problem`; each number formed in any named way.

    Raises ValueError when no row prints the number of patients, or when a row or a
    convention says something that the search does not know how to use.
    """
    rows = [_of_event(row) for row in rows_of(published, statements) if _constrains(row)]
    for row in rows:
        if row.statistic in PATIENTS:
            continue
        if any(column == "time" and op not in CUTS for column, op, _ in row.filters):
            raise ValueError(f"{row.id}: a time in a filter is a cut-off, after < <= >= or >")
        if row.statistic not in COUNTS and row.filters and not is_group(row):
            raise ValueError(
                f"{row.id}: the search uses a {row.statistic} of all patients or of one group; "
                "counts may have any filters"
            )
    rows = tuple({row[1:]: row for row in reversed(rows)}.values())[::-1]  # copies count once
    sizes = Counter(r.printed for r in rows if r.statistic == "count" and not r.filters)
    if not sizes:
        raise ValueError("published: no row prints the number of patients (count, no filter)")
    size = int(sizes.most_common(1)[0][0])
    at = {Fraction(dict(r.options)["at"]) for r in rows if r.statistic in RATES}
    at |= {Fraction(v) for r in rows for name, v in r.options if name == "to"}
    return Problem(
        size, tuple(sorted(at)), _columns(rows), rows, tuple((DEFAULTS | conventions).items())
    )


def _of_event(row):
    """Times of the dead, or of the living: said by an option, so that filters name groups alone."""
    if row.statistic not in TIMES:
        return row
    ended = tuple(("event", value) for column, _, value in row.filters if column == "event")
    groups = tuple(f for f in row.filters if f[0] != "event")
    return row._replace(filters=groups, options=row.options + ended)


def group_columns(row: Row) -> set[str]:
    """The columns of groups that a row names, in a filter or in an option."""
    named = {column for column, _, _ in row.filters + _adjusted(row)}
    named |= {column for name, column in row.options if name in ("by", "multiple")}
    return named - {"time", "event"}


def is_joint(problem: Problem, row: Row) -> bool:
    """Does the row compare several groups, or may its Cox model have a second covariate?"""
    adjusted = _adjusted(row) and "joint" in settings(problem, row)["adjustment"]
    return bool(adjusted) or "by" in dict(row.options)


def without(problem: Problem, facts: Iterable[str]) -> Problem:
    """The same problem with every row of `facts` set aside."""
    return problem._replace(rows=tuple(r for r in problem.rows if r.fact not in facts))


def steps_of(problem: Problem) -> list[tuple]:
    """The (column, level) pairs that describe a cohort: one for a binary column."""
    return [
        (column, level)
        for column, levels in problem.columns
        for level in (levels[:1] if len(levels) == 2 else levels)
        if level is not None
    ]


@lru_cache(maxsize=4096)
def about(problem: Problem, step: tuple | None, statistics: tuple | None = None) -> Problem:
    """The problem with only the rows on one level, its complement and its column's counts.

    `step` None keeps the rows on all patients. Equal answers make for equal memories.
    """
    on_all = (r for r in problem.rows if all(column == "event" for column, _, _ in r.filters))
    rows = on_all if step is None else problem.by_step.get(step, ())
    kept = tuple(r for r in rows if statistics is None or r.statistic in statistics)
    return problem._replace(rows=kept)


def group_of(problem: Problem, row_filter: Filter) -> tuple[str, str, bool]:
    """A filter as ``(column, level, complemented)``; both levels of a binary column share one."""
    column, relation, value = row_filter
    levels = problem.levels[column]
    if len(levels) == 2 and value == levels[1]:
        return column, levels[0], relation == "="
    return column, value, relation == "!="


def mask_of(problem: Problem, row_filter: Filter, masks: dict) -> int | None:
    """The patients who meet a filter on a group, as bits; None while their level is open."""
    column, level, complemented = group_of(problem, row_filter)
    mask = masks.get((column, level))
    return mask if mask is None or not complemented else problem.everyone - mask


def mask_of_row(problem: Problem, row: Row, masks: dict) -> int | None:
    """The patients of a row about one group, or about all; None while their level is open."""
    return mask_of(problem, row.filters[0], masks) if row.filters else problem.everyone


def members(mask: int, size: int) -> list[int]:
    """Positions, in order of time, of the patients in `mask`."""
    return [i for i in range(size) if mask >> i & 1]


def bits(flags: Iterable[bool]) -> int:
    """Booleans in order of time as one number."""
    return sum(1 << i for i, flag in enumerate(flags) if flag)


def is_group(row: Row) -> bool:
    """Do the row's filters name exactly one group (no filter on time or event)?"""
    one = len(row.filters) == 1 and row.filters[0][0] not in ("time", "event")
    return one and row.statistic not in PATIENTS


@lru_cache(maxsize=4096)
def rows_for(problem: Problem, statistics: tuple, group: tuple | None = None) -> tuple[Row, ...]:
    """Rows of the given statistics about `group` (None: all patients)."""
    if group is None:
        return tuple(r for r in problem.rows if r.statistic in statistics and not r.filters)
    rows = (r for r in problem.by_step.get(group[:2], ()) if r.statistic in statistics)
    return tuple(r for r in rows if group_of(problem, r.filters[0]) == group)


def settings(problem: Problem, row: Row) -> dict[str, tuple]:
    """The options that a row's switches allow: the paper's, but for the row's own exceptions."""
    return _settings(problem.conventions, row.switches)


@cache
def _settings(conventions, switches):
    return settings_of(dict(conventions) | dict(switches))


def chosen_settings(problem: Problem, row: Row, switches: Iterable[str]) -> list[dict]:
    """Each way to set some switches as a row allows, one option a switch."""
    found = settings(problem, row)
    return [
        dict(zip(switches, options, strict=True))
        for options in product(*(found[switch] for switch in switches))
    ]


def agrees(problem: Problem, row: Row, value: Number) -> bool:
    """Does an exact `value` print the row's number, or stand in the row's relation to it?"""
    return printed.agrees(row, value, settings(problem, row))


def group_sizes(problem: Problem, column: str, level: str) -> list[int]:
    """Sizes of a level that print its counts, and leave the column's other levels theirs."""
    own = {v: _printed_sizes(problem, column, v) for v in problem.levels[column] if v}
    if None in problem.levels[column] or len(own) == 2:
        return own[level]
    rest = {0}
    for sizes in (sizes for v, sizes in own.items() if v != level):
        rest = {a + b for a in rest for b in sizes if a + b <= problem.size}
    return [m for m in own[level] if problem.size - m in rest]


def _printed_sizes(problem, column, level):
    n, good = problem.size, []
    for m in range(n + 1):
        sides = {False: m, True: n - m}
        if all(
            agrees(problem, row, count_value(row, sides[complemented], n))
            for complemented in (False, True)
            for row in rows_for(problem, ("count", "percent"), (column, level, complemented))
        ):
            good.append(m)
    return good


def many_sets(problem: Problem, column: str, level: str) -> int:
    """How many sets of patients have a printed size of this level."""
    return sum(comb(problem.size, m) for m in group_sizes(problem, column, level))


@lru_cache(maxsize=512)
def level_masks(problem: Problem, column: str, level: str) -> np.ndarray:
    """Every set of patients, as bits by order of time, that may have this level."""
    masks = np.arange(2**problem.size)
    return masks[np.isin(np.bitwise_count(masks), group_sizes(problem, column, level))]


def count_value(row: Row, count: int, size: int) -> Fraction:
    """What a counting row prints of so many patients: their number, or their share in percent."""
    return Fraction(100 * count, size) if row.statistic == "percent" else Fraction(count)


def _constrains(row):
    if any(op in CUTS and c != "time" for c, op, _ in row.filters):
        return False  # a cut-off of a column of numbers: `columns` sees to it
    options = dict(row.options)
    timed = options.get("column", "time") == "time" and "since" not in options
    return row.statistic in RATES + TESTS + COUNTS + PATIENTS + (TIMES if timed else ())


def _columns(rows):
    columns = {}
    for row in rows:
        for column, _, value in row.filters + _adjusted(row):
            if column not in ("time", "event"):
                columns.setdefault(column, {})[value] = True
    return tuple((c, tuple(v) if len(v) > 1 else (*v, None)) for c, v in columns.items())


def _adjusted(row):
    text = dict(row.options).get("adjusted_for", "")
    return ((*text.partition("=")[:2], text.partition("=")[2]),) if text else ()
