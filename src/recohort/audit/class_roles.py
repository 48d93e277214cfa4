"""Counts that other counts of the same table fix by sums alone: a proof of the shortest kind.

The columns that a fact names divide a table's rows into classes. Other printed counts that name
only these columns are sums of class sizes; where no sizes print them and give the fact's groups
another size, the fact is confirmed, whatever else the paper says.
"""

from itertools import product

import pandas as pd
from ortools.sat.python import cp_model

from recohort.paper.reading import SENTENCE
from recohort.paper.statistics import members, of_related, restrictions, select, table_of

MOST = 60  # rows of a table
OWNERS = {"tumors": ("sessions", "patients"), "sessions": ("patients",), "patients": ()}


def fixed_by_sums(fact, rows, edition, dictionary) -> bool:
    """Do other printed counts leave the fact's no other value? `rows` are all that is told.

    Cells have to be of categories, or numbers asked for one side of an edge. Classes are formed
    by the fact's own columns, then with one more column that other counts name. A share of related
    rows is fixed by no sum of its own table.
    """
    own = [r for r in rows if r.fact == fact]
    if any(of_related(r) != r for r in own):
        return False
    tables = {table_of(r) for r in own if _filters(r)}
    if len(tables) != 1 or not all(_plain(r, edition) for r in own):
        return False
    (table,) = tables
    others = [
        r
        for r in rows
        if r.fact != fact
        and not r.fact.startswith(SENTENCE)
        and r.statistic == "count"
        and r.relation == "rounds to"
        and table_of(r) == table
        and _plain(r, edition)
    ]
    columns = _columns(own)
    more = sorted({c for r in others if _columns([r]) & columns for c in _columns([r]) - columns})
    groups = {f for r in own if table_of(r) == table for f in (_filters(r), restrictions(r))}
    sizes = {group: int(members(edition, table, group).sum()) for group in groups}
    return any(
        _fixed(table, columns | set(extra), own, others, sizes, dictionary)
        for extra in ((), *((c,) for c in more))
    )


def _columns(rows):
    return {column for r in rows for column, _, _ in _filters(r)}


def _fixed(table, columns, own, others, sizes, dictionary):
    """Have the groups these sizes only, by classes of some columns?"""
    told = [r for r in others if _columns([r]) <= columns]
    cuts = {f for r in (*own, *told) for f in _filters(r)}
    names = sorted(columns)
    cells = [_cells(table, c, cuts, dictionary) for c in names]
    classes = pd.DataFrame(product(*cells), columns=names)
    return all(_only(classes, told, group, size) for group, size in sizes.items())


def _filters(row):
    return (*restrictions(row), *row.filters)


def _plain(row, edition):
    """A count or a share by cells that each row has one of, its own or its owner's."""
    if row.statistic not in ("count", "percent") or set(dict(row.options)) - {"table", "within"}:
        return False
    return all(_single(table_of(row), column, edition) for column, _, _ in _filters(row))


def _single(table, column, edition):
    other, _, name = column.rpartition(".")
    if name == "rows" or (other and other not in OWNERS.get(table, ())):
        return False
    return table in OWNERS and bool(edition[other or table][name].notna().all())


def _cells(table, column, cuts, dictionary):
    """The values of a category; of a number, its edges and what lies below each."""
    other, _, name = column.rpartition(".")
    info = dictionary[(dictionary["table"] == (other or table)) & (dictionary["column"] == name)]
    if words := info["values"].iloc[0].split():
        return words
    edges = [float(value) for c, _, value in cuts if c == column]
    return sorted({e + step for e in edges for step in (-1e-6, 0.0, 1e-6)}) or [0.0]


def _only(classes, others, group, size):
    """Is `size` a number of rows in a group that the other counts allow, and the only one?"""
    return _possible(classes, others, group, size, same=True) and not _possible(
        classes, others, group, size, same=False
    )


def _possible(classes, others, group, size, same):
    model = cp_model.CpModel()
    sizes = [model.new_int_var(0, MOST, "") for _ in range(len(classes))]

    def total(filters):
        inside = select(classes, filters)
        return sum(n for n, good in zip(sizes, inside, strict=True) if good)

    for row in others:
        model.add(total(_filters(row)) == int(row.printed))
    model.add(total(group) == size if same else total(group) != size)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return solver.solve(model) != cp_model.INFEASIBLE
