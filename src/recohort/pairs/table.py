"""The edition's table of pairs (renal function before and after), and who its rows belong to."""

from functools import partial
from pathlib import Path

import pandas as pd

from recohort.pairs.search import find_pairs
from recohort.paper.by_block import read_options
from recohort.paper.reading import read_dictionary, rows_of
from recohort.paper.statistics import select, table_of

BLOCK = "renal"


def pair_settings(folder, block=BLOCK) -> tuple | None:
    """Options, bounds of both numbers and table of a block of pairs; None where there is none."""
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    own = dictionary[(dictionary["block"] == block) & (dictionary["type"] == "number")]
    bounds = {r["column"]: (float(r["lowest"]), float(r["highest"])) for _, r in own.iterrows()}
    options = read_options(Path(folder) / "conventions.csv")
    return (options.get(block, options[""]), bounds, own["table"].iloc[0]) if bounds else None


def pair_rows(published, statements, table) -> list:
    """The rows about a table of pairs, copies once."""
    rows = {r[1:]: r for r in rows_of(published, statements) if table_of(r) == table}
    return list(rows.values())


def flag_column(rows) -> str:
    """The patients' column that marks a part of the pairs."""
    names = {
        column.rpartition(".")[2]
        for row in rows for column, _, _ in row.filters if column.startswith("patients.")
    }  # fmt: skip
    (name,) = names
    return name


def measured(rows, patients, table) -> list[str]:
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


def write_pairs(published, statements, patients, settings) -> dict | None:
    """The edition's table of pairs, and the column of the patients whom its part is about.

    `settings` as from `pair_settings`; the patients' column is kept where it is filled, else its
    patients are the first who are measured. Both parts go to their patients in order of time, by
    rising numbers. None where no table is found, which proves nothing.
    """
    options, bounds, table = settings
    rows = pair_rows(published, statements, table)
    names, flag = measured(rows_of(published, statements), patients, table), flag_column(rows)
    given = partial(given_to, patients, names, flag, settings)
    found = find_pairs(rows, options, bounds, given)
    return None if found is None else given(found)


def given_to(patients, names, flag, settings, frame) -> dict:
    """Patients and the table of pairs by name: each pair of a frame goes to one of the `names`."""
    _, bounds, table = settings
    marked = patients.set_index("patient_id")[flag] if flag in patients else pd.Series(dtype=object)
    chosen = [n for n in names if marked.get(n) is True] or names[: int(frame["flagged"].sum())]
    order = [n for n in names if n in chosen] + [n for n in names if n not in chosen]
    rising = frame.sort_values(["flagged", *bounds], ascending=[False, True, True])
    pairs = rising[list(bounds)].assign(patient_id=order[: len(frame)])
    pairs = pairs[["patient_id", *bounds]].sort_values("patient_id", ignore_index=True)
    return {
        "patients": patients.assign(**{flag: patients["patient_id"].isin(chosen)}),
        table: pairs,
    }


def pairs_with(rows, tables, settings, tries) -> pd.DataFrame | None:
    """A table of pairs of the same patients that fits other rows; the tables' own is the start."""
    options, bounds, table = settings
    flag, patients, own = flag_column(rows), tables["patients"], tables[table]
    marked = patients.set_index("patient_id")[flag]
    start = own.assign(flagged=own["patient_id"].map(marked).to_numpy(bool))
    given = partial(given_to, patients, own["patient_id"].tolist(), flag, settings)
    found = find_pairs(rows, options, bounds, given, tries, start)
    return None if found is None else given(found)[table]
