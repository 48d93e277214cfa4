"""An exact sample of tables of pairs: all neighbors of the edition's that print the paper.

There are far too many tables to list. A neighbor gives one patient up to `MOST` tenths more
and another as many less, before or after, so that no sum changes; each is tried, and those
that print every figure are kept. Nothing is drawn by chance.
"""

from itertools import permutations, product

import pandas as pd
from scipy.stats import t

from recohort.paper.reading import Row, read_dictionary
from recohort.paper.statistics import REGISTRY
from thirteen.cohort import read_data, read_patients, read_table, read_tables
from thirteen.identify import pair_settings
from thirteen.pair_table import holds, pair_rows, without_facts

MOST = 3  # tenths moved from one patient to another
TESTS = ("student", "wilcoxon")
COLUMNS = "column to from_ tenths mean_change lower upper declined student_p wilcoxon_p".split()


def neighbors(pairs: pd.DataFrame, most=MOST):
    """The table itself, then each neighbor: (column, to, from, tenths, frame)."""
    yield "", "", "", 0, pairs
    columns = pairs.columns.drop("patient_id")
    for column, (i, j), tenths in product(
        columns, permutations(pairs.index, 2), range(1, most + 1)
    ):
        moved = pairs.copy()
        moved.loc[[i, j], column] += [tenths / 10, -tenths / 10]
        moved[column] = moved[column].round(1)
        names = pairs.loc[[i, j], "patient_id"]
        yield column, *names, tenths, moved


def pair_sample(folder, most=MOST) -> pd.DataFrame:
    """One row a table that prints all figures, with what the analyses make of it.

    Columns: `column`, `to`, `from_` and `tenths` of the move (empty for the edition's own);
    `mean_change` with its 95% limits (Student), `declined` (patients with a lower value
    after), `student_p` and `wilcoxon_p`. Takes a minute.
    """
    published, statements, conventions = read_data(folder)
    dictionary = read_dictionary(f"{folder}/dictionary.csv")
    (*_, name) = pair_settings(dictionary, conventions)
    every = pair_rows(published, statements, name)
    rows = without_facts(every, read_table("pair_corrections", folder).head(1))
    test = next(r for r in rows if r.statistic == "paired_p")
    patients, pairs = read_patients(folder), read_tables(folder)[name]
    found = []
    for *move, frame in neighbors(pairs, most):
        tables = {"patients": patients, name: frame}
        if all(holds(row, tables, conventions) for row in rows):
            found.append((*move, *changes(frame, test, tables)))
    return pd.DataFrame(found, columns=COLUMNS)


def changes(frame: pd.DataFrame, test: Row, tables: dict) -> tuple:
    """Mean change with its limits, who declined, and both P values of one table."""
    options = dict(test.options)
    change = frame[options["column"]] - frame[options["minus"]]
    half = t.ppf(0.975, len(change) - 1) * change.sem()
    paired = REGISTRY["paired_p"].compute
    tests = (float(paired(tables, test, {"paired_test": kind})) for kind in TESTS)
    numbers = change.mean(), change.mean() - half, change.mean() + half
    return (*(round(x, 4) for x in numbers), int((change > 0).sum()),
            *(round(p, 6) for p in tests))  # fmt: skip
