"""Disclosure: the committed tables are what the paper's own search says, and a second route."""

from pathlib import Path

import pandas as pd
import pytest

import second_route as second
from recohort.audit.disclosure import left_open, printed_otherwise
from recohort.survival import without
from recohort.survival.stages import survival_steps
from thirteen.data import DATA, read_table, read_tables, run

FOLDER = Path(__file__).parents[1] / "data" / "validation"
WAYS = ["as printed", "no medians of groups", "times in whole months"]


def committed(kind):
    """A committed table, every cell as written."""
    return pd.read_csv(FOLDER / f"{kind}.csv", dtype=str, keep_default_na=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_this_paper_printed_otherwise(name):
    """A row of `disclosure.csv` comes again from the paper's own search."""
    row = left_open(printed_otherwise(name, run(DATA).problem, read_tables(DATA)))
    table = committed("disclosure").set_index("way")
    assert {key: str(cell) for key, cell in row.items()} == table.loc[name].to_dict()


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_this_paper_printed_otherwise_again(name):
    """The solutions of a row of `disclosure.csv`, counted by the second route."""
    solutions = committed("disclosure").set_index("way")["solutions"]
    assert printed_otherwise_again(name) == int(solutions[name])


def printed_otherwise_again(name):
    """Solutions by the second route, which has whole tenths of a month only."""
    problem = printed_otherwise(name, run(DATA).problem, read_tables(DATA))
    levels = {column: list(known) for column, known in problem.levels.items()}
    paper = second.Paper(problem.size, list(problem.landmarks), levels, list(problem.rows))
    return second.joint_ways(paper, survival_steps(problem)[0])


@pytest.mark.slow
def test_one_figure_withheld():
    """What confirms nothing else leaves more open when it is withheld; other facts do not.

    But for what other tables know (deaths, a sentence), a group that only one median tells apart,
    and a spread, which moves no time by much.
    """
    problem, table = run(DATA).problem, committed("withheld").set_index("fact")
    assert set(table.index) == {""} | {r.fact for r in problem.rows}
    roles = read_table("roles").set_index("fact")["role"].reindex(table.index)
    size = table[["solutions", "widest"]].astype(float)
    costly = (size > size.loc[""]).any(axis=1)
    differ = set(table.index[costly != (roles == "input")])
    known = {"n.deaths", "statement.chemotherapy.acc", "mst.hemangiopericytoma", "follow_up.sd"}
    assert differ <= known
    assert (table["status"] == "complete").all()
    for fact in ("", "p.sex", "follow_up.mean"):
        again = left_open(without(problem, {fact}))
        assert {k: str(v) for k, v in again.items()} == table.loc[fact].to_dict()
