"""The book's data: printed numbers, the cohort's tables, plain words for their values.

The engine is imported when it is first asked for, so that `import thirteen` stays light.
"""

from fractions import Fraction
from importlib import import_module
from pathlib import Path

import pandas as pd

from recohort import NOTICE as NOTICE

DATA = Path(__file__).resolve().parents[2] / "data"  # the repository's own


def _engine(name):
    return getattr(import_module("recohort.folder"), name)


def read_data(folder=DATA) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Printed numbers, statements and paper-wide conventions of a folder.

    Raises PublishedError for a malformed row.
    """
    return _engine("read_data")(folder)


def read_table(name: str, folder=DATA) -> pd.DataFrame:
    """A generated table of `data/cohort/`, such as identifiability, corrections or stages."""
    return _engine("read_table")(name, folder)


def read_tables(folder=DATA) -> dict[str, pd.DataFrame]:
    """The cohort's tables by name, every rule of the data checked; booleans as bool.

    Raises PublishedError at the first fault.
    """
    return _engine("read_tables")(folder)


def read_patients(folder=DATA) -> pd.DataFrame:
    """`patients.csv` of the cohort, as `read_tables` has it, without empty columns."""
    return _engine("read_patients")(folder)


def run(folder=DATA):
    """The whole search on the files of a folder; returns a `recohort.survival.Result`."""
    return _engine("run")(folder)


def labels(column: str) -> dict:
    """Plain words for a column's values, from `data/labels.csv`; its own name under ``""``."""
    table = pd.read_csv(DATA / "labels.csv", dtype=str, keep_default_na=False)
    rows = table[table["column"] == column]
    if rows.empty:
        raise KeyError(f"labels.csv has no column {column!r}")
    return dict(zip(rows["value"], rows["label"], strict=True))


def groups(cohort: pd.DataFrame, column: str) -> dict:
    """For each labelled value of a column, its label and who has it, as a boolean series."""
    cells = cohort[column].astype(str)
    return {label: cells == value for value, label in labels(column).items() if value}


def changes(renal: pd.DataFrame) -> pd.DataFrame:
    """`renal_function` with `change` (before minus after) and `percent` of the value before.

    Differences are exact to the last printed decimal; both are positive where function fell.
    """
    pairs = zip(renal["egfr_before"], renal["egfr_after"], strict=True)
    exact = [(Fraction(str(a)), Fraction(str(a)) - Fraction(str(b))) for a, b in pairs]
    change = [float(change) for _, change in exact]
    return renal.assign(change=change, percent=[float(100 * c / a) for a, c in exact])
