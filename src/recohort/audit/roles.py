"""Every printed fact, left out: do all others lead to it again?

`roles.csv`. Sums come first (`class_roles`); then each block has its own way: the survival search
as a whole; one model of sessions, tumors, progression and history (`related_roles`); whole columns
of intervals. A fact is confirmed by proof only, and an input by a whole cohort only, which the
registry has judged. What has neither is open. Facts about pairs of measured numbers are not asked:
they were put in.
Sentences are left out one by one for survival alone; elsewhere they are told throughout.
"""

from decimal import Decimal
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from recohort.audit.class_roles import fixed_by_sums
from recohort.audit.complements import complements
from recohort.audit.leave_out import left_out
from recohort.audit.related_cells import completion
from recohort.audit.related_roles import (
    EFFORT,
    NUMBERS,
    SIZE,
    failed,
    judge_of,
    like_edition,
    pins_of,
    printed_facts,
    related_roles,
    trial_of,
    witness_in_words,
)
from recohort.cells.edition import frames_of
from recohort.cells.relations import solve
from recohort.cells.rules import columns_of_rule, rules_of_columns
from recohort.edition import edition, frame_of
from recohort.numbers.choosers import CHOOSERS
from recohort.paper.printed import printed_by
from recohort.paper.reading import Row, blocks_of, columns_of, homes_of, read_dictionary
from recohort.paper.rounding import decimals_of
from recohort.paper.statistics import members
from recohort.survival import from_words, without
from recohort.survival.cohorts import grid_cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.many import log_rank, ranked
from recohort.survival.printing import printed_facts as printed_in

COLUMNS = "fact block role by cohorts witness distinct".split()
DRAWS = 20000
FEW = 2000  # survival cohorts that are searched at once
MEASURED = "renal"  # real numbers, put in: nothing is asked of them
RULE = "rule."
RELEASED = ((), ("tumors",), ("tumors", "history"), ("tumors", "history", "progression"))
SHIFTS = [sign * k for k in (1, 2, 3, 5, 10, 20, 50) for sign in (1, -1)]  # last decimals
EVERY = ("tumors", "history", "progression", *NUMBERS)
FREED = (("tumors",), ("history", *NUMBERS), ("tumors", "history"), EVERY)
ENDING = [("patients", "progression_time"), ("tumors", "local_time")]  # may end with follow-up


def roles(folder, result) -> pd.DataFrame:
    """One row a printed fact that the edition prints, and a sentence about survival. Minutes.

    Columns: `fact`; `block`; `role`: "confirmed", "input" or "open"; `by`: what confirms it outside
    survival, "numbers" alone or with "words" about the same columns; `cohorts`: of a confirmed
    survival fact, how many survival cohorts print all others; `witness` of an input, a whole
    cohort (see `related_roles.witness_in_words`); `distinct`: is it no complement of others?
    """
    judge = judge_of(folder)
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    first = edition(result)
    others = [c for c in result.grid if c is not first]  # related tables have tenths
    survival = [frame_of(result, cohort) for cohort in (first, *others)]
    found = {f: (role, "", *own) for f, role, *own in survival_roles(folder, judge, result)}
    sums = list(arithmetic_roles(judge, dictionary))
    known = {fact for fact, *_ in sums}
    ways = (sums, related_roles(folder, judge, survival, known), interval_roles(judge, dictionary))
    for fact, role, witness in (own for way in ways for own in way):
        by = {"confirmed": "numbers", "words": "words"}.get(role, "")
        found.setdefault(fact, ("confirmed" if by else role, by, "", witness))
    return roles_frame(found, judge.rows, dictionary)


def roles_frame(found, rows, dictionary) -> pd.DataFrame:
    """The answers `found` (by fact: role, by, cohorts, witness) in the order of the files."""
    homes, table, implied = homes_of(dictionary), [], complements(rows, dictionary)
    for fact in (f for f in dict.fromkeys(r.fact for r in rows if columns_of(r)) if f in found):
        block = block_of({b for r in rows if r.fact == fact for b in blocks_of(r, homes)})
        if block != MEASURED:
            table.append((fact, block, *found[fact], fact not in implied))
    return pd.DataFrame(table, columns=COLUMNS)


ORDER = "renal intervals ages progression tumors history survival".split()


def block_of(blocks) -> str:
    """The block that a fact counts for: of several, the one that is furthest from survival."""
    return next(name for name in ORDER if name in blocks)


def survival_roles(folder, judge, result):
    """The facts of the survival search: `leave_out.left_out`, each witness as a whole cohort.

    The dictionary's rules about survival columns hold as well. A witness prints all other survival
    facts; the other blocks are searched beside it. Where that leaves no whole cohort, all survival
    cohorts without the fact are searched, up to `FEW` of them, at last with every other block free:
    if no whole cohort has one of them, the fact is confirmed by the other blocks; and open, if
    there are more.
    """
    ruled = with_rules(result, read_dictionary(Path(folder) / "dictionary.csv"))
    table = left_out(ruled)
    table = table[~table["fact"].str.startswith(RULE)]
    texts = whole_witnesses(folder, judge, ruled, table)
    for fact, role, count, _ in table.itertuples(index=False):
        if role == "input" and fact not in texts:
            role, texts[fact] = other_witness(folder, judge, ruled, fact)
        yield fact, role, count, texts.get(fact, "")


def with_rules(result, dictionary):
    """The result with the dictionary's rules between survival columns as further rows."""
    rows, survival = [], dictionary[dictionary["block"] == "survival"]
    known = {("patients", column) for column in survival["column"]}
    for rule in rules_of_columns(survival):
        if columns_of_rule(rule) <= known:
            given = tuple(piece[:3] for piece in rule.given)
            for k, piece in enumerate(p for part in rule.then for p in part):
                filters = (*given, _not(piece))
                name = f"{RULE}{rule.id}.{len(rows)}.{k}"
                rows.append(Row(name, name, "count", filters, (), "=", "0"))
    return result._replace(problem=result.problem._replace(rows=(*result.problem.rows, *rows)))


def _not(piece):
    """The filter that is met where a piece of a rule is not."""
    other = {"True": "False", "False": "True"}.get(piece.value)
    return (piece.column, "=", other) if other else (piece.column, "!=", piece.value)


def whole_witnesses(folder, judge, result, table) -> dict:
    """Whole cohorts around the witnesses of the survival search, in words, by fact.

    What the survival search was told is judged there; all other rows and the rules here.
    """
    inputs = table[table["role"] == "input"]
    found = [from_words(text, result.problem.landmarks) for text in inputs["witness"]]
    people = [frame_of(result, cohort) for cohort in found]
    trial = trial_of(folder, people, judge.rows, ()) if people else None
    found = {}
    for fact, frame in zip(inputs["fact"], people, strict=True):
        tables, _ = around(folder, _beside(judge, result), trial, people, frame)
        if tables:
            found[fact] = witness_in_words(tables, judge.edition)
    return found


def other_witness(folder, judge, result, fact) -> tuple[str, str]:
    """The role of a survival fact, with a witness among `FEW` survival cohorts without it."""
    own = keeping(result.problem, [fact])
    every = grid_cohorts(without(result.problem, {fact}), every_word=True)
    some = list(islice((c for c in every if not printed_in(own, c)), FEW + 1))
    people = [frame_of(result, cohort) for cohort in some[:FEW]]
    if not people:  # real times miss it, none in tenths: no whole cohort can be searched for
        return "open", ""
    trial = trial_of(folder, people, judge.rows, ())
    tables, none = around(folder, _beside(judge, result), trial, people, released=FREED)
    if tables:
        return "input", witness_in_words(tables, judge.edition)
    return ("confirmed" if none and len(some) <= FEW else "open"), ""


def _beside(judge, result):
    """The judge without the rows that the survival search was told."""
    told = set(facts_of(result.problem))
    return judge._replace(rows=[r for r in judge.rows if r.fact not in told])


def around(folder, judge, trial, people, one=None, released=RELEASED) -> tuple:
    """Tables around some of the survival cohorts `people` (or just `one`) that print all rows.

    As many blocks as will do are the edition's, but for those `released` in turn and for times that
    end with follow-up. None where there are no such tables; the second answer says whether the
    last of `released` leaves no solution.
    """
    held, complete, known = list(trial.model.held.values()), completion(people, folder), []
    if one is not None:
        edition = judge.edition | {"patients": judge.edition["patients"].assign(**one)}
        known = pins_of(trial.model, edition, one)["survival"]
    for blocks in released:
        fixed = [
            pin
            for name, own in trial.pins.items()
            if name != "survival"
            and name not in ENDING
            and trial.blocks.get(name) not in blocks
            and name[1] != "rows"
            for pin in own
        ]
        try:
            solver = solve(trial.model, held, [*known, *fixed], EFFORT)
        except ArithmeticError:
            none = False
            continue
        none = solver is None
        if none:
            continue
        solved = frames_of(trial.model, solver)
        solved["patients"] = near_times(solved["patients"], judge.edition["patients"])
        try:
            tables = with_numbers(like_edition(complete(solved, 0), judge.edition), judge)
        except ArithmeticError:  # no measured column goes with this one
            continue
        missed = failed(judge, tables)
        if missed and missed <= {r.fact for r in tests_of_progression(judge)}:
            tables = next(other_times(tables, judge), tables)
            missed = failed(judge, tables)
        if not missed:
            return tables, False
    return None, none


def near_times(people, edition):
    """Patients with the edition's times of progression, cut to their own follow-up."""
    times = edition["progression_time"].where(
        people["progression_event"].to_numpy(), people["time"]
    )
    return people.assign(progression_time=np.minimum(times, people["time"]))


def with_numbers(tables, judge):
    """The tables with ages and intervals that print all rows about them, where there are any."""
    people = tables["patients"]
    for name, choose in CHOOSERS.items():
        rows = [r for r in judge.rows if ("patients", name) in columns_of(r)]
        if not all(printed_by(r, tables, judge.conventions) for r in rows):
            cells = choose(rows, people, judge.conventions)
            people = people if cells is None else people.assign(**{name: cells})
    return tables | {"patients": people}


def other_times(tables, judge):
    """The tables with drawn times of progression at which no factor is significant."""
    rows = tests_of_progression(judge)
    drawn, p_values = _drawn(judge._replace(edition=tables), rows, DRAWS)
    time, _ = _names(rows, tables["patients"])
    for times in drawn[(p_values >= 0.05).all(axis=1)]:
        yield tables | {"patients": tables["patients"].assign(**{time: times})}


def interval_roles(judge, dictionary):
    """Facts about a column of numbers of which medians are printed: another value asked for."""
    (name,) = dictionary.loc[dictionary["block"] == "intervals", "column"]
    rows = [r for r in judge.rows if ("patients", name) in columns_of(r)]
    people = judge.edition["patients"]
    for fact in dict.fromkeys(r.fact for r in rows if r.statistic != "count"):
        text = ""
        for shift in SHIFTS:
            asked = [moved(r, shift) if r.fact == fact else r for r in rows]
            cells = CHOOSERS[name](asked, people, judge.conventions)
            if cells is not None:
                tables = judge.edition | {"patients": people.assign(**{name: cells})}
                if failed(judge, tables) == {fact}:
                    text = witness_in_words(tables, judge.edition)
                    break
        yield fact, "input" if text else "open", text


def moved(row, shift):
    """The row with its figure changed by so many units of its last decimal."""
    step = Decimal(shift).scaleb(-decimals_of(row.printed))
    return row._replace(printed=str(Decimal(row.printed) + step))


def tests_of_progression(judge):
    """The rows that compare times of progression."""
    return [r for r in judge.rows if r.statistic == "p_value" and dict(r.options)]


def _names(rows, people):
    """The columns of times and of events that tests name."""
    names = {dict(r.options)[k] for r in rows for k in ("time_column", "event_column")}
    return sorted(names, key=lambda name: people[name].dtype == bool)


def _drawn(judge, rows, draws):
    """Times of progression in tenths of a month, drawn, and the P value of each factor."""
    people = judge.edition["patients"]
    time, event = _names(rows, people)
    tumors = judge.edition["tumors"]
    bound = people["patient_id"].isin(tumors.loc[tumors["local_event"], "patient_id"])
    bound |= (people["renal_tumors"] > 2) | ~people[event]
    random = np.random.default_rng(1)
    most = np.minimum(people["time"], people.loc[people[event], time].max()).to_numpy()
    drawn = np.maximum(1, np.ceil(random.beta(0.4, 0.4, (draws, len(people))) * most * 10)) / 10
    drawn[:, bound] = people.loc[bound, time].to_numpy()
    events = np.broadcast_to(people[event].to_numpy(), drawn.shape)
    p_values = [
        log_rank(ranked(drawn, events, np.broadcast_to(inside.to_numpy(), drawn.shape)))
        for inside in (members(judge.edition, "patients", r.filters) for r in rows)
    ]
    return drawn, np.stack(p_values, axis=1)


def arithmetic_roles(judge, dictionary):
    """Facts that other facts print as well, or that other counts fix by sums alone.

    The number of patients is known. All of these are confirmed.
    """
    printed = {}
    for row in judge.rows:
        printed.setdefault(row[2:], set()).add(row.fact)
    for fact in printed_facts(judge.rows):
        own = [r for r in judge.rows if r.fact == fact and columns_of(r)]
        twice = all(columns_of(r) <= SIZE or len(printed[r[2:]]) > 1 for r in own)
        if twice or fixed_by_sums(fact, judge.rows, judge.edition, dictionary):
            yield fact, "confirmed", ""
