"""Minimal conflicts of sessions and tumors: witnesses by the registry, "cannot" by a second route.

The second route lists every way in which a patient's sessions can go, in plain tables, counts
with the registry what each adds to the printed counts, and adds up sets of tallies patient by
patient. It shares no code with the solver.
"""

from fractions import Fraction
from functools import cache
from itertools import product

import pandas as pd
import pytest

from committed import tables_alone
from recohort.cells.edition import ordered_shapes
from recohort.cells.giving_up import any_option, fewest_false
from recohort.cells.related import related_paper
from recohort.edition import Work
from recohort.paper.printed import agrees
from recohort.paper.printed import printed_by as holds
from recohort.paper.reading import columns_of, read_dictionary, rows_of
from recohort.paper.rounding import prints_as
from recohort.paper.rows import members, restrictions, table_of
from recohort.paper.rules import columns_of_rule, read_rules, rule_groups
from thirteen.data import DATA, read_data, read_patients, read_table

PUBLISHED, STATEMENTS, CONVENTIONS = read_data()
ROWS = list({r[1:]: r for r in rows_of(PUBLISHED, STATEMENTS)}.values())
CONFLICTS = read_table("conflicts").query("block == 'tumors'")
SETS = {fact: own["member"].tolist() for fact, own in CONFLICTS.groupby("fact", sort=False)}
LEVELS = "patients", "sessions", "tumors"
SEVERAL = read_patients()["multiple_renal_tumors"].tolist()
MODALITIES, PERIODS = ("cryoablation", "radiofrequency"), ("until_april_2012", "from_may_2012")


def rows_about(facts):
    """The rows of some facts."""
    return [row for row in ROWS if row.fact in facts]


def test_each_fact_given_up_has_its_conflict():
    """All facts of all smallest corrections, and each is a member of its own conflict."""
    given = read_table("related_corrections")
    assert set(SETS) == set(given["fact"])
    assert all(fact in own for fact, own in SETS.items())


@pytest.mark.parametrize(
    "row",
    list(CONFLICTS[CONFLICTS["witness"] != ""].itertuples()),
    ids=lambda r: f"{r.fact}-{r.member}",
)
def test_witness_prints_the_other_members(row):
    """Tables that keep the rules print all members but one; that one they do not."""
    tables = tables_alone(row.witness, LEVELS, len(SEVERAL))
    known = {(t, c) for t, frame in tables.items() for c in frame} | {(t, "rows") for t in tables}
    others = set(SETS[row.fact]) - {row.member}
    assert others
    for own in rows_about(others):
        assert holds(own, tables, CONVENTIONS), own.id
    between = rule_groups(DATA)[2]
    for rule, parsed in zip(between, read_rules(DATA / "rules.csv"), strict=True):
        if columns_of_rule(parsed) <= known:
            assert rule.holds(tables).all(), rule.text


def ways(several):
    """Every way in which one patient's sessions can go: (modality, period, tumors) of each."""
    kinds = list(product(MODALITIES, PERIODS))
    if not several:
        yield from (((*kind, 1),) for kind in kinds)
        return
    for (first, second), sizes in product(product(kinds, repeat=2), product((1, 2), repeat=2)):
        if (first[1], second[1]) != (PERIODS[1], PERIODS[0]):  # time does not run back
            yield (*first, sizes[0]), (*second, sizes[1])


def tables_of(sessions, several):
    """One patient's sessions as tables."""
    names = [f"S{k}" for k in range(len(sessions))]
    tumors = [name for name, (*_, size) in zip(names, sessions, strict=True) for _ in range(size)]
    people = {"patient_id": ["P"], "multiple_renal_tumors": [several],
              "renal_tumors": [len(tumors)], "sessions": [len(names)]}  # fmt: skip
    heads = {"session_number": range(1, len(names) + 1), "modality": [s[0] for s in sessions],
             "period": [s[1] for s in sessions]}  # fmt: skip
    return {
        "patients": pd.DataFrame(people),
        "sessions": pd.DataFrame({"session_id": names, "patient_id": "P"} | heads),
        "tumors": pd.DataFrame({"session_id": tumors, "patient_id": "P"}).assign(
            tumor_id=[f"T{k}" for k in range(len(tumors))]
        ),
    }


@cache
def listed(several):
    """Every way of one patient as tables."""
    return [tables_of(sessions, several) for sessions in ways(several)]


@cache
def added(table, filters, within, of, several):
    """What each way adds to a question: rows inside, and of how many."""
    found = []
    for tables in listed(several):
        base = members(tables, table, within)
        inside = base & members(tables, table, filters)
        size = int(of) if of and of.isdigit() else len(tables[of]) if of else int(base.sum())
        found.append((int(inside.sum()), size))
    return found


def tallies(rows, several):
    """What one patient can add to the numbers that rows count."""
    asked = [(table_of(r), r.filters, restrictions(r), dict(r.options).get("of")) for r in rows]
    return set(zip(*(added(*question, several) for question in asked), strict=True))


def reachable(rows):
    """All tallies of the whole cohort, but for those that are beyond a printed count already."""
    parts = {several: tallies(rows, several) for several in (False, True)}
    most = [
        max(n for n in range(99) if row.statistic != "count" or prints(row, (n, 1))) for row in rows
    ]
    total = {tuple((0, 0) for _ in rows)}
    for several in SEVERAL:
        total = {
            tuple((a + c, b + d) for (a, b), (c, d) in zip(one, other, strict=True))
            for one in total for other in parts[several]
        }  # fmt: skip
        total = {t for t in total if all(n <= m for (n, _), m in zip(t, most, strict=True))}
    return total


def prints(row, tally):
    """Does a tally print its row?"""
    inside, size = tally
    value = Fraction(inside)
    if row.statistic in ("percent", "ratio"):
        fixed = dict(row.options).get("of", "")
        size = int(fixed) if fixed.isdigit() else size
        value = value * (100 if row.statistic == "percent" else 1) / size if size else Fraction(-1)
    return agrees(row, value, CONVENTIONS)


KNOWN = {"rows", "modality", "period", "session_number", "multiple_renal_tumors",
         "renal_tumors", "sessions"}  # fmt: skip


def plain(facts):
    """The rows of some facts that the listed ways decide, one for each thing that is asked."""
    rows = [r for r in rows_about(facts) if r.statistic in ("count", "percent", "ratio")]
    return [r for r in rows if {c for _, c in columns_of(r)} <= KNOWN]


@pytest.mark.parametrize("fact", [f for f in SETS if plain([f])])
def test_no_way_prints_all_members(fact):
    """By listing: no sessions of thirteen patients print all members of the conflict."""
    rows = plain(SETS[fact])
    assert {r.fact for r in rows} == set(SETS[fact])
    fitting = [t for t in reachable(rows) if all(map(prints, rows, t))]
    assert not fitting
    if len(SETS[fact]) > 1:  # and the listing finds a way once a member is dropped
        rest = plain(set(SETS[fact]) - {fact})
        assert any(all(map(prints, rest, t)) for t in reachable(rest))


def test_no_cycles_print_their_spread():
    """Other members fix the number of frozen tumors; that many whole numbers have no such SD.

    Neither by n nor by n - 1, halves up or to even.
    """
    others = [f for f in SETS["cycles.sd"] if f != "cycles.sd"]
    frozen = frozen_tumors(others)
    (row,) = [r for r in ROWS if r.fact == "cycles.sd"]
    for n in frozen:
        low, high = (Fraction(row.printed) + s * Fraction(1, 200) for s in (-1, 1))
        reach = {(0, 0)}
        for _ in range(n):
            reach = {(s + k, q + k * k) for s, q in reach for k in range(1, 11)}
        for by in (n * n, n * (n - 1)):
            assert not [1 for s, q in reach if low**2 * by <= n * q - s * s <= high**2 * by]
    cut = Fraction(row.printed), Fraction(row.printed) + Fraction(1, 100)
    assert any(cut[0] ** 2 * n * n <= n - 1 < cut[1] ** 2 * n * n for n in frozen)  # said there


def frozen_tumors(facts):
    """How many tumors can be frozen where some facts hold, by listing."""
    rows = plain(facts)
    assert {r.fact for r in rows} == set(facts)
    frozen = next(r for r in ROWS if r.fact == "n.tumors.cryoablation" and r.statistic == "count"
                  and r.filters)  # fmt: skip
    found = reachable([frozen._replace(statistic="ratio"), *rows])  # any number of them
    return {t[0][0] for t in found if all(map(prints, rows, t[1:]))}


def test_no_share_is_the_left_tumors():
    """By fractions: no whole number of as many as the paper counts comes to it, however rounded."""
    rows = [r for r in ROWS if r.fact == "n.tumors.left" and r.statistic == "percent"]
    most = max(int(r.printed) for r in ROWS if r.fact == "n.tumors" and r.statistic == "count")
    found = [
        (k, n) for n in range(1, most + 1) for k in range(n + 1) for row in rows
        if prints_as(Fraction(100 * k, n), row.printed, ("up", "even", "cut"))
    ]  # fmt: skip
    assert rows
    assert not found


@pytest.mark.slow
def test_the_account_needs_no_grid():
    """Without whatever is measured, as many facts of the same sets have to be given up.

    Fewer facts and rules leave more room, so that no grid of measured values makes a set larger.
    """
    paper = related_paper(Work(DATA), {"patients": read_patients()})
    dictionary = read_dictionary(DATA / "dictionary.csv").set_index(["table", "column"])["type"]
    numbers = set(dictionary[dictionary == "number"].index)
    facts = [f for f, rows in paper.facts.items() if paper.blocks[f] == "tumors"
             and not any(columns_of(r) & numbers for r in rows)]  # fmt: skip
    measured = {c for _, c in numbers}
    rules = [r for r in paper.rules if not {c for _, c in columns_of_rule(r)} & measured]
    assert len(rules) < len(paper.rules)
    shape = [s for s in ordered_shapes(paper) if max(n[0] for n in s) > 1][-1]
    model, _ = any_option(paper._replace(rules=rules), facts, shape)
    given = read_table("related_corrections").query("fact != 'local_control'")
    sets = {frozenset(own) for _, own in given.groupby("correction")["fact"]}
    assert set(fewest_false(model.cells.m, model.held, len(facts))) == sets
