"""Every printed fact, left out: do all others lead to it again?

`roles.csv`. Sums come first (`sums`); then each block has its own way: the survival
search as a whole; one model of sessions, tumors, progression and history (`related_roles`); whole
columns of measured numbers. A fact is confirmed by proof only, and an input by a whole cohort only,
which the registry has judged. What has neither is open. Facts about pairs of measured numbers are
not asked: they were put in.
Sentences are left out one by one for survival alone; elsewhere they are told throughout.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

import pandas as pd

from recohort.audit.leave_out import left_out as survival_left_out
from recohort.audit.related_roles import printed_facts, related_roles
from recohort.audit.sums import complements, fixed_by_sums
from recohort.audit.trial import NUMBERS, SIZE, SURVIVAL, Trial, pins_of, trial_of
from recohort.audit.whole import Judge, completion, failed, judge_of, like_edition
from recohort.blocks import Numbers, left_out
from recohort.cells.cells import FIRST
from recohort.cells.relations import BLOCKS
from recohort.edition import edition, frame_of
from recohort.numbers.choosers import CHOOSERS
from recohort.paper.reading import blocks_of, columns_of, homes_of
from recohort.paper.rows import Row
from recohort.paper.rules import columns_of_rule, read_rules, rules_of_columns
from recohort.survival import Result, without
from recohort.survival.cohorts import grid_cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.printing import printed_facts as printed_in
from recohort.witness import cohort_from_words, differing, tables_in_words

COLUMNS = "fact block role by cohorts witness distinct".split()
FEW = 2000  # survival cohorts that are searched at once
RULE = "rule."
ORDER = (*NUMBERS, BLOCKS[1], BLOCKS[0], BLOCKS[2], SURVIVAL)
TUMORS, _, HISTORY = BLOCKS
RELEASED = ((), (TUMORS,), (TUMORS, HISTORY), BLOCKS)  # what is no longer the edition's, in turn
FREED = ((TUMORS,), (HISTORY, *NUMBERS), (TUMORS, HISTORY), (*BLOCKS, *NUMBERS))


def roles(folder: Path | str, result: Result) -> pd.DataFrame:
    """One row a printed fact that the edition prints, and a sentence about survival. Minutes.

    Columns: `fact`; `block`; `role`: "confirmed", "input" or "open"; `by`: what confirms it outside
    survival, "numbers" alone or with "words" about the same columns; `cohorts`: of a confirmed
    survival fact, how many survival cohorts print all others; `witness` of an input, a whole
    cohort in the columns that are not the edition's; `distinct`: is it no complement of others?
    """
    judge = judge_of(folder)
    first = edition(result)
    others = [c for c in result.grid if c is not first]  # related tables have tenths
    survival = [frame_of(result, cohort) for cohort in (first, *others)]
    found = {f: (role, "", *own) for f, role, *own in survival_roles(folder, judge, result)}
    sums = arithmetic_roles(judge)
    ways = (
        ((fact, "confirmed", "") for fact in sums),
        related_roles(folder, judge, survival, sums),
        column_roles(judge),
    )
    for fact, role, witness in (own for way in ways for own in way):
        by = {"confirmed": "numbers", "words": "words"}.get(role, "")
        found.setdefault(fact, ("confirmed" if by else role, by, "", witness))
    return roles_frame(found, judge)


def roles_frame(found: dict, judge: Judge) -> pd.DataFrame:
    """The answers `found` (by fact: role, by, cohorts, witness) in the order of the files."""
    homes, blocks = homes_of(judge.dictionary), {}
    for row in (row for row in judge.rows if columns_of(row) and row.fact in found):
        blocks.setdefault(row.fact, set()).update(blocks_of(row, homes))
    table, implied = [], complements(judge.rows, judge.dictionary)
    for fact, own in blocks.items():
        if own <= set(ORDER):  # no role is told of pairs
            block = next(name for name in ORDER if name in own)  # the furthest from survival
            table.append((fact, block, *found[fact], fact not in implied))
    return pd.DataFrame(table, columns=COLUMNS)


def survival_roles(folder: Path | str, judge: Judge, result: Result) -> Iterator[tuple]:
    """The facts of the survival search: `leave_out.left_out`, each witness as a whole cohort.

    The dictionary's rules about survival columns hold as well. A witness prints all other survival
    facts; the other blocks are searched beside it. Where that leaves no whole cohort, all survival
    cohorts without the fact are searched, up to `FEW` of them, at last with every other block free:
    if no whole cohort has one of them, the fact is confirmed by the other blocks; and open, if
    there are more.
    """
    ruled = with_rules(result, judge.dictionary)
    beside = judge._replace(rows=[r for r in judge.rows if r.fact not in facts_of(ruled.problem)])
    table = survival_left_out(ruled)
    table = table[~table["fact"].str.startswith(RULE)]
    texts = whole_witnesses(folder, beside, ruled, table)
    for fact, role, count, _ in table.itertuples(index=False):
        if role == "input" and fact not in texts:
            role, texts[fact] = other_witness(folder, beside, ruled, fact)
        yield fact, role, count, texts.get(fact, "")


def with_rules(result: Result, dictionary: pd.DataFrame) -> Result:
    """The result with the dictionary's rules between survival columns as further rows."""
    rows, survival = [], dictionary[dictionary["block"] == SURVIVAL]
    known = {(FIRST, column) for column in survival["column"]}
    for rule in rules_of_columns(survival):
        if columns_of_rule(rule) <= known:
            given = tuple(piece[:3] for piece in rule.given)
            for k, piece in enumerate(p for part in rule.then for p in part):
                name = f"{RULE}{rule.id}.{len(rows)}.{k}"
                rows.append(Row(name, name, "count", (*given, _not(piece)), (), "=", "0"))
    return result._replace(problem=result.problem._replace(rows=(*result.problem.rows, *rows)))


def _not(piece):
    """The filter that is met where a piece of a rule is not."""
    other = {"True": "False", "False": "True"}.get(piece.value)
    return (piece.column, "=", other) if other else (piece.column, "!=", piece.value)


def whole_witnesses(
    folder: Path | str, judge: Judge, result: Result, table: pd.DataFrame
) -> dict[str, str]:
    """Whole cohorts around the witnesses of the survival search, in words, by fact.

    What the survival search was told is judged there; all other rows and the rules here.
    """
    inputs = table[table["role"] == "input"]
    found = [cohort_from_words(text, result.problem.landmarks) for text in inputs["witness"]]
    people = [frame_of(result, cohort) for cohort in found]
    trial = trial_of(folder, people, judge.rows, ()) if people else None
    texts = {}
    for fact, frame in zip(inputs["fact"], people, strict=True):
        own = judge.edition | {FIRST: judge.edition[FIRST].assign(**frame)}
        known = pins_of(trial.related.model, own, frame)[SURVIVAL]
        tables, _ = around(folder, judge, trial, people, RELEASED, known)
        if tables:
            texts[fact] = tables_in_words(tables, differing(tables, judge.edition))
    return texts


def other_witness(folder: Path | str, judge: Judge, result: Result, fact: str) -> tuple[str, str]:
    """The role of a survival fact, with a witness among `FEW` survival cohorts without it."""
    own = keeping(result.problem, [fact])
    every = grid_cohorts(without(result.problem, {fact}), every_word=True)
    some = list(islice((c for c in every if not printed_in(own, c)), FEW + 1))
    people = [frame_of(result, cohort) for cohort in some[:FEW]]
    if not people:  # real times miss it, none in tenths: no whole cohort can be searched for
        return "open", ""
    trial = trial_of(folder, people, judge.rows, ())
    tables, none = around(folder, judge, trial, people, FREED)
    if tables:
        return "input", tables_in_words(tables, differing(tables, judge.edition))
    return ("confirmed" if none and len(some) <= FEW else "open"), ""


def around(
    folder: Path | str,
    judge: Judge,
    trial: Trial,
    people: list[pd.DataFrame],
    released: tuple,
    known: Collection = (),
) -> tuple:
    """Tables around some of the survival cohorts `people` that print all rows.

    As many blocks as will do are the edition's, but for those `released` in turn and for times that
    end with follow-up; `known` pins are kept. None where there are none; the second answer says
    whether the last of `released` leaves no solution.
    """
    complete = completion(people, folder, every_reading=False)
    none, ends = False, ending(folder)
    fixed = {p for p in trial.pins if p not in ends and p != SURVIVAL and p[1] != "rows"}
    for blocks in released:
        kept = {place for place in fixed if trial.blocks.get(place) not in blocks}
        none, tables = False, None
        try:
            solved = trial.solve((), None, kept, known)
            none = solved is None
            tables = None if none else like_edition(complete(solved, 0), judge.edition)
        except ArithmeticError:  # the solver gives up, or no measured column goes with this one
            continue
        if tables and not failed(judge, tables):
            return tables, False
    return None, none


def ending(folder: Path | str) -> set[tuple[str, str]]:
    """The columns that some rule ends with follow-up."""
    rules = read_rules(Path(folder) / "rules.csv")
    pieces = [(rule.table, piece) for rule in rules for part in rule.then for piece in part]
    return {
        (table, piece.column)
        for table, piece in pieces
        if piece.operator in ("=", "~") and "time" in {c.split(".")[-1] for _, c in piece.terms}
    }


def column_roles(judge: Judge) -> Iterator[tuple[str, str, str]]:
    """Facts about a measured column beside follow-up: another value asked for."""
    people, numbers = judge.edition[FIRST], judge.dictionary["type"] == "number"
    for name in set(CHOOSERS) & set(judge.dictionary.loc[numbers, "column"]):
        rows = [r for r in judge.rows if (FIRST, name) in columns_of(r)]
        for fact, cells in left_out(Numbers(name, rows, people, judge.conventions)):
            tables = judge.edition | {FIRST: people.assign(**{name: cells})}
            apart = cells is not None and failed(judge, tables) == {fact}
            text = tables_in_words(tables, {(FIRST, name)}) if apart else ""
            yield fact, "input" if apart else "open", text


def arithmetic_roles(judge: Judge) -> list[str]:
    """Facts that other facts print as well, or that other counts fix by sums alone.

    The number of patients is known. All of these are confirmed.
    """
    printed, found = {}, []
    for row in judge.rows:
        printed.setdefault(row[2:], set()).add(row.fact)
    for fact in printed_facts(judge.rows):
        own = [r for r in judge.rows if r.fact == fact and columns_of(r)]
        twice = all(columns_of(r) <= SIZE or len(printed[r[2:]]) > 1 for r in own)
        if twice or fixed_by_sums(fact, judge.rows, judge.edition, judge.dictionary):
            found.append(fact)
    return found
