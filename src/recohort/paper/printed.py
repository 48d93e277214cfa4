"""Does a value, or a set of tables, print a row's figure? Asked here alone."""

from decimal import Decimal
from fractions import Fraction
from functools import cache

from recohort.paper.reading import SIGNS
from recohort.paper.rounding import COMPARED, Number, decimals_of, prints_as, round_to
from recohort.paper.rows import Row, Tables
from recohort.paper.statistics import DASHES, P_VALUES, REGISTRY

ROUNDED = "rounds to"  # the relation of a printed number; any other is one of `COMPARED`
MARKS = {"=": "="} | {relation: sign for sign, relation in SIGNS.items()}

_fraction = cache(Fraction)


def agrees(row: Row, value: Number, conventions: dict) -> bool:
    """Does an exact `value` print the row's figure, or stand in the row's relation to it?"""
    if row.relation == ROUNDED:
        return prints_as(value, row.printed, conventions["halves"])
    return COMPARED[row.relation](value, _fraction(row.printed))


def printed_form(value: Number, row: Row, conventions: dict) -> str:
    """`value` as the paper would print it in the row's place; a bound only says that it holds."""
    if row.statistic in DASHES:
        return row.printed if value else "given"
    exact = value if isinstance(value, Fraction | int) else _steady(value)
    if exact is None:
        return "none"
    if row.relation != ROUNDED and COMPARED[row.relation](exact, _fraction(row.printed)):
        return MARKS[row.relation] + row.printed
    decimals = decimals_of(row.printed)
    if row.statistic in P_VALUES and conventions["p_rounding"] == "three_decimals" and decimals < 3:
        exact = round_to(exact, 3, conventions["halves"])
    return str(round_to(exact, decimals, conventions["halves"]))


def _steady(value):
    """A float as a decimal, its last bits dropped so that 31.25 is not 31.2499999."""
    return Decimal(repr(round(float(value), 9))) if abs(float(value)) < 1e9 else None


def prints(form: str, row: Row) -> bool:
    """Is a recomputed form, as from `printed_form`, the row's printed figure?"""
    if row.statistic in DASHES:
        return form == row.printed
    if row.relation != ROUNDED:
        return form == MARKS[row.relation] + row.printed
    return form != "none" and Decimal(form) == Decimal(row.printed)


def printed_by(row: Row, tables: Tables, conventions: dict) -> bool:
    """Do the tables print a row, or agree with a statement, by the registry of statistics?"""
    own = conventions | dict(row.switches)
    return prints(printed_form(REGISTRY[row.statistic].compute(tables, row, own), row, own), row)
