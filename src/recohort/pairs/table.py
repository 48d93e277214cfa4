"""The edition's table of pairs (a measure before and after), and who its rows belong to."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from recohort.pairs.search import find_pairs
from recohort.paper.by_block import read_options
from recohort.paper.reading import read_dictionary, rows_of
from recohort.paper.rows import Row, Tables, select, table_of


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
    names = {
        column.rpartition(".")[2]
        for row in rows
        for column, _, _ in row.filters
        if column.startswith("patients.")
    }
    (name,) = names
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
    found = find_pairs(rows, options, bounds, given)
    return None if found is None else given(found)


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
    return None if found is None else given(found)[table]
