"""Facts about survival left out, by the second route: what `roles.csv` says is counted again."""

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from importlib import import_module

import pandas as pd
import pytest

import second_roles as roles
import second_route as second
from committed import kept_problem
from recohort.folder import read_blocks
from recohort.paper.rows import Row
from recohort.survival.cohorts import Cohort, grid_cohorts
from recohort.survival.printing import printed_facts
from recohort.survival.problem import steps_of
from thirteen.data import DATA, read_table

ROLES = read_table("roles").set_index("fact")
SAMPLE = ["hr.nsclc.p", "os.male.5y", "n.leiomyosarcoma"]  # confirmed, and quickly counted
INPUTS = ["mst.nsclc", "p.sex"]
PLACE = DATA / "cohort" / "sharpness.csv"
FACTS = read_blocks("survival", folder=DATA)[0].set_index("id")["fact"]
# What the search itself has to judge: the numbers of patients need no search.
SEARCHED = {r.fact for r in kept_problem().rows if r.filters or r.statistic != "count"}
SHARP = [
    change
    for change in pd.read_csv(PLACE, dtype=str, keep_default_na=False).itertuples()
    if change.how in ("no_cohort", "missed") and FACTS.get(change.id) in SEARCHED
]
MISSED = [c for c in SHARP if c.how == "missed"]
NOTICED = [c for c in SHARP if c.how == "no_cohort"]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second_roles")]  # counts are shared


@cache
def paper():
    """The paper of the edition, as the second route sees it."""
    return roles.paper_of_edition()


@cache
def memory():
    """What the walks have found."""
    return {}


@cache
def every():
    """All cohorts of the edition, by the second route."""
    return second.every_cohort(paper(), memory=memory())


def as_second(problem, cohort):
    """A cohort of the search as the second route writes it, with every level of every column."""

    def bits(mask):
        return tuple(bool(mask >> i & 1) for i in range(problem.size))

    groups, everyone = set(), 2**problem.size - 1
    for step in steps_of(problem):
        mask, levels = dict(cohort.masks)[step], problem.levels[step[0]]
        groups.add((step, bits(mask)))
        if len(levels) == 2:
            groups.add(((step[0], levels[1]), bits(everyone - mask)))
    times = tuple(round(10 * t) for t in cohort.times)
    return second.Cohort(bits(cohort.pattern), cohort.counts, times, frozenset(groups))


def as_searched(problem, cohort):
    """A cohort of the second route as the search writes it."""

    def mask(bits):
        return sum(bit << i for i, bit in enumerate(bits))

    groups, times = dict(cohort.groups), tuple(t / 10 for t in cohort.times)
    masks = tuple((step, mask(groups[step])) for step in steps_of(problem))
    return Cohort(mask(cohort.died), cohort.ended, masks, times)


def without_words(found):
    """Cohorts without the columns of which no rate, test or time is printed."""
    words = second.word_columns(paper())
    return {
        c._replace(groups=frozenset(g for g in c.groups if g[0][0] not in words)) for c in found
    }


def names_a_word(fact):
    """Does the fact name a column with a level of which no rate, test or time is printed?"""
    figures = second.RATES | second.DASHES | second.TESTS | second.TIMES
    rated = {f[0] for r in paper().rows if r.statistic in figures for f in r.filters}
    named = {f[0] for r in paper().rows if r.fact == fact for f in r.filters}
    levels = paper().levels
    told = {
        (c, v) for c in levels for v in levels[c]
        if any(paper().rows_on(figures, c, v, side) for side in (True, False))
    }  # fmt: skip
    return any(c not in rated or any((c, v) not in told for v in levels[c])
               for c in named - {"time", "event"})  # fmt: skip


def test_the_edition_has_the_same_cohorts_on_both_routes():
    """With the exceptions and every word: the search's cohorts and the solver's, as sets."""
    problem = kept_problem()
    found = list(grid_cohorts(problem, every_word=True))
    again = {as_second(problem, cohort) for cohort in found}
    assert len(again) == len(found) == int(read_table("stages")["left"].iloc[-1])  # as is said
    assert (len(again - every()), len(every() - again)) == (0, 0)  # a diff of sets takes minutes
    assert {r.fact for r in problem.rows} == {*roles.facts_of(paper())}


@pytest.mark.slow
def test_all_facts_are_counted_and_agree_with_the_roles():
    """Confirmed: no other cohort, and just as many; an input: another one is there at once."""
    orders = {cohort._replace(times=()) for cohort in every()}  # the search does not count times
    few = len(without_words(orders))
    for fact in roles.facts_of(paper()):
        role, count = ROLES.loc[fact, ["role", "cohorts"]]
        another = roles.leaves_another(paper(), [fact], every(), memory())
        assert (role == "confirmed") == (count != ""), fact
        if role == "confirmed":
            assert int(count) == (len(orders) if names_a_word(fact) else few), fact
        assert role == "input" or not another, fact  # times off the grid of tenths miss some


@pytest.mark.parametrize("fact", SAMPLE)
def test_confirmed_facts_again(fact):
    """A few of all facts, every day: without them the cohorts are the same."""
    assert ROLES.loc[fact, "role"] == "confirmed"
    assert not roles.leaves_another(paper(), [fact], every(), memory())


@pytest.mark.parametrize("fact", INPUTS)
def test_an_input_leaves_another_cohort(fact):
    """What does not follow from the others is seen: a cohort that prints all others and not it."""
    found = second.every_cohort(second.without(paper(), [fact]), every(), memory())
    (other,) = found - every()
    problem = kept_problem()
    printed = printed_facts(problem, as_searched(problem, other))
    assert {*roles.facts_of(paper())} - printed == {fact}
    assert ROLES.loc[fact, "role"] == "input"


def test_without_the_exceptions_no_cohort_is_left():
    """The convention of the excepted facts matters: under the paper-wide one nothing is left."""
    table = read_table("corrections")
    excepted = table.loc[table["kind"] == "excepted", "fact"].tolist()
    kept = [r._replace(switches=()) if r.fact in excepted else r for r in paper().rows]
    assert any(r.switches for r in paper().rows)
    assert second.every_cohort(paper()._replace(rows=kept)) == set()


def test_a_search_that_loses_times_is_noticed(monkeypatch):
    """With one choice of times lost in every group, the search has other cohorts than these."""
    whole = import_module("recohort.survival.cohorts")
    real = whole.grid_times
    monkeypatch.setattr(whole, "grid_times", lambda *a, **k: list(real(*a, **k))[1:])
    with pytest.raises(AssertionError):
        test_the_edition_has_the_same_cohorts_on_both_routes()


def limit_prints(side, rate, greenwood, printed):
    """`unrounded_prints` of a row with this limit."""
    row = Row("", "", f"survival_{side}", (), (), "rounds to", printed)
    return second.unrounded_prints(row, rate, greenwood)


@pytest.mark.parametrize(("side", "sign"), [("lower", -1), ("upper", 1)])
def test_unrounded_limits(side, sign):
    """Squares of fractions say what fifty digits say, from 0 to 100."""
    half, z = Decimal("0.05"), Decimal("1.96")
    with localcontext(prec=50):
        for rate, greenwood in (
            (Fraction(3, 8), Fraction(37, 210)),
            (Fraction(8, 9), Fraction(1, 72)),
        ):
            r, g = (Decimal(x.numerator) / x.denominator for x in (rate, greenwood))
            limit = 100 * min(max(r + sign * z * r * g.sqrt(), Decimal(0)), Decimal(1))
            for tenths in range(1001):
                printed = f"{tenths / 10:.1f}"
                good = Decimal(printed) - half <= limit < Decimal(printed) + half
                assert limit_prints(side, rate, greenwood, printed) == good


def test_unrounded_limits_on_an_edge():
    """Limits of just 40.05, 59.95 and 50.05 go up."""
    rate, greenwood = Fraction(1, 2), (Fraction(995, 10000) / Fraction(98, 100)) ** 2
    assert limit_prints("lower", rate, greenwood, "40.1")
    assert not limit_prints("lower", rate, greenwood, "40.0")
    assert limit_prints("upper", rate, greenwood, "60.0")
    assert not limit_prints("upper", rate, greenwood, "59.9")
    for side in ("lower", "upper"):
        assert limit_prints(side, Fraction(5005, 10000), None, "50.1")


@pytest.mark.parametrize("change", [*NOTICED[::30], *MISSED], ids=lambda c: f"{c.id}={c.changed}")
def test_changed_figures_again(change):
    """One unit off: no cohort where the search has none; times in tenths miss some that it has."""
    changed = roles.paper_of_edition({change.id: change.changed})
    found = second.every_cohort(changed, set(), memory())
    assert change.how == "missed" or not found
