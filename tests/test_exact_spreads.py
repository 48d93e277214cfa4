"""A spread that no times have: the floating-point proof again in exact rationals, by z3.

Squared deviations are convex: each tangent, with rational numbers in it, bounds them from below.
Linear facts and some tangents below the highest sum of squares that prints the SD are refuted
together, exactly. It shares the facts with the search, and no bound.
"""

from fractions import Fraction

import pytest
import z3

from recohort.audit.conventions import tried_searches
from recohort.edition import Work
from recohort.survival import reals
from recohort.survival.linear import told
from thirteen.data import DATA
from thirteen.data import run as run_search

MOST = 300  # tangents
pytestmark = pytest.mark.slow


def exact(solver, times):
    """The times of a solution, as fractions."""
    model = solver.model()
    return [model.eval(t, model_completion=True).as_fraction() for t in times]


def away_from_mean(times, positions):
    """Deviations with four decimals that add up to zero."""
    center = sum(times[i] for i in positions) / len(positions)
    own = [Fraction(round((times[i] - center) * 10**4), 10**4) for i in positions]
    return [own[0] - sum(own), *own[1:]]


def refuted(linear, spread, size):
    """Have no times within the facts so small a spread? None where the tangents do not tell."""
    _, high = spread.squares()
    solver, times = z3.SolverFor("QF_LRA"), z3.Reals([f"t{i}" for i in range(size)])
    solver.add(told(tuple(linear)))
    for _ in range(MOST):
        if solver.check() == z3.unsat:
            return True
        found = exact(solver, times)
        away = away_from_mean(found, spread.positions)
        if sum(a * a for a in away) <= high:
            return False
        slope = z3.Sum(
            [
                z3.Q(2 * a.numerator, a.denominator) * times[i]
                for a, i in zip(away, spread.positions, strict=True)
            ]
        )
        end = high + sum(a * a for a in away)
        solver.add(slope <= z3.Q(end.numerator, end.denominator))
    return None


@pytest.fixture(scope="module")
def refusals():
    """What the search refutes by a spread when each option is held for all of survival."""
    asked, settle = [], reals.settle

    def noted(linear, spreads, inside):
        answer = settle(linear, spreads, inside)
        if answer[1]:
            asked.append((tuple(linear), tuple(spreads), len(inside)))
        return answer

    work = Work(DATA)
    assert work.result.problem.rows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reals, "settle", noted)
        table = tried_searches(work)["convention_searches"]
    return asked, table


def test_each_refusal_is_exact(refusals):
    """Every "none" that rests on a spread: refuted again without floating point."""
    asked, table = refusals
    assert asked
    assert (table["status"] != "open").all()
    for linear, spreads, size in asked:
        assert any(refuted(linear, spread, size) for spread in spreads)


def test_a_spread_that_exists_is_not_refuted(refusals):
    """The same facts with a wider interval: times are found, and the proof falls."""
    (linear, spreads, size), *_ = refusals[0]
    interval = spreads[0].interval._replace(high=spreads[0].interval.high * 2)
    assert refuted(linear, spreads[0]._replace(interval=interval), size) is False


def test_the_search_itself_needs_no_such_proof():
    """Orders, groups and times of the edition rest on exact answers alone."""
    asked, settle = [], reals.settle

    def noted(linear, spreads, inside):
        answer = settle(linear, spreads, inside)
        asked.append(answer[1])
        return answer

    reals.real_times.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reals, "settle", noted)
        run_search()
    assert not any(asked)
