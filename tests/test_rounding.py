"""Printed numbers in exact arithmetic: how they round, and which values print them."""

from decimal import Decimal
from fractions import Fraction

import pytest

from recohort.paper.limits import limits
from recohort.paper.options import CONVENTIONS
from recohort.paper.rounding import (
    Interval,
    decimals_of,
    first_beyond,
    printed_interval,
    prints_as,
    round_to,
    square_root,
)

WAYS = [("up",), ("even",), ("cut",), ("up", "even"), ("up", "cut"), ("up", "even", "cut")]


@pytest.mark.parametrize(("printed", "decimals"), [("0.10", 2), ("7", 0), ("1E+2", 0), ("-3.5", 1)])
def test_decimals_are_those_printed(printed, decimals):
    """Zeros at the end count."""
    assert decimals_of(printed) == decimals


@pytest.mark.parametrize(
    ("value", "decimals", "up", "even", "cut"),
    [
        (Fraction(5, 2), 0, "3", "2", "2"),
        (Fraction(7, 2), 0, "4", "4", "3"),
        (Fraction(-5, 2), 0, "-3", "-2", "-2"),
        (Fraction(1, 3), 3, "0.333", "0.333", "0.333"),
        (Fraction(2, 3), 3, "0.667", "0.667", "0.666"),
        (Decimal("0.25"), 1, "0.3", "0.2", "0.2"),
        (Decimal(2) + Decimal("1e-38"), 0, "2", "2", "2"),
        (Decimal("59." + "9" * 55), 0, "60", "60", "60"),  # a third of 180 in 60 digits
    ],
)
def test_halves_go_where_they_are_told(value, decimals, up, even, cut):
    """Away from zero, to the even digit, or cut off with all that follows."""
    found = [str(round_to(value, decimals, halves)) for halves in ("up", "even", "cut")]
    assert found == [up, even, cut]
    assert prints_as(value, up)
    assert prints_as(value, cut, ("up", "cut"))
    assert not prints_as(value, str(Decimal(up) + 2), ("up", "even", "cut"))


@pytest.mark.parametrize("printed", ["1.5", "-1.5", "2.4", "0.0", "0", "3", "-4", "0.06", "10"])
@pytest.mark.parametrize("ways", WAYS)
def test_an_interval_is_all_that_prints_so(printed, ways):
    """On a fine grid around, ends included: in the interval, or printed in none of the ways."""
    interval, unit = printed_interval(printed, ways), Fraction(1, 10 ** decimals_of(printed))
    for step in range(-60, 61):
        value = Fraction(printed) + step * unit / 20
        assert (value in interval) == prints_as(value, printed, ways), (value, interval)


def test_an_end_belongs_where_it_is_closed():
    """None is no end."""
    assert 2 in Interval(Fraction(2), Fraction(3), True, False)
    assert 2 not in Interval(Fraction(2), Fraction(3), False, True)
    assert 3 in Interval(Fraction(2), Fraction(3), False, True)
    assert 3 not in Interval(None, Fraction(3), True, False)
    assert -99 in Interval(None, Fraction(3), False, False)
    assert 99 in Interval(Fraction(2), None, False, False)
    assert printed_interval("1.25")[:2] == (Fraction(249, 200), Fraction(251, 200))


def test_the_whole_number_beyond_a_cut():
    """On its upper side, the cut itself where the comparison says so."""
    found = {
        op: [first_beyond(op, Fraction(c, 2)) for c in (110, 111)] for op in "< >= > <=".split()
    }
    assert found == {"<": [55, 56], ">=": [55, 56], ">": [56, 56], "<=": [56, 56]}


def test_a_root_has_sixty_digits():
    """Squared, it is the number again."""
    assert abs(square_root(Fraction(2)) ** 2 - 2) < Decimal("1e-27")
    assert str(square_root(Fraction(2))).startswith(
        "1.41421356237309504880168872420969807856967187"
    )


def test_each_scale_of_limits_is_its_own():
    """Every option has a formula, and a name without one is refused, not taken for another."""
    found = {
        scale: limits(Fraction(3, 4), Fraction(1, 8), (scale, "exact", "unrounded"))
        for scale in CONVENTIONS["interval_scale"]
    }
    assert len(set(found.values())) == len(found)
    with pytest.raises(ValueError, match="logit: no scale"):
        limits(Fraction(3, 4), Fraction(1, 8), ("logit", "exact", "unrounded"))
