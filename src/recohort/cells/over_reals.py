"""Related tables with real numbers in place of tenths: what a solver refutes here, no number has.

What is measured is only compared: with another cell, a constant, a number of whole days. Let every
constant be a whole number of units. Which comparisons hold then depends on the whole units of each
number, on which rests are zero, and on the order of the rests (the regions of Alur and Dill,
Theoretical Computer Science 1994). Of n numbers at most n rests differ. So with each unit cut into
n + 1 parts, a grid has cells that compare as any real numbers do: "none" on it is a proof.
Means and spreads of what is measured are left out, and follow-up times know their ends only: that
allows more, never less. A "some" is no witness, therefore.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, lcm, prod

import pandas as pd

from recohort.cells.cells import Column
from recohort.cells.relations import Paper
from recohort.paper.files import is_number
from recohort.paper.reading import columns_of
from recohort.paper.rounding import Interval, decimals_of
from recohort.paper.rules import MONTH

SUMS = ("mean", "sd")


def over_reals(
    paper: Paper, people: Sequence[pd.DataFrame], within: Mapping[str, Sequence[Interval]]
) -> Paper:
    """The paper over real numbers, tied to cohorts without their measured columns.

    `within` has the ends of columns of patients that are measured, an interval a patient.
    """
    measured = _measured(paper)
    weights = _weights(paper, measured)
    unit = lcm(*_denominators(paper, measured, within))
    unit *= lcm(*(weight.denominator for weight in weights.values()))
    parts = 1 + len(measured) * paper.size * prod(paper.most.values())
    kept = {
        fact: [r for r in rows if r.statistic not in SUMS or not columns_of(r) & measured]
        for fact, rows in paper.facts.items()
    }
    return paper._replace(
        columns=[
            _cut(c, unit * weights.get((c.table, c.name), 1), parts)
            if (c.table, c.name) in measured
            else c
            for c in paper.columns
        ],
        facts={fact: rows for fact, rows in kept.items() if rows},
        cohorts=tuple(people),
        within=dict(within),
    )


def _terms(paper) -> Iterator[tuple]:
    """Of each comparison between cells in a rule: the two places, and the factor of the second."""
    for rule in paper.rules:
        for piece in rule.pieces:
            for factor, name in piece.terms:
                one, other = (n.rpartition(".") for n in (piece.column, name))
                yield (one[0] or rule.table, one[2]), (other[0] or rule.table, other[2]), factor


def _measured(paper) -> set:
    """Columns with decimals, and whole ones that a rule compares with them, but for days."""
    found = {(c.table, c.name) for c in paper.columns if c.scale > 1}
    beside = {o for one, o, factor in _terms(paper) if one in found and abs(factor) != 1 / MONTH}
    return found | (beside & {(c.table, c.name) for c in paper.columns})


def _weights(paper, measured) -> dict:
    """What measured cells count where a rule compares them: millimeters a tenth of a centimeter."""
    found: dict = {}
    for _, place, factor in _terms(paper):
        if place in measured and found.setdefault(place, abs(factor)) != abs(factor):
            raise ValueError(f"rules.csv: {'.'.join(place)} has two factors")
    return found


def _denominators(paper, measured, within) -> Iterator[int]:
    """Denominators of all constants that measured cells are compared with."""
    yield from (end.denominator for ends in within.values() for own in ends for end in own[:2])
    texts = []
    for piece in (piece for rule in paper.rules for piece in rule.pieces):
        yield from (factor.denominator for factor, _ in piece.terms)
        texts += [(1, piece.value)] * (not piece.terms)
    for row in (r for rows in paper.facts.values() for r in rows if columns_of(r) & measured):
        scale = Fraction(dict(row.options).get("scale", 1)).numerator
        told = row.printed, *(f[2] for f in row.filters), *(value for _, value in row.options)
        texts += [(scale, text) for text in told]
    numbers = ((scale, text) for scale, text in texts if is_number(text))
    # Intervals of rounding end at half a unit of the last digit.
    yield from (2 * scale * 10 ** decimals_of(text) for scale, text in numbers)


def _cut(column: Column, unit, parts):
    """The column with each unit of the constants in so many parts."""
    by = Fraction(unit * parts, column.scale)
    low, high = ceil(column.lowest * by), floor(column.highest * by)
    return column._replace(scale=int(unit * parts), parts=parts, lowest=low, highest=high)
