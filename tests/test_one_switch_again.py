"""Cells that stay with every number formed in any way, refuted again by two other routes.

`free_cells.csv` says "yes" where CP-SAT finds no other value on a grid. Z3 is told the same facts
over real numbers, without a grid, in every shape under every least reading; cohorts of survival are
the search's own. What survival itself tells of factors, deaths and tumor types is searched for
again by `second_reals`, with P values of lifelines and statsmodels. Neither route asks again which
origin or cause of death the words leave to a patient.
"""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from lifelines.statistics import logrank_test
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg

import second_reals as second
from reals_told import Reals
from recohort.audit.known import KEYS
from recohort.audit.one_switch import freest, held_freely
from recohort.audit.related_cells import every_fact, places
from recohort.cells.over_reals import over_reals
from recohort.cells.values import cells_of, other_than
from recohort.edition import Work, frame_of, people_over_reals
from second_reals_facts import OTHERS, Digits, Ways, table3
from thirteen.data import DATA, read_table
from thirteen.data import run as run_search

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("one_switch_again")]
STAYS = read_table("free_cells").set_index(KEYS)["one_more_switch"]
KNOWN = read_table("identifiability").set_index(KEYS)["lowest"].astype(str)
STAY, MOVE = (KNOWN[STAYS.index[STAYS.eq(answer)]].to_dict() for answer in ("yes", "no"))
READINGS = sorted(read_table("related_corrections")["correction"].unique())
DIGITS = Digits(Fraction(1, 2), Fraction(1), None)  # half up, half even or cut off; no limits
MEDIANS = "plain", "reached", "below", "middle"
FREE = Ways(DIGITS, MEDIANS, (2, 6, 7), frozenset({OTHERS}), tests=False)
LUNG = "pathology=nsclc"


@pytest.fixture(scope="module")
def every():
    """All (number, paper, shape) over the reals; numbers of survival formed in any way."""
    free, complete = freest(run_search())
    assert complete
    paper = every_fact(Work(DATA), [frame_of(free, cohort) for cohort in free.cohorts])
    return list(places(over_reals(paper, *people_over_reals(free)), DATA))


def others(model, known):
    """The indices of literals that known cells have another value."""
    return [literal.index for literal in other_than(model, known)]


@pytest.mark.parametrize("reading", READINGS)
def test_no_other_value_without_a_grid(every, reading):
    """Z3 refutes another value of every cell that stays, in every shape; more than 400 at once."""
    own = [(paper, shape) for number, paper, shape in every if number == reading]
    assert len(own) == 20
    for paper, shape in own:
        model = held_freely(paper, shape)
        wanted = others(model, STAY)
        assert len(wanted) > 400
        assert Reals(model).some(*wanted) is None


def test_cells_that_stay_are_asked(every):
    """All but deaths and origins, which only survival tells."""
    _, paper, shape = every[0]
    asked = {name for name, _ in cells_of(held_freely(paper, shape))}
    assert {column for _, _, column in set(STAY) - asked} == {"event", "origin"}


def movable(every):
    """Each shape that has a solution: what z3 is told, and literals that cells move, by name."""
    for _, paper, shape in every:
        model = held_freely(paper, shape)
        asked = Reals(model)
        if asked.some() is not None:
            yield asked, {name: others(model, {name: text}) for name, text in MOVE.items()}


def test_other_values_are_found_where_cells_move(every):
    """By the same route each cell that does not stay has another value, but for an origin."""
    left = {name for name in MOVE if name[2] != "origin"}
    assert (len(left), len(MOVE)) == (19, 20)
    for asked, literals in movable(every):
        while found := asked.some(*(i for name in left for i in literals[name])):
            left -= {name for name in left if found & set(literals[name])}
            if not left:
                return
    raise AssertionError(left)


def test_a_fact_left_out_is_noticed(every):
    """Without the number of biopsies a cell moves."""
    for _, paper, shape in every:
        facts = {f: rows for f, rows in paper.facts.items() if f != "n.biopsied"}
        assert len(facts) < len(paper.facts)
        model = held_freely(paper._replace(facts=facts), shape)
        if found := Reals(model).some(*others(model, STAY)):
            break
    assert found


def p_values(deaths, members):
    """P by log-rank, and by Wald's and the likelihood-ratio test of a Cox model; nobody is tied."""
    times, died = np.arange(len(deaths)) + 1.0, np.array(deaths)
    inside = np.isin(np.arange(len(deaths)), members)
    model = PHReg(times, inside.astype(float)[:, None], status=died.astype(int))
    fit = model.fit()
    ratio = 2 * (fit.llf - model.loglike(np.zeros(1)))
    test = logrank_test(times[inside], times[~inside], died[inside], died[~inside])
    return test.p_value, float(fit.pvalues[0]), float(chi2.sf(ratio, 1))


def printed_as(value, told):
    """Does a P value round to this in some way, at once or through three decimals?"""
    last, ways = Decimal(told), (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)
    forms = {Decimal(value)} | {Decimal(value).quantize(Decimal("0.001"), way) for way in ways}
    return any(form.quantize(last, way) == last for form, way in product(forms, ways))


@pytest.fixture(scope="module")
def systems():
    """Solutions with every number formed in any way, and the groups whose P fits by some test."""
    found = []
    for system, groups in second.solutions(FREE):
        assert not system.tied
        fitting = {
            factor.name: {
                own for own in groups[factor.name]
                if any(printed_as(p, factor.p) for p in p_values(system.order.deaths, own))
            }
            for factor in table3()
        }  # fmt: skip
        found.append((system, fitting))
    return found


def staying(column):
    """Of each patient, in order of time: is the cell of a column said to stay?"""
    names = [f"P{i + 1:02d}" for i in range(second.PATIENTS)]
    return [("patients", name, column) in STAY for name in names]


def same(sets):
    """Of each patient: in all of some groups, or in none of them?"""
    return [len({i in own for own in sets}) == 1 for i in range(second.PATIENTS)]


def test_factors_and_deaths_stay_by_the_second_search(systems):
    """Just the patients whose flag is said to stay are on one side in every solution."""
    assert len({system.order.deaths for system, _ in systems}) == 1
    assert all(staying("event"))
    for factor in table3():
        column = factor.name.partition("=")[0]
        told = same({own for _, groups in systems for own in groups[factor.name]})
        assert column == "pathology" or told == staying(column), column
    assert not all(staying("prior_chemotherapy"))


def test_tumor_types_stay_by_the_second_search(systems):
    """Just the patients whose tumor type is said to stay have one."""
    found = []
    for system, groups in systems:
        for lung, treated in product(groups[LUNG], groups["prior_chemotherapy=True"]):
            every = second.with_types(system, lung, treated, FREE)
            found += [types | {LUNG: lung} for _, types in every]
    told = [same({types[name] for types in found}) for name in found[0]]
    assert [all(one) for one in zip(*told, strict=True)] == staying("pathology")
    assert not all(staying("pathology"))


def test_without_p_values_more_would_move():
    """What refutes other men is their P value: without it the same route finds more."""
    untested = {own for _, groups in second.solutions(FREE) for own in groups["sex=male"]}
    assert not all(same(untested))
    assert all(staying("sex"))
