"""Which values a fact can have beside a few others: every way of one patient, then all patients.

Shares no code with the solver: plain tables of everything that can be said of one patient, rules
checked as `tables.read_tables` checks them, what a way adds to each printed row counted with the
registry, and sets of tallies added up patient by patient. Numbers are listed by classes, cut where
a row or a rule compares them; both ends of each class stand for it, which is enough where they are
compared with the cuts, or with one other number of the patient.
"""

from fractions import Fraction
from functools import cache, partial
from itertools import product
from math import ceil
from operator import add

import pandas as pd

from recohort.paper.reading import columns_of, read_dictionary
from recohort.paper.rounding import printed_bounds, prints_as
from recohort.paper.rows import members as inside_of
from recohort.paper.rows import restrictions, table_of
from recohort.paper.rules import read_rules
from recohort.paper.ties import rule_groups
from thirteen.data import DATA

DICTIONARY = read_dictionary(DATA / "dictionary.csv")
INFO = DICTIONARY.set_index(["table", "column"]).to_dict("index")
COLUMN, RULE = "column.", "rule."
HEADS = {
    "patients": ["patient_id"], "sessions": ["session_id", "patient_id", "session_number"],
    "tumors": ["tumor_id", "patient_id", "session_id"], "renal_function": ["patient_id"],
}  # fmt: skip
NUMBERED = {("sessions", "session_number")}  # what the listing itself fills in
FEW = 20  # numbers that are listed one by one
ENDS = {"minimum": min, "maximum": max}


@cache
def every_rule() -> list:
    """Each rule of the tables: (name, rule, a function that says what it names)."""
    path = DATA / "rules.csv"
    *_, between, words = rule_groups(DATA)
    both = zip(read_rules(path), between, strict=True)
    found = [(RULE + parsed.id, rule, partial(_named, parsed)) for parsed, rule in both]
    found += [(f"{RULE}{r.table}.{r.column}", r, partial(_of_words, r)) for r in words]
    return found


def rules_named(names) -> list:
    """(rule, columns that it names, its cuts, tied columns) of those that are among `names`."""
    return [(rule, *look()) for name, rule, look in every_rule() if name in names]


def _named(rule):
    """Columns of a parsed rule, and the cuts that it sets, as pairs (column, value)."""
    columns, cuts, tied = set(), set(), []
    for piece in (*rule.given, *(p for part in rule.then for p in part)):
        place = _place(rule.table, piece.column)
        columns.add(place)
        if not piece.terms:
            cuts.add((place, piece.value))
        for factor, column in piece.terms:
            other = _place(rule.table, column)
            columns.add(other)
            if other[1] != "rows":
                assert len(piece.terms) == 1, rule.id  # two numbers, never three
                tied.append((place, other, factor))
    return columns, cuts, tied


def _of_words(rule):
    """The same of a rule of the dictionary, ``value where filters``."""
    cuts = {(_place(rule.table, f.partition(op)[0].strip()), f.partition(op)[2].strip())
            for f in rule.text.split("where ")[1].split(";")
            for op in [next(o for o in (">=", "<=", "!=", ">", "<", "=") if o in f)]}  # fmt: skip
    return {(rule.table, rule.column), *(place for place, _ in cuts)}, cuts, []


def _place(table, column):
    other, _, name = column.rpartition(".")
    return (table if other == "previous" else other or table), name


def cuts_of(row) -> set:
    """Where a row compares a column: (column, value), and the ends of what prints its figure."""
    home = table_of(row)
    found = {(_place(home, c), v) for c, _, v in (*row.filters, *restrictions(row))}
    if row.statistic in ENDS:
        options = dict(row.options)
        ends = printed_bounds(row.printed) if row.relation == "rounds to" else (row.printed,)
        scale = Fraction(options.get("scale", 1))
        found |= {(_place(home, options["column"]), Fraction(e) / scale) for e in ends}
    return found


def values_of(place, cuts, tied) -> list:
    """What a cell may hold: each category; of numbers both ends of each class; None if empty."""
    info = INFO[place]
    if words := info["values"].split():
        return [w == "True" if info["type"] == "boolean" else w for w in words]
    unit = Fraction(1) if info["type"] == "integer" else Fraction(1, 10)
    low, high = (ceil(Fraction(info[end]) / unit) for end in ("lowest", "highest"))
    own = {Fraction(v) / unit for at, v in cuts if at == place}
    for a, b, factor in tied:  # the cuts of the number that it is compared with
        units = {at: 1 if INFO[at]["type"] == "integer" else Fraction(1, 10) for at in (a, b)}
        own |= {Fraction(v) * factor / unit for at, v in cuts if place == a and at == b}
        own |= {Fraction(v) / factor / units[b] for at, v in cuts if place == b and at == a}
    chosen = range(low, high + 1)
    if high - low > FEW:
        marks = {ceil(v) + k for v in own for k in (-1, 0, 1)} | {low, high}
        chosen = sorted(m for m in marks if low <= m <= high)
    return [float(k * unit) for k in chosen] + [None] * (info["empty"] == "yes")


def shapes(columns, most):
    """Numbers of tumors in each session of a patient, as far as the columns tell them apart."""
    named = {table for table, _ in columns}
    tumors = range(1, most["tumors"] + 1 if "tumors" in named else 2)
    sessions = range(1, most["sessions"] + 1 if {"tumors", "sessions"} & named else 2)
    return [shape for n in sessions for shape in product(tumors, repeat=n)]


def ways(columns, cuts, tied, known, most) -> dict:
    """Tables in which each patient is one way of a patient; `known` gives cells of patients."""
    lists = {c: values_of(c, cuts, tied) for c in sorted(columns)
             if c[1] != "rows" and c not in NUMBERED}  # fmt: skip
    lists |= {("patients", name): [value] for name, value in known.items()}
    own = {t: [c for c in lists if c[0] == t] for t in HEADS}
    rows = {name: [] for name in HEADS}
    cells = {t: list(product(*(lists[c] for c in own[t]))) for t in own}
    measured = [[], *([c] for c in cells["renal_function"])]  # or not at all
    if not {"renal_function"} & {t for t, _ in columns}:
        measured = [[]]
    for shape in shapes(columns, most):
        places = [cells["patients"], measured]
        for n in shape:
            places += [cells["sessions"], *[cells["tumors"]] * n]
        for some in product(*places):
            person, pairs, *rest = some
            patient, left = f"P{len(rows['patients'])}", iter(rest)
            rows["patients"].append((patient, *person))
            rows["renal_function"] += [(patient, *pair) for pair in pairs]
            for number, n in enumerate(shape, 1):
                session = f"{patient}S{number}"
                rows["sessions"].append((session, patient, number, *next(left)))
                for _ in range(n):
                    tumor = f"T{len(rows['tumors'])}"
                    rows["tumors"].append((tumor, patient, session, *next(left)))
    names = {t: [*head, *(c for _, c in own[t])] for t, head in HEADS.items()}
    return {t: _frame(rows[t], names[t], t) for t in rows}


def _frame(rows, names, table):
    frame = pd.DataFrame(rows, columns=names)
    numbers = [c for c in names if INFO.get((table, c), {}).get("type") in ("integer", "number")]
    return frame.astype(dict.fromkeys(numbers, float))


def kept(tables, rules) -> dict:
    """The patients of whom every rule holds, in every row."""
    good = pd.Series(True, index=tables["patients"]["patient_id"])
    for rule in rules:
        held = rule.holds(tables)
        good &= ~good.index.isin(tables[rule.table]["patient_id"][~held.to_numpy(bool)])
    return {t: f[f["patient_id"].map(good)].reset_index(drop=True) for t, f in tables.items()}


def question(row) -> tuple:
    """What a row asks, but for the figure: rows that ask the same thing have one tally."""
    options = dict(row.options)
    if row.statistic in ENDS:
        return row.statistic, table_of(row), options["column"], row.filters
    return "count", table_of(row), restrictions(row), row.filters, options.get("of")


def added(tables, asked) -> list:
    """What each patient adds to a question: rows inside and of how many, or an end of a range."""
    kind, table, *rest, filters = asked if asked[0] in ENDS else asked[:-1]
    frame, patients = tables[table], tables["patients"]["patient_id"]
    inside = inside_of(tables, table, filters)
    if kind in ENDS:
        cells = frame[inside].groupby("patient_id")[rest[0]].agg(kind[:3]).reindex(patients)
        return [[None if value != value else Fraction(str(value)) for value in cells]]
    base, of = inside_of(tables, table, rest[0]), asked[-1]
    parts = _each(frame[base & inside], patients)
    if of and of.isdigit():
        return [parts, [0] * len(parts)]
    return [parts, _each(tables[of] if of else frame[base], patients)]


def _each(frame, patients):
    return frame.groupby("patient_id").size().reindex(patients, fill_value=0).tolist()


def ways_to_add(asked) -> list:
    """How the numbers of two tallies become one, number by number."""
    return [partial(_end, ENDS[asked[0]])] if asked[0] in ENDS else [add, add]


def _end(chosen, one, other):
    filled = [value for value in (one, other) if value is not None]
    return chosen(filled) if filled else None


def printed(row, tally, conventions) -> bool:
    """Does a whole cohort's tally print the row, or agree with the statement?"""
    options = dict(row.options)
    if row.statistic in ENDS:
        (value,) = tally
        value = None if value is None else value * Fraction(options.get("scale", 1))
    else:
        part, size = tally
        size = int(options["of"]) if options.get("of", "").isdigit() else size
        by = {"count": None, "percent": 100, "ratio": 1}[row.statistic]
        value = Fraction(part) if by is None else Fraction(by * part, size) if size else None
    if value is None:
        return False
    if row.relation == "rounds to":
        return prints_as(value, row.printed, (conventions | dict(row.switches))["halves"])
    bound = Fraction(row.printed)
    return {"=": value == bound, "<=": value <= bound, ">=": value >= bound,
            "<": value < bound, ">": value > bound}[row.relation]  # fmt: skip


def left_to(fact, members, rows, survival, limit, conventions) -> set:
    """What the members leave a fact: {True} where it is printed always, {True, False}, ...

    `rows` are all that is told, `survival` frames of patients of the survival cohorts, `limit` the
    most sessions of a patient and tumors of a session. Patients come from a survival cohort as far
    as members are columns of survival; all else is whatever the other members allow.
    """
    own, told = ([r for r in rows if r.fact in some] for some in ({fact}, members))
    rules = rules_named(members)
    columns = set().union(*map(columns_of, own + told), *(c for _, c, _, _ in rules))
    cuts = set().union(*map(cuts_of, own + told), *(c for _, _, c, _ in rules))
    tied = [t for *_, some in rules for t in some]
    asked = list(dict.fromkeys(map(question, own + told)))
    adding = [f for q in asked for f in ways_to_add(q)]
    places, first = {}, 0
    for q in asked:
        places[q] = slice(first, first := first + len(ways_to_add(q)))
    limits = [(places[q].start, most) for q in asked if (most := _limit(q, told)) is not None]
    known = [m.removeprefix(COLUMN) for m in members if m.startswith(COLUMN)]
    total, parts = set(), {}
    for cohort in cohorts_by(known, survival):
        for person in set(cohort) - set(parts):
            tables = ways(columns, cuts, tied, dict(zip(known, person, strict=True)), limit)
            tables = kept(tables, [rule for rule, *_ in rules])
            parts[person] = set(zip(*(n for q in asked for n in added(tables, q)), strict=True))
        found = parts[cohort[0]]
        for person in cohort[1:]:
            found = _sums(adding, limits, found, parts[person])
        total |= found

    def all_print(some, tally):
        return all(printed(r, tally[places[question(r)]], conventions) for r in some)

    return {all_print(own, tally) for tally in total if all_print(told, tally)}


def cohorts_by(columns, survival) -> set:
    """The different cohorts by some columns, each a tuple of patients in no order."""
    if not columns:
        return {((),) * len(survival[0])}
    return {tuple(sorted(map(tuple, f[columns].to_numpy().tolist()))) for f in survival}


def _limit(asked, told):
    """The most rows that a count of the members allows; None without one."""
    counts = [r for r in told if question(r) == asked and r.statistic == "count"]
    exact = [int(r.printed) for r in counts if r.relation in ("rounds to", "=", "<=", "<")]
    return min(exact, default=None)


def _sums(adding, limits, total, parts):
    """Sums of two sets of tallies, but for those beyond what a member prints already."""
    if set(adding) == {add}:
        sums = {tuple(map(add, a, b)) for a in total for b in parts}
    else:
        sums = {tuple(f(x, y) for f, x, y in zip(adding, a, b, strict=True))
                for a in total for b in parts}  # fmt: skip
    return {t for t in sums if all(t[k] <= most for k, most in limits)}
