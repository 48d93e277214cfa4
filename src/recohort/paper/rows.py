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
    """One printed number, or one statement, as the search and the ledger use it."""

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

    Of a dotted column some cell has to, as `cells_of` has them.
    """
    good = pd.Series(True, index=tables[table].index)
    for column, operator, value in filters:
        cells = cells_of(tables, table, column).to_frame("cell")
        met = select(cells, [("cell", operator, value)])
        good &= met.groupby(level=0).any().reindex(good.index, fill_value=False)
    return good


def cells_of(tables: Tables, table: str, column: str) -> pd.Series:
    """The cells that a column names, by the row of the table that they relate to.

    A dotted column, ``other.column``, has those of all rows of another table with the same shared
    keys, ``other.rows`` their number.
    """
    frame, (other, _, name) = tables[table], column.rpartition(".")
    if not other:
        return frame[name]
    keys = [c for c in frame.columns if c.endswith("_id") and c in tables[other].columns]
    rows = frame[keys].reset_index().merge(tables[other], on=keys).set_index("index")
    if name == "rows":
        return rows.groupby(level=0).size().reindex(frame.index, fill_value=0)
    return rows[name]


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
    """The values that a number summarizes, exact; empty cells have none.

    A `column`, or follow-up; `since` adds another column, `minus` takes one away, `relative`
    makes it a percentage of a third, and `scale` multiplies.
    """
    options, chosen = dict(row.options), group_of(tables, row)
    name = options.get("column", "time")
    named = {name, *(options[n] for n in ("since", "minus", "relative") if n in options)}
    cells = chosen[[*named]].dropna().map(lambda cell: Fraction(str(cell)))
    values = cells[name]
    if "since" in options:
        values = values + cells[options["since"]]
    if "minus" in options:
        values = values - cells[options["minus"]]
    if "relative" in options:
        values = 100 * values / cells[options["relative"]]
    return [Fraction(options.get("scale", 1)) * value for value in values]
