"""More switches: a cell stays where no option moves it, and one that an option moves is found."""

import pandas as pd
import pytest

from recohort.audit.one_switch import moving
from recohort.cells.cells import FIRST, Column
from recohort.cells.giving_up import any_option, each_freely
from recohort.cells.relations import Paper, model_of
from recohort.paper.options import DEFAULTS
from recohort.paper.rows import Row

SHAPE = ((1,), (1,))  # two patients, a session with a tumor each
KNOWN = {("P01", "y"): "0", ("P02", "y"): "3", ("P02", "x"): "2", ("P02", "flag"): "True"}
FEMALE = (("sex", "=", "female"),)


def row(name, statistic, column, printed, filters=(), relation="rounds to", **more):
    """A figure of a column."""
    options = tuple({"column": column, **more}.items()) if column else ()
    return Row(name, name, statistic, filters, options, relation, printed)


ROWS = [
    row("flags", "count", "", "2", (("flag", "=", "True"),)),
    row("half", "mean", "x", "1", FEMALE, scale="1/2"),  # 2; or 3, its last digit cut off
    row("least", "minimum", "x", "2", FEMALE, ">="),
    row("none", "maximum", "y", "0", (("sex", "=", "male"),)),
    row("spread", "sd", "y", "2"),  # of 0 and 3; by n of 0 and 4 as well
]


@pytest.fixture
def paper():
    """A man and a woman, their flags, and two whole numbers of each."""
    columns = [Column(FIRST, "sex", ("female", "male")), Column(FIRST, "flag", ("True", "False"))]
    columns += [Column(FIRST, name, (), 1, 0, 9) for name in "xy"]
    people = (pd.DataFrame({"sex": ["male", "female"]}),)
    facts, most = {r.fact: [r] for r in ROWS}, {"sessions": 1, "tumors": 1}
    return Paper(2, columns, [], facts, {}, people, most, DEFAULTS, ())


def moved(model):
    """The known cells that have another value in a solution in which all facts hold."""
    for literal in model.held.values():
        model.cells.m.add(literal == 1)
    found = moving([model], {(FIRST, *name): value for name, value in KNOWN.items()})
    assert len(found) == len(KNOWN)
    return {name[1:] for name, moves in found.items() if moves}


def freed(paper):
    """The model in which each number may be formed in any way."""
    free = each_freely(paper)
    return any_option(free, free.facts, SHAPE)[0]


def test_nothing_moves_as_the_paper_forms_its_numbers(paper):
    """The cells known are determined."""
    assert not moved(model_of(paper, None, SHAPE))


def test_a_cell_that_an_option_moves_is_found(paper):
    """Digits cut off move one, a spread by n another; a count and a largest number stay."""
    assert moved(freed(paper)) == {("P02", "x"), ("P02", "y")}


@pytest.mark.parametrize(("fact", "cell"), [("half", ("P02", "x")), ("spread", ("P02", "y"))])
def test_each_option_moves_its_own_cell(paper, fact, cell):
    """Where one figure is printed more sharply, the cell that it tells stays."""
    sharp = {"half": ROWS[1]._replace(printed="1.0"), "spread": ROWS[4]._replace(printed="2.12")}
    told = paper._replace(facts=paper.facts | {fact: [sharp[fact]]})
    assert not moved(model_of(told, None, SHAPE))
    assert moved(freed(told)) == {("P02", "x"), ("P02", "y")} - {cell}
