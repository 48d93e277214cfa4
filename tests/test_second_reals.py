"""The survival block searched a second time: real-valued times, the paper's numbers alone.

Facts used throughout: 13 patients, 9 deaths; the rates of all patients; the shortest, longest, mean
and median follow-up and its quartiles; Table 3's rates, dashes and medians (but 40.0 months, unless
said). Spread of follow-up and hazard ratio are used nowhere; limits, P values and Table 2's medians
where a test says so. "None" never rests on them, nor on how digits are rounded.
"""

import ast
from fractions import Fraction
from itertools import product
from math import prod
from pathlib import Path

import pandas as pd
import pytest
from lifelines.statistics import logrank_test

import second_reals as second
import second_reals_facts
from second_reals_facts import (
    DATA,
    OTHERS,
    Digits,
    Ways,
    chosen,
    fits_p,
    groupings,
    log_rank,
    table3,
    tumor_types,
)

EDITION = Ways()
KAPLAN_MEIER = ("reached", "below", "middle")
# Half up, half even or cut off; rates without their limits; any median, any quartile; no P values.
UNCUT = Digits(Fraction(1, 2), Fraction(1), None)
ANY = Ways(UNCUT, ("plain", *KAPLAN_MEIER), (2, 6, 7), frozenset(), tests=False)
MEDIANS = frozenset(group.name for factor in table3() for group in factor.groups)
LUNG, SIZE = "pathology=nsclc", "tumor_2cm_or_larger=False"
SINGLES = frozenset(
    {f"abstract.follow_up.{name}" for name in ("minimum", "maximum", "mean")}
    | {"methods.follow_up.median", ""}  # "": the median survival of all patients
)
# What is enough against 40.0 months: two factors' rates, two medians and the quartiles.
ENOUGH = ANY._replace(dropped=SINGLES | MEDIANS - {OTHERS, SIZE})


@pytest.fixture(scope="module")
def found():
    """Every solution under the edition's ways."""
    return list(second.solutions(EDITION))


@pytest.fixture(scope="module")
def typed(found):
    """The solutions with a tumor type for each patient."""
    every = []
    for system, groups in found:
        for lung, treated in product(groups[LUNG], groups["prior_chemotherapy=True"]):
            every += second.with_types(system, lung, treated, EDITION)
    return every


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


def by_programs_alone(ways, factors) -> tuple[int, float]:
    """How many systems two or more factors make, and the best of their margins; bounds apart."""
    margins = []
    for order in second.orders(ways):
        said = [
            {facts for g in groupings(order, f, ways.digits)
             for facts in second.facts_of(order, g, f, ways)}
            for f in chosen(factors)
        ]  # fmt: skip
        for system, *each in product(second.begin(order, ways), *said):
            every = tuple(fact for facts in each for fact in facts)
            margins.append(second.margin(system._replace(facts=system.facts + every)))
    return len(margins), max(margins)


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


def test_orders_and_groups_are_as_many_as_the_search_finds():
    """63 orders; by rates two of them have groups, 2,099,520 in all; 32 also fit every P value."""
    orders = second.orders(EDITION)
    stages = pd.read_csv(DATA / "cohort" / "stages.csv")["left"].tolist()
    ways = [second.with_groups(order, EDITION) for order in orders]
    assert [len(orders), sum(ways)] == stages[:2] == [63, 2_099_520]
    assert [n for n in ways if n] == [839_808, 1_259_712]
    tested = [
        prod(
            sum(
                fits_p(log_rank(order.deaths, frozenset(), one), factor.p, EDITION.digits)
                for one, _ in groupings(order, factor, EDITION.digits)
            )
            for factor in table3()
        )
        for order, n in zip(orders, ways, strict=True)
        if n
    ]
    assert sum(tested) == 32


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


@pytest.mark.parametrize(
    ("patient", "lowest", "highest"),
    [("P05", 14.95, 15.25), ("P08", 32.35, 32.55), ("P12", 60.0, 60.95)],
)
def test_what_three_times_can_be(typed, patients, patient, lowest, highest):
    """Over every solution; the spread of follow-up is not used."""
    position = patients["patient_id"].tolist().index(patient)
    ends = [second.ends(system, position) for system, _ in typed]
    assert min(low for low, _ in ends) == pytest.approx(lowest, abs=5e-5)
    assert max(high for _, high in ends) == pytest.approx(highest, abs=5e-5)


def test_bounds_hold_what_linear_programs_find(typed):
    """No bound is tighter than the lowest and highest values that a program gives."""
    for system, _ in typed:
        for position, low, high in zip(range(second.PATIENTS), *system.bounds, strict=True):
            least, most = second.ends(system, position)
            assert low / second.UNIT - second.CLEAR <= least <= most
            assert most <= high / second.UNIT + second.CLEAR


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


def test_with_40_months_there_is_none():
    """Under plain medians, and however medians, quartiles and digits are formed."""
    plain = ANY._replace(medians=("plain",), quartiles=(7,))
    for ways in (plain, ANY, ANY._replace(digits=UNCUT._replace(dashes=False))):
        assert second.left(ways) == 0
        assert second.left(ways._replace(dropped=frozenset({OTHERS}))) == 1
    assert not list(second.solutions(EDITION._replace(dropped=frozenset())))


def test_few_facts_are_enough_against_40_months():
    """Rates by lung cancer and by size, two medians, the quartiles; each of them is needed."""
    both = (LUNG, SIZE)
    assert second.left(ENOUGH, both) == 0
    for name in (OTHERS, SIZE):
        assert second.left(ENOUGH._replace(dropped=ENOUGH.dropped | {name}), both) == 2
    assert second.left(ENOUGH._replace(quartiles=()), both) > 0
    assert second.left(ENOUGH, (LUNG,)) > 0
    assert second.left(ENOUGH, (SIZE,)) > 0


def test_linear_programs_alone_refute_40_months():
    """Every system misses by far more than a program's tolerance; one without 40.0 does not."""
    systems, best = by_programs_alone(ENOUGH, (LUNG, SIZE))
    assert systems > 1
    assert best < -0.01
    without = ENOUGH._replace(dropped=ENOUGH.dropped | {OTHERS})
    assert by_programs_alone(without, (LUNG, SIZE))[1] > second.CLEAR


@pytest.mark.parametrize("medians", [KAPLAN_MEIER, *((way,) for way in KAPLAN_MEIER)])
def test_with_kaplan_meier_medians_throughout_there_is_none(medians):
    """40.0 months and the median of all patients left out; nor for age groups alone."""
    ways = ANY._replace(medians=medians, dropped=frozenset({OTHERS, ""}))
    assert second.left(ways) == 0
    age = ways._replace(dropped=SINGLES | MEDIANS - {"age_55_or_older=True"})
    assert by_programs_alone(age, ("age_55_or_older=False",))[1] < -0.01
    assert second.left(ways._replace(dropped=MEDIANS | {""})) == 2
    assert second.left(ways._replace(medians=("plain", *medians))) == 1


def test_with_quartiles_by_n_plus_1_there_is_none():
    """Whatever the medians (40.0 left out); previous chemotherapy and tumor number are enough."""
    ways = ANY._replace(quartiles=(6,), dropped=frozenset({OTHERS, ""}))
    assert second.left(ways) == 0
    assert second.left(ways._replace(quartiles=())) > 0
    assert second.left(ways._replace(quartiles=(7,))) == 1
    two = ("prior_chemotherapy=True", "multiple_renal_tumors=False")
    assert second.left(ways, two) == 0
    assert second.left(ways, two[:1]) > 0
    assert second.left(ways, two[1:]) > 0


@pytest.mark.parametrize(
    "digits",
    [Digits(off=Fraction(15, 100)), Digits(off=Fraction(20, 100)), Digits(off=None), UNCUT],
)
def test_limits_and_digits_do_not_decide(found, digits):
    """Limits off by 0.15 (0.20 with rounding), or left out, or any digits: the same is left."""
    loose = EDITION._replace(digits=digits)
    assert second.orders(loose) == second.orders(EDITION)
    for order in second.orders(EDITION):
        assert second.with_groups(order, loose) == second.with_groups(order, EDITION)
    again = list(second.solutions(loose))
    assert [(s.order, groups) for s, groups in again] == [(s.order, groups) for s, groups in found]


def changed(**figures) -> tuple:
    """Table 3 with other figures in the row of men."""
    first, *others = table3()
    men, women = first.groups
    return (first._replace(groups=(men._replace(**figures), women)), *others)


def test_another_median_leaves_none(monkeypatch):
    """Men's median a month off."""
    monkeypatch.setattr(second_reals_facts, "table3", lambda: changed(median="47.0"))
    assert not list(second.solutions(EDITION))


def test_another_limit_leaves_none_unless_loosened(monkeypatch):
    """Men's upper limit at five years 0.3 off: it fits only where limits may be as far off."""
    rates = dict(table3()[0].groups[0].rates)
    rates[2] = (*rates[2][:2], "79.6")
    monkeypatch.setattr(second_reals_facts, "table3", lambda: changed(rates=tuple(rates.items())))
    assert second.left(EDITION) == 0
    assert second.left(EDITION._replace(digits=Digits(off=Fraction(15, 100)))) == 0
    assert second.left(EDITION._replace(digits=Digits(off=Fraction(35, 100)))) == 1


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
