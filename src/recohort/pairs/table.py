"""The edition's table of pairs (a measure before and after), and who its rows belong to.

A table fits every row: real numbers first, then decimals, judged exactly. From seeded draws a
least-squares descent brings each printed number well inside its interval; the table is then written
to some decimals and put to the registry of statistics. What is found is a witness. That nothing is
found proves nothing.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import least_squares, linear_sum_assignment

from recohort.pairs.splits import splits_of, value_of
from recohort.paper.options import read_options
from recohort.paper.printed import printed_by
from recohort.paper.reading import read_dictionary, rows_of
from recohort.paper.rows import Row, Tables, select, table_of

DECIMALS = 2
MARGIN = 0.2  # of half an interval: so far from its ends a number is to lie, nearly
END_MARGIN = 0.4  # of an end of a range, which decimals move most
STEP = 1e-4  # of a derivative
PULL = 1e-2  # toward the start: so one end is the nearest, and the same on every machine
INSIDE = 0.02  # of a row's range, so that decimals cannot leave it
CLOSE = 0.02  # of half an interval: reached
TRIES = 60


class Pairs(NamedTuple):
    """What a search of pairs is told beside its rows."""

    options: dict  # of each convention
    bounds: dict  # of both columns: the lowest and the highest value
    table: str


def pair_settings(folder: str | Path) -> Pairs | None:
    """Of a paper's table of two numbers a patient; None where there is none.

    Such a table's rows are named by the patient alone, and its other columns are two numbers.
    """
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    keys = dictionary[(dictionary["key"] == "yes") & (dictionary["column"] == "patient_id")]
    for table in keys.loc[keys["block"] != "", "table"]:
        own = dictionary[(dictionary["table"] == table) & (dictionary["key"] != "yes")]
        if own["type"].tolist() == ["number", "number"]:
            ends = own[["lowest", "highest"]].astype(float).itertuples(index=False, name=None)
            bounds = dict(zip(own["column"], ends, strict=True))
            options = read_options(Path(folder) / "conventions.csv")
            return Pairs(options.get(own["block"].iloc[0], options[""]), bounds, table)
    return None


def pair_rows(published: pd.DataFrame, statements: pd.DataFrame, table: str) -> list[Row]:
    """The rows about a table of pairs, copies once."""
    rows = {r[1:]: r for r in rows_of(published, statements) if table_of(r) == table}
    return list(rows.values())


def flag_column(rows: Iterable[Row]) -> str:
    """The patients' column that marks a part of the pairs."""
    names = {column.partition(".") for row in rows for column, _, _ in row.filters}
    (name,) = {column for table, _, column in names if table == "patients" and column}
    return name


def _measured(rows, patients, table):
    """Names of the patients who have pairs: all whom a statement says to be measured.

    Such a row counts patients with one row of the table under conditions of their own.
    Raises ValueError where the conditions leave more patients than the statement counts.
    """
    mark = (f"{table}.rows", "=", "1")
    for row in rows:
        plain = [f for f in row.filters if "." not in f[0]]
        known = all(f[0] in patients and patients[f[0]].notna().all() for f in plain)
        if plain and known and mark in row.filters and row.relation == "=":
            found = patients.loc[select(patients, plain), "patient_id"].tolist()
            if len(found) != int(row.printed):
                raise ValueError(f"{row.id}: {len(found)} patients, not {row.printed}")
            return found
    raise ValueError(f"statements: none says who has a row in {table}")


def write_pairs(
    published: pd.DataFrame, statements: pd.DataFrame, patients: pd.DataFrame, settings: Pairs
) -> Tables | None:
    """The edition's table of pairs, and the column of the patients whom its part is about.

    The patients' column is kept where it is filled, else its
    patients are the first who are measured. Both parts go to their patients in order of time, by
    rising numbers. None where no table is found, which proves nothing.
    """
    options, bounds, table = settings
    rows = pair_rows(published, statements, table)
    names, flag = _measured(rows_of(published, statements), patients, table), flag_column(rows)
    given = partial(given_to, patients, names, flag, settings)
    return find_pairs(rows, options, bounds, given)


def given_to(
    patients: pd.DataFrame, names: list[str], flag: str, settings: Pairs, frame: pd.DataFrame
) -> Tables:
    """Patients and the table of pairs by name: each pair of a frame goes to one of the `names`."""
    bounds = list(settings.bounds)
    marked = patients.set_index("patient_id")[flag] if flag in patients else pd.Series(dtype=object)
    chosen = [n for n in names if marked.get(n) is True] or names[: int(frame["flagged"].sum())]
    order = [n for n in names if n in chosen] + [n for n in names if n not in chosen]
    rising = frame.sort_values(["flagged", *bounds], ascending=[False, True, True])
    pairs = rising[bounds].assign(patient_id=order[: len(frame)])
    pairs = pairs[["patient_id", *bounds]].sort_values("patient_id", ignore_index=True)
    return {
        "patients": patients.assign(**{flag: patients["patient_id"].isin(chosen)}),
        settings.table: pairs,
    }


def pairs_with(rows: list[Row], tables: Tables, settings: Pairs, tries: int) -> pd.DataFrame | None:
    """A table of pairs of the same patients that fits other rows; the tables' own is the start."""
    options, bounds, table = settings
    flag, patients, own = flag_column(rows), tables["patients"], tables[table]
    marked = patients.set_index("patient_id")[flag]
    start = own.assign(flagged=own["patient_id"].map(marked).to_numpy(bool))
    given = partial(given_to, patients, own["patient_id"].tolist(), flag, settings)
    found = find_pairs(rows, options, bounds, given, tries, start)
    return found and found[table]


def find_pairs(
    rows: list[Row],
    options: dict,
    bounds: dict,
    tables_of: Callable,
    tries: int = TRIES,
    start: pd.DataFrame | None = None,
) -> Tables | None:
    """Tables whose pairs fit all rows about them, or None where none were found (an open question).

    `options` are named conventions, `bounds` maps the two columns to the ends of their range.
    `tables_of(frame)` gives pairs to their owners; frames have both numbers and `flagged`. `start`
    is such a frame to begin at, before the draws. The same on every call.
    """
    splits = splits_of(rows, options, bounds)
    for k, split in product(range(tries), splits):
        near = start is not None and k == 0
        point = _in_order(start, split) if near else _drawn(split, np.random.default_rng(k))
        table = _descended(split, point)
        if table is None or not _varied(table):
            continue
        frame = pd.DataFrame(dict(zip(split.columns, table.round(DECIMALS), strict=True)))
        tables = tables_of(frame.assign(flagged=split.flags))
        if all(printed_by(row, tables, options) for row in rows):
            return tables
    return None


def _drawn(split, random):
    """First numbers anywhere in their range; second ones where a printed range of changes is."""
    first = random.uniform(split.low[0], split.high[0])
    low, high = split.low[1].copy(), split.high[1].copy()
    for f in split.numbers:
        if f.quantity == (*split.columns, None) and f.scale == 1 and f.rows.all():
            if f.statistic == "minimum":
                high = np.minimum(high, first - f.low)
            elif f.statistic == "maximum":
                low = np.maximum(low, first - f.high)
    return np.stack([first, random.uniform(np.minimum(low, high), high)])


def _in_order(frame, split):
    """The pairs of a frame, each in the place of a split whose box it is in, or next to."""
    pairs = frame[list(split.columns)].to_numpy(float).T[:, None, :]
    away = np.maximum(split.low[:, :, None] - pairs, pairs - split.high[:, :, None])
    cost = np.maximum(away, 0).sum(axis=0)
    cost += 1e6 * (split.flags[:, None] != frame["flagged"].to_numpy(bool)[None, :])
    return pairs[:, 0, linear_sum_assignment(cost)[1]]


def _descended(split, table):
    """The table, moved until every number is inside its interval by the margin; or None."""
    middle = np.array([(f.low + f.high) / 2 for f in split.numbers])
    half = np.array([(f.high - f.low) / 2 for f in split.numbers])
    ends = [f.statistic in ("minimum", "maximum") for f in split.numbers]
    within = 1 - np.where(ends, END_MARGIN, MARGIN)

    def values(tables):
        return np.stack([value_of(split, f, tables) for f in split.numbers], axis=-1)

    def excess(points):
        away = (values(points.reshape(-1, *split.low.shape)) - middle) / half
        beyond = np.sign(away) * np.maximum(np.abs(away) - within, 0)
        return np.hstack([beyond, PULL * (np.atleast_2d(points) - start)])

    def slope(point):
        steps = STEP * np.eye(point.size)
        return ((excess(point + steps) - excess(point - steps)) / (2 * STEP)).T

    low, high = split.low.ravel() + INSIDE, split.high.ravel() - INSIDE
    start = np.clip(table.ravel(), low + STEP, high - STEP)
    found = least_squares(lambda p: excess(p)[0], start, slope, bounds=(low, high), max_nfev=200)
    good = np.abs(found.fun[: len(split.numbers)]).max() < CLOSE
    return found.x.reshape(split.low.shape) if good else None


def _varied(table):
    """Do no two rows share a number, even as it is printed with one decimal less?"""
    return all(len(np.unique(own.round(DECIMALS - 1))) == len(own) for own in table)
