"""The search and an independent count (`second_route`) find the same cohorts of the paper.

Five facts are set aside here so that there is something to count; which ones have to be is
the search's own question.
"""

from functools import cache
from importlib import import_module

import pytest

import second_route as second
from recohort.folder import read_blocks
from recohort.survival import groups, join, orders, problem, stages
from recohort.survival.tied import death_ties, fitting_ties
from thirteen.data import DATA

whole = import_module("recohort.survival.cohorts")  # the package has a function of that name

SET_ASIDE = {"os.female.1y", "os.female.3y", "os.female.5y", "n.six_or_more.table3", "mst.others"}
CONVENTIONS = {
    "halves": "up", "interval_rounding": "three_decimals", "median": "follow_up",
    "test": "log_rank", "p_rounding": "three_decimals", "adjustment": "alone", "ties": "breslow",
    "sd": "population", "quantile": "inclusive",
}  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second_route")]  # counts are shared


@cache
def files():
    """Both frames, by the reader that the two routes share."""
    return read_blocks("survival", folder=DATA)[:2]


@cache
def paper():
    """The paper as the second route sees it."""
    return second.paper(*files(), SET_ASIDE)


@cache
def second_orders():
    """Orders of the second route."""
    return second.orders(paper())


@cache
def second_pairs(step):
    """Pairs of an order and a group of the second route, before and after tests."""
    pairs = second.pairs(paper(), second_orders(), *step)
    return pairs, second.tied_pairs(paper(), pairs, *step)


def searched(statistics=None):
    """The paper as the search sees it, with the rows of some statistics only."""
    found = problem.without(problem.problem_of(*files(), CONVENTIONS), SET_ASIDE)
    rows = tuple(r for r in found.rows if statistics is None or r.statistic in statistics)
    return found._replace(rows=rows)


def search_orders(found):
    """The search's orders as the second route writes them."""
    return [
        second.Order(bits(p), tuple(c))
        for p, c in zip(found.pattern.tolist(), found.counts.tolist(), strict=True)
    ]


def bits(mask):
    """A mask of the search as one truth value a patient."""
    return tuple(bool(mask >> i & 1) for i in range(paper().size))


def members(step, mask, asked):
    """Members of the level `asked`, from a mask of `step`; two levels share one mask."""
    assert step == asked or len(paper().levels[step[0]]) == 2
    return bits(mask if step == asked else 2 ** paper().size - 1 - mask)


def search_pairs(step):
    """The search's pairs for one level, over all orders, and those that print its tests."""
    found = searched(problem.RATES + problem.COUNTS)
    all_orders = orders.fitting_orders(found)
    written = search_orders(all_orders)
    (own,) = (s for s in problem.steps_of(found) if s[0] == step[0] and s in (step, other(step)))
    at, sets = groups.fitting_groups(found, all_orders, *own)
    tests = searched(problem.TESTS)
    ties = fitting_ties(tests, all_orders, at, sets, own)
    pairs = [
        (written[o], members(own, s, step)) for o, s in zip(at.tolist(), sets.tolist(), strict=True)
    ]
    patterns = [tie_patterns(all_orders, o) for o in at.tolist()]
    tied = [
        (*pair, bits(tie))
        for pair, mask, known in zip(pairs, ties, patterns, strict=True)
        for t, tie in enumerate(known)
        if mask >> t & 1
    ]
    return pairs, tied


def tie_patterns(all_orders, order):
    """The search's tie patterns of one order, as it numbers them."""
    counts = set(all_orders.counts[order].tolist())
    return death_ties(paper().size, int(all_orders.pattern[order]), counts)


def other(step):
    """The other level of a column with two."""
    column, level = step
    rest = [v for v in paper().levels[column] if v != level]
    return (column, rest[0]) if len(rest) == 1 else step


def search_cohorts():
    """The search's cohorts, origin and the like (words alone) left out."""
    words = second.word_columns(paper())
    found = []
    for cohort in whole.grid_cohorts(searched()):
        masks = dict(cohort.masks)
        groups = set()
        for column, levels in paper().levels.items():
            if column in words:
                continue
            for level in levels:
                step = next(s for s in ((column, level), other((column, level))) if s in masks)
                groups.add(((column, level), members(step, masks[step], (column, level))))
        times = tuple(round(10 * t) for t in cohort.times)
        found.append(second.Cohort(bits(cohort.pattern), cohort.counts, times, frozenset(groups)))
    return found


def forget():
    """Empty the search's memories, so that a changed stage is seen."""
    for value in (*vars(whole).values(), *vars(stages).values(), *vars(join).values()):
        getattr(value, "cache_clear", lambda: None)()


def equal(ours, theirs):
    """Equal as sets, and nothing counted twice."""
    assert len(ours) == len(set(ours))
    assert len(theirs) == len(set(theirs))
    missed, gained = set(theirs) - set(ours), set(ours) - set(theirs)
    assert (len(missed), len(gained)) == (0, 0)  # a diff of large sets takes pytest minutes


def test_orders():
    """Forward walk: orders that print deaths and all patients' rates with limits."""
    found = search_orders(orders.fitting_orders(searched(problem.RATES + problem.COUNTS)))
    equal(found, second_orders())
    assert found


def test_printed_times_cut_orders_safely():
    """Solver: an order that has times is never among those that the search cuts early."""
    rows = [r for r in paper().rows if r.statistic in second.TIMES and not r.filters]
    kept = set(search_orders(orders.fitting_orders(searched())))
    assert kept <= set(second_orders())
    assert second.timely(paper()._replace(rows=rows, levels={}), second_orders()) <= kept


@pytest.mark.parametrize("step", second.rated_levels(paper()), ids="=".join)
def test_groups_and_tests(step):
    """Forward walks: pairs of order and group by rates, then with ties by P and hazard ratio."""
    pairs, tied = search_pairs(step)
    equal(pairs, second_pairs(step)[0])
    equal(tied, second_pairs(step)[1])
    assert tied


@cache
def second_cohorts():
    """All cohorts of the second route."""
    tied = {step: second_pairs(step)[1] for step in second.rated_levels(paper())}
    return second.cohorts(paper(), second_orders(), tied)


def test_whole():
    """Solver: all columns, times, medians, spread and statements together, as sets."""
    equal(search_cohorts(), second_cohorts())


def test_lost_candidate_is_noticed(monkeypatch):
    """A search that loses one candidate of a level differs from the second count."""
    step = second.rated_levels(paper())[0]
    real = groups.fitting_groups
    monkeypatch.setattr(groups, "fitting_groups", lambda *a: tuple(x[1:] for x in real(*a)))
    with pytest.raises(AssertionError):
        test_groups_and_tests(step)


def test_gained_candidate_is_noticed(monkeypatch):
    """A search that takes dashes for nothing gains candidates and differs."""
    real = groups.marks_of

    def without_dashes(*group):
        for mark in real(*group):
            rows = tuple(r for r in mark.rows if r.statistic not in second.DASHES)
            yield mark._replace(rows=rows, dashed=False)

    monkeypatch.setattr(groups, "marks_of", lambda *group: [*without_dashes(*group)])
    with pytest.raises(AssertionError):
        test_groups_and_tests(("prior_chemotherapy", "True"))


@pytest.mark.parametrize("change", ["fewer times", "no statements"])
def test_changed_whole_is_noticed(monkeypatch, change):
    """A search that loses a choice of times, or gains cohorts that no statement cuts, differs."""
    forget()
    if change == "fewer times":
        real = whole.grid_times
        monkeypatch.setattr(whole, "grid_times", lambda *a, **k: list(real(*a, **k))[1:])
    else:
        monkeypatch.setattr(join, "counting_rows", lambda _: [])
    try:
        with pytest.raises(AssertionError):
            test_whole()
    finally:
        forget()
