"""The book's data: printed numbers, the cohort's tables, labels."""

from pathlib import Path

from recohort import folder as _folder
from recohort.folder import NOTICE

__all__ = ["DATA", "NOTICE"]

DATA = Path(__file__).resolve().parents[2] / "data"  # the repository's own


def read_data(folder=DATA):
    """`recohort.folder.read_data` of the book's own folder."""
    return _folder.read_data(folder)


def rows_as_formed(published, statements=None, folder=DATA):
    """`recohort.folder.rows_as_formed` of the book's own folder."""
    return _folder.rows_as_formed(published, statements, folder)


def read_blocks(*blocks, folder=DATA):
    """`recohort.folder.read_blocks` of the book's own folder."""
    return _folder.read_blocks(*blocks, folder=folder)


def read_survival(folder=DATA):
    """`recohort.folder.read_survival` of the book's own folder."""
    return _folder.read_survival(folder)


def put_in(folder=DATA):
    """`recohort.folder.put_in` of the book's own folder."""
    return _folder.put_in(folder)


def read_table(name: str, folder=DATA):
    """`recohort.folder.read_table` of the book's own folder."""
    return _folder.read_table(name, folder)


def kept_problem(folder=DATA):
    """`recohort.folder.kept_problem` of the book's own folder."""
    return _folder.kept_problem(folder)


def read_tables(folder=DATA):
    """`recohort.folder.read_tables` of the book's own folder."""
    return _folder.read_tables(folder)


def confirmed_facts(folder=DATA):
    """`recohort.folder.confirmed_facts` of the book's own folder."""
    return _folder.confirmed_facts(folder)


def read_patients(folder=DATA):
    """`recohort.folder.read_patients` of the book's own folder."""
    return _folder.read_patients(folder)


def run(folder=DATA):
    """`recohort.folder.run` of the book's own folder."""
    return _folder.run(folder)
