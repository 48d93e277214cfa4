"""Validation: papers of known truth, printed by programs that papers are written with."""

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from full_disk import full_at
from recohort.own.search import rebuild
from recohort.paper.options import DEFAULTS
from recohort.paper.reading import rows_of
from recohort.paper.rounding import prints_as
from recohort.paper.statistics import REGISTRY
from recohort.validation import guyot
from recohort.validation import papers as run
from recohort.validation.draw import LEVELS, MONTHS, draw_cohort, setting_of
from recohort.validation.errors import DIGITS, KINDS, plant, simple_checks
from recohort.validation.papers import (
    KEYS,
    PAPERS,
    SCORES,
    SEED,
    TOLD,
    err_one,
    options_one,
    paper_of,
    score_curves,
    score_search,
    tasks,
    validate_one,
    write_validation,
)
from recohort.validation.printers import OPTIONS, PROGRAMS, print_paper
from recohort.validation.truth import truth_passes
from tiers import first

HERE = Path(__file__).parent
FOLDER = HERE.parent / "data" / "validation"
WORK = {"papers": validate_one, "options": options_one, "errors": err_one}
EXAMPLES = ("search_death_times", "search_censored_times", "search_rows")
WORDS = pd.DataFrame(columns="id location statement statistic arguments relation value".split())


def committed(kind):
    """A committed table, every cell as written."""
    return pd.read_csv(FOLDER / f"{kind}.csv", dtype=str, keep_default_na=False)


class TestTables:
    """The committed tables."""

    @pytest.mark.parametrize("kind", WORK)
    def test_rows_come_again(self, tmp_path, kind):
        """The same seeds make the same rows, one by one and out of order.

        But for what is scored with the search's example times, of which there are many.
        """
        table = committed(kind)
        todo = tasks(kind)
        assert list(table[KEYS[kind]].itertuples(index=False, name=None)) == [
            tuple(map(str, task)) for task in todo
        ]
        small = [i for i, task in enumerate(todo) if setting_of(task[0])["size"] <= 8][-2:]
        pd.DataFrame([WORK[kind](SEED, *todo[i]) for i in small]).to_csv(
            tmp_path / "t", index=False
        )
        again = pd.read_csv(tmp_path / "t", dtype=str, keep_default_na=False)
        kept = [column for column in table if column not in EXAMPLES]
        pd.testing.assert_frame_equal(again[kept], table.iloc[small].reset_index(drop=True)[kept])

    def test_as_many_papers_as_promised(self):
        """At least 300, of every size, length of a month and program; errors of every kind."""
        papers, errors = committed("papers"), committed("errors")
        assert len(papers) == PAPERS >= 300
        assert set(papers["month"]) == set(MONTHS)
        assert set(papers["program"]) == set(PROGRAMS)
        assert set(papers["size"]) == {str(n) for n in range(5, 16)}
        assert set(errors["kind"]) == set(KINDS)
        assert set(committed("options")["told"]) == set(TOLD)

    def test_the_truth_is_let_through_and_no_honest_paper_is_called_impossible(self):
        """What the page says, said here as well: a row that says otherwise is a fault to mend."""
        papers = committed("papers")
        assert set(papers["truth"]) <= {"True", ""}
        assert set(papers["listed"]) <= {"True", ""}
        assert not (papers["answer"] == "none").any()
        mixed = committed("options").query("told == @TOLD[3]")
        assert not (mixed["answer"] == "none").any()

    def test_a_run_goes_on_where_it_ended(self, tmp_path, monkeypatch, capsys):
        """Rows that are there are kept as they are, new ones are added, all stand in order."""
        write_validation(tmp_path, papers=1, workers=1, kinds=["errors"])
        assert capsys.readouterr().err == ""  # nobody looks
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        path = tmp_path / "errors.csv"
        path.write_text(path.read_text("utf8").replace("\n0,", "\n1,"), "utf8")
        write_validation(tmp_path, papers=2, workers=1, kinds=["errors"])
        assert capsys.readouterr().err == "\r\033[Kerrors: 1 of 1, 0 s left "
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        pd.testing.assert_frame_equal(table.iloc[[0]], committed("errors").iloc[[0]])
        assert table["number"].tolist() == ["0", "1"]
        assert table.loc[1, "row"] == table.loc[0, "row"]  # the kept one, not a new one


def test_rows_are_written_whole(tmp_path, monkeypatch):
    """A disk that is full at the second row leaves the first one."""
    monkeypatch.setattr(run, "write_beside", full_at(2))
    monkeypatch.setitem(run.WORK, "papers", lambda _, number: {"number": number})
    with pytest.raises(OSError, match="No space left"):
        write_validation(tmp_path, papers=3, workers=1, kinds=["papers"])
    assert (tmp_path / "papers.csv").read_text() == "number\n0\n"


@pytest.mark.slow
def test_an_interruption_is_one_line(tmp_path):
    """What is finished is kept; nothing else is said, and nothing is waited for."""
    words = [sys.executable, "-m", "recohort", "validate", "--papers", "40", "--workers", "2"]
    words += ["--data", str(FOLDER.parent), "--out", str(tmp_path)]
    run = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (tmp_path / "papers.csv").exists():
        assert run.poll() is None
        time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    said = run.communicate(timeout=120)[1]
    assert run.returncode == 130
    assert said == "Interrupted. What was finished is kept; the same command goes on.\n"
    assert len(pd.read_csv(tmp_path / "papers.csv")) < 40


class TestSearch:
    """Drawn papers from end to end."""

    @pytest.mark.parametrize("number", first(2, [1, 12, 23]))
    def test_the_truth_is_among_the_solutions(self, number):
        """Where all solutions are listed, the drawn cohort is one of them, and passes."""
        row = validate_one(SEED, number)
        assert row["truth"] is True
        assert row["answer"] == "some"
        assert row["listed"] is True or row["status"] != "complete"

    def test_a_cohort_that_is_not_the_truth_does_not_pass(self):
        """The check can fail: a later last visit, another group, another death."""
        cohort, _, _, published = paper_of(SEED, 1)
        problem = rebuild(published).problem
        assert truth_passes(problem, cohort)
        last = cohort.index == len(cohort) - 1
        assert not truth_passes(problem, cohort.assign(time=cohort["time"] + 3 * last))
        turned = cohort["treated"].map(dict(zip(LEVELS, LEVELS[::-1], strict=True)))
        assert not truth_passes(problem, cohort.assign(treated=turned))
        assert not truth_passes(problem, cohort.assign(event=cohort["event"] ^ last))


class TestDrawn:
    """The cohorts and their papers."""

    def test_draws_do_not_depend_on_each_other(self):
        """A cohort alone is the cohort among many; times are whole days."""
        pd.testing.assert_frame_equal(draw_cohort(1, 5), draw_cohort(1, 5))
        assert not draw_cohort(1, 5).equals(draw_cohort(2, 5))
        drawn = [draw_cohort(SEED, number) for number in range(60)]
        assert {len(cohort) for cohort in drawn} == set(range(5, 16))
        tied = np.mean([cohort["days"].duplicated().any() for cohort in drawn])
        assert 0.15 < tied < 0.5  # two in ten on purpose, the rest by chance
        for number, cohort in enumerate(drawn):
            days = cohort["time"] * float(MONTHS[setting_of(number)["month"]])
            np.testing.assert_allclose(days, cohort["days"])
            assert cohort["days"].dtype == int

    @pytest.mark.parametrize("module", ["printers", "draw"])
    def test_papers_are_printed_without_the_search(self, module):
        """Nothing of this package but names of columns and options: no kernel, no estimate."""
        path = HERE.parent / "src" / "recohort" / "validation" / f"{module}.py"
        names = {n.module for n in ast.walk(ast.parse(path.read_text("utf8")))
                 if isinstance(n, ast.ImportFrom)}  # fmt: skip
        ours = {n for n in names if n.startswith(("thirteen", "recohort"))}
        assert ours <= {"recohort.paper.options", "recohort.paper.reading"}

    @pytest.mark.slow
    @pytest.mark.parametrize("name", first(2, list(PROGRAMS)))
    def test_a_program_does_what_is_said_of_it(self, name):
        """Each number equals the registry's under the program's options.

        But for the hazard ratios of lifelines: see the test after the next.
        """
        seen = set()
        for row, cohort in printed_by(name, (7, 11, 18, 24, 26, 39)):
            if name == "lifelines" and row.statistic.startswith("hazard_ratio"):
                continue
            assert agrees(row, cohort, DEFAULTS | OPTIONS[name]), row
            seen.add(row.statistic)
        assert len(seen) == (13 if name == "lifelines" else 17)

    @pytest.mark.parametrize(
        ("switch", "wrong"),
        [("interval_scale", "log"), ("median", "follow_up"), ("test", "cox"), ("sd", "population"),
         ("quantile", "exclusive")],
    )  # fmt: skip
    def test_options_of_another_program_are_noticed(self, switch, wrong):
        """The check above can fail: other limits, medians, tests, spreads and quartiles."""
        conventions = DEFAULTS | OPTIONS["SciPy"] | {switch: wrong}
        rows = [pair for pair in printed_by("SciPy", range(8)) if switch in
                REGISTRY[pair[0].statistic].switches]  # fmt: skip
        assert not all(agrees(*pair, conventions) for pair in rows)

    @pytest.mark.slow
    def test_lifelines_stops_early(self):
        """Its coefficient is off by what its stopping rule lets it, and by no more."""
        apart = []
        for number in range(60):
            cohort = draw_cohort(SEED, number)
            data = [cohort[name].to_numpy() for name in ("time", "event")]
            data.append((cohort["treated"] == "yes").to_numpy())
            one, other = (PROGRAMS[name].cox(*data) for name in ("lifelines", "R"))
            if one and other:
                apart.append(abs(one[0] - other[0]) / other[1])
        assert 3e-4 < max(apart) < np.sqrt(2e-7) * 1.02  # a Newton decrement below 1e-7

    @pytest.mark.slow
    def test_r_says_the_same(self):
        """Curves, limits, medians and models of R itself, where it is installed."""
        if shutil.which("Rscript") is None:
            pytest.skip("R is not here")
        for number in (3, 7, 14, 18):
            cohort = draw_cohort(SEED, number)
            times, events = cohort["time"].to_numpy(), cohort["event"].to_numpy()
            inside = (cohort["treated"] == "yes").to_numpy()
            curve, model = (
                PROGRAMS["R"].curve(times, events),
                PROGRAMS["R"].cox(times, events, inside),
            )
            said = _by_rscript(times, events, inside)
            ours = [*curve.rates, *curve.lower, *curve.upper, curve.median]
            np.testing.assert_allclose(said[: len(ours)], ours, rtol=1e-9)
            tests = [PROGRAMS[name].p_value(times, events, inside)
                     for name in ("R", "R, likelihood ratio")]  # fmt: skip
            if model is not None:
                np.testing.assert_allclose(said[len(ours) :], [*model[:2], *tests], rtol=1e-5)


def printed_by(name, numbers):
    """Rows that a program prints, each with its cohort."""
    for number in numbers:
        cohort, factors, *_ = paper_of(SEED, number)
        for row in rows_of(print_paper(cohort, factors, PROGRAMS[name]), WORDS):
            yield row, cohort


def agrees(row, cohort, conventions):
    """Equal under one of the options that a program's conventions allow."""
    told = {k: (v,) if isinstance(v, str) else v for k, v in conventions.items()}
    own, compute = REGISTRY[row.statistic].switches, REGISTRY[row.statistic].compute
    ways = [dict(zip(own, way, strict=True)) for way in product(*(told[s] for s in own))]
    values = [compute({"patients": cohort}, row, conventions | way) for way in ways]
    values = [round(v, 10) if isinstance(v, float) else v for v in values if np.isfinite(float(v))]
    return any(prints_as(v, row.printed, halves) for v in values for halves in told["halves"])


def _by_rscript(times, events, inside):
    """Rates, limits, median, coefficient, error, log-rank P and likelihood-ratio P by R."""
    columns = [",".join(map(repr, map(float, column))) for column in (times, events, inside)]
    code = """library(survival); t <- c({}); e <- c({}); g <- c({})
    f <- survfit(Surv(t, e) ~ 1); m <- suppressWarnings(coxph(Surv(t, e) ~ g)); s <- summary(m)
    d <- survdiff(Surv(t, e) ~ g)
    k <- summary(f)
    out <- c(k$surv, k$lower, k$upper, k$table["median"], s$coefficients[c(1, 3)],
             pchisq(d$chisq, 1, lower.tail = FALSE), s$logtest["pvalue"])
    cat(formatC(out, digits = 17), sep = "\\n")""".format(*columns)
    said = subprocess.run(["Rscript", "-e", code], capture_output=True, check=True, text=True)
    return np.array([float(x.replace("NA", "nan")) for x in said.stdout.split()])


class TestErrors:
    """Planted errors, and the checks of a careful reader."""

    @pytest.mark.parametrize(("kind", "digit"), [*product(KINDS, DIGITS)])
    def test_one_digit_of_one_figure_changes(self, kind, digit):
        """Of the kind asked for; the last one if so asked."""
        random = np.random.default_rng(0)
        published = paper_of(SEED, 18)[3]
        for _ in range(10):
            changed, place = plant(published, kind, digit, random)
            differ = published["printed"] != changed["printed"]
            assert published.index[differ].tolist() == [place]
            assert published.loc[place, "statistic"] in KINDS[kind]
            old, new = published.loc[place, "printed"], changed.loc[place, "printed"]
            at = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
            assert len(at) == 1
            assert digit == "any" or at == [len(old) - 1]

    @pytest.mark.slow
    def test_simple_checks_let_honest_papers_pass(self):
        """None of them fails on the first hundred papers."""
        assert not any(simple_checks(paper_of(SEED, number)[3]) for number in range(100))

    @pytest.mark.parametrize(
        ("name", "printed", "check"),
        [
            ("n.treated=yes.percent", "99.0", ["share"]),
            ("n.treated=yes.count", "1", ["share", "sum"]),
            ("os.all.12.survival_lower", "99.9", ["order"]),
            ("time.lower.quantile", "0.0", ["order"]),
            ("time.maximum.maximum", "1.0", ["order"]),
            ("os.all.12.survival", "1.0", ["fall", "order"]),
        ],
    )
    def test_simple_checks_find(self, name, printed, check):
        """What each of them is there for."""
        published = paper_of(SEED, 8)[3]
        assert name in published["id"].tolist()
        changed = published.copy()
        changed.loc[changed["id"] == name, "printed"] = printed
        assert simple_checks(changed) == check


class TestScores:
    """One measure for both methods."""

    def test_the_truth_itself_scores_full_marks(self):
        """And a cohort of the wrong fates or groups does not."""
        cohort = draw_cohort(SEED, 30)
        full = score_search(cohort, "treated", [cohort])
        assert all(value == 1 or np.isnan(value) for value in full.values())
        assert full["order"] == 1
        turned = cohort.assign(event=~cohort["event"])
        assert score_search(cohort, "treated", [turned])["death_times"] < 1
        half = score_search(cohort, "treated", [cohort, turned])
        assert half["order"] == 0.5
        other = cohort.assign(treated=cohort["treated"].map({"yes": "no", "no": "yes"}))
        assert score_search(cohort, "treated", [other])["rows"] == 0

    def test_a_rebuilt_row_stands_for_one_true_row(self):
        """Two deaths in a month, one of them rebuilt: half of them are found."""
        truth = pd.DataFrame({"time": [5.0, 5.5, 30.0], "event": [True, True, False]})
        truth["treated"] = "yes"
        once = truth.assign(event=[True, False, False])
        assert score_search(truth, "treated", [once])["death_times"] == 0.5
        late = truth.assign(time=truth["time"] + [0, 2, 0])
        assert score_search(truth, "treated", [late])["death_times"] == 0.5

    def test_curves_give_back_the_times_of_death(self):
        """The exact curve of all patients shows them; two at one day count once each."""
        for number in range(20):
            cohort = draw_cohort(SEED, number)
            scores = score_curves(cohort, "treated")
            assert set(scores) == set(SCORES)
            assert scores["death_times"] > 0.5


class TestGuyot:
    """The algorithm of Guyot and others, by cases that can be worked out."""

    def test_published_code_says_the_same(self):
        """The authors' R code, run on the same points and numbers at risk, gives the same rows."""
        frozen = pd.read_csv(HERE / "reference" / "guyot.csv", dtype=str)
        assert len(frozen) == 200
        for row in frozen.to_dict("records"):
            read = [np.array(row[name].split(), float) for name in
                    ("times", "survival", "risk_times", "risk_numbers")]  # fmt: skip
            ours = guyot.reconstruct(*read, int(row["deaths"])).sort_values(["time", "event"])
            theirs = sorted(
                (float(t.rstrip("+")), t.endswith("+")) for t in row["patients"].split()
            )
            np.testing.assert_allclose(ours.to_numpy(float), np.array(theirs, float))

    def test_without_censoring_all_is_recovered(self):
        """Every step is a death; times and events come back exactly."""
        cohort = pd.DataFrame({"time": [2.0, 5.1, 5.1, 9.9, 14.0, 30.2], "event": True})
        again = guyot.from_curve(cohort)
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
        for seed in range(3):
            random = np.random.default_rng(seed)
            death, last = random.exponential(45, 300), random.uniform(3, 80, 300)
            cohort = pd.DataFrame({"time": np.minimum(death, last), "event": death <= last})
            deaths = guyot.from_curve(cohort)["event"].sum()
            assert abs(deaths - cohort["event"].sum()) <= 3
