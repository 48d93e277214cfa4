"""How many ways there are to fill some columns of the edition's tables, all else as it stands.

Each patient's ways to fill their cells, as far as the rules allow, are sorted by what they add
to the tallies of each printed row; tallies are added up patient by patient, and those that print
every row are counted. All numbers are whole.
"""

from collections import Counter
from fractions import Fraction
from itertools import product

import pandas as pd

from recohort.cells.facts import COUNTS, agrees
from recohort.paper.reading import columns_of
from recohort.paper.rounding import printed_bounds
from recohort.paper.statistics import members, restrictions, table_of

KEY = "patient_id"
ENDS = ("minimum", "maximum")


def count_cells(tables, columns, ways, rows, rules, conventions) -> int:
    """Ways to fill `columns` that print all counts, shares and ends of ranges and keep all rules.

    `columns` are (table, column) pairs; `ways` maps each patient to a list of fillings, each a
    dict from such a pair to the cells of the patient's rows in order. `rules` are `Rule`s of
    `thirteen.tables`. Rates and P values are left to the caller. Raises NotImplementedError for a
    mean or SD of the columns.
    """
    questions = {}
    if any(columns_of(r) & set(columns) and r.statistic in ("mean", "sd") for r in rows):
        raise NotImplementedError("a mean or an SD is no tally")
    for row in rows:
        if columns_of(row) & set(columns) and row.statistic in (*COUNTS, *ENDS):
            questions.setdefault(_question(row), []).append(row)
    questions = list(questions.values())
    found = sorted_ways(tables, ways, questions, rules, conventions)
    most = [_room(own, tables, conventions) for own in questions]
    total = {tuple((0, 0) for _ in questions): 1}
    for k, own in enumerate(found):
        left = [
            sum(max((t[i][0] for t in o), default=0) for o in found[k + 1 :])
            for i in range(len(questions))
        ]
        total = {t: n for t, n in _joined(total, own).items() if _may(t, most, left)}
    return sum(
        n for tallies, n in total.items() if _all_print(questions, tallies, tables, conventions)
    )


def _question(row):
    """Rows that count the same rows of a table have the same tallies; ends have their own."""
    return row if row.statistic in ENDS else (table_of(row), row.filters, restrictions(row))


def sorted_ways(tables, ways, questions, rules, conventions) -> list[Counter]:
    """For each patient, how many fillings that keep the rules have which tallies.

    The k-th fillings of all patients are tried together: rules and tallies go patient by patient.
    """
    found = {patient: Counter() for patient in ways}
    for k in range(max(map(len, ways.values()))):
        here = {p: own[k] for p, own in ways.items() if k < len(own)}
        trial = filled(tables, here)
        broken = _broken(trial, rules)
        added = [_tallies(trial, own[0], conventions, here) for own in questions]
        for p in here:
            if p not in broken and all(own[p] is not None for own in added):
                found[p][tuple(own[p] for own in added)] += 1
    return list(found.values())


def filled(tables, fillings) -> dict:
    """The tables with some patients' cells replaced."""
    found = dict(tables)
    for table, column in {name for own in fillings.values() for name in own}:
        frame = found[table]
        values = frame[column].astype(object).tolist()
        for patient, own in fillings.items():
            places = [i for i, p in enumerate(frame[KEY]) if p == patient]
            for i, value in zip(places, own.get((table, column), ()), strict=False):
                values[i] = value
        found[table] = frame.assign(**{column: pd.Series(values, dtype=frame[column].dtype)})
    return found


def _broken(tables, rules):
    """The patients with a row that breaks a rule."""
    return {p for rule in rules for p in tables[rule.table].loc[~rule.holds(tables), KEY]}


def _tallies(tables, row, conventions, patients):
    """What each patient's rows add to a row's two tallies; None where they break a range.

    Counts have the rows inside and the rows that they are a share of; ends of a range the rows
    that print it.
    """
    table = table_of(row)
    frame, base = tables[table], members(tables, table, restrictions(row))
    inside = base & members(tables, table, row.filters)
    if row.statistic in COUNTS:
        return _by_patient(frame, patients, inside, base)
    scale = Fraction(dict(row.options).get("scale", 1))
    values = frame[dict(row.options)["column"]]
    exact = [Fraction(str(v)) * scale if i and pd.notna(v) else None
             for v, i in zip(values, inside, strict=True)]  # fmt: skip
    found = _by_patient(frame, patients, [_attains(row, v, conventions) for v in exact])
    broken = {p for p, v in zip(frame[KEY], exact, strict=True) if _beyond(row, v)}
    return {p: None if p in broken else tallies for p, tallies in found.items()}


def _attains(row, value, conventions):
    return value is not None and agrees(row, value, conventions)


def _beyond(row, value):
    """Does a value lie outside the printed end of a range?"""
    if value is None or row.relation != "rounds to":
        return False
    low, high = printed_bounds(row.printed)
    return value < low if row.statistic == "minimum" else value >= high


def _by_patient(frame, patients, *columns):
    sums = {p: [0, 0] for p in patients}
    for k, values in enumerate(columns):
        for patient, value in zip(frame[KEY], values, strict=True):
            if patient in sums:
                sums[patient][k] += int(value)
    return {p: tuple(own) for p, own in sums.items()}


def _joined(total, own):
    found = Counter()
    for (a, m), (b, n) in product(total.items(), own.items()):
        found[tuple((x + u, y + v) for (x, y), (u, v) in zip(a, b, strict=True))] += m * n
    return found


def _room(rows, tables, conventions):
    """The least and greatest number of rows inside that a plain count among `rows` allows."""
    counts = [r for r in rows if r.statistic == "count"]
    size = len(tables[table_of(rows[0])])
    fit = [n for n in range(size + 1)
           if all(agrees(r, Fraction(n), conventions) for r in counts)]  # fmt: skip
    return (min(fit), max(fit)) if counts and fit else (0, size)


def _may(tallies, most, left):
    """Can the patients that are left still lead to every count?"""
    return all(
        inside <= high and inside + more >= low
        for (inside, _), (low, high), more in zip(tallies, most, left, strict=True)
    )


def _all_print(questions, tallies, tables, conventions):
    return all(
        _prints(row, own, tables, conventions)
        for rows, own in zip(questions, tallies, strict=True) for row in rows
    )  # fmt: skip


def _prints(row, tallies, tables, conventions):
    inside, base = tallies
    if row.statistic in ENDS:
        return inside > 0
    of = dict(row.options).get("of", "")
    size = int(of) if of.isdigit() else len(tables[of]) if of else base
    if not size:
        return False
    value = inside if row.statistic == "count" else Fraction(inside, size)
    return agrees(row, value * (100 if row.statistic == "percent" else 1), conventions)


def every_way(tables, domains) -> dict:
    """All fillings of columns whose cells have a list of values each, patient by patient.

    `domains` maps (table, column) to a dict from row's name to its values.
    """
    ways = {}
    for patient in tables["patients"][KEY]:
        places = [(c, row) for c in domains for row in _names(tables, c[0], patient)]
        ways[patient] = []
        for values in product(*(domains[c][row] for c, row in places)):
            own = {c: [] for c in domains}
            for (c, _), value in zip(places, values, strict=True):
                own[c].append(value)
            ways[patient].append(own)
    return ways


def _names(tables, table, patient):
    frame = tables[table]
    return frame.loc[frame[KEY] == patient, frame.columns[0]].tolist()


def open_columns(cells, info, block) -> dict:
    """The columns of a block with a cell that is not determined: {(table, column): values by row}.

    `cells` is the frame of `identifiability.csv`, all text; `info` maps (table, column) to its
    row of the dictionary. Numbers have every value between their ends; all may be empty that may.
    """
    found = {}
    for name, own in cells.groupby(["table", "column"], sort=False):
        told = info.get(name)
        if told is None or told["block"] != block or told["type"] == "text":
            continue
        if (own["status"] != "determined").any():
            found[name] = {c.row_id: _values(c, told) for c in own.itertuples()}
    return found


def _values(cell, told):
    if told["values"]:
        words = [cell.lowest] if cell.status == "determined" else told["values"].split()
        return [w == "True" if told["type"] == "boolean" else w for w in words]
    empty = [None] if told["empty"] == "yes" and cell.status != "determined" else []
    if cell.lowest == "":
        return [None]
    scale = 10 if told["type"] == "number" else 1
    low, high = (round(float(end) * scale) for end in (cell.lowest, cell.highest))
    return [*empty, *(n / scale if scale > 1 else n for n in range(low, high + 1))]


def tied_together(columns, named) -> list[list]:
    """The columns in groups that some row or rule (its columns, in `named`) ties together."""
    groups = [{c} for c in columns]
    for names in named:
        touched = [g for g in groups if g & names]
        if len(touched) > 1:
            groups = [g for g in groups if g not in touched] + [set.union(*touched)]
    order = list(columns)
    return sorted((sorted(g, key=order.index) for g in groups), key=lambda g: order.index(g[0]))
