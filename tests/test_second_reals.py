"""The survival block searched a second time: real-valued times, the paper's numbers alone.

Facts used: 13 patients, 9 deaths; the rates of all patients; the shortest, longest, mean and median
follow-up and its quartiles; Table 3's rates, limits, dashes, P values and medians, but for the 40.0
months; Table 2's medians for tumor types. Spread of follow-up and hazard ratio are used nowhere.
"""

import ast
from fractions import Fraction
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from lifelines.statistics import logrank_test

import second_reals as second
from second_reals_facts import (
    DATA,
    Digits,
    Ways,
    fits_p,
    fitting,
    groupings,
    log_rank,
    table3,
    tumor_types,
)

EDITION = Ways()
LUNG = "pathology=nsclc"
# Half up, half even or cut off; limits left out.
UNCUT = Digits(Fraction(1, 2), Fraction(1), None)


@pytest.fixture(scope="module")
def found():
    """Every solution under the edition's ways."""
    return list(second.solutions(EDITION))


def typing(found) -> list:
    """The solutions with a tumor type for each patient."""
    every = []
    for system, groups in found:
        for lung, treated in product(groups[LUNG], groups["prior_chemotherapy=True"]):
            every += second.with_types(system, lung, treated, EDITION)
    return every


@pytest.fixture(scope="module")
def typed(found):
    """Solutions with tumor types, under the edition's ways."""
    return typing(found)


def extremes(typed, position: int) -> tuple[float, float]:
    """The lowest and the highest time at a position, over all solutions."""
    lows, highs = zip(*(second.ends(system, position) for system, _ in typed), strict=True)
    return min(lows), max(highs)


@pytest.fixture(scope="module")
def patients():
    """The edition's cohort, in order of time."""
    return pd.read_csv(DATA / "cohort" / "patients.csv").sort_values("time", kind="stable")


def belonging(patients, name: str) -> tuple:
    """Positions of the edition's patients in the group of a name (`column=value`)."""
    column, value = name.split("=")
    return tuple((patients[column].astype(str) == value).to_numpy().nonzero()[0].tolist())


def order_of(patients) -> second.Order:
    """The edition's order."""
    until = tuple(int((patients["time"] <= at).sum()) for at in second.LANDMARKS)
    return second.Order(tuple(patients["event"].tolist()), until)


def test_nothing_is_shared_with_the_search():
    """Neither file imports anything of the project but the other one."""
    for name in ("second_reals.py", "second_reals_facts.py"):
        text = (Path(__file__).parent / name).read_text(encoding="utf-8")
        nodes = list(ast.walk(ast.parse(text)))
        froms = {n.module for n in nodes if isinstance(n, ast.ImportFrom)}
        names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
        roots = {module.split(".")[0] for module in froms | names}
        assert roots <= set(
            "collections functools itertools math fractions pathlib typing pandas scipy"
            " second_reals_facts".split()
        )


def fitting_tests(order, tied) -> int:
    """In how many ways patients can be divided by all factors: rates and P values."""
    ways = second.with_groups(order, EDITION)
    for factor in table3() if ways else ():
        every = groupings(order, factor, EDITION.digits)
        p_values = [log_rank(order.deaths, tied, one) for one, _ in every]
        ways = ways // len(every) * sum(fits_p(p, factor.p, EDITION.digits) for p in p_values)
    return ways


def test_orders_and_groups_are_as_many_as_the_search_finds():
    """63 orders; by rates two have groups, 2,099,520 in all; 32 fit all P values, none if tied."""
    orders = second.orders(EDITION)
    stages = pd.read_csv(DATA / "cohort" / "stages.csv")["left"].tolist()
    ways = [second.with_groups(order, EDITION) for order in orders]
    assert [len(orders), sum(ways)] == stages[:2] == [63, 2_099_520]
    assert [n for n in ways if n] == [839_808, 1_259_712]
    tested = [fitting_tests(order, frozenset()) for order in orders]
    assert sum(tested) == 32
    tied = {(o, t) for o in orders for s in second.begin(o, EDITION) for t in second.ties(s) if t}
    assert tied
    assert not any(fitting_tests(*each) for each in tied)


def test_one_assignment_of_the_eight_factors(found, patients):
    """It is the edition's, order and deaths included, with times clear of every edge."""
    ((system, groups),) = found
    assert system.order == order_of(patients)
    assert not system.tied
    assert groups == {f.name: {belonging(patients, f.name)} for f in table3()}
    assert second.margin(system) > second.CLEAR


def test_two_assignments_of_tumor_types(typed, patients):
    """With Table 2's medians and the words on chemotherapy; the edition's is one of the two."""
    edition = {name: belonging(patients, name) for name in tumor_types()}
    assert len(typed) == 2
    assert edition in [types for _, types in typed]
    assert all(second.margin(system) > second.CLEAR for system, _ in typed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patient", "lowest", "highest"),
    [("P05", 14.95, 15.25), ("P08", 32.35, 32.55), ("P12", 60.0, 60.95)],
)
def test_what_three_times_can_be(typed, patients, patient, lowest, highest):
    """Over every solution; the spread of follow-up is not used."""
    position = patients["patient_id"].tolist().index(patient)
    assert extremes(typed, position) == pytest.approx((lowest, highest), abs=5e-5)


def test_times_can_be_what_the_edition_says(typed):
    """The ends in `identifiability.csv`, patient by patient."""
    table = pd.read_csv(DATA / "cohort" / "identifiability.csv").query("column == 'time'")
    said = table.sort_values("row_id")[["lowest", "highest"]].astype(float).to_numpy().tolist()
    assert len(said) == second.PATIENTS
    for position, ends in enumerate(said):
        assert extremes(typed, position) == pytest.approx(ends, abs=5e-5)


@pytest.mark.slow
def test_months_of_another_length(monkeypatch):
    """Five years in months of so many days: what P12's time can be, as the edition says."""
    for row in pd.read_csv(DATA / "cohort" / "month_lengths.csv").itertuples():
        months = Fraction("30.4375") / Fraction(str(row.days))
        monkeypatch.setattr(second, "LANDMARKS", tuple(years * 12 * months for years in (1, 3, 5)))
        typed = typing(second.solutions(EDITION))
        assert len(typed) == 2
        assert extremes(typed, 11) == pytest.approx((row.lowest, row.highest), abs=5e-5)


def test_bounds_hold_what_linear_programs_find(typed):
    """No bound is tighter than the lowest and highest values that a program gives."""
    for system, _ in typed:
        for position, low, high in zip(range(second.PATIENTS), *system.bounds, strict=True):
            least, most = second.ends(system, position)
            assert low / second.UNIT - second.CLEAR <= least <= most
            assert most <= high / second.UNIT + second.CLEAR


@pytest.mark.slow
def test_linear_programs_refute_the_other_orders():
    """Orders that fit the rates of all patients, but have no single times by bounds."""
    others = [o for o in fitting(EDITION.digits) if o not in second.orders(EDITION)]
    margins = [second.margin(s) for order in others for s in second.starts(order, EDITION)]
    assert len(margins) > 1
    assert max(margins) < -second.CLEAR


def test_the_edition_passes_each_stage(typed, patients):
    """Order, rates of every group, P values, and all that is said of times."""
    order = order_of(patients)
    assert order in second.orders(EDITION)
    for factor in table3():
        one = belonging(patients, factor.name)
        assert one in [members for members, _ in groupings(order, factor, EDITION.digits)]
        assert fits_p(log_rank(order.deaths, frozenset(), one), factor.p, EDITION.digits)
    times = [round(time * second.UNIT) for time in patients["time"]]
    assert times == sorted(times)
    for system, _ in typed:
        assert all(low <= sum(times[i] for i in p) <= high for p, low, high in system.facts)


@pytest.mark.slow
def test_loosened_limits_leave_as_much_as_the_edition_says():
    """Orders, orders with groups and assignments in `loosened.csv`, 0.15 off among others."""
    table = pd.read_csv(
        DATA / "cohort" / "loosened.csv", dtype={"slack": str}, keep_default_na=False
    )
    assert {"0.15", ""} <= set(table["slack"])
    for row in table.itertuples():
        off = Fraction(row.slack) if row.slack else None  # none: limits left out
        loose = EDITION._replace(digits=Digits(off=off))
        orders = second.orders(loose)
        groups = sum(second.with_groups(order, loose) for order in orders)
        found = {str(groups) for _, groups in second.solutions(loose)}
        assert (len(orders), groups) == (row.orders, row.orders_with_groups)
        assert len(found) == row.assignments


@pytest.mark.slow
@pytest.mark.parametrize("digits", [Digits(off=None), UNCUT])
def test_neither_limits_nor_digits_decide(found, digits):
    """Limits left out, and any digits: the same orders, groups and assignment."""
    loose = EDITION._replace(digits=digits)
    assert second.orders(loose) == second.orders(EDITION)
    for order in second.orders(EDITION):
        assert second.with_groups(order, loose) == second.with_groups(order, EDITION)
    again = list(second.solutions(loose))
    assert [(s.order, groups) for s, groups in again] == [(s.order, groups) for s, groups in found]


def test_p_is_the_log_rank_test_of_lifelines(patients):
    """With and without ties."""
    deaths, times = order_of(patients).deaths, patients["time"].tolist()
    together = [*times[:10], times[11], *times[11:]]
    assert [i for i in range(12) if together[i] == together[i + 1]] == [10]
    for factor in table3():
        one = belonging(patients, factor.name)
        member = [i in one for i in range(len(times))]
        for tied, values in ((frozenset(), times), (frozenset({10}), together)):
            frame = pd.DataFrame({"t": values, "d": deaths, "m": member})
            a, b = frame[frame["m"]], frame[~frame["m"]]
            test = logrank_test(a["t"], b["t"], a["d"], b["d"])
            assert log_rank(deaths, tied, one) == pytest.approx(test.p_value, rel=1e-9)
