"""A printed number as a row, and the rows of a cohort's tables that it is about.

The tables are a dict of frames by name, `patients` and what is tied to it by columns that end
in `_id`.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from recohort.paper.rounding import COMPARED

FILTER = re.compile(r"\s*(\w+(?:\.\w+)?)\s*(!=|>=|<=|=|<|>)\s*(\S.*?)\s*")
SHARE = "share"  # convention: the table whose rows a percentage is of; else the row's own
SHARED = ("percent",)  # the statistics that it may be asked for
CUTS = ("<", "<=", ">", ">=")  # the comparisons that cut a column of numbers in two
ROUNDED = "rounds to"  # the relation of a printed number
NEVER = "not reached"  # the relation of words in place of a time, and the words

Filter = tuple[str, str, str]  # column, operator, value
Tables = dict[str, pd.DataFrame]


class Row(NamedTuple):
    """One printed figure, or one statement, as the search and the ledger use it."""

    id: str
    fact: str
    statistic: str
    filters: tuple  # of (column, operator, value), in the order written
    options: tuple  # of (name, value): at, q, column, table, within, ...
    relation: str  # "rounds to" for a printed number
    printed: str
    switches: tuple = ()  # of (convention, option): exceptions from the paper-wide ones


def filter_of(text: str) -> Filter:
    """``"sex=male"`` as (column, operator, value); ValueError where it is none."""
    match = FILTER.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not of the form column=value")
    column, operator, value = match.groups()
    return column, operator, value


def table_of(row: Row) -> str:
    """Name of the table that a row is about."""
    return dict(row.options).get("table", "patients")


def restrictions(row: Row) -> tuple[Filter, ...]:
    """The filters of a row's `within` options."""
    return tuple(filter_of(value) for name, value in row.options if name == "within")


def of_related(row: Row) -> Row:
    """A percentage under the convention `share`, asked of the rows of a related table.

    Those rows count that belong (by shared keys) to rows that meet the filters: "3 of 13 patients
    have it" becomes "4 of 19 tumors are of patients who have it", as papers that print patients
    and tumors side by side may mix the two. A percentage of a stated whole is left alone.
    """
    other, options = dict(row.switches).get(SHARE), dict(row.options)
    if other is None or row.statistic not in SHARED or "of" in options:
        return row
    home = table_of(row)

    def named(column, operator, value):
        return column if "." in column else f"{home}.{column}", operator, value

    within = [("within", "".join(named(*piece))) for piece in restrictions(row)]
    return row._replace(
        filters=tuple(named(*piece) for piece in row.filters),
        options=(("table", other), *within),
        switches=tuple(s for s in row.switches if s[0] != SHARE),
    )


def select(frame: pd.DataFrame, filters: Iterable[Filter]) -> pd.Series:
    """Rows of a frame that meet every ``(column, operator, value)``, as a boolean series.

    An empty cell meets no comparison but ``!=``.
    """
    good = pd.Series(True, index=frame.index)
    for column, operator, value in filters:
        cells = frame[column]
        numeric = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
        filled = cells.notna() | (operator == "!=")
        cells, value = (cells, float(value)) if numeric else (cells.astype(str), value)
        good &= filled & COMPARED[operator](cells, value)
    return good


def members(tables: Tables, table: str, filters: Iterable[Filter]) -> pd.Series:
    """Rows of a table that meet every filter, as a boolean series.

    A dotted column, ``other.column``, asks for some related row of another table that meets
    the filter; ``other.rows`` compares the number of related rows.
    """
    frame = tables[table]
    good = pd.Series(True, index=frame.index)
    for column, operator, value in filters:
        other, _, name = column.rpartition(".")
        if not other:
            good &= select(frame, [(name, operator, value)])
        elif name == "rows":
            counts = related(frame, tables[other]).rename("rows").to_frame()
            good &= select(counts, [(name, operator, value)])
        else:
            met = tables[other][select(tables[other], [(name, operator, value)])]
            good &= related(frame, met) > 0
    return good


def related(frame: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """For each row of a frame, the number of rows of another with the same shared keys."""
    keys = [c for c in frame.columns if c.endswith("_id") and c in other.columns]
    sizes = other.groupby(keys).size()
    named = pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else pd.Index(frame[keys[0]])
    return pd.Series(sizes.reindex(named, fill_value=0).to_numpy(), index=frame.index)


def cohort_of(tables: Tables, row: Row) -> pd.DataFrame:
    """The row's table, restricted by `within`, its follow-up under the names time and event."""
    frame, options = tables[table_of(row)], dict(row.options)
    frame = frame[members(tables, table_of(row), restrictions(row))]
    names = {n: options[f"{n}_column"] for n in ("time", "event") if f"{n}_column" in options}
    return frame.assign(**{name: frame[column] for name, column in names.items()})


def in_group(tables: Tables, row: Row, cohort: pd.DataFrame) -> pd.Series:
    """Which rows of `cohort_of` meet the row's filters."""
    ended = tuple(("event", "=", value) for name, value in row.options if name == "event")
    return members(tables, table_of(row), row.filters + ended).loc[cohort.index]


def group_of(tables: Tables, row: Row) -> pd.DataFrame:
    """The rows of `cohort_of` that meet the row's filters."""
    cohort = cohort_of(tables, row)
    return cohort[in_group(tables, row, cohort)]


def column_of(tables: Tables, row: Row) -> list[Fraction]:
    """The values that a figure summarizes, exact; empty cells have none.

    A `column`, or follow-up; `since` adds another column, `minus` takes one away, `relative`
    makes it a percentage of a third, and `scale` multiplies.
    """
    options, chosen = dict(row.options), group_of(tables, row)
    name = options.get("column", "time")
    others = {n: options[n] for n in ("since", "minus", "relative") if n in options}
    cells = chosen[list(dict.fromkeys([name, *others.values()]))].dropna()
    exact = {column: [Fraction(str(cell)) for cell in cells[column]] for column in cells}
    values = exact[name]
    if "since" in others:
        values = [a + b for a, b in zip(values, exact[others["since"]], strict=True)]
    if "minus" in others:
        values = [a - b for a, b in zip(values, exact[others["minus"]], strict=True)]
    if "relative" in others:
        values = [100 * a / b for a, b in zip(values, exact[others["relative"]], strict=True)]
    return [Fraction(options.get("scale", 1)) * value for value in values]
