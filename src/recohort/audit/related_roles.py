"""Facts about sessions, tumors, progression and history left out one by one.

One model holds all that is printed of these blocks, with ages and intervals as far as counts tell
of them, tied to every cohort of the survival search, with any number of sessions and tumors that
the paper speaks of. A fact is left out, and a solution asked for in which it is broken. Where there
is none, all others confirm it; P values, medians and the pairs were not even needed. Where there
is one, it is completed to a whole cohort, and the registry says whether it prints all others.
"""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from recohort.audit.excluded import exclude, excluded
from recohort.audit.related_cells import completion, in_words, typed
from recohort.cells.broken import add_broken
from recohort.cells.cells import LEVELS, TABLES
from recohort.cells.edition import frames_of
from recohort.cells.facts import KNOWN
from recohort.cells.relations import Model, Paper, model_of, most_rows, paper_of, solve
from recohort.cells.rules import read_rules, rules_of_columns
from recohort.folder import read_data, read_table, read_tables, rows_as_formed
from recohort.numbers.multisets import list_multisets, moments
from recohort.paper.printed import printed_by
from recohort.paper.reading import (
    SENTENCE,
    columns_of,
    homes_of,
    read_dictionary,
    rows_of,
)
from recohort.paper.statistics import members, restrictions, table_of
from recohort.paper.tables import KEYS, RULES, rules_between, rules_of

AGES = ("patients", "age_years")
ENDS = {"minimum": min, "maximum": max}
MOST = 20  # steps from the lowest to the highest value where samples are listed
EFFORT = 30.0  # deterministic seconds of the solver, for one question
SIZES = {(table, "rows") for table in TABLES}
SIZE = {("patients", "rows")}  # the number of patients is known
NUMBERS = ("intervals", "ages")  # blocks of numbers that counts tie to the history


def told(folder) -> list:
    """All printed rows and statements that the edition prints, copies within a fact once.

    Excepted facts come under their own convention. Raises ValueError for a row that the edition
    does not print although no correction gives its fact up.
    """
    published, statements, conventions = read_data(folder)
    given = read_table("corrections", folder)
    own = given[(given["kind"] == "excepted") & (given["correction"] == 1)]
    excepted = own.set_index("fact")["convention"].to_dict()
    tables, kept, first = read_tables(folder), [], {}
    for row in rows_as_formed(published, statements, folder):
        first.setdefault(row[1:], row)
    for row in first.values():
        if row.fact in excepted:
            row = row._replace(switches=(tuple(excepted[row.fact].split("=")),))
        if printed_by(row, tables, conventions):
            kept.append(row)
        elif row.fact not in set(given["fact"]):
            raise ValueError(f"{row.id}: the edition does not print it")
    return kept


def whole_paper(folder, rows, survival) -> Paper:
    """All blocks but the pairs, tied to cohorts of the survival search (frames).

    Patients and sessions have as many rows as any sentence speaks of, those given up too.
    """
    published, statements, conventions = read_data(folder)
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    merged = dictionary.assign(block=dictionary["block"].replace(dict.fromkeys(NUMBERS, "history")))
    rules = read_rules(Path(folder) / "rules.csv") + rules_of_columns(dictionary)
    paper = paper_of(rows, merged, rules, survival, conventions, len(survival[0]))
    return paper._replace(most=most_rows(rows_of(published, statements)))


class Trial(NamedTuple):
    """One model of all facts, with what it takes to leave out one of them."""

    paper: Paper
    model: Model
    broken: dict  # by fact, a literal under which it is not printed
    blocks: dict  # (table, column) to its block
    pins: dict  # (table, column) to (variable, the edition's value); "rows" of a table, "survival"


def trial_of(folder, survival, rows, wanted=None) -> Trial:
    """The model over cohorts of the survival search (frames), for some facts (all by default).

    `rows` are those of `told`.
    """
    paper = whole_paper(folder, rows, survival)
    model = model_of(paper)
    times = Counter((r.statistic, r.filters, r.options, r.printed) for r in rows)
    broken = {
        fact: add_broken(model.cells, own, paper.conventions)
        for fact, own in paper.facts.items()
        if (wanted is None or fact in wanted)
        and all(r.statistic in KNOWN for r in own)
        and all(
            r in own
            or columns_of(r) <= SIZE
            or times[r.statistic, r.filters, r.options, r.printed] > 1  # another fact has it, too
            for r in rows
            if r.fact == fact
        )
    }
    homes = homes_of(read_dictionary(Path(folder) / "dictionary.csv")) | {"survival": "survival"}
    return Trial(paper, model, broken, homes, pins_of(model, read_tables(folder), survival[0]))


def pins_of(model, edition, people):
    """What fixes each column to the edition's cells, each table's rows and the survival cohort."""
    pins, cells = {}, model.cells
    for table in LEVELS:
        frame, there = edition[table], []
        for key, slot in cells.slots[table].items():
            there.append(_row_of(edition, table, key))
            if slot.present.index != cells.true.index:
                own = (slot.present, int(there[-1] is not None))
                pins.setdefault((table, "rows"), []).append(own)
            for name, cell in slot.cells.items():
                value = None if there[-1] is None else frame.at[there[-1], name]
                pins.setdefault((table, name), []).extend(_fixed(cells, cell, value))
    known = [(t, c) for t, c in pins if t == "patients" and c in people]
    pins["survival"] = [pin for name in known for pin in pins.pop(name)]
    return pins


def _row_of(edition, table, key):
    """The index of the edition's row in a slot; None where there is none."""
    patient = edition["patients"]["patient_id"].iloc[key[0]]
    if table == "patients":
        return edition[table].index[key[0]]
    own = edition["sessions"][edition["sessions"]["patient_id"] == patient]
    if len(own) <= key[1]:
        return None
    if table == "sessions":
        return own.index[key[1]]
    session = own["session_id"].iloc[key[1]]
    tumors = edition["tumors"].index[edition["tumors"]["session_id"] == session]
    return tumors[key[2]] if key[2] < len(tumors) else None


def _fixed(cells, cell, value):
    """(variable, value) pairs that give a cell its value; None where the row is missing."""
    if cell.values:
        return [(x, int(value is not None and str(value) == v)) for v, x in cell.values.items()]
    empty = value is None or pd.isna(value)
    number = 0 if empty else round(float(value) * cell.column.scale)
    if cell.empty.index == cells.false.index:
        return [(cell.number, number)]
    return [(cell.number, number), (cell.empty, int(empty and value is not None))]


def related_roles(folder, judge, survival, known=()):
    """Each printed fact of these blocks left out: (fact, role, witness), in turn. Minutes.

    `survival` are frames of all cohorts of the survival search, the edition's first; facts that
    are `known` are passed over. The role is "confirmed" where no solution breaks the fact,
    "words" where it takes sentences about the same columns to confirm it, "input" where a whole
    cohort does without it, "open" where the solver gives up or the solution makes no whole cohort.
    """
    wanted = [f for f in printed_facts(judge.rows) if f not in known]
    trial = trial_of(folder, survival, judge.rows, wanted)
    exclude(trial.model.cells, excluded(survival, folder))
    complete = completion(survival, folder)
    for fact in trial.broken:
        yield fact, *left_out_one(trial, fact, judge, complete)


def printed_facts(rows) -> list[str]:
    """The facts of printed numbers about some cells, in the order of the file."""
    facts = dict.fromkeys(r.fact for r in rows if columns_of(r))
    return [f for f in facts if not f.startswith(SENTENCE)]


def left_out_one(trial: Trial, fact, judge, complete) -> tuple[str, str]:
    """The role of one fact, and the witness of an input in words.

    As many columns of a witness as will do are the edition's: first all but those that the fact
    names, then all of other blocks, then those of survival and progression, then survival, then
    none.
    """
    held, own = trial.model.held, trial.paper.facts[fact]
    literals = [x for f, x in held.items() if f != fact] + [trial.broken[fact]]
    named = {name for row in own for name in columns_of(row)}
    if fixed_by_its_column(own, judge):
        return "confirmed", ""
    try:
        for kept in _kept(trial, named):
            fixed = [pin for name in trial.pins if name in kept for pin in trial.pins[name]]
            solver = solve(trial.model, literals, fixed, EFFORT)
            if solver is not None:
                solved = frames_of(trial.model, solver)
                tables = like_edition(complete(solved, 0), judge.edition)
                if AGES in named:
                    tables["patients"][AGES[1]] = solved["patients"][AGES[1]].astype(int)
                if failed(judge, tables) == {fact}:
                    return "input", witness_in_words(tables, judge.edition)
        if solver is not None:
            return "open", ""
        words = {
            f
            for f, rows in trial.paper.facts.items()
            if f.startswith(SENTENCE) and any(columns_of(r) & named - SIZES for r in rows)
        }
        literals = [x for f, x in held.items() if f not in {*words, fact}] + [trial.broken[fact]]
        alone = solve(trial.model, literals, effort=EFFORT) is None
        return "confirmed" if alone or not words else "words", ""
    except ArithmeticError:
        return "open", ""


def fixed_by_its_column(own, judge) -> bool:
    """Does a plain column's mean, SD and range leave no other value of one of them?

    All samples that print the others are listed (`search.multisets`); so many values as a
    printed count of exactly the filled cells says.
    """
    row, table = own[0], judge.edition[table_of(own[0])]
    options = dict(row.options)
    if row.statistic not in ENDS or row.filters or "column" not in options or "minus" in options:
        return False
    asked = [r for r in judge.rows if dict(r.options) == options and not r.filters]
    rest = {r.statistic: r.printed for r in asked if r.fact != row.fact}
    if not {"mean", "sd"} <= rest.keys():
        return False
    filled = table[options["column"]].notna()
    sizes = [
        int(r.printed)
        for r in judge.rows
        if r.statistic == "count"
        and table_of(r) == table_of(row)
        and not restrictions(r)
        and members(judge.edition, table_of(r), r.filters).equals(filled)
    ]
    if not sizes or not (table[options["column"]].dropna() % 1 == 0).all():
        return False
    ends = judge.ends[table_of(row), options["column"]]
    low, high = (int(rest.get(name, end)) for name, end in zip(ENDS, ends, strict=True))
    if high - low > MOST:
        return False
    wanted = moments(sizes[0], rest["mean"], rest["sd"], divisor=judge.conventions["sd"])
    samples = [
        s
        for s in list_multisets(wanted, low, high)
        if all(f(s) == int(rest[n]) for n, f in ENDS.items() if n in rest)
    ]
    return bool(samples) and all(ENDS[row.statistic](s) == int(row.printed) for s in samples)


def _kept(trial, named):
    """The columns to keep as in the edition, fewer and fewer."""
    blocks = {name: trial.blocks.get(name) for name in trial.pins}
    own = {blocks.get(name) for name in named} - {"survival"}
    yield {name for name in trial.pins if name not in named}
    yield {name for name, block in blocks.items() if block not in own}
    yield {name for name, block in blocks.items() if block == "progression"} | {"survival"}
    yield {"survival"}
    yield set()


def like_edition(tables, edition) -> dict:
    """Tables with the columns of the edition's, in their order and of their types."""
    return {
        name: tables[name].reindex(columns=frame.columns).astype(frame.dtypes.to_dict())
        for name, frame in edition.items()
    }


class Judge(NamedTuple):
    """What a whole cohort is held to: every row that the edition prints, and every rule."""

    edition: dict
    rows: list
    rules: list
    conventions: dict
    ends: dict  # of columns of numbers, (table, column): lowest and highest in the dictionary


def judge_of(folder) -> Judge:
    """Read a folder's files for `failed`."""
    dictionary, path = read_dictionary(Path(folder) / "dictionary.csv"), Path(folder) / "rules.csv"
    rules = [*KEYS, *RULES, *rules_between(path), *rules_of(dictionary)]
    numbers = dictionary[dictionary["lowest"] != ""].itertuples()
    ends = {(r.table, r.column): (float(r.lowest), float(r.highest)) for r in numbers}
    return Judge(read_tables(folder), told(folder), rules, read_data(folder)[2], ends)


def failed(judge: Judge, tables) -> set[str]:
    """The facts that some tables do not print, and the rules that they break, by the registry.

    What looks only at columns that are the edition's is not asked again.
    """
    touched = {
        (name, column)
        for name, frame in tables.items()
        for column in frame
        if in_words(frame[column]) != in_words(judge.edition[name][column])
    }
    touched |= {(name, "rows") for name in {name for name, _ in touched}}
    found = {rule.text for rule in judge.rules if not rule.holds(tables).all()}
    for row in judge.rows:
        if row.fact not in found and touched & columns_of(row):
            found |= set() if printed_by(row, tables, judge.conventions) else {row.fact}
    return found


def witness_in_words(tables, edition) -> str:
    """The columns in which tables differ from the edition's, whole; all where rows differ."""
    parts = []
    for name, frame in tables.items():
        same = len(frame) == len(edition[name])
        for column in frame:
            cells = in_words(frame[column])
            if not same or cells != in_words(edition[name][column]):
                parts.append(f"{name}.{column}: {cells}")
    return "; ".join(parts)


def witness_tables(text, edition) -> dict:
    """The tables that `witness_in_words` wrote."""
    tables = {name: frame.copy() for name, frame in edition.items()}
    for part in text.split("; "):
        place, _, cells = part.partition(": ")
        name, _, column = place.partition(".")
        kind, words = edition[name][column].dtype, cells.split(" ")
        if len(words) != len(tables[name]):
            tables[name] = pd.DataFrame(index=range(len(words)), columns=edition[name].columns)
        tables[name][column] = typed(words, kind)
    return tables


def times_of_witness(text, edition) -> str:
    """The times of a witness in words, in their order, with a dagger after a death."""
    people = witness_tables(text, edition)["patients"].sort_values("time", kind="stable")
    pairs = zip(people["time"], people["event"], strict=True)
    return " ".join(f"{time}{'†' if died else ''}" for time, died in pairs)
