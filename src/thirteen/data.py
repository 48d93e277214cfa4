"""The book's data: printed numbers, the cohort's tables, plain words for values and codes.

The engine is imported when it is first asked for, so that `import thirteen` stays light.
"""

from fractions import Fraction
from importlib import import_module
from pathlib import Path

import pandas as pd

from recohort import NOTICE as NOTICE
from recohort.paper.options import OPTIONS
from thirteen.text import sentence, typeset, words

DATA = Path(__file__).resolve().parents[2] / "data"  # the repository's own
STATEMENT = "statement."  # what the name of a fact begins with, where it is no printed one


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


def in_words(what, out_of: int | None = None):
    """A count below ten in words, "all" when it is `out_of`; of a frame, the codes in its columns.

    A `fact` or a `member` is said with its numbers, an `id` as the quantity behind it. Any other
    column that `labels.csv` has gets its labels, several codes of a cell ("; ") one by one.
    """
    if not isinstance(what, pd.DataFrame):
        return "all" if what == out_of else words(what)
    known = set(pd.read_csv(DATA / "labels.csv")["column"])
    facts = fact_words()
    said = {column: facts for column in ("fact", "member") if column in what}
    said |= {column: labels(column) for column in what if column in known}
    if "id" in what:
        said["id"] = read_data()[0].set_index("id")["quantity"].map(sentence)
    return what.assign(**{column: _told(what[column], said[column]) for column in said})


def _told(cells, said):
    """Each code of some cells by its words; one that has none stays as it is."""
    return cells.astype(str).map(
        lambda cell: "; ".join(said.get(code, code) for code in cell.split("; "))
    )


def fact_words() -> dict[str, str]:
    """What each fact is about in plain words, with its numbers; a statement has its own words."""
    published, statements, _ = read_data()
    first = published.drop_duplicates("fact").set_index("fact")
    numbers = published.groupby("fact")["printed"].agg(lambda own: ", ".join(own.unique()))
    said = first["quantity"].map(sentence) + ": " + numbers.map(typeset)
    stated = zip(STATEMENT + statements["id"], statements["statement"], strict=True)
    return said.to_dict() | dict(stated)


def option_sources() -> pd.DataFrame:
    """Each named option with its source: a row an option, columns `switch`, `option`, `source`."""
    rows = [(switch, *row) for switch, options in OPTIONS.items() for row in options.items()]
    return pd.DataFrame(rows, columns=["switch", "option", "source"])
