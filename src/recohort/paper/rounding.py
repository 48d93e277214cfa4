"""Numbers as a paper prints them: exact, with the rounding of halves named."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

_WIDE = Context(prec=60)
_GUARD = Decimal(1).scaleb(-40)  # 59.9999...9 (60 digits) is the exact tie 60.0
_HALVES = {"up": ROUND_HALF_UP, "even": ROUND_HALF_EVEN}


def decimals_of(printed: str) -> int:
    """Number of decimals of a printed number: ``decimals_of("0.10")`` is 2."""
    return max(0, -Decimal(printed).as_tuple().exponent)


def as_decimal(value) -> Decimal:
    """A `Fraction`, integer, float or `Decimal` as a `Decimal` of 60 digits."""
    if isinstance(value, Fraction):
        return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(value)


def square_root(value: Fraction) -> Decimal:
    """Square root of a nonnegative fraction to 60 digits."""
    return _WIDE.sqrt(as_decimal(value))


def round_to(value, decimals: int, halves: str = "up") -> Decimal:
    """`value` rounded to `decimals`, halves ``"up"`` (away from zero) or to ``"even"``."""
    near = as_decimal(value).quantize(_GUARD, context=_WIDE)
    return near.quantize(Decimal(1).scaleb(-decimals), rounding=_HALVES[halves], context=_WIDE)


def prints_as(value, printed: str, halves: str = "up") -> bool:
    """Does `value`, rounded to the decimals of `printed`, print exactly so?"""
    return round_to(value, decimals_of(printed), halves) == Decimal(printed)


def printed_bounds(printed: str) -> tuple[Fraction, Fraction]:
    """The ends of the half-open interval of values that print so, halves going up."""
    half = Fraction(1, 2 * 10 ** decimals_of(printed))
    return Fraction(printed) - half, Fraction(printed) + half
