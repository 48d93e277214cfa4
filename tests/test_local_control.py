"""Local control's interval by a second way: every number at risk and of events, listed plainly.

Nothing of `recohort` is used: integers, whole
square roots and fractions only.
"""

from fractions import Fraction
from itertools import product
from math import isqrt, prod

import pandas as pd

from thirteen.data import DATA

PUBLISHED = pd.read_csv(DATA / "published.csv", dtype=str, keep_default_na=False).set_index("id")
ENDS = ("rate", "lower", "upper")
PRINTED = [PUBLISHED.at[f"results.local_control.{end}", "printed"] for end in ENDS]
TUMORS = int(PUBLISHED.at["table1.tumors.n", "printed"])
FACTOR = Fraction(196, 100)
FINE = 10**20  # an error that is not rounded first is known to so many parts


def rounded(value, decimals):
    """To so many decimals, halves up; of a number not below zero."""
    return Fraction((2 * value * 10**decimals + 1) // 2, 10**decimals)


def prints(value, text):
    """Does a number not below zero print so, halves up?"""
    decimals = len(text.partition(".")[2])
    return rounded(value, decimals) == Fraction(text)


def root(square, parts):
    """Square root of a fraction to a whole number of `parts`, halves up."""
    return Fraction((isqrt(int(4 * square * parts**2)) + 1) // 2, parts)


def limits(steps, round_rate, round_error):
    """Rate and both limits in percent; `steps` are (at risk, events) at each time with events."""
    rate, greenwood = Fraction(1), Fraction(0)
    for at_risk, events in steps:
        rate *= Fraction(at_risk - events, at_risk)
        greenwood += Fraction(events, at_risk * (at_risk - events))
    error = root(rate**2 * greenwood, 1000 if round_error else FINE)
    shown = rounded(rate, 3) if round_rate else rate
    low, high = shown - FACTOR * error, shown + FACTOR * error
    return 100 * rate, 100 * max(low, 0), 100 * min(high, 1)


def one_time(most):
    """Every number at risk and of events at one time, some left."""
    return [((n, d),) for n in range(2, most + 1) for d in range(1, n)]


def two_times(most):
    """The same at two times; the first ones gone, or more, when the second comes."""
    return [(first, (n, d)) for (first,) in one_time(most)
            for n in range(2, first[0] - first[1] + 1) for d in range(1, n)]  # fmt: skip


def fitting(steps, round_rate, round_error):
    """Those of the steps that print rate and both limits."""
    return [
        own for own in steps
        if prints(100 * prod(Fraction(n - d, n) for n, d in own), PRINTED[0])
        and all(map(prints, limits(own, round_rate, round_error), PRINTED))
    ]  # fmt: skip


def test_no_number_of_tumors_prints_the_interval_from_three_decimals():
    """Neither one time with events nor two, with three times as many tumors as there were."""
    assert fitting(one_time(3 * TUMORS), True, True) == []
    assert fitting(two_times(TUMORS), True, True) == []


def test_every_way_to_round_on_the_way():
    """It prints from an error that is not rounded, and then for one number at risk only."""
    ways = {way: fitting(one_time(TUMORS), *way) for way in product((True, False), repeat=2)}
    assert not ways[True, True]
    assert len(ways[False, False]) == 1
    (((at_risk, events),),) = ways[False, False]
    assert events == 1
    assert at_risk < TUMORS


def test_the_second_way_knows_a_printed_interval():
    """What one of the lists prints is found again: the list is not empty by a slip."""
    ((at_risk, events),) = fitting(one_time(TUMORS), False, False)[0]
    assert Fraction(at_risk - events, at_risk) == limits([(at_risk, events)], True, True)[0] / 100
    nearer = limits([(at_risk, events)], True, True)[1]
    assert not prints(nearer, PRINTED[1])
    assert abs(nearer - Fraction(PRINTED[1])) < Fraction(1, 5)
