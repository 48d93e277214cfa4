"""How many solutions sessions and tumors, progression and history have: rows of `blocks.csv`.

Each block is counted with the other blocks as in the edition, under the edition's correction.
What rows and rules tie together is counted as one; counts of what nothing ties together are
multiplied. Where that leaves too much to count, there is a pair of bounds.
"""

import re
from functools import cache
from math import ceil, comb, prod
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from recohort.cells.curves import RATES, printing_sets
from recohort.cells.facts import agrees
from recohort.cells.rules import columns_of_rule, read_rules
from recohort.numbers.sums import Sums, count_columns
from recohort.paper.by_block import without_facts
from recohort.paper.reading import columns_of, parse_arguments, read_dictionary, rows_of
from recohort.paper.rounding import printed_bounds
from recohort.paper.statistics import REGISTRY, members
from recohort.survival.in_time import distinct_times, every_time, times_by_pattern
from thirteen.block_counts import KEY, count_cells, every_way, open_columns, tied_together
from thirteen.cohort import read_data, read_table, read_tables
from thirteen.tables import DAYS_PER_MONTH, RULES, rules_between, rules_of

FILLED = re.compile(r"filled where (\w+)=(\w+)")
TIME, EVENT = ("patients", "progression_time"), ("patients", "progression_event")
CHEMOTHERAPY = ("patients", "chemotherapy_after")
DAYS, LOCAL = ("sessions", "days_after_first"), ("tumors", "local_time")
SIDE, BILATERAL = ("tumors", "side"), ("patients", "bilateral")
FLUID, MINOR = ("sessions", "hydrodissection"), ("sessions", "minor_complication")
CYCLES, SIZE = ("tumors", "freeze_thaw_cycles"), ("tumors", "diameter_cm")


class Given(NamedTuple):
    """The edition with all that binds its cells."""

    tables: dict
    rows: list  # printed rows and statements, but for what the correction gives up
    rules: list  # (rule of `thirteen.tables`, the columns that it names)
    conventions: dict
    info: dict  # (table, column): row of the dictionary
    cells: pd.DataFrame  # what each cell can be: the first frame of `related_cells`, as text


def given_by(folder, cells) -> Given:
    """Read the edition's tables, rows and rules."""
    published, statements, conventions = read_data(folder)
    corrections = read_table("corrections", folder)
    rows = list({r[1:]: r for r in rows_of(published, statements)}.values())
    first = corrections[corrections["correction"].astype(str) == "1"]
    dictionary, path = read_dictionary(Path(folder) / "dictionary.csv"), Path(folder) / "rules.csv"
    named = map(columns_of_rule, read_rules(path))
    rules = list(zip(rules_between(path), named, strict=True))
    rules += [(rule, _named(rule)) for rule in rules_of(dictionary)]
    info = {(r["table"], r["column"]): r for _, r in dictionary.iterrows()}
    kept = without_facts(rows, first)
    return Given(read_tables(folder), kept, rules, conventions, info, cells)


def _named(rule):
    """The columns that a rule of the dictionary names."""
    filters, _ = parse_arguments(rule.text.partition(" where ")[2])
    names = {(rule.table, rule.column)}
    for column, _, _ in filters:
        other, _, name = column.rpartition(".")
        names.add((other or rule.table, name))
    return names


def related_blocks(folder, cells) -> list[tuple]:
    """Rows of `blocks.csv`: block, what, lower, upper, method.

    `cells` is the first frame of `related_cells`, all cells as text.
    """
    given = given_by(folder, cells)
    return [tumors(given), progression(given), history(given)]


def count(given, columns, ways) -> int:
    """`count_cells` under the rows and rules that name one of the columns."""
    rules = [rule for rule, names in given.rules if names & set(columns)]
    rules += [rule for rule in RULES if (rule.table, rule.column) in columns]
    return count_cells(given.tables, columns, ways, given.rows, rules, given.conventions)


def groups(given, columns) -> list:
    """The columns in groups that rows and rules tie together."""
    named = [columns_of(r) for r in given.rows] + [names for _, names in given.rules]
    return tied_together(columns, named)


def history(given: Given) -> tuple:
    """History and work-up: exact."""
    columns = open_columns(given.cells, given.info, "history")
    parts = groups(given, columns)
    counts = []
    for group in parts:
        ways = every_way(given.tables, {name: columns[name] for name in group})
        told = {p: [w for w in own if _filled_as_told(given, w)] for p, own in ways.items()}
        counts.append(count(given, group, told))
    method = (f"exact, other blocks as in the edition: {len(parts)} groups of columns that nothing "
              "ties together, each by tallies patient by patient, multiplied")  # fmt: skip
    return "history", "histories and work-ups", prod(counts), prod(counts), method


def _filled_as_told(given, way):
    """Are cells filled exactly where another of the filling has the dictionary's value?"""
    for (table, column), cells in way.items():
        match = FILLED.fullmatch(given.info[table, column]["rule"])
        other = way.get((table, match[1])) if match else None
        if other and (cells[0] is not None) != (str(other[0]) == match[2]):
            return False
    return True


def progression(given: Given) -> tuple:
    """Progression, its time and recurrences: a pair; chemotherapy as in the edition.

    The rate leaves one patient without progression. For each who can be that one, flags are
    counted exactly. Of the times of all others, all are counted above; below, those with no two
    equal, less, factor by factor, those whose P value would not be as printed.
    """
    last = _landmark(given)
    lower = upper = 0
    for patient, flags in _flags_by_free(given, last).items():
        room = {p: n for p, n in _room(given, last).items() if p != patient}
        missed = sum(_missed(given, row, room, patient) for row in _tests(given))
        lower += flags * max(0, distinct_times(room.values()) - missed)
        upper += flags * every_time(room.values())
    method = ("other blocks and chemotherapy as in the edition; lower: recurrences exactly, times "
              "with no two equal less, for each factor, those that miss its P; upper: the same "
              "with every time, P aside")  # fmt: skip
    return "progression", "progression, its times and recurrences", lower, upper, method


def _landmark(given):
    """The landmark by which all but one have progressed, from the printed rate and limits.

    Raises NotImplementedError where the figures leave anything else.
    """
    rows = [r for r in given.rows if r.statistic in RATES
            and dict(r.options).get("time_column") == TIME[1]]  # fmt: skip
    n, own = len(given.tables["patients"]), given.conventions
    figures = tuple(sorted({(r.statistic, r.printed) for r in rows}))
    sets = printing_sets(tuple(range(1, n + 1)), figures, own["halves"], own["interval_rounding"])
    if sets != (frozenset(range(2, n + 1)),):
        raise NotImplementedError("a curve that does not end with one patient")
    return float(dict(rows[0].options)["at"])


def _flags_by_free(given, last):
    """For each patient who can be the one without progression: the ways to give all flags."""
    columns = open_columns(given.cells, given.info, "progression")
    flags = [c for c in columns if c not in (TIME, CHEMOTHERAPY)]
    patients = given.tables["patients"]
    domains = {c: {p: [True, False] for p in patients[KEY]} for c in flags}
    ways = every_way(given.tables, domains)
    times = dict(zip(patients[KEY], patients["time"], strict=True))
    for patient, own in ways.items():
        for way in own:
            way[TIME] = [0.1 if way[EVENT][0] else times[patient]]
    found = {}
    for free in (p for p in ways if times[p] > last and _may_be_free(given, p)):
        own = {p: [w for w in some if w[EVENT][0] == (p != free)] for p, some in ways.items()}
        if n := count(given, [*flags, TIME], own):
            found[free] = n
    return found


def _may_be_free(given, patient):
    """Could the patient be without progression and recurrence, as far as the rules go?"""
    people = given.tables["patients"]
    here = people[KEY] == patient
    flags = [c for c in people if c.startswith(("progression_event", "recurrence", "distant"))]
    free = people.assign(**{c: people[c] & ~here for c in flags})
    free[TIME[1]] = people[TIME[1]].where(~here, people["time"])
    trial = given.tables | {"patients": free}
    rules = [rule for rule, names in given.rules if EVENT in names or TIME in names]
    rules += [rule for rule, names in given.rules if ("patients", "distant_recurrence") in names]
    return not any((trial[r.table].loc[~r.holds(trial), KEY] == patient).any() for r in rules)


def _room(given, last):
    """How many times of progression, in tenths up to the landmark, each patient may have.

    Raises NotImplementedError where they are not the first ones.
    """
    patients = given.tables["patients"]
    rules = [rule for rule, names in given.rules if TIME in names]
    good = {p: [] for p in patients[KEY]}
    for k in range(1, round(10 * last) + 1):
        people = patients.assign(progression_time=k / 10, progression_event=True)
        trial = given.tables | {"patients": people}
        broken = {p for r in rules for p in trial[r.table].loc[~r.holds(trial), KEY]}
        for patient in good.keys() - broken:
            good[patient].append(k)
    if any(own != list(range(1, len(own) + 1)) for own in good.values()):
        raise NotImplementedError("times of progression with a lower bound")
    return {p: len(own) for p, own in good.items()}


def _tests(given):
    return [r for r in given.rows if r.statistic == "p_value"
            and dict(r.options).get("time_column") == TIME[1]]  # fmt: skip


def _missed(given, row, room, free):
    """The ways to give distinct times by which a row's P value is not as printed."""
    patients = given.tables["patients"]
    inside = members(given.tables, "patients", row.filters)
    group = dict(zip(patients[KEY], map(bool, inside), strict=True))
    patterns = times_by_pattern(list(room.values()), [group[p] for p in room])
    alone, own = row._replace(id="", fact="", filters=_GROUP), tuple(given.conventions.items())
    return sum(n for p, n in patterns.items() if not _holds((*p, group[free]), alone, own))


_GROUP = (("group", "=", "True"),)


@cache
def _holds(pattern, row, conventions):
    """Does a test hold when the group progresses in this order, the last one not at all?"""
    n, conventions = len(pattern), dict(conventions)
    frame = pd.DataFrame({"group": pattern, TIME[1]: range(1, n + 1), EVENT[1]: True})
    frame.loc[n - 1, EVENT[1]] = False
    value = REGISTRY["p_value"].compute({"patients": frame}, row, conventions)
    return agrees(row, value, conventions)


def tumors(given: Given) -> tuple:
    """Sessions and tumors: a pair of bounds.

    Above: who had most tumors and in which session several, then each column by its own printed
    counts and ends. Below: columns that nothing ties together, all others as in the edition.
    """
    columns = open_columns(given.cells, given.info, "tumors")
    shared = given.tables["tumors"]["session_id"].duplicated(keep=False)
    parts = [[SIDE, BILATERAL], [FLUID], [MINOR]]
    _check_apart(given, [*parts, [CYCLES], [DAYS, LOCAL], [SIZE]])
    counts = [_own_ways(given, columns, part, shared) for part in parts]
    moved = count(given, [DAYS, LOCAL], _days(given, columns[DAYS]))
    fewest, most = _sizes(given, shared)
    lower = prod(counts) * _cycles(given, shared) * moved * fewest
    cycles = _cycles(given, shared & False)
    days = prod(map(len, columns[DAYS].values()))
    events = sum(given.cells["column"].eq("local_event") & given.cells["status"].ne("determined"))
    alone = prod(_by_counts(given, name) for name in (SIDE, ("sessions", "modality"), FLUID))
    upper = _shapes(given) * alone * _complications(given) * cycles * days * max(1, events)
    method = ("other blocks as in the edition; lower: sides, days, sizes, cycles, fluid and "
              "complications, which nothing ties together, multiplied, modality and who had three "
              "tumors as in the edition; upper: each column by its own printed counts and ends, "
              "multiplied")  # fmt: skip
    return "tumors", "sessions and tumors", lower, upper * most, method


def _check_apart(given, parts):
    """Raise ArithmeticError where a row or rule ties two of the parts together."""
    names = [columns_of(r) for r in given.rows if r.statistic not in RATES]
    names += [own for _, own in given.rules]
    for own in names:
        if sum(bool(own & set(part)) for part in parts) > 1:
            raise ArithmeticError(f"not to be counted apart: {sorted(own)}")


def _own_ways(given, columns, part, kept):
    """Ways to fill some columns, the tumors that are `kept` as in the edition."""
    domains = {name: dict(columns[name]) for name in part}
    tumors = given.tables["tumors"]
    for name in (n for n in part if n[0] == "tumors"):
        values = tumors.loc[kept, ["tumor_id", name[1]]].itertuples(index=False)
        domains[name] |= {tumor: [None if pd.isna(v) else v] for tumor, v in values}
    return count(given, part, every_way(given.tables, domains))


def _days(given, values):
    """Fillings of the days, with the follow-up of the tumors that goes with them.

    Only those that leave the same tumors at risk at each local progression, as the rate asks.
    """
    tumors, sessions = given.tables["tumors"], given.tables["sessions"]
    moments = tumors.loc[tumors["local_event"], "local_time"]
    times = given.tables["patients"].set_index(KEY)["time"]
    ways = every_way(given.tables, {DAYS: values})
    for patient, some in ways.items():
        own = tumors[tumors[KEY] == patient]
        names = sessions.loc[sessions[KEY] == patient, "session_id"]
        at_risk = _at_risk(own["local_time"], moments)
        for way in some:
            days = own["session_id"].map(dict(zip(names, way[DAYS], strict=True)))
            left = (times[patient] - days / DAYS_PER_MONTH).round(1)
            way[LOCAL] = left.where(~own["local_event"], own["local_time"]).tolist()
        ways[patient] = [w for w in some if _at_risk(w[LOCAL], moments) == at_risk]
    return ways


def _at_risk(times, moments):
    return [[m <= t for t in times] for m in moments]


def _sizes(given, shared):
    """Columns of diameters at the least and at the most.

    At the least: which are large as in the edition; tumors that share a session, or whose patient
    has a larger one elsewhere, with the edition's size; all others above any elsewhere. At the
    most: each patient with a large tumor may have any of the tumors large.
    """
    tumors, people = given.tables["tumors"], given.tables["patients"].set_index(KEY)
    low, high, cut = _size_ends(given)
    units = (tumors["diameter_cm"] * 10).round().astype(int)
    whole = [(cut, high) if unit >= cut else (low, cut - 1) for unit in units]
    elsewhere = people[[c for c in people if c.endswith("_mm")]].max(axis=1).fillna(0).astype(int)
    fixed = shared | tumors[KEY].map(people["extrarenal_larger"])
    above = tumors[KEY].map(elsewhere) + 1
    some = [(u, u) if f else (max(a, ends[0]), ends[1])
            for u, f, a, ends in zip(units, fixed, above, whole, strict=True)]  # fmt: skip
    flagged = people.index[people["tumor_2cm_or_larger"]]
    most = given.cells.query("column == 'renal_tumors'").set_index("row_id")["highest"].astype(int)
    return _size_columns(given, some), _size_columns(given, whole) * prod(most[flagged])


def _cycles(given, kept):
    """Columns of cycles of freezing, the tumors that are `kept` as in the edition."""
    values = given.tables["tumors"][CYCLES[1]].dropna().astype(int)
    ends = _ends(given, CYCLES[1], 1)
    domains = [(v, v) if k else ends for v, k in zip(values, kept[values.index], strict=True)]
    return _columns(given, CYCLES[1], 1, domains)


def _size_ends(given):
    """Least and greatest printed diameter and the cut between small and large, in millimeters."""
    (cut,) = {round(10 * float(v)) for r in given.rows for c, _, v in r.filters
              if c.endswith(SIZE[1])}  # fmt: skip
    return *_ends(given, SIZE[1], 10), cut


def _size_columns(given, domains):
    return _columns(given, SIZE[1], 10, domains)


def _about(given, column):
    """The printed figures of a column of all tumors."""
    return {r.statistic: r.printed for r in given.rows if not r.filters
            and dict(r.options).get("column") == column and r.relation == "rounds to"}  # fmt: skip


def _ends(given, column, scale):
    printed = _about(given, column)
    return tuple(round(scale * float(printed[end])) for end in ("minimum", "maximum"))


def _columns(given, column, scale, domains):
    """Columns of numbers within `domains` with the printed mean, spread and ends."""
    n, every = len(domains), tuple(range(len(domains)))
    printed = _about(given, column)
    mean, sd = ([scale * b for b in printed_bounds(printed[s])] for s in ("mean", "sd"))
    by = n * (n - (given.conventions["sd"] == "sample"))
    sums = range(*(ceil(end * n) for end in mean))
    spread = tuple(ceil(end**2 * by) for end in sd)
    attained = tuple((every, end) for end in _ends(given, column, scale))
    return count_columns(Sums(tuple(domains), attained, sums, spread))


def _by_counts(given, name):
    """Ways to spread one column's values by the printed count of one of them alone."""
    column = given.tables[name[0]][name[1]]
    return comb(len(column), int((column == column.iloc[0]).sum()))


def _complications(given):
    """Ways to spread the complications over the sessions of each modality."""
    parts = given.tables["sessions"].groupby("modality")[MINOR[1]].agg(["size", "sum"])
    return prod(comb(int(size), int(some)) for size, some in parts.itertuples(index=False))


def _shapes(given):
    """Who had more tumors than sessions, and in which of the sessions two of them.

    Raises NotImplementedError unless that is one tumor of one patient.
    """
    people = given.tables["patients"].set_index(KEY)
    if sum(people["renal_tumors"] - people["sessions"]) != 1:
        raise NotImplementedError("more than one session with several tumors")
    cells = given.cells.query("column == 'renal_tumors'").set_index("row_id")["highest"]
    able = people["renal_tumors"].index[people["sessions"] < cells[people.index].astype(int)]
    return int(people.loc[able, "sessions"].sum())
