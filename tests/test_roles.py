"""Each fact left out: witnesses are whole cohorts, judged here by the registry alone.

A witness prints every other row that the edition prints, keeps every rule, and not the fact. Some
of the confirmed are confirmed again by another route: sums over classes of one table, and exact
counts of samples.
"""

from functools import cache

import pytest

from committed import witness_tables
from recohort.audit.related_roles import fixed_by_its_column
from recohort.audit.sums import complements, fixed_by_sums
from recohort.audit.whole import judge_of
from recohort.cells.broken import add_broken
from recohort.cells.cells import Cells, Column
from recohort.cells.facts import add_fact
from recohort.cells.relations import run
from recohort.folder import rows_as_formed
from recohort.numbers.multisets import moments
from recohort.numbers.sums import Sums, count_columns
from recohort.paper.printed import printed_form, prints
from recohort.paper.reading import blocks_of, columns_of, homes_of, read_dictionary
from recohort.paper.rows import Row
from recohort.paper.statistics import DASHES, REGISTRY
from recohort.paper.ties import every_rule
from thirteen.data import DATA, read_data, read_table, read_tables

ROLES = read_table("roles")
EDITION = read_tables()
PUBLISHED, STATEMENTS, CONVENTIONS = read_data()
GIVEN = read_table("corrections")
FIRST = GIVEN[(GIVEN["kind"] == "excepted") & (GIVEN["correction"] == 1)]
EXCEPTED = dict(FIRST[["fact", "convention"]].to_numpy().tolist())
EVERY_RULE = every_rule(DATA)
INPUTS = ROLES[ROLES["role"] == "input"]


def is_printed(row, tables):
    """By the registry: a figure's printed form, or the relation of a statement."""
    own = CONVENTIONS | dict(row.switches)
    value = REGISTRY[row.statistic].compute(tables, row, own)
    if row.statistic in DASHES:
        return bool(value)
    if row.relation == "rounds to":
        return prints(printed_form(value, row, own), row)
    bound = float(row.printed)
    return {"=": value == bound, "<=": value <= bound, ">=": value >= bound, "<": value < bound}[
        row.relation
    ]


@cache
def rows_of_edition():
    """The rows that the edition prints, copies once."""
    rows = list({r[1:]: r for r in rows_as_formed(PUBLISHED, STATEMENTS, DATA)}.values())
    rows = [
        r._replace(switches=(*r.switches, tuple(EXCEPTED[r.fact].split("="))))
        if r.fact in EXCEPTED else r for r in rows
    ]  # fmt: skip
    return [r for r in rows if is_printed(r, EDITION)]


def missed(tables, asked):
    """The facts that some tables do not print, of the rows that look at changed columns."""
    changed = {
        (name, column) for name, frame in tables.items() for column in frame
        if frame[column].astype(str).tolist() != EDITION[name][column].astype(str).tolist()
    }  # fmt: skip
    changed |= {(name, "rows") for name, _ in changed}
    return {r.fact for r in asked if changed & columns_of(r) and not is_printed(r, tables)}


def test_every_fact_has_a_role():
    """Each printed fact has one role, but for measured kidney function; inputs have a witness."""
    homes = homes_of(read_dictionary(DATA / "dictionary.csv"))
    told = [r for r in rows_of_edition() if columns_of(r)]
    facts = {r.fact for r in told} - {r.fact for r in told if "renal" in blocks_of(r, homes)}
    assert {f for f in facts if not f.startswith("statement.")} <= set(ROLES["fact"]) <= facts
    assert ROLES["fact"].is_unique
    assert ((ROLES["role"] == "input") == (ROLES["witness"] != "")).all()
    left_open = ROLES[ROLES["role"] == "open"]  # survival does without them; the rest is unknown
    assert set(ROLES["role"]) == {"input", "confirmed", "open"}
    assert set(left_open["block"]) == {"survival"}
    assert len(left_open) <= 5


@pytest.mark.parametrize("block", [b for b in ROLES["block"].unique() if b != "survival"])
def test_witnesses_print_all_other_facts(block):
    """Whole cohorts that keep every rule, print all other facts and not this one."""
    for row in INPUTS[INPUTS["block"] == block].itertuples():
        _check(row)


@pytest.mark.slow
def test_witnesses_of_survival():
    """Every fifth: all rows about survival are computed again, which takes a while."""
    for row in INPUTS[INPUTS["block"] == "survival"][::5].itertuples():
        _check(row)


def _check(row):
    tables = witness_tables(row.witness, EDITION)
    assert missed(tables, rows_of_edition()) == {row.fact}, row.fact
    broken = [rule.text for rule in EVERY_RULE if not rule.holds(tables).all()]
    assert not broken, (row.fact, broken)


def test_a_wrong_witness_is_seen():
    """The check above fails when one column of a witness is the edition's again."""
    row = next(r for r in INPUTS.itertuples() if r.block == "history" and ";" not in r.witness)
    with pytest.raises(AssertionError):
        _check(row._replace(witness=row.witness.replace("False", "True")))


@pytest.mark.slow
def test_what_sums_fix_is_confirmed():
    """Classes of one table alone, no search: what their sums fix, the searches confirm as well."""
    dictionary = read_dictionary(DATA / "dictionary.csv")
    rows, roles = rows_of_edition(), ROLES.set_index("fact")["role"]
    facts = [f for f in roles.index if not f.startswith("statement.")]
    fixed = [f for f in facts if fixed_by_sums(f, rows, EDITION, dictionary)]
    assert len(fixed) > 30
    assert set(roles[fixed]) == {"confirmed"}
    told = [r for r in rows if r.fact != fixed[0]]
    assert not fixed_by_sums("n.recurrence.lung", told, EDITION, dictionary)


def test_regimens_confirm_who_had_chemotherapy():
    """By sums alone: each regimen of the cancer that the sentence names, counted in other facts."""
    (sentence,) = [r for r in rows_of_edition() if r.fact == "statement.chemotherapy.acc"]
    cancer = sentence.filters[-1]
    others = [r for r in rows_of_edition() if cancer in r.filters and r.fact != sentence.fact]
    told = {{c: v for c, _, v in r.filters}.get("prior_regimen"): int(r.printed)
            for r in others if r.statistic == "count"}  # fmt: skip
    info = read_dictionary(DATA / "dictionary.csv").set_index(["table", "column"])
    names = info.at[("patients", "prior_regimen"), "values"].split()
    assert sum(told[n] for n in names if n != "none") == int(sentence.printed)
    assert ROLES.set_index("fact").at[sentence.fact, "role"] == "confirmed"


@pytest.mark.slow
def test_ends_of_cycles_by_counting():
    """Exact counts: no sample of the printed mean and SD has other ends than the printed ones."""
    cycles = {
        r.statistic: r.printed for r in rows_of_edition()
        if dict(r.options).get("column") == "freeze_thaw_cycles"
    }  # fmt: skip
    n = int(EDITION["tumors"]["freeze_thaw_cycles"].notna().sum())
    asked = moments(n, cycles["mean"], cycles["sd"], divisor=CONVENTIONS["sd"])
    low, high = int(cycles["minimum"]), int(cycles["maximum"])
    spread = asked.spread[0], asked.spread[1] + 1

    def within(least, most):
        return count_columns(Sums(((least, most),) * n, (), asked.sums, spread))

    inside = within(low, high) - within(low, high - 1) - within(low + 1, high)
    inside += within(low + 1, high - 1)  # both ends are attained
    below = within(1, high) - within(1, high - 1)
    assert below == inside > 0  # with the printed maximum the minimum is the printed one
    above = within(low, 10) - within(low + 1, 10)
    assert above == inside  # and the other way round
    judge = judge_of(DATA)
    for end in ("cycles.minimum", "cycles.maximum"):
        assert fixed_by_its_column([r for r in judge.rows if r.fact == end], judge)
        assert ROLES.set_index("fact").at[end, "role"] == "confirmed"
    assert not fixed_by_its_column([r for r in judge.rows if r.fact == "age.minimum"], judge)


COLUMN = Column("patients", "value", (), 10, 0, 30)
FLAG = Column("patients", "flag", ("True", "False"))


@pytest.mark.parametrize(
    ("statistic", "printed", "values"),
    [
        ("mean", "1.0", [(10, 10, 10), (10, 10, 12), (9, 10, 10)]),
        ("sd", "0.5", [(5, 10, 15), (10, 10, 10), (4, 10, 15)]),
        ("minimum", "1.0", [(10, 20, 30), (9, 10, 30), (11, 20, 30)]),
        ("maximum", "2.0", [(10, 20, 20), (9, 10, 30), (11, 12, 13)]),
        ("count", "2", [(10, 20, 20), (9, 10, 30), (11, 12, 13)]),
        ("percent", "66.7", [(10, 20, 20), (9, 10, 30), (11, 12, 13)]),
    ],
)
def test_broken_is_the_opposite_of_printed(statistic, printed, values):
    """For given cells, exactly one of a fact and its opposite has a solution."""
    counted = statistic in ("count", "percent")
    filters = (("value", ">=", "2"),) if counted else ()
    options = () if counted else (("column", "value"),)
    row = Row("made.up", "made.up", statistic, filters, options, "rounds to", printed)
    for cells_wanted in values:
        answers = []
        for broken in (False, True):
            cells = Cells([COLUMN, FLAG], 3, {"sessions": 1, "tumors": 1})
            for slot, value in zip(cells.slots["patients"].values(), cells_wanted, strict=True):
                cells.m.add(slot.cells["value"].number == value)
            if broken:
                cells.m.add(add_broken(cells, [row], CONVENTIONS) == 1)
            else:
                add_fact(cells, [row], cells.true, CONVENTIONS)
            answers.append(run(cells.m) is not None)
        assert sum(answers) == 1, (statistic, cells_wanted, answers)


def test_complements_are_what_subtraction_gives():
    """The last level of a column whose levels are all counted, and nothing else."""
    dictionary = read_dictionary(DATA / "dictionary.csv")
    rows = rows_of_edition()
    found = complements(rows, dictionary)
    assert {"n.female", "n.tumors.left"} <= found
    assert not {"n.male", "n.all", "n.deaths", "os.female.1y"} & found
    assert set(ROLES.loc[~ROLES["distinct"].astype(bool), "fact"]) <= found
    assert "n.female" not in complements([r for r in rows if r.fact != "n.male"], dictionary)
