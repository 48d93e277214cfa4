"""Facts about related tables left out one by one.

One model holds all that is printed of sessions, tumors, progression and history, with ages and
intervals as far as counts tell of them, tied to every cohort of the survival search. A fact is left
out, and a solution asked for in which it is broken. Where there is none, all others confirm it; P
values, medians and the pairs were not even needed. Where there is one, it is completed to a whole
cohort, and the registry says whether it prints all others.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from recohort.audit.excluded import exclude, excluded
from recohort.audit.trial import SURVIVAL, Trial, trial_of
from recohort.audit.whole import Completion, Judge, completion, failed, like_edition
from recohort.cells.cells import FIRST
from recohort.cells.relations import BLOCKS
from recohort.numbers.choosers import CHOOSERS
from recohort.numbers.multisets import list_multisets, moments
from recohort.paper.reading import SENTENCE, columns_of
from recohort.paper.rows import Row, members, restrictions, table_of
from recohort.witness import differing, tables_in_words

ENDS = {"minimum": min, "maximum": max}
MOST = 20  # steps from the lowest to the highest value where samples are listed


def related_roles(
    folder: Path | str, judge: Judge, survival: list[pd.DataFrame], known: Collection = ()
) -> Iterator[tuple[str, str, str]]:
    """Each printed fact of these blocks left out: (fact, role, witness), in turn. Minutes.

    `survival` are frames of all cohorts of the survival search, the edition's first; facts that
    are `known` are passed over. The role is "confirmed" where no solution breaks the fact,
    "words" where it takes sentences about the same columns to confirm it, "input" where a whole
    cohort does without it, "open" where the solver gives up or the solution makes no whole cohort.
    """
    wanted = [f for f in printed_facts(judge.rows) if f not in known]
    trial = trial_of(folder, survival, judge.rows, wanted)
    exclude(trial.related.model.cells, excluded(survival, folder))
    complete = completion(survival, folder, every_reading=False)
    for fact in trial.related.broken:
        yield fact, *left_out_one(trial, fact, judge, complete)


def printed_facts(rows: list[Row]) -> list[str]:
    """The facts of printed numbers about some cells, in the order of the file."""
    facts = dict.fromkeys(r.fact for r in rows if columns_of(r))
    return [f for f in facts if not f.startswith(SENTENCE)]


def left_out_one(trial: Trial, fact: str, judge: Judge, complete: Completion) -> tuple[str, str]:
    """The role of one fact, and the witness of an input in words."""
    if fixed_by_its_column(trial.related.paper.facts[fact], judge):
        return "confirmed", ""
    tables = None
    try:
        for tables in _broken(trial, fact, judge, complete):
            if tables is not None and failed(judge, tables) == {fact}:
                return "input", tables_in_words(tables, differing(tables, judge.edition))
        return ("open" if tables is not None else _confirmed(trial, fact)), ""
    except ArithmeticError:
        return "open", ""


def _broken(trial, fact, judge, complete):
    """Whole tables that break a fact and hold all others of the model; None where there are none.

    As many columns as will do are the edition's: first all but those that the fact names, then all
    of other blocks, then those of survival and progression, then survival, then none.
    """
    named = trial.related.paper.named(fact)
    for kept in _kept(trial, named):
        solved = trial.solve((), fact, kept)
        if solved is None:
            yield None
            continue
        tables = like_edition(complete(solved, 0), judge.edition)
        people = solved[FIRST]
        for column in (c for c in CHOOSERS if (FIRST, c) in named and people[c].dtype == "Int64"):
            tables[FIRST][column] = people[column].astype(int)  # a whole number that it is about
        yield tables


def _kept(trial, named):
    """The columns to keep as in the edition, fewer and fewer."""
    blocks = {name: trial.blocks.get(name) for name in trial.pins}
    own = {blocks.get(name) for name in named} - {SURVIVAL}
    yield {name for name in trial.pins if name not in named}
    yield {name for name, block in blocks.items() if block not in own}
    yield {name for name, block in blocks.items() if block == BLOCKS[1]} | {SURVIVAL}
    yield {SURVIVAL}
    yield set()


def _confirmed(trial, fact):
    """Is a fact that all others confirm confirmed without sentences about the same columns?"""
    cells = {name for name in trial.related.paper.named(fact) if name[1] != "rows"}
    words = {
        other
        for other in trial.related.paper.facts
        if other.startswith(SENTENCE) and trial.related.paper.named(other) & cells
    }
    alone = not words or trial.solve(words, fact, ()) is None
    return "confirmed" if alone else "words"


def fixed_by_its_column(own: list[Row], judge: Judge) -> bool:
    """Does a plain column's mean, SD and range leave no other value of one of its ends?

    All samples that print the others are listed (`numbers.multisets`); so many values as a
    printed count of exactly the filled cells says.
    """
    row, options = own[0], dict(own[0].options)
    if row.statistic not in ENDS or row.filters or "column" not in options or "minus" in options:
        return False
    asked = [r for r in judge.rows if dict(r.options) == options and not r.filters]
    rest = {r.statistic: r.printed for r in asked if r.fact != row.fact}
    cells = judge.edition[table_of(row)][options["column"]]
    sizes = _counts_of(cells.notna(), table_of(row), judge)
    if not sizes or not {"mean", "sd"} <= rest.keys() or not (cells.dropna() % 1 == 0).all():
        return False
    info = judge.dictionary.set_index(["table", "column"]).loc[table_of(row), options["column"]]
    low, high = int(rest.get("minimum", info["lowest"])), int(rest.get("maximum", info["highest"]))
    if high - low > MOST:
        return False
    wanted = moments(sizes[0], rest["mean"], rest["sd"], divisor=judge.conventions["sd"])
    known = [(ends, int(rest[name])) for name, ends in ENDS.items() if name in rest]
    every = list_multisets(wanted, low, high)
    samples = [s for s in every if all(ends(s) == printed for ends, printed in known)]
    return bool(samples) and {ENDS[row.statistic](s) for s in samples} == {int(row.printed)}


def _counts_of(filled, table, judge):
    """The printed counts of exactly some rows of a table."""
    plain = [r for r in judge.rows if r.statistic == "count" and table_of(r) == table]
    return [
        int(r.printed)
        for r in plain
        if not restrictions(r) and members(judge.edition, table, r.filters).equals(filled)
    ]
