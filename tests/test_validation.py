"""Validation: the committed tables are what the command makes, and the checks can fail."""

import ast
import time
from itertools import count, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster

import second_route as second
from recohort.survival import without
from recohort.survival.cohorts import survival_steps
from recohort.survival.orders import fitting_orders
from recohort.survival.problem import COUNTS, RATES, about
from recohort.survival.times import tighten
from recohort.validation import guyot
from recohort.validation.counting import count_one, count_orders
from recohort.validation.draw import FACTORS, SETTINGS, draw_cohort, setting_of
from recohort.validation.errors import KINDS, plant
from recohort.validation.papers import (
    err_one,
    from_curve,
    paper_of,
    time_limit,
    validate_one,
    vary_one,
)
from recohort.validation.rebuild import known_cells, problem_from, rebuild, truth_passes
from thirteen.cohort import DATA, read_table, read_tables, run
from thirteen.disclosure import disclosed, left_open, printed_otherwise
from thirteen.validation_run import SEED, compute, tasks, write_validation

FOLDER = Path(__file__).parents[1] / "data" / "validation"
REFERENCE = Path(__file__).parent / "reference"


def committed(kind):
    """A committed table, every cell as written."""
    return pd.read_csv(FOLDER / f"{kind}.csv", dtype=str, keep_default_na=False)


def numbers(text):
    """Numbers written with blanks between them."""
    return np.array(text.split(), float)


def as_written(rows, tmp_path):
    """Rows as the command writes and a reader reads them."""
    pd.DataFrame(rows).to_csv(tmp_path / "t.csv", index=False)
    return pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)


@pytest.mark.parametrize(
    ("kind", "work"),
    [("papers", validate_one), ("errors", err_one), ("variants", vary_one), ("counts", count_one)],
)
def test_committed_rows_come_again(tmp_path, kind, work):
    """The short version: the same seeds make the same rows, one by one and out of order."""
    table = committed(kind)
    todo = tasks(kind)[: len(table)]  # a shorter run is the beginning of a longer one
    assert len(table) == len(todo) > 0
    chosen = [len(table) - 1, 0]  # neither of them a time-out
    again = as_written([work(todo[i]) for i in chosen], tmp_path)
    pd.testing.assert_frame_equal(again, table.iloc[chosen].reset_index(drop=True))


def test_the_truth_is_always_there():
    """In every paper, and in every larger or poorer one that was tried."""
    papers, variants, counts = (committed(k) for k in ("papers", "variants", "counts"))
    assert papers["number"].astype(int).tolist() == list(range(len(papers)))
    assert (papers["truth"] == "True").all()
    searched = variants["status"] != "time-out"
    assert (variants.loc[searched, "truth"] == "True").all()
    assert (counts.filter(like="truth") == "True").to_numpy().all()


def test_as_many_papers_as_promised():
    """A thousand cohorts and all settings, two hundred errors, no false alarm where none is."""
    papers, errors, variants = (committed(k) for k in ("papers", "errors", "variants"))
    assert papers["number"].nunique() == len(papers) >= 1000
    assert len(papers[["censoring", "hazard", "groups"]].drop_duplicates()) == len(SETTINGS)
    assert errors["number"].nunique() == len(errors) >= 200
    assert set(committed("counts")["size"]) == {"20", "30"}
    assert {"10 patients", "15 patients", "no intervals", "no medians", "whole percents"} < set(
        variants["variant"]
    )
    for table in (papers, variants):
        assert (table.loc[table["status"] == "complete", "solutions"] != "0").all()


@pytest.mark.parametrize("name", ["as printed", "no medians of groups", "times in whole months"])
def test_this_paper_printed_otherwise(name):
    """A row of `disclosure.csv` comes again from the paper's own search."""
    row = disclosed(name, run(DATA).problem, read_tables(DATA))
    table = committed("disclosure").set_index("way", drop=False)
    assert {key: str(cell) for key, cell in row.items()} == table.loc[name].to_dict()


@pytest.mark.parametrize("name", ["as printed", "no medians of groups", "times in whole months"])
def test_this_paper_printed_otherwise_again(name):
    """The solutions of a row of `disclosure.csv`, counted by the second route."""
    solutions = committed("disclosure").set_index("way")["solutions"]
    assert printed_otherwise_again(name) == int(solutions[name])


def printed_otherwise_again(name):
    """Solutions by the second route, which has whole tenths of a month only."""
    problem = printed_otherwise(name, run(DATA).problem, read_tables(DATA))
    levels = {column: list(known) for column, known in problem.levels.items()}
    paper = second.Paper(problem.size, list(problem.landmarks), levels, list(problem.rows))
    return second.joint_ways(paper, survival_steps(problem)[0])


def test_one_figure_withheld():
    """What confirms nothing else leaves more open when it is withheld; other facts do not.

    But for times between the printed tenths (deaths), other tables (a sentence), and a group that
    only one median tells apart. `roles.csv` was found on whole tenths, fact by fact.
    """
    problem, table = run(DATA).problem, committed("withheld").set_index("fact")
    assert set(table.index) == {""} | {r.fact for r in problem.rows}
    roles = read_table("roles").set_index("fact")["role"].reindex(table.index)
    size = table[["solutions", "widest"]].astype(float)
    costly = (size > size.loc[""]).any(axis=1)
    differ = set(table.index[costly != (roles == "input")])
    assert differ == {"n.deaths", "statement.chemotherapy.acc", "mst.hemangiopericytoma"}
    assert (table["status"] == "complete").all()
    for fact in ("", "p.sex", "follow_up.mean"):
        again = left_open(without(problem, {fact}))
        assert {k: str(v) for k, v in again.items()} == table.loc[fact].drop("figures").to_dict()


@pytest.mark.parametrize("module", ["template", "draw"])
def test_papers_are_printed_without_the_search(module):
    """Nothing of this package but the names of columns: no kernel, no estimate, no rounding."""
    path = Path(__file__).parents[1] / "src" / "recohort" / "validation" / f"{module}.py"
    names = {n.module for n in ast.walk(ast.parse(path.read_text("utf8")))
             if isinstance(n, ast.ImportFrom)}  # fmt: skip
    ours = {n for n in names if n.startswith(("thirteen", "recohort"))}
    assert ours <= {"recohort.paper.reading"}


def test_errors_of_each_kind():
    """All kinds of error are tried, and each changes the print."""
    errors = committed("errors")
    assert set(errors["kind"]) == set(KINDS)
    assert (errors["printed"] != errors["planted"]).all()


def test_a_cohort_that_is_not_the_truth_is_not_let_through():
    """The check can fail: one death, one group or one time more or less is noticed."""
    cohort, published, conventions = paper_of(SEED, 0)
    problem = problem_from(published, conventions)
    assert truth_passes(problem, cohort)
    late = cohort.assign(time=cohort["time"] + np.where(cohort.index == 12, 0.1, 0))
    assert not truth_passes(problem, late)
    others = cohort.assign(bulky=cohort["bulky"].to_numpy()[::-1])
    assert not truth_passes(problem, others)


def test_the_list_and_the_check_agree():
    """Where all solutions are listed, the truth is one of them."""
    cohort, published, conventions = paper_of(SEED, 1)
    found = rebuild(published, conventions)
    assert found.status == "complete"
    masks = [{c: m for (c, _), m in joint.masks.items()} for joint in found.solutions]
    truth = {f: sum(1 << i for i, v in enumerate(cohort[f]) if v == "yes") for f in FACTORS}
    assert masks.count(truth) >= 1
    known = known_cells(found)
    assert known["events"].all()
    assert not known["bulky"].all()


def test_draws_do_not_depend_on_each_other():
    """A cohort alone is the cohort among many; all settings take turns."""
    pd.testing.assert_frame_equal(draw_cohort(1, 5), draw_cohort(1, 5))
    assert not draw_cohort(1, 5).equals(draw_cohort(2, 5))
    assert len({tuple(setting_of(i).values()) for i in range(27)}) == len(SETTINGS) == 27


def test_counting_agrees_with_the_search():
    """Counted by states or listed by patterns: the same number of orders."""
    for number in range(4):
        cohort, published, conventions = paper_of(SEED, number, 10)
        problem = problem_from(published, conventions)
        deaths = int(cohort["event"].sum())
        listed = fitting_orders(about(problem, None, RATES + COUNTS))
        assert count_orders(problem, None, 10, deaths) == len(listed.pattern) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_planted_errors_change_something(kind):
    """One figure changes, or two that change places; the rest stays."""
    cohort, published, _ = paper_of(SEED, 3)
    random = np.random.default_rng(0)
    for _ in range(10):
        changed, ids = plant(published, cohort, kind, random)
        differ = published["printed"] != changed["printed"]
        assert sorted(published.loc[differ, "id"]) == sorted(ids)
        assert len(ids) == (2 if kind == "swapped" else 1)


def test_scheduler_and_workers():
    """Two processes and a Dask cluster with two workers give the rows of one core."""
    todo = tasks("papers")[:2]
    alone = compute("papers", todo, workers=1)
    assert compute("papers", todo, workers=2) == alone
    place = {"host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **place) as cluster:
        assert compute("papers", todo, cluster.scheduler_address) == alone


def test_command_writes_tables(tmp_path):
    """One paper of each kind is enough to see the files."""
    write_validation(tmp_path, papers=1, workers=1, kinds=["papers", "errors"])
    rows = pd.read_csv(tmp_path / "papers.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(rows, committed("papers").head(1))
    assert len(pd.read_csv(tmp_path / "errors.csv")) == 1


def test_time_out_is_a_time_out():
    """Work that takes too long is stopped, and says so; waiting is no work."""
    with time_limit(1):
        time.sleep(1.2)
    with pytest.raises(TimeoutError), time_limit(1):
        any(n < 0 for n in count())


def test_bounds_that_creep_end():
    """Two times of which each bounds the other a little closer, for ever: an answer all the same.

    a + 2b >= 10 and 2a + b <= 10 with a <= b leave a range whose ends are only ever approached.
    """
    constraints = [(((0, 1), (1, 2)), 10, 11), (((0, 2), (1, 1)), 9, 10)]
    low, high = tighten(constraints, [0, 0], [10, 10])
    assert all(low[i] <= x <= high[i] for i, x in enumerate((3, 4)))  # 11 and 10: it fits
    assert vary_one((SEED, 0, "10 patients"))["status"] == "complete"  # which crept for minutes


class TestGuyot:
    """The algorithm of Guyot and others, by cases that can be worked out."""

    def test_published_code_says_the_same(self):
        """The authors' R code, run on the exact curves of forty papers, gives the same patients."""
        frozen = pd.read_csv(REFERENCE / "guyot.csv", dtype=str)
        assert len(frozen) == 200
        for row in frozen.to_dict("records"):
            cohort = draw_cohort(SEED, int(row["paper"]), 13)
            column, _, level = row["arm"].partition("=")
            arm = cohort[cohort[column] == level] if level else cohort
            np.testing.assert_allclose(guyot.read_curve(arm)[1], numbers(row["survival"]))
            ours = from_curve(arm).sort_values(["time", "event"])
            theirs = sorted(
                (float(t.rstrip("+")), t.endswith("+")) for t in row["patients"].split()
            )
            np.testing.assert_allclose(ours.to_numpy(float), np.array(sorted(theirs), float))

    def test_less_than_no_death_is_none(self):
        """Paper 254, where the published code would stop with an error."""
        cohort = draw_cohort(SEED, 254, 13)
        arm = cohort[cohort["bulky"] == "no"]
        for rows in (arm, cohort[cohort["bulky"] == "yes"]):
            assert len(from_curve(rows)) == len(rows)

    def test_without_censoring_all_is_recovered(self):
        """Every step is a death; times and events come back exactly."""
        cohort = pd.DataFrame({"time": [2.0, 5.1, 5.1, 9.9, 14.0, 30.2], "event": True})
        again = from_curve(cohort)
        assert again["event"].all()
        np.testing.assert_allclose(again["time"], cohort["time"])

    def test_censored_times_are_spread_evenly(self):
        """Two withdraw in the first year: the curve does not say when, the table that they did."""
        times = [0.0, 5.9, 6.0, 12.0, 23.9, 24.0]
        survival = [1.0, 1.0, 0.9, 0.9, 0.9, 0.9]
        again = guyot.reconstruct(times, survival, [0, 12], [10, 7], deaths=1)
        assert len(again) == 10
        assert again.loc[again["event"], "time"].tolist() == [6.0]
        early = again[~again["event"] & (again["time"] < 12)]
        np.testing.assert_allclose(early["time"], [2.95, 9.0])  # middles of the points around

    def test_large_cohorts_come_back_nearly(self):
        """With 300 patients the number of deaths is right to one in a hundred."""
        for number, size in product(range(3), [300]):
            cohort = draw_cohort(SEED, number, size)
            deaths = from_curve(cohort)["event"].sum()
            assert abs(deaths - cohort["event"].sum()) <= 3
