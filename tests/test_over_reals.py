"""Related tables over real numbers: the grid misses nothing, and a solver without one agrees."""

import pytest
import z3

from other_cells import beyond, other_values
from recohort.audit.related_cells import every_fact, held
from recohort.cells.edition import kept_facts
from recohort.cells.over_reals import over_reals
from recohort.cells.relations import run
from recohort.cells.values import cells_of
from recohort.edition import frame_of, people_over_reals
from thirteen.data import DATA, read_table
from thirteen.data import run as run_search

FARTHEST = 2**62
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def papers():
    """The related tables under the first smallest correction, in tenths and over the reals."""
    result = run_search()
    paper = every_fact([frame_of(result, cohort) for cohort in result.grid], DATA)
    given = read_table("related_corrections")
    real = over_reals(paper, *people_over_reals(result))
    first = given[given["correction"] == given["correction"].iloc[0]]
    return [own._replace(facts=kept_facts(own, first)) for own in (paper, real)]


@pytest.fixture(scope="module")
def shape():
    """The edition's: how many tumors in each session of each patient."""
    tumors = read_table("tumors").groupby(["patient_id", "session_id"], sort=False).size()
    return tuple(tuple(own) for _, own in tumors.groupby("patient_id", sort=False))


@pytest.fixture(scope="module")
def model(papers, shape):
    """The edition's shape over the reals, all facts held."""
    return held(papers[1], shape)


def measured_in(model):
    """The number of parts of a unit, by index of a measured cell's variable."""
    cells = [cell for _, cell in cells_of(model) if cell.column.parts > 1]
    return {cell.number.index: cell.column.parts for cell in cells}


def constraint_variables(own):
    """Variables of a constraint that is no sum, as far as it can hold measured ones."""
    for kind in ("table", "int_prod", "lin_max", "element"):
        if getattr(own, f"has_{kind}")():
            yield {int(str(e).split()[1]) for e in getattr(own, kind).exprs}


def ends_of(domain, by):
    """The ends of a domain, after division by a coefficient: whole numbers, None beyond all."""
    for low, high in zip(domain[::2], domain[1::2], strict=True):
        yield None if low < -FARTHEST else -(-low // by), None if high > FARTHEST else high // by


def test_measured_cells_are_only_compared(model):
    """Two at a time, one less the other, with whole units; an open end is one part away."""
    parts, compared = measured_in(model), 0
    for constraint in model.cells.m.proto.constraints:
        if not constraint.has_linear():
            assert not {i for v in constraint_variables(constraint) for i in v} & set(parts)
            continue
        linear = constraint.linear
        terms = dict(zip(linear.vars, linear.coeffs, strict=True))
        own = {i: c for i, c in terms.items() if i in parts}
        if not own:
            continue
        by, unit = abs(next(iter(own.values()))), parts[next(iter(own))]
        assert len(own) == 1 or sorted(own.values()) == [-by, by]
        assert all(c % (by * unit) == 0 for i, c in terms.items() if i not in parts)
        for low, high in ends_of(list(linear.domain), by):
            assert low is None or low % unit in (0, 1)
            assert high is None or high % unit in (0, unit - 1)
        compared += 1
    assert compared > 300
    assert len(parts) < min(parts.values())


class Reals:
    """A model's constraints for z3, its measured cells as real numbers and no grid at all.

    Products are left out (the spread of a whole number): that allows more.
    """

    def __init__(self, model):
        self.parts, proto = measured_in(model), model.cells.m.proto
        self.solver, self.known = z3.Solver(), {}
        self.domains = [list(v.domain) for v in proto.variables]
        for i, parts in self.parts.items():
            low, high = self.domains[i]
            assert low % parts == high % parts == 0
        for constraint in proto.constraints:
            asked = self.constraint(constraint)
            if asked is not None:
                given = [self.literal(i) for i in constraint.enforcement_literal]
                self.solver.add(z3.Implies(z3.And(given), asked))

    def number(self, i):
        """A variable: real where it is measured, true or false with two values, else whole."""
        if i not in self.known:
            low, high = self.domains[i][0], self.domains[i][-1]
            if i not in self.parts and (low, high) == (0, 1):
                self.known[i] = z3.If(z3.Bool(f"b{i}"), 1, 0)
            else:
                made = (z3.Real if i in self.parts else z3.Int)(f"x{i}")
                self.solver.add(made >= low, made <= high)
                self.known[i] = made
        return self.known[i]

    def literal(self, i):
        """A literal by its index; negations have negative ones."""
        return self.number(i) == 1 if i >= 0 else self.number(-i - 1) == 0

    def constraint(self, own):
        """A constraint as a formula; None for a product."""
        if own.has_linear():
            return self.linear(own.linear)
        if own.has_table():
            columns = [self.number(int(str(e).split()[1])) for e in own.table.exprs]
            rows = zip(*[iter(own.table.values)] * len(columns), strict=True)
            return z3.Or([z3.And([c == v for c, v in zip(columns, r, strict=True)]) for r in rows])
        if own.has_int_prod():
            return None
        kinds = {"bool_or": z3.Or, "bool_and": z3.And}
        for kind, joined in kinds.items():
            if getattr(own, f"has_{kind}")():
                return joined([self.literal(i) for i in getattr(own, kind).literals])
        assert own.has_exactly_one(), own
        return z3.PbEq([(self.literal(i), 1) for i in own.exactly_one.literals], 1)

    def linear(self, own):
        """A sum within its domain; a part more or less than whole units is an open end."""
        total = z3.Sum([c * self.number(i) for i, c in zip(own.vars, own.coeffs, strict=True)])
        measured = [
            (abs(c), self.parts[i])
            for i, c in zip(own.vars, own.coeffs, strict=True)
            if i in self.parts
        ]
        by, unit = measured[0] if measured else (1, 1)
        ways = []
        for low, high in ends_of(list(own.domain), by):
            ends = []
            if low is not None:
                ends.append(
                    total > by * (low - 1) if measured and low % unit == 1 else total >= by * low
                )
            if high is not None:
                closed = not measured or high % unit == 0
                ends.append(total <= by * high if closed else total < by * (high + 1))
            ways.append(z3.And(ends))
        return z3.Or(ways)


def test_a_second_solver_agrees_without_a_grid(model):
    """Z3 over the reals refutes another value of every determined cell of sessions and tumors."""
    cells = read_table("identifiability").astype(str)
    fixed = cells[cells["status"] == "determined"].set_index(["table", "row_id", "column"])
    other = other_values(model, fixed["lowest"].to_dict())
    asked = Reals(model)
    assert asked.solver.check() == z3.sat
    asked.solver.add(z3.Or([asked.literal(x.index) for x, _ in other]))
    assert len(other) > 300
    assert asked.solver.check() == z3.unsat


def test_a_second_solver_finds_nothing_beyond(model):
    """Z3 over the reals refutes a number beyond its ends, and finds one beyond an end in tenths."""
    cells = read_table("related_cells").astype(str)
    place = (cells["row_id"] == "T16") & (cells["column"] == "local_time")
    narrow = cells.assign(highest=cells["highest"].mask(place, "60.5"))
    every = [[x.index for x, _ in beyond(model, own)] for own in (cells, narrow)]
    assert len(every[0]) > 50
    for indices, answer in zip(every, (z3.unsat, z3.sat), strict=True):
        asked = Reals(model)
        asked.solver.add(z3.Or([asked.literal(i) for i in indices]))
        assert asked.solver.check() == answer


def test_tenths_would_allow_less(papers, shape):
    """19 mm in the lung beside renal tumors below 2 cm: not in tenths, but in real numbers."""
    answers = []
    for paper in papers:
        model = held(paper, shape)
        people = zip(
            model.cells.slots["patients"].values(), paper.cohorts[0].itertuples(), strict=True
        )
        small = [s.cells["extrarenal_lung_mm"] for s, row in people if not row.tumor_2cm_or_larger]
        large = [model.cells.compared(c.number, ">=", 19 * c.column.scale) for c in small]
        model.cells.m.add_bool_or(large)
        answers.append(run(model.cells.m) is not None)
    assert answers == [False, True]
