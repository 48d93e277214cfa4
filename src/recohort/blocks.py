"""One interface for a block of printed facts, whichever search answers it.

Survival is enumerated, columns of numbers and related tables are put to solvers, pairs are drawn
and mended. What is asked of all of them is the same: which facts, a solution that prints some of
them and not another one, the edition's choice, how many, and what a cell can be.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Protocol

import pandas as pd

from recohort.cells.edition import choose, first_shape, frames_of, ordered_shapes
from recohort.cells.relations import Model, Paper, end_of, solve
from recohort.edition import edition
from recohort.minimal import irreducible
from recohort.numbers.choosers import CHOOSERS
from recohort.numbers.sums import count_columns, sums_of, values_of
from recohort.pairs import table
from recohort.paper.rounding import decimals_of
from recohort.paper.rows import Row
from recohort.survival import Result, survival_steps, without
from recohort.survival.cohorts import Cohort, cohorts, grid_cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.escapes import missed_by
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem

SHIFTS = [sign * k for k in (1, 2, 3, 5, 10, 20, 50) for sign in (1, -1)]  # last decimals
MOST = 20_000  # survival cohorts on the grid among which a witness is looked for
TRIES = 8  # tables of pairs to begin at


class Block(Protocol):
    """What can be asked of a block; what it answers with is its own kind of solution."""

    @property
    def facts(self) -> list[str]:
        """The facts that it has to print."""

    def solve(self, held: Collection[str], broken: str | None = None):
        """A solution that prints the facts `held`, and not `broken`; None where none is found.

        Raises ArithmeticError where the question stays open.
        """

    def choose(self):
        """The solution that the edition shows."""

    def count(self) -> int | None:
        """How many solutions there are; None where they are not counted: what is measured."""

    def values(self, cell) -> list:
        """Every value of a cell; of a number that is not counted, its ends."""


@dataclass(frozen=True)
class Survival:
    """Orders, groups and times, as the exhaustive search found them."""

    result: Result

    @property
    def facts(self) -> list[str]:
        """The facts of the search."""
        return facts_of(self.result.problem)

    def solve(self, held: Collection[str], broken: str | None = None) -> Cohort | None:
        """A cohort; one that misses `broken` has times on the grid where there are some."""
        problem = keeping(self.result.problem, {*held, broken})
        if broken is None:
            return next(cohorts(problem), None)
        return Survival(self.result._replace(problem=problem)).without(broken)[1]

    def without(self, fact: str) -> tuple[int, Cohort | None]:
        """Cohorts that fit all facts but one, up to the first that does not fit it either.

        That one has times on the grid where there are some, which other tables are searched beside.
        """
        own, rest = keeping(self.result.problem, [fact]), without(self.result.problem, {fact})
        every_word, count = names_a_word(self.result, own), 0
        for cohort in cohorts(rest, every_word=every_word):
            count += 1
            other = cohort if not printed_facts(own, cohort) else missed_by(rest, own, cohort)
            if other:
                on_grid = islice(grid_cohorts(rest, every_word), MOST)
                return count, next((c for c in on_grid if not printed_facts(own, c)), other)
        return count, None

    def choose(self) -> Cohort:
        """The edition's."""
        return edition(self.result)

    def count(self) -> int:
        """Orders with groups: each has all its real times."""
        return len(self.result.cohorts)

    def values(self, cell: tuple[str, str, int]) -> list[bool]:
        """Is a patient (by place) of a level of a column: ``(column, level, place)``?"""
        column, level, place = cell
        every = (dict(cohort.masks)[column, level] for cohort in self.result.cohorts)
        return sorted({bool(mask >> place & 1) for mask in every})


@dataclass(frozen=True)
class Numbers:
    """One column of numbers beside a survival cohort."""

    name: str
    rows: list
    people: pd.DataFrame
    conventions: dict

    @property
    def facts(self) -> list[str]:
        """The facts about the column that print more than counts."""
        return list(dict.fromkeys(r.fact for r in self.rows if r.statistic != "count"))

    def solve(self, held: Collection[str], broken: str | None = None) -> list | None:
        """Values that print the rows of the facts `held`, and all counts.

        With `broken`, its figure is moved by some units of its last decimal.
        """
        facts = self.facts
        rows = [r for r in self.rows if r.fact in {*held, broken} or r.fact not in facts]
        for shift in (0,) if broken is None else SHIFTS:
            asked = [moved(row, shift) if row.fact == broken else row for row in rows]
            cells = CHOOSERS[self.name](asked, self.people, self.conventions)
            if cells is not None:
                return cells
        return None

    def choose(self) -> list | None:
        """As near as can be to the column's mean or median."""
        center = next(r.printed for r in self.rows if r.statistic in ("mean", "median"))
        return CHOOSERS[self.name](self.rows, self.people, self.conventions, center)

    def count(self) -> int:
        """Columns of whole numbers."""
        return count_columns(sums_of(self.rows, self.people, self.conventions))

    def values(self, cell: int) -> list[int]:
        """The whole numbers that a patient (by place) can have."""
        return sorted(values_of(sums_of(self.rows, self.people, self.conventions), cell))


@dataclass(frozen=True)
class Related:
    """Related tables: one model in which each fact is printed or given up.

    `broken` has by fact a literal under which it is not printed; `effort` limits one question.
    """

    paper: Paper
    model: Model
    broken: dict
    effort: float | None = None
    parameters: tuple = ()  # of the solver

    @property
    def facts(self) -> list[str]:
        """The facts of the model."""
        return list(self.model.held)

    def solve(self, held: Collection[str], broken: str | None = None, fixed=()) -> dict | None:
        """Tables; `fixed` pairs variables of the model with their values."""
        literals = [self.model.held[fact] for fact in held]
        literals += [] if broken is None else [self.broken[broken]]
        found = solve(self.model, literals, fixed, self.effort, **dict(self.parameters))
        return None if found is None else frames_of(self.model, found)

    def choose(self) -> dict:
        """The first shape and the first values that leave a solution."""
        return choose(self.paper, first_shape(self.paper, ordered_shapes(self.paper)))

    def count(self) -> None:
        """Times and sizes are measured."""

    def values(self, cell: tuple[str, tuple, str]) -> list:
        """Of ``(table, key of the slot, column)``: values of a category, ends of a number."""
        name, key, column = cell
        own, every = self.model.cells.slots[name][key].cells[column], self.facts
        if own.values:
            return [v for v, x in own.values.items() if self.solve(every, fixed=[(x, 1)])]
        held = [(literal, 1) for literal in self.model.held.values()]
        return [end_of(self.model, own.number, sign, held) for sign in (1, -1)]


@dataclass(frozen=True)
class Pairs:
    """A measure before and after: a witness is sought, and no proof comes of finding none."""

    rows: list
    tables: dict
    settings: table.Pairs

    @property
    def facts(self) -> list[str]:
        """The facts about the table of pairs."""
        return list(dict.fromkeys(row.fact for row in self.rows))

    def solve(self, held: Collection[str], broken: str | None = None) -> pd.DataFrame | None:
        """A table of pairs; with `broken`, its figure is one unit of its last decimal higher."""
        own = [moved(row, 1) for row in self.rows if row.fact == broken]
        rows = [row for row in self.rows if row.fact in held]
        return table.pairs_with([*rows, *own], self.tables, self.settings, TRIES)

    def choose(self) -> pd.DataFrame:
        """The edition's."""
        return self.tables[self.settings.table]

    def count(self) -> None:
        """They are measured."""

    def values(self, cell: str) -> list[float]:
        """The ends that the edition's column has: any patient may have any of its rows."""
        column = self.choose()[cell]
        return [column.min(), column.max()]


def names_a_word(result: Result, own: Problem) -> bool:
    """Do rows name a column that nothing but words and counts tell of?"""
    words = {column for column, _ in survival_steps(result.problem)[1]}
    return any(column in words for row in own.rows for column, _, _ in row.filters)


def moved(row: Row, shift: int) -> Row:
    """The row with its figure changed by so many units of its last decimal."""
    step = Decimal(shift).scaleb(-decimals_of(row.printed))
    return row._replace(printed=str(Decimal(row.printed) + step))


def left_out(block: Block) -> Iterator[tuple]:
    """Each fact with a solution that prints all others and not it; None where there is none."""
    for fact in block.facts:
        yield fact, block.solve([f for f in block.facts if f != fact], fact)


def minimal_conflict(block: Block, facts: Collection[str]) -> list[str]:
    """Out of facts that no solution prints together, some that none does and none can be spared.

    Earlier ones are preferred. Raises ValueError where some solution prints all of them.
    """
    if block.solve(facts) is not None:
        raise ValueError("the facts do not conflict")
    return irreducible(list(facts), lambda some: block.solve(some) is None)
