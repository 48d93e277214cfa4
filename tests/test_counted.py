"""Solutions counted without multiplying factors out, against a list of all of them."""

from functools import cache

import pytest

from recohort.paper.options import ANY
from recohort.survival.cohorts import grid_cohorts, has_times
from recohort.survival.found import Bounds, find
from recohort.survival.join import candidates, extend
from recohort.survival.known import TESTED
from recohort.survival.orders import remembered_orders
from recohort.survival.printing import printed_facts
from recohort.survival.problem import problem_of
from recohort.survival.stages import joints, rated_groups, survival_stages, survival_steps
from recohort.survival.tally import Limits
from recohort.validation.papers import SEED, paper_of
from recohort.validation.truth import true_masks, truth_passes
from test_walk import problem
from tiers import first

PAPERS = first(2, [2, 13, 22, 3, 11, 14, 17, 24])
LESS = [f"{name}{side}" for name in ("survival", "hazard_ratio") for side in ("_lower", "_upper")]
LESS += "hazard_ratio hazard_ratio_p sd quantile mean minimum maximum".split()
SMALL = Limits(sets=5, ways=3, times=2)


def key(joint):
    """An order with groups, to compare."""
    return joint.pattern, tuple(joint.counts), tuple(sorted(joint.masks.items()))


def listed(asked):
    """Every solution, one after the other: all columns multiplied out, times asked of each."""
    used, words = survival_steps(asked)
    return {
        key(joint)
        for joint in joints(asked, survival_stages(asked), used)
        if has_times(asked, joint) == "some"
        and any(extend(asked, {s: candidates(asked, joint.pattern, s) for s in words}, joint))
    }


def shared(asked, solutions):
    """The levels that occur at each place in some of the listed solutions."""
    found = {"event": [set() for _ in range(asked.size)]}
    for pattern, _, masks in solutions:
        for i in range(asked.size):
            found["event"][i].add(bool(pattern >> i & 1))
        for (column, level), mask in masks:
            other = asked.levels[column][1]
            places = found.setdefault(column, [set() for _ in range(asked.size)])
            for i, place in enumerate(places):
                place.add(level if mask >> i & 1 else other)
    return found


def drawn(number, *more):
    """The problem of a drawn paper without limits and spread, with some more rows.

    So much less is said that several cohorts are consistent with it.
    """
    published = paper_of(SEED, number)[3]
    kept = published[["statistic", "arguments", "printed"]].query("statistic not in @LESS")
    return problem([*kept.to_numpy().tolist(), *more], ANY)


@cache
def whole(number):
    """All that the search finds in a drawn paper."""
    return find(drawn(number))


def crossed(number):
    """Rows on two factors at once that are true of a drawn cohort, and one on a third."""
    cohort = paper_of(SEED, number)[0]
    both = (cohort["treated"] == "yes") & (cohort["bulky"] == "yes")
    lost = cohort["event"] & (cohort["treated"] == "yes")
    late = (cohort["time"] >= 12) & (cohort["bulky"] == "yes")
    return (
        ("count", "treated=yes; bulky=yes", both.sum()),
        ("count", "event=True; treated=yes", lost.sum()),
        ("count", "time>=12; bulky=yes", late.sum()),
    )


@pytest.mark.parametrize("number", PAPERS)
def test_as_many_as_a_list_has(number):
    """Their number, the list itself, and the levels that occur at each place."""
    asked = drawn(number)
    found, wanted = find(asked), listed(asked)
    assert found.least == found.most == len(wanted) > 0
    assert found.status == ("complete" if len(wanted) <= 500 else "counted")
    shown = {key(joint) for joint in found.solutions}
    assert shown <= wanted
    assert len(shown) == len(found.solutions) == min(len(wanted), 500)
    assert found.shared == shared(asked, wanted)


@pytest.mark.parametrize("number", first(1, [13, 17]))
def test_columns_that_rows_tie_together(number):
    """Counts of two groups, of the dead and after a time are joined, not multiplied."""
    asked = drawn(number, *crossed(number))
    found, wanted = find(asked), listed(asked)
    assert found.least == found.most == len(wanted) > 0
    assert found.shared == shared(asked, wanted)
    assert found.least < whole(number).least


def test_two_ways_to_ask_the_same_are_added_up():
    """Medians of two factors at two places, this way round or that: the same of the times."""
    rows = [("count", "", 5), ("count", "event=True", 5)]
    for column in ("x", "y"):
        rows += [("count", f"{column}=a", 3), ("count", f"{column}=b", 2)]
        rows.append(("median_survival", f"{column}=a", "10"))
    asked = problem(rows)
    found, wanted = find(asked), listed(asked)
    assert found.least == found.most == len(wanted) == 100


def test_a_level_that_only_counts_name_has_to_exist():
    """It is not chosen, so it multiplies nothing; where there is none, there is no solution."""
    cohort = paper_of(SEED, 0)[0]
    treated = int((cohort["treated"] == "yes").sum())
    base = whole(0).least
    more = [("count", "x=a", treated), ("count", "x=b", len(cohort) - treated)]
    assert find(drawn(0, *more, ("count", "treated=yes; x=a", treated))).least == base
    wrong = find(drawn(0, *more, ("count", "treated=yes; x=a", treated + 1)))
    assert (wrong.status, wrong.least, wrong.most) == ("complete", 0, 0)


def test_orders_alone_are_counted():
    """More than are listed: their exact number, and who may have died."""
    rows = [("count", "", 9), ("count", "event=True", 3), ("survival", "at=12", "88.9")]
    asked = problem(rows)
    found = find(asked, Bounds(orders=10, solutions=4))
    wanted = listed(asked)
    assert (found.status, found.least, found.most) == ("counted", len(wanted), len(wanted))
    assert {key(joint) for joint in found.solutions} < wanted
    assert found.shared == shared(asked, wanted)


def test_orders_without_groups_have_one_product_each():
    """Where no rate of a group is printed, orders with groups are the orders."""
    rows = [("count", "", 6), ("count", "event=True", 3), ("survival", "at=12", "83.3")]
    asked = problem(rows)
    assert rated_groups(asked) == len(remembered_orders(asked).pattern) > 0
    assert (
        rated_groups(problem([*rows, ("survival", "at=12; x=a", "99.9"), ("count", "x=a", 2)])) == 0
    )


def test_times_on_the_grid_print_every_number():
    """However medians and quartiles may be formed: each row is judged with the times themselves."""
    rows = [("count", "", 5), ("count", "event=True", 4), ("minimum", "column=time", "1.0")]
    rows += [("maximum", "column=time", "1.6"), ("quantile", "column=time; q=0.25", "1.2")]
    rows += [("median_survival", "", "1.3"), ("sd", "column=time", "0.2")]
    asked, number = problem(rows, ANY), 0
    for cohort in grid_cohorts(asked):
        assert printed_facts(asked, cohort) == {row.fact for row in asked.rows}
        number += 1
    assert number > 0


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(orders=2),
        Bounds(sets=3),
        Bounds(tests=1),
        Bounds(tests=20),
        Bounds(order=SMALL),
        Bounds(first=True),
    ],
    ids=repr,
)
@pytest.mark.parametrize("number", first(1, [13, 3]))
def test_bounds_end_the_work_honestly(number, bounds):
    """What is proven by then holds, and which bound it was is said."""
    asked = drawn(number)
    wanted = whole(number).least
    found = find(asked, bounds)
    assert found.least <= wanted <= found.most
    if found.status in ("bounded", "open"):
        assert found.stopped
        assert found.shared is None
        assert (found.status == "open") == (found.least == 0)
    else:
        assert found.least == wanted


def test_a_search_tells_how_far_it_is(monkeypatch):
    """Stage, done, of how many; what is known only grows."""
    monkeypatch.setattr("recohort.survival.found.OFTEN", 0)
    told = []
    found = find(drawn(3), tell=lambda *some: told.append(some))
    done = [number for _, number, _, _ in told if number]  # none during the first quick look
    assert done == [*range(1, told[-1][2] + 1)]
    least = [known.least for *_, known in told]
    assert least == sorted(least)
    assert least[-1] == found.least
    assert all(known.most >= found.least for *_, known in told)
    assert found.left(TESTED) >= found.least


@pytest.mark.parametrize("number", [12])
def test_the_truth_is_counted_in(number):
    """It passes the stages; the levels of its patients occur at their places."""
    cohort, _, _, published = paper_of(SEED, number)
    asked = problem_of(published)
    found = find(asked)
    assert truth_passes(asked, cohort)
    for (column, level), mask in true_masks(asked, cohort).items():
        for i in range(asked.size):
            other = asked.levels[column][1]
            assert (level if mask >> i & 1 else other) in found.shared[column][i]
