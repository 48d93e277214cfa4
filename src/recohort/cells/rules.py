"""The rules that tie the tables together as constraints: see `recohort.paper.rules`."""

from math import ceil, floor, lcm

from recohort.cells.cells import Cells
from recohort.paper.rules import Rule


def add_rule(cells: Cells, rule: Rule) -> None:
    """Hold a rule for every slot of its table."""
    for slot in cells.slots[rule.table].values():
        given = cells.meets(slot, [p[:3] for p in rule.given])
        parts = [cells.all_of([_holds(cells, slot, piece) for piece in part]) for part in rule.then]
        cells.m.add_bool_or([cells.negated(given), *parts])


def _holds(cells, slot, piece):
    """A literal under which the piece is true (it may be false and the piece still true)."""
    if not piece.terms:
        return cells.meets(slot, [piece[:3]])
    other, _, name = piece.column.rpartition(".")
    slots = cells.related(slot, other) if other else [slot]
    return cells.any_of([_compare(cells, slot, s, name, piece) for s in slots])


def _compare(cells, slot, left, name, piece):
    """Enforce ``left operator terms`` under a new literal, in whole numbers."""
    owners = [_owner(cells, slot, column) for _, column in piece.terms]
    if None in owners:
        return cells.false
    literal = cells.m.new_bool_var("")
    terms = [
        (factor, *_number(cells, owner, column))
        for owner, (factor, column) in zip(owners, piece.terms, strict=True)
    ]
    scale = left.cells[name].column.scale
    factors = [factor * scale / s for factor, _, s, _ in terms]
    by = 2 * lcm(*(f.denominator for f in factors))
    right = sum(int(f * by) * number for f, (_, number, _, _) in zip(factors, terms, strict=True))
    less = by * left.cells[name].number - right  # 0 where both sides are equal
    low, high = {
        "=": (0, 0),
        "<=": (None, 0),
        ">=": (0, None),
        "<": (None, -1),
        ">": (1, None),
        "~": (1 - by // 2, by // 2),
    }[piece.operator]
    if low is not None:
        cells.m.add(less >= ceil(low)).only_enforce_if(literal)
    if high is not None:
        cells.m.add(less <= floor(high)).only_enforce_if(literal)
    filled = [left.present, cells.negated(left.cells[name].empty)]
    filled += [cells.negated(empty) for _, _, _, empty in terms]
    return cells.all_of([literal, *filled])


def _owner(cells, slot, column):
    """The slot whose cell a rule's right side names; None where there is none."""
    other, _, name = column.rpartition(".")
    if not other or name == "rows":
        return slot
    return next(iter(cells.related(slot, other)), None)


def _number(cells, slot, column):
    """The cell's variable, scale and literal of emptiness; or a number of related rows."""
    other, _, name = column.rpartition(".")
    if name == "rows":
        return sum(s.present for s in cells.related(slot, other)), 1, cells.false
    cell = slot.cells[name]
    return cell.number, cell.column.scale, cell.empty
