"""One unit off, everywhere: which check notices a misprint in which exhibit?

The checks, from the strongest down; each change goes to the first that applies:

- ``set_aside``: the ledger marks the number's fact already.
- ``copy``: the same figure is printed elsewhere, and no value prints both.
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
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from recohort.blocks import Pairs
from recohort.edition import number_columns
from recohort.folder import read_blocks, read_data, read_survival, read_table, read_tables
from recohort.numbers.sums import count_columns, sums_of
from recohort.pairs.figures import splits_of
from recohort.pairs.table import pair_rows, pair_settings
from recohort.paper.printed import printed_by
from recohort.paper.reading import blocks_of, homes_of, number_of, read_dictionary, rows_of
from recohort.paper.rounding import decimals_of, printed_bounds, prints_as
from recohort.paper.rows import Row, members, restrictions, table_of
from recohort.paper.statistics import DASHES
from recohort.survival import Result, search_kept
from recohort.survival.problem import problem_of
from recohort.witness import cohort_in_words

COLUMNS = "id location printed changed noticed how witness".split()


def neighbors(printed: str) -> list[str]:
    """A printed number one unit lower and higher in its last place; none changes its sign."""
    unit, value = Decimal(1).scaleb(-decimals_of(printed)), Decimal(printed)
    return [str(v) for v in (value - unit, value + unit) if v * value >= 0 and (value or v >= 0)]


def changed_digits(
    published: pd.DataFrame, statements: pd.DataFrame, result: Result, location: str
) -> pd.DataFrame:
    """Each number of one place, changed by one unit either way: is it noticed, and how?

    Columns: `id`, `printed`, `changed`, `noticed` and `how`: ``"set_aside"`` (its fact is
    one that the ledger marks already), ``"no_cohort"`` (what was set aside no longer
    suffices), or empty where a cohort prints the changed table: `witness`, its times with
    ``+`` for a death, and its groups.
    """
    used = {row.id: row for row in rows_of(published) if row.statistic}
    places = published[(published["location"] == location) & (published["kind"] == "number")]
    found = []
    for _, row in places[places["id"].isin(used)].iterrows():
        for value in neighbors(number_of(row["printed"])):
            if row["fact"] in result.corrections[0]:
                found.append((row["id"], row["printed"], value, True, "set_aside", ""))
                continue
            witness = _cohort_with(published, statements, result, row["id"], value)
            how, text = "" if witness else "no_cohort", cohort_in_words(witness)
            found.append((row["id"], row["printed"], value, not witness, how, text))
    names = "id printed changed noticed how witness".split()
    return pd.DataFrame(found, columns=names)


class Known(NamedTuple):
    """What the checks look at, read once for all changes."""

    rows: list  # every printed figure
    tables: dict  # the edition's
    conventions: dict
    homes: dict
    marked: set  # facts of all smallest corrections
    survival: tuple  # published figures and statements of the survival block
    ages: list  # rows about the column of ages
    pairs: list  # rows about the table of pairs
    settings: tuple  # of that table
    result: Result | None  # of the search


def known(folder: Path | str, result: Result | None = None) -> Known:
    """Read a folder's files for `judged`."""
    published, statements, conventions = read_data(folder)
    settings = pair_settings(folder)
    columns = number_columns(*read_blocks("survival", "ages", folder=folder)[:2])
    (ages,) = columns.values()
    return Known(
        rows_of(published),
        read_tables(folder),
        conventions,
        homes_of(read_dictionary(Path(folder) / "dictionary.csv")),
        set(read_table("corrections", folder)["fact"]),
        read_survival(folder)[:2],
        ages,
        pair_rows(published, statements, settings[2]),
        settings,
        result,
    )


def sharpness(folder: Path | str, result: Result, table3: pd.DataFrame) -> pd.DataFrame:
    """Each printed number that something recomputes, one unit off either way: is it noticed?

    `table3` is what `changed_digits` says of its place, taken over. Columns: `id`, `location`,
    `printed`, `changed`, `noticed`, `how` and `witness` (a cohort, or how many columns, where
    an exact check misses it). Takes a minute.
    """
    place = read_data(folder)[0].set_index("id")["location"]
    first = table3.assign(location=table3["id"].map(place), how=table3["how"].replace("", "missed"))
    paper, done = known(folder, result), set(first["id"])
    rows = [row for row in paper.rows if _is_number(row) and row.id not in done]
    found = [
        (row.id, place[row.id], row.printed, value, *judged(paper, row, value))
        for row in rows
        for value in neighbors(number_of(row.printed))
    ]
    both = pd.concat([first[COLUMNS], pd.DataFrame(found, columns=COLUMNS)])
    order = {name: i for i, name in enumerate(place.index)}
    return both.sort_values("id", key=lambda ids: ids.map(order), kind="stable")


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
        same = printed_by(changed, {}, paper.conventions)
        return not same, "missed" if same else "arithmetic", ""
    if blocks == {"survival"}:
        return _no_cohort(paper, changed)
    if any(_asks(changed) == _asks(own) for own in paper.ages):
        return _no_column(paper, changed)
    if any(_asks(changed) == _asks(own) for own in paper.pairs):
        return _no_pairs(paper, changed)
    return True, "ledger", ""


def _cohort_with(published, statements, result, name, value):
    """A cohort that prints the survival block with one figure changed; None where none does."""
    trial = published.copy()
    trial.loc[trial["id"] == name, "printed"] = value
    return search_kept(problem_of(trial, statements, dict(result.paper.conventions)), result)


def _is_number(row):
    """Digits that something recomputes: no bound, word or dash."""
    plain = row.relation == "rounds to" and row.statistic not in DASHES
    return plain and row.printed.lstrip("-")[:1].isdigit()


def _asks(row):
    """What a row asks for: everything but its name, fact and printed figure."""
    return row.statistic, row.options, row.filters


def _unlike_a_copy(paper, changed):
    """Does another place print the same figure so that no value prints both?"""
    low, high = printed_bounds(changed.printed)
    copies = [r for r in paper.rows if _asks(r) == _asks(changed) and r.id != changed.id]
    others = [printed_bounds(r.printed) for r in copies if _is_number(r)]
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
    whole = _whole(paper.tables, changed)
    unit = {"count": Fraction(1), "percent": Fraction(100, whole)}
    return not any(
        all(prints_as(k * unit[r.statistic], r.printed) for r in (changed, *beside))
        for k in range(whole + 1)
    )


def _whole(tables, row):
    other = dict(row.options).get("of")
    if other:
        return int(other) if other.isdigit() else len(tables[other])
    return int(members(tables, table_of(row), restrictions(row)).sum())


def _no_cohort(paper, changed):
    """Ask the survival search, with the same facts set aside as in its result."""
    witness = _cohort_with(*paper.survival, paper.result, changed.id, changed.printed)
    return witness is None, "missed" if witness else "no_cohort", cohort_in_words(witness)


def _no_column(paper, changed):
    """Count the columns of ages that print the changed row and all others."""
    rows = [changed if _asks(r) == _asks(changed) else r for r in paper.ages]
    count = count_columns(sums_of(rows, paper.tables["patients"], paper.conventions))
    return count == 0, "missed" if count else "no_cohort", f"{count} columns" if count else ""


def _no_pairs(paper, changed):
    """Look for a table of pairs that fits the changed row and all others."""
    rows = [
        r._replace(printed=changed.printed) if _asks(r) == _asks(changed) else r
        for r in paper.pairs
    ]
    options, bounds, table = paper.settings
    if not splits_of(rows, options, bounds):
        return True, "no_cohort", ""
    block = Pairs(rows, paper.tables, paper.settings)
    found = block.solve(block.facts)
    if found is None:
        return False, "open", ""
    columns = (f"{table}.{c}: {' '.join(map(str, found[c]))}" for c in bounds)
    return False, "missed", "; ".join(columns)
