"""Sessions, tumors, progression and history: the model of related tables and its corrections."""

from fractions import Fraction
from itertools import combinations, product

import pandas as pd
import pytest
from ortools.sat.python import cp_model

from recohort.cells.cells import FIRST, Cells, Column, beside_of, levels_of
from recohort.cells.curves import add_rates, printing_sets
from recohort.cells.edition import frames_of
from recohort.cells.relations import model_of, paper_of, run, solve
from recohort.folder import rows_as_formed
from recohort.minimal import irreducible
from recohort.paper.options import DEFAULTS
from recohort.paper.printed import agrees
from recohort.paper.reading import read_dictionary, rows_of
from recohort.paper.rounding import prints_as, round_to
from recohort.paper.rows import Row
from recohort.paper.rules import read_rules
from recohort.paper.statistics import DASHES, REGISTRY
from thirteen.data import DATA, read_data, read_patients, read_table, read_tables
from tiers import first

ACCOUNT = (
    "statement.sessions.two_tumors",
    "statement.sessions.third_tumor",
    "statement.sessions.third_tumor.first",
)  # the account of one patient's three tumors


@pytest.fixture(scope="module")
def paper():
    """All facts about related tables, tied to the edition's patients."""
    published, statements, conventions = read_data()
    rows = list({row[1:]: row for row in rows_of(published, statements)}.values())
    dictionary = read_dictionary(DATA / "dictionary.csv")
    blocks = dictionary.set_index(["table", "column"])["block"]
    patients = read_patients()
    known = [c for c in patients if blocks.get(("patients", c)) == "survival"]
    rules = read_rules(DATA / "rules.csv")
    return paper_of(rows, dictionary, rules, [patients[known]], conventions, len(patients))


@pytest.fixture(scope="module")
def shape(paper):
    """Two tumors in the first session of the last patient with several, else one in each."""
    several = paper.cohorts[0]["multiple_renal_tumors"].tolist()
    last = len(several) - 1 - several[::-1].index(True)
    return tuple(
        (2, 1) if i == last else (1, 1) if many else (1,) for i, many in enumerate(several)
    )


def printed(paper, fact, statistic):
    """The printed numbers of a fact's rows with one statistic."""
    return [row.printed for row in paper.facts[fact] if row.statistic == statistic]


@pytest.fixture(scope="module")
def model(paper, shape):
    """The model of every fact in that shape."""
    return model_of(paper, None, shape)


def holds(model, aside):
    """Do all facts but those `aside` hold together?"""
    return solve(model, [x for f, x in model.held.items() if f not in aside]) is not None


FORCED = {"tumors_per_session", "n.tumors.left", "local_control"}


@pytest.mark.parametrize(
    "chosen",
    first(
        1,
        [
            ACCOUNT,
            ("cycles.sd", "n.tumors.cryoablation", "n.tumors.radiofrequency"),
            (ACCOUNT[0], ACCOUNT[2], "statement.calendar.radiofrequency"),
            (ACCOUNT[0], ACCOUNT[2], "statement.calendar.cryoablation"),
        ],
    ),
)
def test_corrections_do_and_are_minimal(model, chosen):
    """With six facts given up the rest holds; with any one of them kept it does not."""
    aside = FORCED | set(chosen)
    assert holds(model, aside)
    for fact in aside:
        assert not holds(model, aside - {fact})


def test_facts_that_contradict_themselves(paper, shape):
    """By exact fractions: one ratio (unless cut off), one percentage, one pair of limits."""
    tumors, sessions = sum(map(sum, shape)), sum(map(len, shape))
    (ratio,) = printed(paper, "tumors_per_session", "ratio")
    assert not prints_as(Fraction(tumors, sessions), ratio)
    assert prints_as(Fraction(tumors, sessions), ratio, "cut")
    (share,), (count,) = (printed(paper, "n.tumors.left", s) for s in ("percent", "count"))
    assert not prints_as(Fraction(100 * int(count), tumors), share)
    limits = tuple((r.statistic, r.printed) for r in paper.facts["local_control"])
    sizes, by_hand = tuple(range(1, tumors + 1)), ("linear", "two_decimals")
    assert printing_sets(sizes, limits, ("up",), ((*by_hand, "three_decimals"),)) == ()
    (at_risk,) = printing_sets(sizes, limits, ("up",), ((*by_hand, "unrounded"),))
    assert len(at_risk) == 1


def test_two_tumors_in_one_session_by_counting(paper):
    """Plain arithmetic: one-tumor and two-tumor sessions of each kind, all ways to count them."""
    heated, frozen = (
        int(printed(paper, f"n.sessions.{kind}", "count")[0])
        for kind in ("radiofrequency", "cryoablation")
    )
    (tumors, *_) = printed(paper, "n.tumors.radiofrequency", "count")
    ways = [
        (a, b) for a, b in product(range(heated + 1), range(frozen + 1))
        if a + b == 1  # one session with two tumors
    ]  # fmt: skip
    fitting = [(a, b) for a, b in ways if heated + a == int(tumors)]
    assert fitting == [(0, 1)]  # it was no session of radiofrequency ablation


def test_conflict_is_found_and_minimal(paper, shape):
    """The counts of sessions and tumors cannot live with the session of two tumors."""
    facts = ["n.sessions.radiofrequency", "n.tumors.radiofrequency", ACCOUNT[0],
             "n.tumors.right", "n.bilateral"]  # fmt: skip
    model = model_of(paper, facts, shape)

    def impossible(some):
        return solve(model, [model.held[f] for f in some]) is None

    found = irreducible(facts, impossible)
    assert set(found) == set(facts[:3])
    for pair in combinations(found, 2):
        assert solve(model, [model.held[f] for f in pair]) is not None


MONTH = 365.25 / 12


def made_up():
    """Three patients, four sessions, five tumors: a truth that the model does not know."""
    patients = pd.DataFrame(
        {"patient_id": ["P01", "P02", "P03"], "time": [6.0, 20.0, 31.5],
         "multiple_renal_tumors": [False, True, False]}
    )  # fmt: skip
    sessions = pd.DataFrame(
        {"session_id": ["S01", "S02", "S03", "S04"], "patient_id": ["P01", "P02", "P02", "P03"],
         "session_number": [1, 1, 2, 1], "days_after_first": [0, 0, 40, 0],
         "minor_complication": [True, False, True, False]}
    )  # fmt: skip
    tumors = pd.DataFrame(
        {"tumor_id": [f"T0{k}" for k in range(1, 6)],
         "patient_id": ["P01", "P02", "P02", "P02", "P03"],
         "session_id": ["S01", "S02", "S02", "S03", "S04"],
         "diameter_cm": [1.1, 2.4, 0.9, 1.3, 3.0],
         "side": ["left", "left", "right", "left", "right"],
         "local_event": [False, True, False, False, False],
         "local_time": [6.0, 9.0, 20.0, round(20 - 40 / MONTH, 1), 31.5]}
    )  # fmt: skip
    return {"patients": patients, "sessions": sessions, "tumors": tumors}


def figures():
    """What the made-up paper prints, as the registry computes it from the truth."""
    tables, conventions = made_up(), DEFAULTS
    home = (("table", "tumors"),)
    curve = (*home, ("time_column", "local_time"), ("event_column", "local_event"), ("at", "12"))
    asked = [
        ("count", (("side", "=", "left"),), home, 0), ("percent", (), (*home, ("of", "7")), 1),
        ("mean", (), (*home, ("column", "diameter_cm")), 2),
        ("sd", (), (*home, ("column", "diameter_cm")), 2),
        ("maximum", (("side", "=", "left"),), (*home, ("column", "diameter_cm")), 1),
        ("survival", (), curve, 1), ("survival_lower", (), curve, 1),
        ("count", (("minor_complication", "=", "True"), ("tumors.side", "=", "left")),
         (("table", "sessions"),), 0),
        ("ratio", (), (*home, ("of", "sessions")), 2),
        ("count", (("sessions.days_after_first", ">", "30"), ("tumors.side", "=", "right")), (), 0),
    ]  # fmt: skip
    for k, (statistic, filters, options, decimals) in enumerate(asked):
        row = Row(f"r{k}", f"f{k}", statistic, filters, options, "rounds to", "")
        value = REGISTRY[statistic].compute(tables, row, conventions)
        yield row._replace(printed=str(round_to(value, decimals)))


def test_made_up_paper_has_its_truth_among_the_solutions():
    """The truth fits its own figures, and fails each of them one unit off."""
    tables, rows = made_up(), list(figures())
    dictionary = read_dictionary(DATA / "dictionary.csv")
    conventions = DEFAULTS
    rules = [r for r in read_rules(DATA / "rules.csv") if r.id in ("first_day", "local.censored")]
    paper = paper_of(rows, dictionary, rules, [tables["patients"]], conventions, 3)
    model = model_of(paper, None, ((1,), (2, 1), (1,)))
    truth = list(fixed_cells(model, tables))
    assert with_cells(model, truth) is not None
    found = frames_of(model, solve(model, model.held.values()))
    for row in rows:
        value = REGISTRY[row.statistic].compute(found, row, conventions)
        assert prints_as(value, row.printed)
    for row in rows:
        off = Fraction(row.printed) + Fraction(1, 10 ** len(row.printed.partition(".")[2]))
        wrong = row._replace(printed=str(round_to(off, len(row.printed.partition(".")[2]))))
        changed = paper._replace(facts=paper.facts | {row.fact: [wrong]})
        model = model_of(changed, None, ((1,), (2, 1), (1,)))
        assert with_cells(model, fixed_cells(model, tables)) is None


def fixed_cells(model, tables):
    """Every cell of the model at its value in the truth."""
    for name, frame in tables.items():
        for slot, (_, row) in zip(model.cells.slots[name].values(), frame.iterrows(), strict=True):
            for column, cell in slot.cells.items():
                if column not in frame:
                    continue
                for value, literal in cell.values.items():
                    yield literal, int(str(row[column]) == value)
                if not cell.values:
                    yield cell.number, round(row[column] * cell.column.scale)


def with_cells(model, fixed, true=None):
    """A solution in which variables have the values `fixed`, and literals or all facts hold."""
    m = model.cells.m.clone()
    for literal in model.held.values() if true is None else true:
        m.add(literal == 1)
    for variable, value in fixed:
        m.add(variable == value)
    return run(m)


def judged(tables, facts=None):
    """The facts of which the registry finds some row not printed by a cohort's tables."""
    published, statements, conventions = read_data()
    given = read_table("corrections")
    excepted = given[(given["correction"].astype(str) == "1") & (given["convention"] != "")]
    switches = dict(zip(excepted["fact"], excepted["convention"], strict=True))
    failed = set()
    for row in rows_as_formed(published, statements, DATA):
        if row.statistic in DASHES or (facts is not None and row.fact not in facts):
            continue
        if row.fact in switches:
            row = row._replace(switches=(*row.switches, tuple(switches[row.fact].split("="))))
        own = conventions | dict(row.switches)
        value = REGISTRY[row.statistic].compute(tables, row, own)
        if row.relation != "rounds to" or not row.statistic.endswith(("_p", "p_value")):
            failed |= set() if agrees(row, value, own) else {row.fact}
    return failed


def test_edition_prints_all_that_is_kept():
    """The registry, on the files as read: only facts of a correction are not printed."""
    given = read_table("corrections")
    assert judged(read_tables()) <= set(given.loc[given["kind"] == "set_aside", "fact"])


@pytest.mark.slow
def test_the_judge_sees_a_wrong_cell():
    """One tumor on the other side, one session's complication, one progression: each is seen."""
    for table, column in (("tumors", "side"), ("sessions", "minor_complication"),
                          ("patients", "recurrence_bone")):  # fmt: skip
        tables = read_tables()
        values = tables[table][column].unique()
        cells = tables[table][column].tolist()
        cells[0] = next(v for v in values if v != cells[0])
        tables[table] = tables[table].assign(**{column: cells})
        assert judged(tables) - judged(read_tables())


def test_committed_corrections_are_minimal(model):
    """Each listed set of the block leaves the rest; with one fact less it does not."""
    given = read_table("related_corrections")
    for _, facts in given.groupby("correction")["fact"]:
        assert holds(model, set(facts))
    sizes = given.groupby("correction").size()
    assert sizes.nunique() == 1


def test_tables_and_their_order_come_from_the_dictionary(model):
    """Who belongs to whom, by the keys; tumors of a session by size, and by side where equal."""
    dictionary = read_dictionary(DATA / "dictionary.csv")
    assert levels_of(dictionary) == ("patients", "sessions", "tumors")
    assert beside_of(dictionary) == ("renal_function",)
    slots = model.cells.slots["tumors"]
    ((before, after),) = [
        (slots[(*key[:-1], 0)].cells, slot.cells) for key, slot in slots.items() if key[-1]
    ]

    def possible(sizes, sides):
        pairs = list(zip((before, after), sizes, sides, strict=True))
        fixed = [(cells["diameter_cm"].number, size) for cells, size, _ in pairs]
        return with_cells(model, fixed, [cells["side"].values[side] for cells, _, side in pairs])

    assert possible((20, 10), ("right", "left")) is not None
    assert possible((10, 20), ("left", "right")) is None
    assert possible((10, 10), ("left", "right")) is not None
    assert possible((10, 10), ("right", "left")) is None


TIED = [2.0, 2.0, 5.0, 5.0]  # months
CURVE = [Column(FIRST, "time", (), 10, 0, 600), Column(FIRST, "event", ("False", "True"))]


def printed_rate(events):
    """Survival after a year, as the registry computes it from tied times."""
    row = Row("r", "r", "survival", (), (("at", "12"),), "rounds to", "")
    tables = {FIRST: pd.DataFrame({"time": TIED, "event": events})}
    value = REGISTRY["survival"].compute(tables, row, DEFAULTS)
    return row._replace(printed=str(round_to(value, 3)))


def can_print(events, row):
    """Does the model let a cohort with these events print the row?"""
    cells = Cells(CURVE, len(TIED), {}, ((),) * len(TIED))
    slots = cells.slots[FIRST].values()
    for slot, time, event in zip(slots, TIED, events, strict=True):
        cells.m.add(slot.cells["time"].number == round(10 * time))
        cells.m.add(slot.cells["event"].values[str(event)] == 1)
    add_rates(cells, [row], [(slot, cells.true) for slot in slots], cells.true, DEFAULTS)
    return cp_model.CpSolver().solve(cells.m) in (cp_model.OPTIMAL, cp_model.FEASIBLE)


def test_rates_of_tied_times():
    """Events come before what is censored at their time, whatever the order of the rows."""
    rows = {events: printed_rate(events) for events in product((False, True), repeat=len(TIED))}
    assert len({row.printed for row in rows.values()}) > 5
    for events, other in product(rows, repeat=2):
        same = rows[events].printed == rows[other].printed
        assert can_print(events, rows[other]) == same, (events, other)
