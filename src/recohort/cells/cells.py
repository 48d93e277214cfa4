"""The cells of related tables as variables of OR-tools' CP-SAT.

Rows are slots with a key: a patient ``(i,)``, a session ``(i, s)``, a tumor ``(i, s, k)``. Slots
whose keys begin alike are related. A slot that holds no row is absent, and so are those
after it. Categories have one literal a value, numbers one integer in units of their last
decimal; an empty cell is 0 with its own literal.
"""

from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Any, NamedTuple

import pandas as pd
from ortools.sat.python import cp_model

FIRST = "patients"
DECIMALS = {"number": 1, "integer": 0}


class Column(NamedTuple):
    """What a cell may hold; `lowest` and `highest` are in units of the last decimal.

    With several `parts` a cell is a real number, its units cut finely (`cells.over_reals`).
    """

    table: str
    name: str
    values: tuple  # of a category; () for a number
    scale: int = 1
    lowest: int = 0
    highest: int = 0
    empty: bool = False
    key: str = ""  # number: of the row within its owner; falling, rising: rows stand by it
    parts: int = 1


class Slot(NamedTuple):
    """A place for a row: `present` is a literal, `cells` maps column names to `Cell`s."""

    table: str
    key: tuple
    present: Any
    cells: dict


class Cell(NamedTuple):
    """`values` maps each value of a category to its literal; or `number` and `empty`."""

    column: Column
    values: dict
    number: Any = None
    empty: Any = None


def levels_of(dictionary: pd.DataFrame) -> tuple[str, ...]:
    """The related tables: each one's rows belong to a row of the one before.

    A table's key is named after it, and the keys of all tables before it are among its columns.
    """
    keys = dictionary[(dictionary["block"] != "") & dictionary["column"].str.endswith("_id")]
    depth = keys.groupby("table", sort=False).size()
    named = set(zip(keys["table"], keys["column"], strict=True))
    own = [table for table in depth.index if (table, f"{table[:-1]}_id") in named]
    return tuple(sorted(own, key=depth.get))


def beside_of(dictionary: pd.DataFrame) -> tuple[str, ...]:
    """The tables with at most a row a patient, whose key is the patient's."""
    keys = dictionary[(dictionary["key"] == "yes") & (dictionary["block"] != "")]
    own = keys.loc[(keys["column"] == f"{FIRST[:-1]}_id") & (keys["table"] != FIRST), "table"]
    return tuple(own)


def columns_of(dictionary: pd.DataFrame, blocks: Collection[str]) -> list[Column]:
    """The columns of the related tables that belong to `blocks`, keys left out."""
    levels = dictionary["table"].isin(levels_of(dictionary))
    chosen = dictionary[levels & dictionary["block"].isin(blocks)]
    return [_column(row) for _, row in chosen.iterrows() if row["type"] != "text"]


def _column(row):
    if row["type"] in ("boolean", "category"):
        values = tuple(row["values"].split())
        return Column(row["table"], row["column"], values, key=row["key"])
    scale = 10 ** DECIMALS[row["type"]]
    low, high = (round(float(row[end]) * scale) for end in ("lowest", "highest"))
    empty = row["empty"] == "yes"
    return Column(row["table"], row["column"], (), scale, low, high, empty, row["key"])


class Cells:
    """A CP-SAT model `m` with the slots of each table; literals are made once and remembered."""

    def __init__(
        self,
        columns: Iterable[Column],
        size: int,
        most: dict,
        shape: tuple | None = None,
        beside: Collection[str] = (),
    ):
        """`most` gives, of each table below the first, the most rows an owner; or `shape` fixes it.

        `shape` is a tuple of a tuple for each patient: the number of tumors in each session.
        Tables `beside` have at most a row a patient; only whether it is there is known.
        """
        self.levels = (FIRST, *most)
        self.m = cp_model.CpModel()
        self.true, self.false = self.m.new_constant(1), self.m.new_constant(0)
        self.known = {}
        self.columns = {table: [c for c in columns if c.table == table] for table in self.levels}
        self.slots = {table: {} for table in (*self.levels, *beside)}
        for table, i in product(beside, range(size)):
            self.slots[table][i,] = Slot(table, (i,), self.m.new_bool_var(f"{table}{i}"), {})
        for key in _keys(size, tuple(most.values()), shape):
            table = self.levels[len(key) - 1]
            self.slots[table][key] = self._slot(table, key, shape is not None)

    def _slot(self, table, key, fixed):
        new, number = self.m.new_bool_var, key[-1]
        always = fixed or table == FIRST or (table == self.levels[1] and number == 0)
        present = self.true if always else new(f"{table}{key}")
        if not always and number:  # after the one before it
            self.m.add_implication(present, self.slots[table][(*key[:-1], number - 1)].present)
        elif not always:  # a session has a tumor, and a tumor its session
            parent = self.slots[self.levels[len(key) - 2]][key[:-1]].present
            self.m.add(present == parent)
        cells = {c.name: self._cell(c, key, present) for c in self.columns[table]}
        for cell in (c for c in cells.values() if c.column.key == "number"):
            self.m.add(cell.number == number + 1).only_enforce_if(present)
        return Slot(table, key, present, cells)

    def _cell(self, column, key, present):
        name = f"{column.name}{key}"
        if column.values:
            values = {v: self.m.new_bool_var(f"{name}={v}") for v in column.values}
            self.m.add(sum(values.values()) == present)
            return Cell(column, values)
        number = self.m.new_int_var(0, column.highest, name)
        empty = self.m.new_bool_var(f"{name} empty") if column.empty else self.false
        filled = self.all_of([present, self.negated(empty)])
        self.m.add(number >= column.lowest).only_enforce_if(filled)
        self.m.add(number == 0).only_enforce_if(self.negated(filled))
        if column.empty:
            self.m.add_implication(empty, present)
        return Cell(column, {}, number, empty)

    def related(self, slot: Slot, table: str) -> list[Slot]:
        """Slots of another table that belong to the slot, or that it belongs to.

        `previous` is the slot before it with the same owner.
        """
        if table == "previous":
            before = (*slot.key[:-1], slot.key[-1] - 1)
            return [self.slots[slot.table][before]] if before in self.slots[slot.table] else []
        depth = self.levels.index(table) + 1 if table in self.levels else 1
        if depth <= len(slot.key):
            return [self.slots[table][slot.key[:depth]]]
        return [s for k, s in self.slots[table].items() if k[: len(slot.key)] == slot.key]

    def all_of(self, literals: Iterable) -> cp_model.IntVar:
        """A literal that is true when all of `literals` are."""
        indices = {x.index: x for x in literals if x.index != self.true.index}
        if self.false.index in indices or any(-i - 1 in indices for i in indices):
            return self.false
        if len(indices) < 2:
            return next(iter(indices.values()), self.true)
        key = ("all", *sorted(indices))
        if key not in self.known:
            answer = self.known[key] = self.m.new_bool_var("")
            self.m.add_bool_and(list(indices.values())).only_enforce_if(answer)
            self.m.add_bool_or([x.negated() for x in indices.values()] + [answer])
        return self.known[key]

    def any_of(self, literals: Iterable) -> cp_model.IntVar:
        """A literal that is true when one of `literals` is."""
        return self.negated(self.all_of([self.negated(x) for x in literals]))

    def negated(self, literal: cp_model.IntVar) -> Any:
        """The opposite literal; constants stay constants."""
        if literal.index == self.true.index:
            return self.false
        return self.true if literal.index == self.false.index else literal.negated()

    def never(self, *literals: cp_model.IntVar) -> None:
        """Not all of `literals` are true."""
        self.m.add_bool_or([self.negated(x) for x in literals])

    def meets(self, slot: Slot, filters: Iterable[tuple]) -> cp_model.IntVar:
        """A literal: the slot holds a row that meets every ``(column, operator, value)``."""
        met = [slot.present]
        for column, operator, value in filters:
            other, _, name = column.rpartition(".")
            rows = self.related(slot, other) if other else []
            if not other or other == slot.table:
                met.append(self.holds(slot.cells[name], operator, value))
            elif name == "rows":
                met.append(self.compared(sum(r.present for r in rows), operator, int(value)))
            else:
                met.append(self.any_of([self.meets(r, [(name, operator, value)]) for r in rows]))
        return self.all_of(met)

    def holds(self, cell: Cell, operator: str, value: Any) -> cp_model.IntVar:
        """A literal for one comparison of a cell; an empty one fulfils only ``!=``."""
        if cell.values:
            literal = cell.values.get(value, self.false)
            return literal if operator == "=" else self.negated(literal)
        bound = Fraction(value) * cell.column.scale
        if bound.denominator > 1 and operator in ("=", "!="):
            return self.false if operator == "=" else self.true
        bound = ceil(bound) if operator in ("<", ">=") else floor(bound)
        found = self.compared(cell.number, operator, bound)
        if operator == "!=":
            return self.any_of([found, cell.empty])
        return self.all_of([found, self.negated(cell.empty)])

    def highest(self, number: cp_model.IntVar) -> int:
        """Upper end of an integer variable's domain."""
        return max(self.m.proto.variables[number.index].domain)

    def compared(
        self, expression: cp_model.LinearExprT, operator: str, bound: int
    ) -> cp_model.IntVar:
        """A literal for ``expression operator bound``, all whole numbers."""
        if operator == "!=":
            return self.negated(self.compared(expression, "=", bound))
        if operator in (">", "<="):
            return self.compared(expression, {">": ">=", "<=": "<"}[operator], bound + 1)
        if operator == "<":
            return self.negated(self.compared(expression, ">=", bound))
        key = (operator, str(expression), bound)
        if key not in self.known:
            answer = self.known[key] = self.m.new_bool_var("")
            if operator == ">=":
                self.m.add(expression >= bound).only_enforce_if(answer)
                self.m.add(expression < bound).only_enforce_if(answer.negated())
            else:
                self.m.add(expression == bound).only_enforce_if(answer)
                self.m.add(expression != bound).only_enforce_if(answer.negated())
        return self.known[key]


def _keys(size, most, shape):
    """Keys of all slots, parents first."""
    shape = shape or ((most[1],) * most[0],) * size
    for i, sessions in enumerate(shape):
        yield (i,)
        for s, tumors in enumerate(sessions):
            yield i, s
            yield from product((i,), (s,), range(tumors))
