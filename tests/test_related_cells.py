"""What each cell can be: every cell is judged, and each claim is held up by whole cohorts."""

import pandas as pd
import pytest

from committed import witness_tables
from judged import GIVEN, broken, not_printed
from other_cells import beyond, other_values
from recohort.audit.related_cells import every_fact, held, places
from recohort.cells.edition import first_shape
from recohort.cells.over_reals import over_reals
from recohort.cells.relations import run
from recohort.edition import Work, frame_of, people_over_reals
from recohort.paper.files import is_number
from recohort.paper.reading import read_dictionary
from recohort.paper.tables import UNWRITTEN
from thirteen.data import DATA, read_table, read_tables
from thirteen.data import run as run_search
from tiers import first

EDITION = read_tables()
CELLS = pd.read_csv(DATA / "cohort" / "identifiability.csv", dtype=str, keep_default_na=False)
RELATED = read_table("related_cells").astype(str)
WITNESSES = pd.read_csv(DATA / "cohort" / "related_witnesses.csv", dtype=str)
DICTIONARY = read_dictionary(DATA / "dictionary.csv")
TABLES = DICTIONARY.loc[DICTIONARY["block"] != "", "table"].unique().tolist()


def test_every_cell_is_judged():
    """One row for each cell of the four tables, but for the rows' own names."""
    own = DICTIONARY[DICTIONARY["empty"] == UNWRITTEN]
    unwritten = {*zip(own["table"], own["column"], strict=True)}
    expected = {
        (name, row_id, column)
        for name in TABLES
        for row_id in EDITION[name].iloc[:, 0]
        for column in EDITION[name].columns[1:]
        if (name, column) not in unwritten
    }
    keys = list(CELLS[["table", "row_id", "column"]].itertuples(index=False, name=None))
    assert len(keys) == len(set(keys))
    assert set(keys) == expected


def test_determined_cells_are_the_editions():
    """A determined cell has one value, and it is the one in the files."""
    fixed = CELLS[CELLS["status"] == "determined"]
    assert (fixed["values"] == "1").all()
    assert (fixed["lowest"] == fixed["highest"]).all()
    for cell in fixed.itertuples():
        frame = EDITION[cell.table]
        value = frame.loc[frame.iloc[:, 0] == cell.row_id, cell.column].iloc[0]
        assert same("" if pd.isna(value) else value, cell.lowest), cell


def same(value, text):
    """Is a value what a text says?"""
    try:
        return float(value) == float(text)
    except ValueError:
        return str(value) == text


def shown():
    """Of each cell, the values that witnesses have: {(table, row, column): texts}."""
    found = {}
    names = {name: EDITION[name].iloc[:, 0].tolist() for name in TABLES}
    for w in WITNESSES.itertuples():
        for name, text in zip(names[w.table], w.cells.split(" "), strict=True):
            found.setdefault((w.table, name, w.column), set()).add(text)
    single = read_table("witnesses")
    for w in single.itertuples():
        found.setdefault((w.table, w.row_id, w.column), set()).add(str(w.value))
    return found


def test_other_cells_have_witnesses():
    """A cell that is not determined has another value in some witness, within its ends.

    Follow-up and other measured columns of patients have proofs of their own, and what a rounding
    to a tenth leaves has no other tenth.
    """
    elsewhere = CELLS["attained"].isin(["lowest", "highest", "neither"])
    elsewhere |= CELLS["column"].isin(read_table("number_cells")["column"])
    found, free = shown(), CELLS[(CELLS["status"] != "determined") & ~elsewhere]
    for cell in free.itertuples():
        frame = EDITION[cell.table]
        own = frame.loc[frame.iloc[:, 0] == cell.row_id, cell.column].iloc[0]
        own = "" if pd.isna(own) else own
        values = {"" if v == "-" else v for v in found[cell.table, cell.row_id, cell.column]}
        wide = not is_number(cell.lowest) or float(cell.highest) - float(cell.lowest) > 0.1 + 1e-9
        assert not wide or any(not same(own, v) for v in values), cell
        if cell.lowest.replace(".", "").isdigit():
            numbers = [float(v) for v in [*values, own] if v != ""]
            assert float(cell.lowest) <= min(numbers) <= max(numbers) <= float(cell.highest), cell


def test_witnesses_come_near_the_ends():
    """To a tenth where numbers are real; whole numbers have their ends in some witness.

    The edition's own cohort is one: where a witness has the same column, it is not written again.
    """
    found, asked = shown(), RELATED[RELATED["attained"] != ""]
    for cell in asked.itertuples():
        frame = EDITION[cell.table].set_index(EDITION[cell.table].columns[0])
        own = [frame.at[cell.row_id, cell.column]]
        values = {float(v) for v in found[cell.table, cell.row_id, cell.column] if v != "-"}
        values |= {float(v) for v in own if not pd.isna(v)}
        ends = float(cell.lowest), float(cell.highest)
        apart = min(values) - ends[0], ends[1] - max(values)
        assert cell.attained in ("near", "both")
        assert min(apart) >= 0, cell
        assert max(apart) <= (0.1 + 1e-9 if cell.attained == "near" else 0), cell
    assert (asked["attained"] == "near").sum() > 40


@pytest.mark.parametrize("name", first(1, WITNESSES["witness"].unique().tolist()))
def test_witness_prints_the_paper(name):
    """Whole tables that keep every rule and print every fact not given up, by the registry."""
    own = WITNESSES[WITNESSES["witness"] == name]
    tables = witness_tables(own, EDITION)
    assert not broken(tables, own["correction"].iloc[0])
    touched = set(zip(own["table"], own["column"], strict=True))
    each = not_printed(tables, own["correction"].iloc[0], touched)
    assert set() in each, each


def test_a_wrong_witness_is_seen():
    """A witness with one side or one progression changed is refused."""
    own = WITNESSES[WITNESSES["witness"] == WITNESSES["witness"].iloc[0]]
    tables = witness_tables(own, EDITION)
    sides = tables["tumors"]["side"].tolist()
    sides[0] = next(s for s in sides if s != sides[0])
    wrong = tables | {"tumors": tables["tumors"].assign(side=sides)}
    assert all(not_printed(wrong, own["correction"].iloc[0]))


@pytest.fixture(scope="module")
def papers():
    """The related tables over the reals, under each smallest correction in each shape there is."""
    result = run_search()
    paper = every_fact(Work(DATA), [frame_of(result, cohort) for cohort in result.grid])
    every = places(over_reals(paper, *people_over_reals(result)), DATA)
    return [own for own in every if first_shape(own[1], own[2:])]


@pytest.mark.slow
@pytest.mark.parametrize(
    "correction", sorted(GIVEN.loc[GIVEN["block"] == "tumors", "correction"].unique())
)
def test_determined_cells_have_no_other_value(correction, papers):
    """With all other cells free no solution has another value, under any smallest correction.

    Nor has any number a value beyond its ends. In the last shape of each, and over the reals; the
    command asks in all shapes.
    """
    *_, (paper, shape) = [own for number, *own in papers if number == int(correction)]
    model = held(paper, shape)
    fixed = CELLS[CELLS["status"] == "determined"].set_index(["table", "row_id", "column"])
    other = other_values(model, fixed["lowest"].to_dict()) + beyond(model, RELATED)
    assert len(other) > len(model.cells.slots["tumors"])
    model.cells.m.add_bool_or([literal for literal, _ in other])
    assert run(model.cells.m) is None
