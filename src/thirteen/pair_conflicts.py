"""Why a fact about the table of pairs conflicts with others: a minimal set, with witnesses.

Who was measured, and who of them belongs to the part, is given. The argument is that of
`search.negatives`: percentages force so many gains that the printed P of the signed ranks is too
small. Facts are taken out one by one as long as it still holds; for each of the rest, a table is
built that prints all others.
"""

import numpy as np
import pandas as pd

from recohort.paper.rounding import printed_bounds
from thirteen.negatives import fewest_gains, least_p
from thirteen.pair_table import flag_column, holds
from thirteen.pairs_search import (
    SUMS,
    Pairs,
    columns_of_pairs,
    construct,
    plain_problem,
    sign_patterns,
    with_changes,
)

MOST = 70  # no greater fall is tried in a witness


def pair_conflict(fact, rows, flags, settings) -> pd.DataFrame:
    """A minimal conflict of `fact` under the paper-wide conventions; a row a member.

    `rows` are those about the table of pairs, `flags` say of each pair whether it belongs to the
    part. Columns: block, fact, member, witness (both numbers and the part, pair by pair). Raises
    ArithmeticError where there is no such argument, or no witness is found.
    """
    about = [r for r in rows if is_about_percent(r)]
    if not conflict(about, rows, flags, settings):
        raise ArithmeticError("the percentages do not conflict with the P value")
    every, members = about, dict.fromkeys(r.fact for r in about)
    for member in [f for f in members if f != fact]:
        rest = [r for r in about if r.fact != member]
        if conflict(rest, rows, flags, settings):
            about = rest
    found, spare = [], [r for r in every if r not in about]
    for own in sorted({r.fact for r in about}):
        rest = [r for r in about if r.fact != own]
        table = witness([*rest, *spare], rows, flags, settings)  # of those that print more, too
        table = table or witness(rest, rows, flags, settings)
        if table is None:
            raise ArithmeticError(f"no table of pairs prints all but {own}")
        found.append(("renal", fact, own, table))
    return pd.DataFrame(found, columns=["block", "fact", "member", "witness"])


def is_about_percent(row) -> bool:
    """Does the argument look at a row: a P value, or a change in percent?"""
    return row.statistic == "paired_p" or "relative" in dict(row.options)


def conflict(about, rows, flags, settings) -> bool:
    """Are the rows `about` percentages and P in conflict, by the number of gains?"""
    gains = fewest_gains(problem_of(about, rows, flags, settings))
    tests = [printed_bounds(r.printed)[1] for r in about if r.statistic == "paired_p"]
    return any(least_p(len(flags), gains) >= end for end in tests)


def problem_of(about, rows, flags, settings) -> Pairs:
    """The problem of some rows; numbers lie in the ranges that the paper prints of them."""
    columns, ends = columns_of_pairs(rows), {}
    for row in rows:
        if row.statistic in ("minimum", "maximum") and not {"minus"} & set(dict(row.options)):
            ends[dict(row.options)["column"], row.statistic] = float(row.printed)
    box = tuple((ends[c, "minimum"], ends[c, "maximum"]) for c in columns)
    figures = [r for r in about if r.statistic in SUMS]
    return plain_problem(box, flags, figures, columns, settings[0])


def witness(about, rows, flags, settings) -> str | None:
    """A table that prints the rows, in words; None where none is found (which proves nothing)."""
    problem = problem_of(about, rows, flags, settings)
    tests = [r for r in about if r.statistic == "paired_p"]
    flag, conventions, table = flag_column(rows), settings[0], settings[2]

    def prints(own, numbers):
        trial = tables_of(numbers / problem.scale, problem, flag, table)
        return holds(own, trial, conventions)

    trials = [problem]
    for row in tests:
        trials = [
            t for p in _patterns(problem, row, rows, prints) for t in with_changes(problem, p)
        ]
    found = construct(trials, lambda _, t: all(prints(r, t) for r in about), starts=2)
    return None if found is None else in_words(found[1] / problem.scale, problem, flag)


def tables_of(numbers, problem, flag, table) -> dict:
    """Pairs (2 x rows) as tables, with patients of their own."""
    names = [f"P{k:02d}" for k in range(1, len(problem.flags) + 1)]
    pairs = pd.DataFrame(dict(zip(problem.columns, numbers, strict=True))).assign(patient_id=names)
    return {"patients": pd.DataFrame({"patient_id": names, flag: problem.flags}), table: pairs}


def _patterns(problem, row, rows, prints):
    """Patterns of changes that print a P: with one gain, the printed one, or with two.

    With two (where fewer will not do), two equal falls are the next in size.
    """
    size, largest = len(problem.flags), MOST * problem.scale
    low = round(float(next(r.printed for r in rows if _is_least_change(r))) * problem.scale)

    def p_of(changes):
        first = np.array(changes) + 10**5
        return prints(row, np.array([first, np.full(size, 10**5)]))

    if fewest_gains(problem) < 2:
        return sign_patterns(size, low, largest, p_of)
    found = []
    for other in (-5, low - 1):  # the other gain a small one, or as great
        two = [low, other, 2 - low, 2 - low]
        if p_of([*two, *range(3 - low, 3 - low + size - 4)]):
            found.append((*((v, v) for v in two), (3 - low, largest)))
    return found


def _is_least_change(row):
    options = dict(row.options)
    return row.statistic == "minimum" and "minus" in options and "relative" not in options


def in_words(numbers, problem, flag) -> str:
    """Both numbers and the part, pair by pair, in one line."""
    parts = [*zip(problem.columns, numbers, strict=True), (flag, problem.flags)]
    return "; ".join(f"{name}: " + " ".join(map(str, values)) for name, values in parts)


def from_words(text) -> dict:
    """The columns that `in_words` wrote."""
    cells = dict(part.split(": ") for part in text.split("; "))
    return {
        name: [v == "True" if v in ("True", "False") else float(v) for v in values.split(" ")]
        for name, values in cells.items()
    }
