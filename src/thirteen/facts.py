"""Codes of the generated tables in words: facts, conventions, statuses, roles; and counts."""

import pandas as pd

from recohort.paper.options import OPTIONS
from thirteen.data import DATA, labels, read_data
from thirteen.text import sentence, typeset, words

STATEMENT = "statement."  # what a name begins with, where it is no printed fact


def in_words(what):
    """A count below ten in words; of a frame, the codes in its columns.

    A `fact` or a `member` is said with its numbers, an `id` as the quantity behind it. Any other
    column that `labels.csv` has gets its labels, several codes of a cell ("; ") one by one.
    """
    if not isinstance(what, pd.DataFrame):
        return words(what)
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
