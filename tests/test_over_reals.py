"""Related tables over real numbers: the grid misses nothing, and a solver without one agrees."""

import pytest

from other_cells import beyond, other_values
from reals_told import Reals, ends_of, measured_in
from recohort.audit.related_cells import every_fact, held
from recohort.cells.edition import kept_facts
from recohort.cells.over_reals import over_reals
from recohort.cells.relations import run
from recohort.edition import Work, frame_of, people_over_reals
from thirteen.data import DATA, read_table
from thirteen.data import run as run_search

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def papers():
    """The related tables under the first smallest correction, in tenths and over the reals."""
    result = run_search()
    paper = every_fact(Work(DATA), [frame_of(result, cohort) for cohort in result.grid])
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


def constraint_variables(own):
    """Variables of a constraint that is no sum, as far as it can hold measured ones."""
    for kind in ("table", "int_prod", "lin_max", "element"):
        if getattr(own, f"has_{kind}")():
            yield {int(str(e).split()[1]) for e in getattr(own, kind).exprs}


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


def test_a_second_solver_agrees_without_a_grid(model):
    """Z3 over the reals refutes another value of every determined cell of sessions and tumors."""
    cells = read_table("identifiability").astype(str)
    fixed = cells[cells["status"] == "determined"].set_index(["table", "row_id", "column"])
    other = other_values(model, fixed["lowest"].to_dict())
    asked = Reals(model)
    assert asked.some() is not None
    assert len(other) > 300
    assert asked.some(*(x.index for x, _ in other)) is None


def test_a_second_solver_finds_nothing_beyond(model):
    """Z3 over the reals refutes a number beyond its ends, and finds one beyond an end in tenths."""
    cells = read_table("related_cells").astype(str)
    place = (cells["row_id"] == "T16") & (cells["column"] == "local_time")
    narrow = cells.assign(highest=cells["highest"].mask(place, "60.5"))
    every = [[x.index for x, _ in beyond(model, own)] for own in (cells, narrow)]
    assert len(every[0]) > 50
    none, beyond_tenths = (Reals(model).some(*indices) for indices in every)
    assert none is None
    assert beyond_tenths


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
