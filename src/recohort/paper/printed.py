"""Does a value, or a set of tables, print a row's number? Asked here alone.

A row is formed as its paper forms it, or its block, or that fact alone (`corrections.csv`).
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import isinf

import pandas as pd

from recohort.paper.reading import SIGNS, blocks_of
from recohort.paper.rounding import (
    COMPARED,
    Interval,
    Number,
    decimals_of,
    printed_interval,
    prints_as,
    round_to,
)
from recohort.paper.rows import NEVER, ROUNDED, Row, Tables
from recohort.paper.statistics import DASHES, P_VALUES, PATIENTS, REGISTRY

ENDLESS = (NEVER, ">", ">=")  # relations that a time has which is not reached
MARKS = {"=": "="} | {relation: sign for sign, relation in SIGNS.items()}

_fraction = cache(Fraction)


def agrees(row: Row, value: Number, conventions: dict) -> bool:
    """Does an exact `value` print the row's number, or stand in the row's relation to it?"""
    if isinstance(value, float) and isinf(value):
        return row.relation in ENDLESS
    value = in_unit(row, value)
    if row.relation == ROUNDED:
        return prints_as(value, row.printed, conventions["halves"])
    return row.relation != NEVER and COMPARED[row.relation](value, _fraction(row.printed))


def in_unit(row: Row, value: Number) -> Number:
    """A percentage in the row's unit: as it is, or as a share from 0 to 1."""
    if ("unit", "share") not in row.options:
        return value
    return Fraction(value, 100) if isinstance(value, int) else value / 100


def values_of(row: Row, halves: tuple[str, ...]) -> Interval:
    """The values that print a row's number, or stand in its relation to it, in its unit."""
    if row.relation == ROUNDED:
        return printed_interval(row.printed, halves)
    end, above = _fraction(row.printed), row.relation in (">", ">=")
    low, high = (None if row.relation in ("<", "<=") else end), (None if above else end)
    return Interval(low, high, row.relation in (">=", "="), row.relation in ("<=", "="))


def printed_form(value: Number, row: Row, conventions: dict) -> str:
    """`value` as the paper would print it in the row's place; a bound only says that it holds."""
    if row.statistic in DASHES + PATIENTS:
        return row.printed if value else "given"
    if isinstance(value, float) and isinf(value) and REGISTRY[row.statistic].never:
        bounded = row.relation in ENDLESS and row.relation != NEVER
        return MARKS[row.relation] + row.printed if bounded else NEVER
    exact = in_unit(row, value)
    if not isinstance(exact, Fraction | int):
        if not abs(float(exact)) < 1e9:
            return "none"
        exact = Decimal(repr(round(float(exact), 9)))  # so that 31.25 is not 31.2499999
    if row.relation in COMPARED and COMPARED[row.relation](exact, _fraction(row.printed)):
        return MARKS[row.relation] + row.printed
    decimals = 1 if row.relation == NEVER else decimals_of(row.printed)
    if row.statistic in P_VALUES and conventions["p_rounding"] == "three_decimals" and decimals < 3:
        exact = round_to(exact, 3, conventions["halves"])
    return str(round_to(exact, decimals, conventions["halves"]))


def prints(form: str, row: Row) -> bool:
    """Is a recomputed form, as from `printed_form`, the row's printed number?"""
    if row.statistic in DASHES + PATIENTS or row.relation == NEVER:
        return form == row.printed
    if row.relation != ROUNDED:
        return form == MARKS[row.relation] + row.printed
    return form not in ("none", NEVER) and Decimal(form) == Decimal(row.printed)


def printed_by(row: Row, tables: Tables, conventions: dict) -> bool:
    """Do the tables print a row, or agree with a statement, by the registry of statistics?"""
    return prints(form_of(row, tables, conventions | dict(row.switches)), row)


def form_of(row: Row, tables: Tables, conventions: dict) -> str:
    """What the tables give in a row's place, by the registry, as the paper would print it."""
    return printed_form(REGISTRY[row.statistic].compute(tables, row, conventions), row, conventions)


def with_options(rows: Iterable[Row], homes: dict, options: dict) -> list[Row]:
    """The rows, those of a block with options of its own switched to them.

    `homes` as `reading.homes_of` has them, `options` as `options.read_options`.
    """
    found = []
    for row in rows:
        own = {
            switch: options[block][switch]
            for block in sorted(blocks_of(row, homes) & set(options))
            for switch in REGISTRY[row.statistic].switches
            if options[block][switch] != options[""][switch]
        }
        found.append(row._replace(switches=(*own.items(), *row.switches)))
    return found


def without_facts(rows: Iterable[Row], corrections: pd.DataFrame) -> list[Row]:
    """The rows without the facts set aside; excepted ones under their own convention."""
    kinds = {c.fact: (c.kind, c.convention) for c in corrections.itertuples()}
    kept = []
    for row in rows:
        kind, convention = kinds.get(row.fact, ("", ""))
        if kind == "excepted":
            row = row._replace(switches=(tuple(convention.split("=")),))
        if kind != "set_aside":
            kept.append(row)
    return kept
