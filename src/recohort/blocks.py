"""One interface for a block of printed facts, whichever search answers it.

Survival is enumerated, columns of whole numbers are counted, related tables are put to a solver,
pairs are drawn and mended. What is asked of all of them is the same: which facts there are, and for
a solution that prints some of them.
"""

from collections.abc import Collection
from typing import NamedTuple, Protocol

import pandas as pd

from recohort.cells.edition import frames_of
from recohort.cells.relations import Model, solve
from recohort.minimal import irreducible
from recohort.numbers.choosers import column_with
from recohort.pairs import table
from recohort.pairs.figures import splits_of
from recohort.paper.rows import Row
from recohort.survival.cohorts import Cohort, cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.problem import Problem

TRIES = 8  # tables of pairs to begin at


class Block(Protocol):
    """What can be asked of a block; what it answers with is its own kind of solution."""

    @property
    def facts(self) -> list[str]:
        """The facts that it has to print."""

    def solve(self, held: Collection[str]):
        """A solution that prints the facts `held`; None where there is none.

        Raises ArithmeticError where the question stays open.
        """


class Survival(NamedTuple):
    """Orders, groups and times."""

    problem: Problem

    @property
    def facts(self) -> list[str]:
        """The facts of the search."""
        return facts_of(self.problem)

    def solve(self, held: Collection[str]) -> Cohort | None:
        """The first cohort."""
        return next(cohorts(keeping(self.problem, held)), None)


class Numbers(NamedTuple):
    """One column of whole numbers beside a survival cohort."""

    rows: list[Row]
    people: pd.DataFrame
    conventions: dict

    @property
    def facts(self) -> list[str]:
        """The facts about the column."""
        return list(dict.fromkeys(row.fact for row in self.rows))

    def solve(self, held: Collection[str]) -> list | None:
        """A value for each patient."""
        rows = [row for row in self.rows if row.fact in held]
        return column_with(rows, self.people, self.conventions)


class Related(NamedTuple):
    """Related tables: one model in which each fact is printed or given up."""

    model: Model
    parameters: dict  # of the solver

    @property
    def facts(self) -> list[str]:
        """The facts of the model."""
        return list(self.model.held)

    def solve(self, held: Collection[str]) -> dict | None:
        """Tables by name."""
        literals = [self.model.held[fact] for fact in held]
        found = solve(self.model, literals, **self.parameters)
        return None if found is None else frames_of(self.model, found)


class Pairs(NamedTuple):
    """A measure before and after: a witness is sought, and finding none leaves it open."""

    rows: list[Row]
    tables: dict
    settings: table.Pairs

    @property
    def facts(self) -> list[str]:
        """The facts about the table of pairs."""
        return list(dict.fromkeys(row.fact for row in self.rows))

    def solve(self, held: Collection[str]) -> pd.DataFrame | None:
        """A table of pairs."""
        rows = [row for row in self.rows if row.fact in held]
        found = table.pairs_with(rows, self.tables, self.settings, TRIES)
        if found is None and splits_of(rows, self.settings.options, self.settings.bounds):
            raise ArithmeticError("no table of pairs was found")
        return found


def minimal_conflict(block: Block, facts: Collection[str]) -> list[str]:
    """Out of facts that no solution prints together, some that none does and none can be spared.

    Earlier ones are preferred. Raises ValueError where some solution prints all of them.
    """
    if block.solve(facts) is not None:
        raise ValueError("the facts do not conflict")
    return irreducible(list(facts), lambda some: block.solve(some) is None)
