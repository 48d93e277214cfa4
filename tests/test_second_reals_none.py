"""What the paper's numbers leave no cohort for, over real-valued times: the second search.

Facts used: 13 patients, 9 deaths; the rates of all patients; the shortest, longest, mean and median
follow-up and its quartiles; Table 3's rates, dashes and medians. "None" rests neither on limits nor
on P values, nor on how digits are rounded: numbers lie in [p - u/2, p + u], u one in the last
digit, which holds half up, half even and cut off. Each "none" turns when a fact is dropped.
"""

from fractions import Fraction
from itertools import product

import pytest

import second_reals as second
import second_reals_facts
from second_reals_facts import OTHERS, Digits, Ways, chosen, fitting, groupings, table3

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


def by_programs_alone(ways, factors) -> tuple[int, float]:
    """How many systems the factors make, and the best of their margins; no bounds are used."""
    margins = []
    for order in fitting(ways.digits):
        said = [
            {facts for g in groupings(order, f, ways.digits)
             for facts in second.facts_of(order, g, f, ways)}
            for f in chosen(factors)
        ]  # fmt: skip
        for system, *each in product(second.starts(order, ways), *said):
            every = tuple(fact for facts in each for fact in facts)
            margins.append(second.margin(system._replace(facts=system.facts + every)))
    return len(margins), max(margins)


@pytest.mark.slow
def test_with_40_months_there_is_none():
    """Under plain medians, and however medians, quartiles and digits are formed."""
    plain = ANY._replace(medians=("plain",), quartiles=(7,))
    for ways in (plain, ANY, ANY._replace(digits=UNCUT._replace(dashes=False))):
        assert second.left(ways) == 0
        assert second.left(ways._replace(dropped=frozenset({OTHERS}))) == 1
    assert not list(second.solutions(EDITION._replace(dropped=frozenset())))


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("medians", [KAPLAN_MEIER, *((way,) for way in KAPLAN_MEIER)])
def test_with_kaplan_meier_medians_throughout_there_is_none(medians):
    """40.0 months and the median of all patients left out; nor for age groups alone."""
    ways = ANY._replace(medians=medians, dropped=frozenset({OTHERS, ""}))
    assert second.left(ways) == 0
    age = ways._replace(dropped=SINGLES | MEDIANS - {"age_55_or_older=True"})
    assert by_programs_alone(age, ("age_55_or_older=False",))[1] < -0.01
    assert second.left(ways._replace(dropped=MEDIANS | {""})) == 2
    assert second.left(ways._replace(medians=("plain", *medians))) == 1


@pytest.mark.slow
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


def changed(**figures) -> tuple:
    """Table 3 with other figures in the row of men."""
    first, *others = table3()
    men, women = first.groups
    return (first._replace(groups=(men._replace(**figures), women)), *others)


@pytest.mark.slow
def test_another_median_leaves_none(monkeypatch):
    """Men's median a month off."""
    monkeypatch.setattr(second_reals_facts, "table3", lambda: changed(median="47.0"))
    assert not list(second.solutions(EDITION))


@pytest.mark.slow
def test_another_limit_leaves_none_unless_loosened(monkeypatch):
    """Men's upper limit at five years 0.3 off: it fits only where limits may be as far off."""
    rates = dict(table3()[0].groups[0].rates)
    rates[2] = (*rates[2][:2], "79.6")
    monkeypatch.setattr(second_reals_facts, "table3", lambda: changed(rates=tuple(rates.items())))
    assert second.left(EDITION) == 0
    assert second.left(EDITION._replace(digits=Digits(off=Fraction(15, 100)))) == 0
    assert second.left(EDITION._replace(digits=Digits(off=Fraction(35, 100)))) == 1
