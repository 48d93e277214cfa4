"""The ends of numbers over the reals: nothing lies beyond them, and solutions come near.

No end is searched for as an optimum. Does any number lie so far beyond an end? Yes moves the end
outward, to the next step beyond the number found; no, at last of the least distance, is a proof on
the grid of `cells.over_reals`. How near solutions come is asked of a grid of hundredths.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import NamedTuple

import pandas as pd

from recohort.cells.relations import Model, Paper
from recohort.cells.values import Seen, any_of, cells_in, cells_of

SIGNS = (1, -1)  # of lowest and highest ends
STEP = Fraction(1, 20)  # of ends of real numbers; of whole numbers 1
NEAR = Fraction(1, 10)  # a solution as far within an end is near to it; of whole numbers 0
LEAPS = [2**k for k in reversed(range(11))]  # steps beyond an end
EFFORT = 10.0  # deterministic seconds for one question


class Ends(NamedTuple):
    """Ends of numbers by (name of the cell, sign), as they are written.

    `steps` has the step of each cell's ends, 1 for whole numbers; `open` the ends that no proof
    settles, `near` those that `witnesses` come near to: (correction, tables).
    """

    values: dict
    steps: dict
    open: set
    near: set
    witnesses: list

    def written(self, name: tuple) -> list[str]:
        """Both ends as text, or the one number that there is."""
        kind = int if self.steps[name] == 1 else float
        return list(dict.fromkeys(str(kind(self.values[name, sign])) for sign in SIGNS))

    def attained(self, name: tuple) -> str:
        """Do solutions come near to both ends, or reach both of whole numbers?"""
        if any((name, sign) in self.open or (name, sign) not in self.near for sign in SIGNS):
            return "open"
        return "both" if self.steps[name] == 1 else "near"

    def inside(self, name: tuple, sign: int) -> Fraction:
        """Where numbers that are near to an end begin; those of lowest ends with minus signs."""
        return -sign * self.values[name, sign] - NEAR * (self.steps[name] < 1)


def ends_seen(seen: Seen, paper: Paper) -> Ends:
    """The lowest and highest numbers that witnesses show, but of columns that tie patients."""
    scales = {(c.table, c.name): c.scale for c in paper.columns if not c.values}
    ends = Ends({}, {}, set(), set(), [])
    for name, found in seen.values.items():
        scale, values = scales.get((name[0], name[2])), [v for v in found if v != ""]
        if scale and values and name[2] not in paper.cohorts[0]:
            numbers = [Fraction(str(value)) for value in values]
            ends.values.update({(name, 1): min(numbers), (name, -1): max(numbers)})
            ends.steps[name] = 1 if scale == 1 else STEP
    return ends


def widen(ends: Ends, model: Model) -> None:
    """Move the ends outward until the model, over the reals, leaves no number beyond them.

    Where a question takes more than `EFFORT`, all ends that it asks about are open.
    """
    asked = list(_asked(model, ends.values))
    try:
        for leap in LEAPS:
            while _moved(model, ends, asked, leap):
                continue
    except ArithmeticError:
        ends.open.update((name, sign) for name, sign, _ in asked)


def _asked(model, keys):
    """The ends among `keys` in a model: name, sign, cell."""
    for name, cell in cells_of(model):
        yield from ((name, sign, cell) for sign in SIGNS if (name, sign) in keys)


def _far(model, cell, sign, least):
    """A literal that a cell has a number, which with the opposite sign is `least` or more."""
    far = model.cells.compared(-sign * cell.number, ">=", ceil(least * cell.column.scale))
    return model.cells.all_of([model.cells.negated(cell.empty), far])


def _moved(model, ends, asked, leap):
    """Move ends that a number is so many steps beyond; False where there is no such number."""
    literals = []
    for name, sign, cell in asked:
        least = leap * ends.steps[name] - sign * ends.values[name, sign]
        if ends.steps[name] < 1:
            least += STEP / (2 * cell.column.scale) - STEP  # beyond it, by less than a part
        literals.append(_far(model, cell, sign, least))
    solver = any_of(model, literals, max_deterministic_time=EFFORT)
    for (name, sign, cell), literal in zip(asked, literals, strict=True) if solver else ():
        if solver.value(literal):
            found = Fraction(solver.value(cell.number), cell.column.scale) / ends.steps[name]
            outward = floor if (sign == 1) == (ends.steps[name] < 1) else ceil
            ends.values[name, sign] = outward(found) * ends.steps[name]
    return solver is not None


def finer(paper: Paper, cohorts: Iterable[pd.DataFrame]) -> Paper:
    """The paper with one more decimal in all columns of real numbers, tied to other cohorts."""
    columns = []
    for c in paper.columns:
        by = 10 if c.scale > 1 else 1
        columns.append(c._replace(scale=c.scale * by, lowest=c.lowest * by, highest=c.highest * by))
    return paper._replace(columns=columns, cohorts=tuple(cohorts))


def not_near_yet(ends: Ends, model: Model) -> list:
    """Literals that a number is near to an end that no solution is known to come near to."""
    wanted = _asked(model, set(ends.values) - ends.near - ends.open)
    literals = [_far(model, cell, s, ends.inside(name, s)) for name, s, cell in wanted]
    return [x for x in literals if x.index != model.cells.false.index]


def add_near(ends: Ends, correction: int, tables: dict) -> None:
    """Keep a solution, with the ends that it comes near to."""
    ends.witnesses.append((correction, tables))
    for (name, value), sign in product(cells_in(tables), SIGNS):
        asked = (name, sign) in ends.values and value != ""
        if asked and -sign * Fraction(str(value)) >= ends.inside(name, sign):
            ends.near.add((name, sign))
