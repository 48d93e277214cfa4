"""Quantiles as weighted means of ranked values, by the rules that programs follow."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache


@cache
def quantile_ranks(n: int, q: Fraction, method: str) -> tuple[tuple[int, Fraction], ...]:
    """The ranks (from 0) of `n` sorted values that a quantile averages, with their weights.

    ``"exclusive"`` interpolates at (n + 1) q, ``"inclusive"`` at (n - 1) q + 1, ``"averaged"``
    takes the value after n q or, where that is whole, the mean of two. Types 6, 7 and 2 of Hyndman
    and Fan (1996).
    """
    if method == "averaged":
        at = n * q
        h = at - Fraction(1, 2) if at.denominator == 1 else Fraction(int(at))
    else:
        h = (n + 1) * q - 1 if method == "exclusive" else (n - 1) * q
    h = min(max(h, Fraction(0)), Fraction(n - 1))
    below, part = int(h), h - int(h)
    return ((below, 1 - part), (below + 1, part)) if part else ((below, Fraction(1)),)


def quantile_terms(
    positions: Sequence[int], q: Fraction, method: str = "inclusive"
) -> tuple[tuple, int]:
    """A quantile of the values at `positions` as terms with whole weights, and their divisor."""
    ranks = quantile_ranks(len(positions), Fraction(q), method)
    divisor = max(weight.denominator for _, weight in ranks)
    return tuple((positions[rank], int(weight * divisor)) for rank, weight in ranks), divisor
