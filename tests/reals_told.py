"""A model of related tables told to z3, its measured cells as real numbers and no grid at all.

The solver's own constraints are read back, one by one, and written in SMT-LIB: two solvers, one
grid and one not. Products are left out (the spread of a whole number): that allows more.
"""

import z3

from recohort.cells.values import cells_of

FARTHEST = 2**62
JOINED = {"bool_or": "or", "bool_and": "and"}


def measured_in(model):
    """The number of parts of a unit, by index of a measured cell's variable."""
    cells = [cell for _, cell in cells_of(model) if cell.column.parts > 1]
    return {cell.number.index: cell.column.parts for cell in cells}


def ends_of(domain, by):
    """The ends of a domain, after division by a coefficient: whole numbers, None beyond all."""
    for low, high in zip(domain[::2], domain[1::2], strict=True):
        yield None if low < -FARTHEST else -(-low // by), None if high > FARTHEST else high // by


class Reals:
    """What z3 is told; `some` asks it."""

    def __init__(self, model):
        self.parts, proto = measured_in(model), model.cells.m.proto
        self.domains = [list(v.domain) for v in proto.variables]
        lines = [self.declared(i) for i in range(len(self.domains))]
        for constraint in proto.constraints:
            asked = self.constraint(constraint)
            if asked is not None:
                given = [self.literal(i) for i in constraint.enforcement_literal]
                lines.append(f"(assert (=> {joined('and', given)} {asked}))")
        self.solver = z3.Solver()
        self.solver.from_string("\n".join(lines))

    def some(self, *literals):
        """Which of some literals hold in a solution in which one does, each by its index.

        None where there is no such solution; with no literals any solution will do.
        """
        asked = [z3.Bool(f"b{i}") if i >= 0 else z3.Not(z3.Bool(f"b{-i - 1}")) for i in literals]
        self.solver.push()
        if asked:
            self.solver.add(z3.Or(asked))
        answer = self.solver.check()
        assert answer != z3.unknown, self.solver.reason_unknown()
        found = None
        if answer == z3.sat:
            own = self.solver.model()
            true = (z3.is_true(own.eval(x, model_completion=True)) for x in asked)
            found = {i for i, holds in zip(literals, true, strict=True) if holds}
        self.solver.pop()
        return found

    def flag(self, i):
        """Is a variable true or false?"""
        return self.domains[i][0] >= 0 and self.domains[i][-1] <= 1 and i not in self.parts

    def declared(self, i):
        """A variable with its ends: real where it is measured, true or false, else whole."""
        low, high = self.domains[i][0], self.domains[i][-1]
        if self.flag(i):
            fixed = "" if low < high else f"(assert {self.literal(i if low else -i - 1)})"
            return f"(declare-const b{i} Bool){fixed}"
        if i in self.parts:
            assert low % self.parts[i] == high % self.parts[i] == 0
        kind = "Real" if i in self.parts else "Int"
        return (
            f"(declare-const x{i} {kind})"
            f"(assert (and (>= x{i} {whole(low)}) (<= x{i} {whole(high)})))"
        )

    def number(self, i):
        """A variable as a number."""
        return f"(ite b{i} 1 0)" if self.flag(i) else f"x{i}"

    def literal(self, i):
        """A literal by its index; negations have negative ones."""
        return f"b{i}" if i >= 0 else f"(not b{-i - 1})"

    def constraint(self, own):
        """A constraint in text; None for a product."""
        if own.has_linear():
            return self.linear(own.linear)
        if own.has_table():
            columns = [self.number(int(str(e).split()[1])) for e in own.table.exprs]
            rows = zip(*[iter(own.table.values)] * len(columns), strict=True)
            same = (
                [f"(= {c} {whole(v)})" for c, v in zip(columns, row, strict=True)] for row in rows
            )
            return joined("or", [joined("and", row) for row in same])
        if own.has_int_prod():
            return None
        if own.has_lin_max():  # of flags alone: one is true where some of the others are
            target, *others = (self.only(e) for e in (own.lin_max.target, *own.lin_max.exprs))
            return f"(= {target} {joined('or', others)})"
        for kind, word in JOINED.items():
            if getattr(own, f"has_{kind}")():
                return joined(word, [self.literal(i) for i in getattr(own, kind).literals])
        assert own.has_exactly_one(), own
        flags = [self.number(i) for i in own.exactly_one.literals]
        return f"(= 1 (+ 0 {' '.join(flags)}))"

    def only(self, expression):
        """An expression that is a flag, or its negation."""
        (i,), (by,) = expression.vars, expression.coeffs
        assert self.flag(i)
        assert (by, expression.offset) in ((1, 0), (-1, 1))
        return self.literal(i if by == 1 else -i - 1)

    def linear(self, own):
        """A sum within its domain; a part more or less than whole units is an open end."""
        terms = dict(zip(own.vars, own.coeffs, strict=True))
        each = (f"(* {whole(c)} {self.number(i)})" for i, c in terms.items())
        total = f"(+ 0 {' '.join(each)})"
        measured = [(abs(c), self.parts[i]) for i, c in terms.items() if i in self.parts]
        by, unit = measured[0] if measured else (1, 1)
        ways = []
        for low, high in ends_of(list(own.domain), by):
            ends = []
            if low is not None and measured and low % unit == 1:
                ends.append(f"(> {total} {whole(by * (low - 1))})")
            elif low is not None:
                ends.append(f"(>= {total} {whole(by * low)})")
            if high is not None and measured and high % unit:
                ends.append(f"(< {total} {whole(by * (high + 1))})")
            elif high is not None:
                ends.append(f"(<= {total} {whole(by * high)})")
            ways.append(joined("and", ends))
        return joined("or", ways)


def whole(number):
    """A whole number as SMT-LIB has it."""
    return str(number) if number >= 0 else f"(- {-number})"


def joined(word, parts):
    """All of some parts, or one of them."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    return f"({word} {' '.join(parts)})" if parts else {"and": "true", "or": "false"}[word]
