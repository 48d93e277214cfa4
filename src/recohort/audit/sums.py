"""Counts that other counts of the same table fix by sums alone: a proof of the shortest kind.

The columns that a fact names divide a table's rows into classes. Other printed counts that name
only these columns are sums of class sizes; where no sizes print them and give the fact's groups
another size, the fact is confirmed, whatever else the paper says.
"""

from itertools import product

import pandas as pd
from ortools.sat.python import cp_model

from recohort.cells.cells import levels_of
from recohort.cells.relations import run
from recohort.paper.printed import ROUNDED
from recohort.paper.reading import SENTENCE, columns_of
from recohort.paper.rows import Row, members, of_related, restrictions, select, table_of

MOST = 60  # rows of a table
HAIR = 1e-6  # beside an edge
SHARES = ("count", "percent")


def fixed_by_sums(fact: str, rows: list[Row], edition: dict, dictionary: pd.DataFrame) -> bool:
    """Do other printed counts leave the fact's no other value? `rows` are all that is told.

    Cells have to be of categories, or numbers asked for one side of an edge. Classes are formed
    by the fact's own columns, then with one more column that other counts name. A share of related
    rows is fixed by no sum of its own table.
    """
    own = [r for r in rows if r.fact == fact]
    tables = {table_of(r) for r in own if filters_of(r)}
    plain = all(of_related(r) == r and _plain(r, edition, dictionary) for r in own)
    if len(tables) != 1 or not plain:
        return False
    (table,) = tables
    told = [r for r in rows if r.fact != fact and r.statistic == "count" and _printed(r)]
    others = [r for r in told if table_of(r) == table and _plain(r, edition, dictionary)]
    columns = _columns(own)
    more = {c for r in others if _columns([r]) & columns for c in _columns([r]) - columns}
    groups = {f for r in own if table_of(r) == table for f in (filters_of(r), restrictions(r))}
    sizes = {group: int(members(edition, table, group).sum()) for group in groups}
    return any(
        _fixed(table, columns | set(extra), own, others, sizes, dictionary)
        for extra in ((), *((c,) for c in sorted(more)))
    )


def complements(rows: list[Row], dictionary: pd.DataFrame) -> set[str]:
    """The facts that say nothing but the count, or percentage, that all other levels leave.

    Of a column whose every level is counted, and of two sides of a cut-off, the last fact in the
    file is the complement of the others.
    """
    levels = {(r["table"], r["column"]): set(r["values"].split()) for _, r in dictionary.iterrows()}
    counted = {}
    for row in rows:
        if row.statistic == "count" and len(row.filters) == 1 and row.relation == ROUNDED:
            ((column, operator, value),) = row.filters
            cut = value if operator in ("<", ">=") else ""
            told = counted.setdefault((table_of(row), column, row.options, cut), {})
            told.setdefault((operator, value), row.fact)
    found = set()
    for (table, column, _, cut), told in counted.items():
        values = levels.get((table, column), ())
        whole = {("<", cut), (">=", cut)} if cut else {("=", value) for value in values}
        if whole and whole <= set(told):
            found.add(list(told.values())[-1])
    return found - {r.fact for r in rows if r.statistic not in SHARES and columns_of(r)}


def filters_of(row: Row) -> tuple:
    """All filters of a row, those of `within` first."""
    return (*restrictions(row), *row.filters)


def _columns(rows):
    return {column for r in rows for column, _, _ in filters_of(r)}


def _printed(row):
    return row.relation == ROUNDED and not row.fact.startswith(SENTENCE)


def _plain(row, edition, dictionary):
    """A count or a share by cells that each row has one of, its own or its owner's."""
    table, levels = table_of(row), levels_of(dictionary)
    if row.statistic not in SHARES or set(dict(row.options)) - {"table", "within"}:
        return False
    owners = levels[: levels.index(table) + 1] if table in levels else ()
    places = (
        (other or table, name) for c in _columns([row]) for other, _, name in [c.rpartition(".")]
    )
    return all(o in owners and n != "rows" and edition[o][n].notna().all() for o, n in places)


def _fixed(table, columns, own, others, sizes, dictionary):
    """Have the groups these sizes only, by classes of some columns?"""
    told = [r for r in others if _columns([r]) <= columns]
    cuts = {f for r in (*own, *told) for f in filters_of(r)}
    names = sorted(columns)
    cells = [_cells(table, c, cuts, dictionary) for c in names]
    classes = pd.DataFrame(product(*cells), columns=names)
    return all(_only(classes, told, group, size) for group, size in sizes.items())


def _cells(table, column, cuts, dictionary):
    """The values of a category; of a number, its edges and what lies below each."""
    other, _, name = column.rpartition(".")
    info = dictionary[(dictionary["table"] == (other or table)) & (dictionary["column"] == name)]
    if words := info["values"].iloc[0].split():
        return words
    edges = [float(value) for c, _, value in cuts if c == column]
    return sorted({e + step for e in edges for step in (-HAIR, 0.0, HAIR)}) or [0.0]


def _only(classes, others, group, size):
    """Is `size` a number of rows in a group that the other counts allow, and the only one?"""
    model = cp_model.CpModel()
    sizes = [model.new_int_var(0, MOST, "") for _ in range(len(classes))]

    def total(filters):
        inside = select(classes, filters)
        return sum(n for n, good in zip(sizes, inside, strict=True) if good)

    for row in others:
        model.add(total(filters_of(row)) == int(row.printed))
    other = model.clone()
    model.add(total(group) == size)
    sizes = [other.get_int_var_from_proto_index(n.index) for n in sizes]
    other.add(total(group) != size)
    return run(model) is not None and run(other) is None
