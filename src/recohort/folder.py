"""A paper's folder: its printed numbers, and the cohort's tables beside them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from recohort.paper.options import read_options
from recohort.paper.printed import with_options
from recohort.paper.reading import (
    blocks_of,
    homes_of,
    levels_in,
    read_dictionary,
    read_published,
    read_statements,
    rows_of,
)
from recohort.paper.tables import read_tables

if TYPE_CHECKING:
    from recohort.survival import Result


def read_data(folder) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Printed numbers, statements and paper-wide conventions of a folder.

    Raises PublishedError for a malformed row.
    """
    published = read_published(Path(folder) / "published.csv")
    statements = read_statements(Path(folder) / "statements.csv")
    return published, statements, read_options(Path(folder) / "conventions.csv")[""]


def rows_as_formed(published, statements, folder) -> list:
    """`rows_of`, each row with the options of its block where these are not the paper-wide ones."""
    homes = homes_of(read_dictionary(Path(folder) / "dictionary.csv"))
    options = read_options(Path(folder) / "conventions.csv")
    return with_options(rows_of(published, statements), homes, options)


def read_blocks(*blocks, folder) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """`read_data` with only the facts that look at no column outside some blocks."""
    published, statements, conventions = read_data(folder)
    homes = homes_of(read_dictionary(Path(folder) / "dictionary.csv"))
    found = {row.id: blocks_of(row, homes) for row in rows_of(published, statements)}
    inside = {name for name, own in found.items() if own and own <= set(blocks)}
    outside = published.loc[~published["id"].isin(inside), "fact"]
    kept = published[~published["fact"].isin(outside)]
    return kept, statements[statements["id"].isin(inside)], conventions


def read_table(name: str, folder) -> pd.DataFrame:
    """A generated table of `data/cohort/`: identifiability, corrections or stages."""
    return pd.read_csv(Path(folder) / "cohort" / f"{name}.csv", keep_default_na=False)


def read_if_there(name: str, folder) -> pd.DataFrame:
    """A generated table, or an empty one where it has not been made."""
    path = Path(folder) / "cohort" / f"{name}.csv"
    return read_table(name, folder) if path.exists() else pd.DataFrame()


def confirmed_facts(folder) -> set[str]:
    """The facts that all others lead to, by `roles.csv`; none where it is not written yet."""
    roles = read_if_there("roles", folder)
    return set() if roles.empty else set(roles.loc[roles["role"] == "confirmed", "fact"])


def read_patients(folder) -> pd.DataFrame:
    """`patients.csv` of the edition's cohort, as `read_tables` has it, without empty columns."""
    return read_tables(folder)["patients"].dropna(axis="columns", how="all")


def run(folder) -> "Result":
    """The whole search on the files of a folder."""
    from recohort.survival import search_cohorts

    found = search_cohorts(*read_blocks("survival", folder=folder))
    known = levels_in(read_dictionary(Path(folder) / "dictionary.csv"))
    left = {c: known.get(c, set()) - set(printed) for c, printed in found.problem.columns}
    return found._replace(unprinted={c: min(some) for c, some in left.items() if len(some) == 1})
