"""One unit off, everywhere: which check notices a misprint in which exhibit?

The checks, from the strongest down; each change goes to the first that applies:

- ``set_aside``: the ledger marks the number's fact already.
- ``copy``: the same number is printed elsewhere, and no value prints both.
- ``count``: no whole number of patients (tumors, sessions) prints it beside its own count.
- ``arithmetic``: it is no longer the quotient of the two numbers printed beside it.
- ``no_cohort``: no cohort, or no column of numbers, prints the changed paper (the search).
- ``missed``: some cohort or column prints the changed paper.
- ``open``: neither a proof nor a table of pairs (kidney function) was found.
- ``ledger``: no exact check decides quickly; only the edition's own tables say otherwise, so
  that its ledger would no longer be reproduced. A weaker notion: other tables might print it.
"""

from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import pandas as pd

from recohort.blocks import Block, Numbers, Pairs, Survival
from recohort.edition import Work
from recohort.folder import read_blocks, read_table, read_tables
from recohort.pairs.table import pair_rows, pair_settings
from recohort.paper.computing import whole_of
from recohort.paper.printed import printed_by
from recohort.paper.reading import blocks_of, homes_of, number_of, rows_of
from recohort.paper.rounding import decimals_of, printed_interval, prints_as
from recohort.paper.rows import Row
from recohort.paper.statistics import DASHES
from recohort.survival import with_exceptions
from recohort.survival.problem import problem_of
from recohort.witness import cells_in_words, cohort_in_words, tables_in_words

COLUMNS = "id location printed changed noticed how witness".split()


def neighbors(printed: str) -> list[str]:
    """A printed number one unit lower and higher in its last place; none changes its sign."""
    unit, value = Decimal(1).scaleb(-decimals_of(printed)), Decimal(printed)
    return [str(v) for v in (value - unit, value + unit) if v * value >= 0 and (value or v >= 0)]


class Known(NamedTuple):
    """What the checks look at, read once for all changes."""

    work: Work
    rows: list  # every printed number
    tables: dict  # the edition's
    homes: dict
    marked: set  # facts of all smallest corrections
    survival: tuple  # published numbers and statements of the survival block
    ages: Numbers
    pairs: Pairs


def known(work: Work) -> Known:
    """Read a folder's files for `judged`."""
    published, statements, conventions = work.data
    settings, tables = pair_settings(work.folder), read_tables(work.folder)
    (ages,) = (rows for name, rows in work.numbers.items() if name not in work.measured)
    return Known(
        work,
        rows_of(published),
        tables,
        homes_of(work.dictionary),
        set(read_table("corrections", work.folder)["fact"]),
        read_blocks("survival", folder=work.folder)[:2],
        Numbers(ages, tables["patients"], conventions),
        Pairs(pair_rows(published, statements, settings.table), tables, settings),
    )


def sharpness(work: Work) -> dict:
    """`sharpness.csv`: each number of every exhibit one unit off.

    Of each that something recomputes, either way: is it noticed?
    Columns: `id`, `location`, `printed`, `changed`, `noticed`, `how` and `witness` (what prints the
    changed paper, where an exact check misses it). Takes a minute.
    """
    place, paper = work.data[0].set_index("id")["location"], known(work)
    found = [
        (row.id, place[row.id], row.printed, value, *judged(paper, row, value))
        for row in paper.rows
        if _is_number(row)
        for value in neighbors(number_of(row.printed))
    ]
    return {"sharpness": pd.DataFrame(found, columns=COLUMNS)}


def judged(paper: Known, row: Row, value: str) -> tuple[bool, str, str]:
    """Of one number changed to `value`: is it noticed, how, and what shows that it is not."""
    changed, blocks = row._replace(printed=value), blocks_of(row, paper.homes)
    if row.fact in paper.marked:
        return True, "set_aside", ""
    if _unlike_a_copy(paper, changed):
        return True, "copy", ""
    if row.statistic in ("count", "percent") and _no_count(paper, changed):
        return True, "count", ""
    if not blocks:
        same = printed_by(changed, {}, paper.work.data[2])
        return not same, "missed" if same else "arithmetic", ""
    if blocks == {"survival"}:
        return _searched(_survival(paper, changed), cohort_in_words)
    pairs_in_words = partial(_pairs_in_words, paper.pairs.settings.table)
    for block, words in ((paper.ages, cells_in_words), (paper.pairs, pairs_in_words)):
        if any(_asks(changed) == _asks(own) for own in block.rows):
            rows = [
                r._replace(printed=value) if _asks(r) == _asks(changed) else r for r in block.rows
            ]
            return _searched(block._replace(rows=rows), words)
    return True, "ledger", ""


def _survival(paper, changed):
    """The survival block with one number changed, and the same facts set aside as in the result."""
    published, statements = paper.survival
    printed = published["printed"].where(published["id"] != changed.id, changed.printed)
    result = paper.work.result
    trial = problem_of(published.assign(printed=printed), statements, paper.work.data[2])
    return Survival(with_exceptions(trial, result.corrections[0], result.exceptions))


def _searched(block: Block, words) -> tuple[bool, str, str]:
    """Ask a block for a solution that prints the changed paper."""
    try:
        found = block.solve()
    except ArithmeticError:
        return False, "open", ""
    return (True, "no_cohort", "") if found is None else (False, "missed", words(found))


def _is_number(row):
    """Digits that something recomputes: no bound, word or dash."""
    plain = row.relation == "rounds to" and row.statistic not in DASHES
    return plain and row.printed.lstrip("-")[:1].isdigit()


def _asks(row):
    """What a row asks for: everything but its name, fact and printed number."""
    return row.statistic, row.options, row.filters


def _unlike_a_copy(paper, changed):
    """Does another place print the same number so that no value prints both?"""
    low, high = printed_interval(changed.printed)[:2]
    copies = [r for r in paper.rows if _asks(r) == _asks(changed) and r.id != changed.id]
    others = [printed_interval(r.printed)[:2] for r in copies if _is_number(r)]
    return any(lowest >= high or highest <= low for lowest, highest in others)


def _no_count(paper, changed):
    """Is there no whole number that prints the change beside its own count or percentage?

    A percentage is one of as many rows as the edition's tables have.
    """
    beside = [
        r
        for r in paper.rows
        if r.statistic in ("count", "percent")
        and _asks(r)[1:] == _asks(changed)[1:]
        and r.id != changed.id
        and _is_number(r)
    ]
    whole = whole_of(paper.tables, changed)
    unit = {"count": Fraction(1), "percent": Fraction(100, whole)}
    return not any(
        all(prints_as(k * unit[r.statistic], r.printed) for r in (changed, *beside))
        for k in range(whole + 1)
    )


def _pairs_in_words(table, pairs):
    """The two numbers of each pair."""
    return tables_in_words({table: pairs}, {(table, c) for c in pairs if c != "patient_id"})
