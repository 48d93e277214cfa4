"""One interface for a block of printed facts, whichever search answers it.

Survival is enumerated, columns of whole numbers are counted, related tables are put to a solver,
pairs are drawn and mended. What is asked of all of them is the same: for a solution that prints all
facts, or some of them.
"""

from collections.abc import Collection
from typing import NamedTuple, Protocol

import pandas as pd

from recohort.cells.edition import frames_of
from recohort.cells.relations import Model, solve
from recohort.minimal import irreducible
from recohort.numbers.columns import column_with
from recohort.pairs import table
from recohort.pairs.splits import splits_of
from recohort.paper.rows import Row
from recohort.survival.cohorts import Cohort, cohorts
from recohort.survival.corrections import keeping
from recohort.survival.problem import Problem

TRIES = 24  # tables of pairs to begin at


class Block(Protocol):
    """What can be asked of a block; what it answers with is its own kind of solution."""

    def solve(self, held: Collection[str] | None = None):
        """A solution that prints the facts `held`, or all; None where there is none.

        Raises ArithmeticError where the question stays open.
        """


class Survival(NamedTuple):
    """Orders, groups and times."""

    problem: Problem

    def solve(self, held: Collection[str] | None = None) -> Cohort | None:
        """The first cohort."""
        asked = self.problem if held is None else keeping(self.problem, held)
        return next(cohorts(asked), None)


class Numbers(NamedTuple):
    """One column of whole numbers beside a survival cohort."""

    rows: list[Row]
    people: pd.DataFrame
    conventions: dict

    def solve(self, held: Collection[str] | None = None) -> list | None:
        """A value for each patient."""
        return column_with(_of(self.rows, held), self.people, self.conventions)


class Related(NamedTuple):
    """Related tables: one model in which each fact is printed or given up."""

    model: Model
    parameters: dict  # of the solver

    def solve(self, held: Collection[str] | None = None) -> dict | None:
        """Tables by name."""
        facts = self.model.held if held is None else held
        found = solve(self.model, [self.model.held[f] for f in facts], **self.parameters)
        return None if found is None else frames_of(self.model, found)


class Pairs(NamedTuple):
    """A measure before and after: a witness is sought, and finding none leaves it open."""

    rows: list[Row]
    tables: dict
    settings: table.Pairs

    def solve(self, held: Collection[str] | None = None) -> pd.DataFrame | None:
        """A table of pairs."""
        rows = _of(self.rows, held)
        found = table.pairs_with(rows, self.tables, self.settings, TRIES)
        if found is None and splits_of(rows, self.settings.options, self.settings.bounds):
            raise ArithmeticError("no table of pairs was found")
        return found


def _of(rows, held):
    return [row for row in rows if held is None or row.fact in held]


def minimal_conflict(block: Block, facts: Collection[str]) -> list[str]:
    """Out of facts that no solution prints together, some that none does and none can be spared.

    Earlier ones are preferred. Raises ValueError where some solution prints all of them.
    """
    if block.solve(facts) is not None:
        raise ValueError("the facts do not conflict")
    return irreducible(list(facts), lambda some: block.solve(some) is None)
