"""Ages counted by two routes; tables of pairs, with witnesses and conflicts."""

from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, permutations, product

import numpy as np
import pandas as pd
import pytest
from ortools.sat.python import cp_model

import second_numbers as second
from recohort.numbers.columns import column_with
from recohort.numbers.sums import Sums, count_columns, sums_of, values_of
from recohort.paper.reading import Row
from recohort.paper.rounding import prints_as
from recohort.paper.statistics import REGISTRY
from thirteen.cohort import (
    DATA,
    number_columns,
    read_blocks,
    read_data,
    read_patients,
    read_table,
    read_tables,
)
from thirteen.identify import needed_facts, pair_settings
from thirteen.negatives import least_p, negative_changes
from thirteen.pair_conflicts import from_words
from thirteen.pair_facts import given_to_patients
from thirteen.pair_integers import integer_model, no_table_of_integers
from thirteen.pair_proofs import no_table, small_changes
from thirteen.pair_roles import fixed_in_integers
from thirteen.pair_table import holds, pair_rows, without_facts
from thirteen.pairs_search import Figure, Pairs, attainable, pairs_of

pytestmark = pytest.mark.xdist_group("numbers")


@cache
def block(column):
    """Rows about a column, the edition's patients, and the conventions."""
    published, statements, conventions = read_blocks("survival", "ages", "intervals")
    return number_columns(published, statements)[column], read_patients(), conventions


def printed(rows, statistic):
    """What the block's row of a statistic prints."""
    return next(r.printed for r in rows if r.statistic == statistic)


def prints_all(rows, frame, conventions):
    """Does a frame print every row, by the registry?"""
    for row in rows:
        value = REGISTRY[row.statistic].compute({"patients": frame}, row, conventions)
        if row.relation == "rounds to":
            assert prints_as(value, row.printed), row.id
        else:
            low, high = {"=": (0, 0), ">=": (0, 99), "<=": (-99, 0)}[row.relation]
            assert low <= value - int(row.printed) <= high, row.id


def test_ages_two_counts():
    """Columns of ages by sums and squares, and by multisets: the same number."""
    rows, frame, conventions = block("age_years")
    below = sum(~frame["age_55_or_older"])
    cut = int(next(r.filters[1][2] for r in rows if r.statistic == "count"))
    divisor = len(frame) - (conventions["sd"] == "sample")
    ends = (int(printed(rows, s)) for s in ("minimum", "maximum"))
    lowest, highest = ends
    texts = (printed(rows, s) for s in ("mean", "sd"))
    found = second.count_ages(
        lowest, cut, highest, below, len(frame) - below, *texts, divisor
    )  # fmt: skip
    assert count_columns(sums_of(rows, frame, conventions)) == found > 0


def test_sums_against_plain_enumeration():
    """On three small numbers, by trying them all."""
    n, sums, spread = 3, range(9, 13), (20, 60)
    column = Sums(((0, 6), (1, 6), (0, 4)), (((0, 1, 2), 6),), sums, spread)
    found = [
        x for x in product(range(7), range(1, 7), range(5))
        if sum(x) in sums and 20 <= n * sum(v * v for v in x) - sum(x) ** 2 < 60 and 6 in x
    ]  # fmt: skip
    assert count_columns(column) == len(found) > 0
    assert values_of(column, 1) == {v: sum(x[1] == v for x in found) for v in {x[1] for x in found}}


def test_ages_each_value_has_a_witness():
    """Every age that the count allows for a patient is reached; each other one is not."""
    rows, frame, conventions = block("age_years")
    column = sums_of(rows, frame, conventions)
    for position in (0, 2):  # one on each side of the cut; the others have the same bounds
        counts = values_of(column, position)
        assert sum(counts.values()) == count_columns(column)
        for value in (min(counts), max(counts)):
            values = column_with(rows, frame, conventions, {position: value})
            prints_all(rows, frame.assign(age_years=values), conventions)
        for value in (min(counts) - 1, max(counts) + 1):
            assert column_with(rows, frame, conventions, {position: value}) is None


@cache
def pairs():
    """Rows about renal function, conventions, and the compiled problem of each spread of flags."""
    published, statements, conventions = read_data()
    dictionary = pd.read_csv(DATA / "dictionary.csv", dtype=str, keep_default_na=False)
    settings = pair_settings(dictionary, conventions)
    rows = pair_rows(published, statements, settings[2])
    return rows, settings


def figure(rows, name):
    """What the first row of a fact prints."""
    return next(r.printed for r in rows if r.fact == name)


def test_pairs_print_every_row():
    """The edition's table prints every figure, but the one excepted under its convention."""
    rows, (conventions, _, table) = pairs()
    tables = read_tables()
    corrections = read_table("pair_corrections").head(1)
    assert len(tables[table]) == int(figure(rows, "n.renal_function"))
    for row in without_facts(rows, corrections):
        assert holds(row, tables, conventions), row.id
    excepted = [r for r in rows if r.fact in set(corrections["fact"])]
    assert excepted
    assert not any(holds(row, tables, conventions) for row in excepted)


def test_pairs_off_by_a_unit_are_seen():
    """One number a unit off, anywhere in the table, and some figure no longer prints."""
    rows, (conventions, _, table) = pairs()
    tables, kept = read_tables(), without_facts(rows, read_table("pair_corrections").head(1))
    unseen = 0
    for i, column in product(tables[table].index, ("egfr_before", "egfr_after")):
        changed = tables[table].copy()
        changed.loc[i, column] = round(changed.loc[i, column] + 1, 1)
        unseen += all(holds(row, tables | {table: changed}, conventions) for row in kept)
    assert unseen < len(tables[table])


def test_pairs_negative_changes():
    """Under the paper-wide spread at least three changes are negative, and P is too small for it.

    By the bound at corners, and by a plain grid of the three rows in question.
    """
    rows, (conventions, bounds, _) = pairs()
    printed_p = figure(rows, "egfr_change.p")
    (problem,) = [q for q in pairs_of(rows, conventions, bounds) if attainable(q)]
    least, every = negative_changes(problem)
    whole = [figure(rows, f"egfr_change_percent.{s}") for s in ("mean", "sd")]
    part = [figure(rows, f"egfr_change_percent.chemotherapy.{s}") for s in ("mean", "sd")]
    before, after = (Fraction(figure(rows, f"egfr_{s}.minimum")) for s in ("before", "after"))
    floor = second.edges(figure(rows, "egfr_change_percent.minimum"))[0]
    n = len(problem.boxes)
    found = second.fewest_negative(
        (n, *whole), (sum(problem.flags), *part), (100 * (before - after) / before,) * 2, floor
    )
    assert least == found == 2
    assert least_p(n, every) > second.edges(printed_p)[1]
    fact = read_table("pair_corrections")["fact"][0]
    other = [
        r._replace(switches=(("sd", "sample"),)) if r.fact == fact else r for r in rows
    ]  # fmt: skip
    (problem,) = [q for q in pairs_of(other, conventions, bounds) if attainable(q)]
    assert least_p(n, negative_changes(problem)[1]) < second.edges(printed_p)[1]


def test_conflict_of_the_pairs():
    """Each member left out has its table; all together cannot be, by the second route."""
    rows, (conventions, _, table) = pairs()
    facts = read_table("pair_corrections")["fact"].tolist()
    found = read_table("conflicts").query("block == 'renal'")
    assert set(found["fact"]) == set(facts) <= set(found["member"])
    own = [g.drop(columns="fact").to_numpy().tolist() for _, g in found.groupby("fact")]
    assert all(members == own[0] for members in own)  # one conflict is the proof of each
    found = found[found["fact"] == facts[0]]
    for row in found.itertuples():
        columns = from_words(row.witness)
        names = [f"P{k:02d}" for k in range(len(columns["egfr_before"]))]
        frame = pd.DataFrame(columns).assign(patient_id=names)
        trial = {"patients": frame.drop(columns=["egfr_before", "egfr_after"]), table: frame}
        others = [r for r in rows if r.fact in set(found["member"]) - {row.member}]
        assert all(holds(own, trial, conventions) for own in others), row.member
        dropped = [r for r in rows if r.fact == row.member]
        assert not all(holds(own, trial, conventions) for own in dropped), row.member
    whole, part = ("egfr_change_percent.", "egfr_change_percent.chemotherapy.")
    members = {f"{whole}{s}" for s in ("mean", "sd", "minimum", "maximum")} | {"egfr_change.p"}
    assert set(found["member"]) == members | {f"{part}{s}" for s in ("mean", "sd", "minimum")}
    sizes = len(frame), int(frame["chemotherapy_after"].sum())
    told = [(n, *(figure(rows, stem + s) for s in ("mean", "sd")))
            for n, stem in zip(sizes, (whole, part), strict=True)]  # fmt: skip
    deepest, floor = (second.edges(figure(rows, whole + s)) for s in ("maximum", "minimum"))
    # a value so far from the mean would alone make a greater spread
    assert (deepest[0] - second.edges(told[1][1])[1]) ** 2 > second.edges(told[1][2])[1] ** 2 * 6
    step = (deepest[1] - deepest[0]) / 40  # slices, so that sum and squares go with one another
    slices = [(deepest[0] + k * step, deepest[0] + (k + 1) * step) for k in range(40)]
    gains = 1 + min(second.fewest_negative(*told, own, floor[0]) for own in slices)  # one flagged
    assert second.edges(figure(rows, whole + "minimum"))[1] < 0
    assert Fraction(2 * 2**gains, 2 ** sizes[0]) > second.edges(figure(rows, "egfr_change.p"))[1]


def test_facts_that_the_argument_needs():
    """All that the second route is given, and nothing that it never looks at."""
    rows, settings = pairs()
    needed = set(needed_facts(rows, settings))
    given = {f"egfr_change_percent.{s}" for s in ("mean", "sd", "minimum")}
    given |= {f"egfr_change_percent.chemotherapy.{s}" for s in ("mean", "sd")}
    given |= {"egfr_change.p", "egfr_before.minimum", "egfr_after.minimum"}
    assert given <= needed
    sums = {f"egfr_{part}.{s}" for part in ("before", "after", "change") for s in ("mean", "sd")}
    assert not sums & needed


def given_up(fact):
    """The rows about the pairs without a fact, and the edition's tables."""
    rows, settings = pairs()
    return [r for r in rows if r.fact != fact], read_tables(), settings


def test_each_single_fact_about_the_pairs_is_judged():
    """Every fact has its answer, and those that mend are the smallest corrections listed."""
    rows, _ = pairs()
    found, listed = read_table("pair_facts"), read_table("pair_corrections")
    assert found["fact"].tolist() == list(dict.fromkeys(r.fact for r in rows))
    assert set(found["mends"]) == {"yes", "no"}
    assert set(found.loc[found["mends"] == "yes", "fact"]) == set(listed["fact"])
    aside = set(listed.loc[listed["kind"] == "set_aside", "fact"])
    assert set(found.loc[found["witness"] != "", "fact"]) == aside
    none = found[found["mends"] == "no"]
    assert none["by"].str.contains("weights").all()
    assert (none["by"].str.split("; ").map(len) == 2).all()  # each "cannot" by two routes
    assert (none["parts"].astype(int) > 0).all()
    solved = none[none["by"].str.contains("integers")]
    assert (solved["integer_parts"].astype(int) > 0).all()


WITNESSED = read_table("pair_facts").query("witness != ''").set_index("fact")["witness"]


@pytest.mark.parametrize("fact", WITNESSED.index)
def test_a_fact_given_up_has_its_table(fact):
    """The witness prints every other figure of kidney function, and not the one given up."""
    rest, edition, (conventions, _, table) = given_up(fact)
    columns = from_words(WITNESSED[fact])
    flags = columns.pop("chemotherapy_after")
    tables = given_to_patients(
        columns.values(), flags, list(columns), "chemotherapy_after", edition, table
    )
    assert all(holds(row, tables, conventions) for row in rest)
    own = [r for r in pairs()[0] if r.fact == fact]
    assert not any(holds(row, tables, conventions) for row in own)


def test_weights_show_that_a_fact_mends_nothing():
    """Two rises without chemotherapy, the least percentage of the others free: no table."""
    rest, _, (conventions, bounds, _) = given_up("egfr_change_percent.chemotherapy.minimum")
    (problem,) = [p for p in pairs_of(rest, conventions, bounds) if attainable(p)]
    below = second.edges(figure(rest, "egfr_change.p"))[1]
    low, high = problem.changes[0]
    _, two, _ = small_changes(len(problem.boxes), low, high, below)
    assert two == ((low, low), (low, -1), (1 - low, high))
    assert no_table(problem, [two])


def test_integers_show_that_a_fact_mends_nothing():
    """The least percentage of all free: every sign and size, each class, and no table."""
    rest, _, (conventions, bounds, _) = given_up("egfr_change_percent.minimum")
    below = second.edges(figure(rest, "egfr_change.p"))[1]
    parts = 0
    for problem in (p for p in pairs_of(rest, conventions, bounds) if attainable(p)):
        low, high = problem.changes[0]
        parts += no_table_of_integers(problem, small_changes(len(problem.boxes), low, high, below))
    found = read_table("pair_facts").set_index("fact")
    assert parts == int(found.at["egfr_change_percent.minimum", "integer_parts"])


def of_the_edition():
    """The rows about the pairs as the edition prints them, and their settings."""
    rows, settings = pairs()
    return without_facts(rows, read_table("pair_corrections").head(1)), settings


LEAST = ["egfr_change_percent.minimum", "egfr_change_percent.chemotherapy.minimum"]


@pytest.mark.parametrize("fact", LEAST)
def test_the_least_percentage_is_confirmed(fact):
    """The solver finds no table with another one, and the roles say so."""
    rows, settings = of_the_edition()
    assert fixed_in_integers(fact, rows, settings)
    assert read_table("roles").set_index("fact").at[fact, "role"] == "confirmed"


def test_only_another_least_percentage_is_excluded():
    """The edition's own numbers: the solver excludes them as soon as the least one is moved."""
    rows, (conventions, bounds, table) = of_the_edition()
    tables = read_tables()
    marked = tables["patients"].set_index("patient_id")["chemotherapy_after"].astype(bool)
    parted = [
        tables[table][tables[table]["patient_id"].map(marked) == part] for part in (True, False)
    ]
    (whole,) = [p for p in pairs_of(rows, conventions, bounds) if attainable(p)]
    numbers = (10 * pd.concat(parted)[list(whole.columns)]).round().astype(int).to_numpy().tolist()
    known = whole._replace(boxes=tuple(tuple((v, v) for v in pair) for pair in numbers))
    assert no_table_of_integers(known, [None]) is None
    (printed,) = [f for f in whole.figures if f.statistic == "minimum" and f.quantity[2]
                  and len(f.rows) < len(whole.flags)]  # fmt: skip
    for change in (0.2, -0.2):
        other = printed._replace(low=printed.low + change, high=printed.high + change)
        figures = tuple(other if f == printed else f for f in whole.figures)
        assert no_table_of_integers(known._replace(figures=figures), [None]) is not None


def test_who_had_no_chemotherapy_cannot_have_gained_as_much():
    """The same by sums, in fractions: the two others would need squares that are not left.

    Without chemotherapy there are four; one has the greatest loss, pinned by the ranges. Were
    another's percentage as low as the least of all, or lower, the last two had to make up for it.
    What is left beyond their need rises with the sum of all and falls with that of the part.
    """
    rows, _ = of_the_edition()
    stem = "egfr_change_percent."
    mean, sd, least = (second.edges(figure(rows, stem + s)) for s in ("mean", "sd", "minimum"))
    stem += "chemotherapy."
    part = {s: second.edges(figure(rows, stem + s)) for s in ("mean", "sd")}
    before, after = (Fraction(figure(rows, f"egfr_{s}.minimum")) for s in ("before", "after"))
    tables = read_tables()
    measured = tables["patients"]["patient_id"].isin(tables["renal_function"]["patient_id"])
    n, m = int(measured.sum()), int(tables["patients"].loc[measured, "chemotherapy_after"].sum())
    total, own, lost = n * mean[1], m * part["mean"][0], 100 * (before - after) / before
    left = (n - 1) * sd[1] ** 2 + total**2 / n  # this spread divides by n - 1
    left -= m * part["sd"][0] ** 2 + own**2 / m + lost**2
    others = total - own - lost - least[1]
    assert n - m == 4
    assert least[1] < 0 < others < min(2 * own / m, 2 * mean[0])  # so they rise and fall
    assert least[1] ** 2 + others**2 / 2 > left


def test_integers_never_exclude_a_table_that_is_there():
    """Where tables are known that print, the solver has a solution, and shows nothing."""
    for fact, text in WITNESSED.items():
        rest, _, (conventions, bounds, _) = given_up(fact)
        (problem,) = [p for p in pairs_of(rest, conventions, bounds) if attainable(p)]
        columns = from_words(text)
        both = [np.rint(10 * np.array(columns[c])).astype(int).tolist() for c in problem.columns]
        boxes = tuple(((a - 3, a + 3), (b - 3, b + 3)) for a, b in zip(*both, strict=True))
        known = problem._replace(boxes=boxes, flags=tuple(columns["chemotherapy_after"]))
        assert no_table_of_integers(known, [None]) is None, fact
        aside = [r for r in pairs()[0] if r.fact == fact and r.statistic in ("mean", "sd")]
        if aside:  # with the fact given back, the same solver sees that it does not print
            (whole,) = [p for p in pairs_of(pairs()[0], conventions, bounds) if attainable(p)]
            assert no_table_of_integers(known._replace(figures=whole.figures), [None])


def test_integers_agree_with_every_table_of_a_few():
    """Three pairs in small boxes: the solver excludes no figures that one of all tables prints."""
    boxes = (((60, 63), (50, 53)), ((70, 72), (71, 73)), ((90, 92), (70, 71)))
    names, rows = ("a", "b"), (0, 1, 2)
    quantities = (("a", None, None), ("b", None, None), ("a", "b", None), ("a", "b", "a"))
    tables = [np.array(t, float).T for t in product(*(product(range(a, b + 1), range(c, d + 1))
              for (a, b), (c, d) in boxes))]  # fmt: skip
    excluded = 0
    for k, (quantity, sample) in enumerate(product(quantities, (False, True))):
        numbers = np.stack([_of(quantity, t) for t in tables]) / (1 if quantity[2] else 10)
        known = {
            "mean": numbers.mean(axis=1), "sd": numbers.std(axis=1, ddof=int(sample)),
            "minimum": numbers.min(axis=1), "maximum": numbers.max(axis=1),
        }  # fmt: skip
        for statistic, values in known.items():
            for shift in (0.0, 40.0):
                low = float(np.sort(values)[7 * k]) - 0.002 + shift
                other = {"mean": "sd", "sd": "mean"}.get(statistic)
                figures = [Figure(quantity, rows, statistic, low, low + 0.05, sample)]
                if other:
                    near = float(known[other][np.argsort(values, kind="stable")[7 * k]])
                    figures.append(Figure(quantity, rows, other, near - 0.01, near + 0.01, sample))
                problem = Pairs(names, 10, boxes, (False,) * 3, tuple(figures), ((-99, 99),) * 3)
                status = cp_model.CpSolver().solve(integer_model(problem)[0])
                if shift:
                    excluded += status == cp_model.INFEASIBLE
                else:
                    assert status != cp_model.INFEASIBLE, (quantity, statistic)
    assert excluded == 4 * len(quantities) * 2


def _of(quantity, table):
    """Values of a quantity of three pairs, in tenths, or in percent."""
    value = table[1] if quantity[0] == "b" else table[0]
    value = table[0] - table[1] if quantity[1] else value
    return 100 * value / table[0] if quantity[2] else value


def test_weights_never_exclude_a_table_that_is_there():
    """Around each table known to print, parts may be made for ever: none is shown empty."""
    for fact, text in WITNESSED.items():
        rest, _, (conventions, bounds, _) = given_up(fact)
        (problem,) = [p for p in pairs_of(rest, conventions, bounds) if attainable(p)]
        columns = from_words(text)
        first, second_number = (np.rint(10 * np.array(columns[c])) for c in problem.columns)
        changes = tuple((int(c) - 5, int(c) + 5) for c in first - second_number)
        assert no_table(problem._replace(changes=changes), [None], 12) is None


def test_changes_outside_the_patterns_have_a_greater_p():
    """Of all signs and sizes of six changes, each that prints less keeps to a pattern."""
    size, least, below = 6, -2, Fraction(30, 64)
    row = Row("", "", "paired_p", (), (("table", "t"), ("column", "a"), ("minus", "b")), "=", "")
    patterns = small_changes(size, least, 3, below)
    kept = 0
    for some in combinations_with_replacement(range(least, 4), size):
        if some[0] != least or not any(some):
            continue
        table = pd.DataFrame({"a": [9 + v for v in some], "b": 9})
        p = REGISTRY["paired_p"].compute({"t": table}, row, {"paired_test": "wilcoxon"})
        if p < below:
            kept += 1
            assert any(_keeps_to(some, pattern) for pattern in patterns), some
    assert kept > size


def _keeps_to(changes, pattern):
    """Can the changes be given to the intervals, all but the last of which take one each?"""
    *single, rest = pattern
    return any(
        all(low <= changes[i] <= high for i, (low, high) in zip(chosen, single, strict=True))
        and all(rest[0] <= v <= rest[1] for i, v in enumerate(changes) if i not in chosen)
        for chosen in permutations(range(len(changes)), len(single))
    )


def test_least_p_of_negative_changes():
    """Of all signs and ranks of six pairs, tied in every way, none has a smaller P."""
    row = Row("", "", "paired_p", (), (("table", "t"), ("column", "a"), ("minus", "b")), "=", "")
    compute = REGISTRY["paired_p"].compute
    for sizes in product((1, 2), repeat=3):
        steps = np.repeat([1, 2, 3], sizes)
        for signs in product((1, -1), repeat=len(steps)):
            table = pd.DataFrame({"a": steps * signs + 9, "b": 9})
            negative = min(signs.count(-1), signs.count(1))
            p = compute({"t": table}, row, {"paired_test": "wilcoxon"})
            assert p >= least_p(len(steps), negative)


def test_blocks_are_counted():
    """The committed counts: of ages by a second route; what is measured is not counted."""
    rows, frame, conventions = block("age_years")
    counts = pd.read_csv(DATA / "cohort" / "blocks.csv", dtype=str).set_index("what")
    exact = counts[counts["method"].str.startswith("exact")]
    assert (exact["count_lower"] == exact["count_upper"]).all()
    ages = count_columns(sums_of(rows, frame, conventions))
    assert counts.at["columns of ages", "count_lower"] == str(ages)
    assert "intervals" not in set(counts["block"])
    low, high = (int(counts.at["tables of pairs", f"count_{end}"]) for end in ("lower", "upper"))
    assert 0 < low < high


def test_ages_have_witnesses():
    """Each end of what an age can be has a column that prints every row."""
    witnesses = read_table("witnesses").query("column == 'age_years'")
    rows, frame, conventions = block("age_years")
    assert len(witnesses) == 2 * len(frame)
    for w in witnesses.itertuples():
        values = [int(v) for v in w.cells.split()]
        prints_all(rows, frame.assign(age_years=values), conventions)
        assert values[frame["patient_id"].tolist().index(w.row_id)] == int(w.value)


def test_pair_cells_have_witnesses():
    """Each cell of the pairs has another value in a table that prints the same figures."""
    rows, (conventions, _, table) = pairs()
    tables, witnesses = read_tables(), read_table("witnesses")
    kept = without_facts(rows, read_table("pair_corrections").head(1))
    found = witnesses[witnesses["table"] == table]
    assert len(found) == 2 * len(tables[table])
    for w in found.itertuples():
        own, other = w.row_id, w.aside.rpartition(" ")[2]
        changed = tables[table].set_index("patient_id").astype(float)
        before = changed.at[own, w.column]
        changed.loc[[own, other]] = changed.loc[[other, own]].to_numpy()
        assert changed[w.column].tolist() == [float(v) for v in w.cells.split()]
        assert changed.at[own, w.column] == float(w.value) != before
        trial = tables | {table: changed.reset_index()}
        assert all(holds(row, trial, conventions) for row in kept)
