"""Small inputs that an earlier search answered wrongly, or not at all, and what each gives now."""

from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from recohort.__main__ import main
from recohort.own.checks import remarks
from recohort.own.search import rebuild, search_own
from recohort.paper.files import PublishedError
from recohort.paper.options import ANY
from recohort.paper.reading import rows_of
from recohort.paper.short_file import read_own
from recohort.survival.known import Found
from recohort.survival.problem import bits, problem_of
from recohort.validation.truth import true_masks, truth_passes
from tiers import first

CASES = Path(__file__).parent / "cases"
OF_KNOWN_TRUTH = sorted(path.parent.name for path in CASES.glob("*/truth.csv"))
LEVELS = {"True": "yes", "False": "no"}


def paper(name, file="paper"):
    """The short file of a case."""
    return CASES / name / f"{file}.csv"


def patients(name):
    """The patients of a case, factors as text."""
    truth = pd.read_csv(CASES / name / "truth.csv", dtype=str)
    factors = [c for c in truth if c not in ("patient_id", "time", "event")]
    truth["time"] = [Fraction(time) for time in truth["time"]]
    truth = truth.assign(event=truth["event"] == "True")
    return truth.assign(**{c: truth[c].replace(LEVELS) for c in factors})


def is_listed(found, truth):
    """Is the true order, with its landmarks and groups, one of the solutions?"""
    counts = [int((truth["time"] <= m).sum()) for m in found.problem.landmarks]
    masks = true_masks(found.problem, truth)
    return any(
        joint.pattern == bits(truth["event"])
        and list(joint.counts) == counts
        and all(joint.masks[step] == mask for step, mask in masks.items() if step in joint.masks)
        for joint in found.solutions
    )


@pytest.mark.parametrize("name", first(2, OF_KNOWN_TRUTH[::-1]))
def test_the_truth_is_among_the_solutions(name):
    """No convention is told, and what was called impossible is found."""
    found, truth = rebuild(read_own(paper(name))), patients(name)
    assert found.status != "open"
    assert truth_passes(found.problem, truth)
    assert found.status != "complete" or is_listed(found, truth)


def with_lines(tmp_path, name, *more, without=""):
    """A case's file with further lines, perhaps without those that begin so."""
    lines = paper(name).read_text("utf8").splitlines()
    kept = [line for line in lines if not (without and line.startswith(without))]
    (tmp_path / "mine.csv").write_text("\n".join([*kept, *more, ""]), encoding="utf8")
    return tmp_path / "mine.csv"


def number(path):
    """How many solutions there are."""
    found = search_own(path)[1]
    assert found.status == "complete"
    return found.least


def test_a_mean_of_a_curve_is_a_statistic_of_its_own(tmp_path):
    """As SPSS prints it: entered as such, with its error, it has the patients among the answers."""
    error = "mean_survival_error,mean_to=largest; mean_error=greenwood,19.8"
    own = with_lines(tmp_path, "mean-of-spss", "mean_survival,,52.6", error, without="mean,")
    truth = patients("aml-log-limits")
    assert truth_passes(problem_of(read_own(own)), truth)
    assert not truth_passes(problem_of(read_own(paper("mean-of-spss"))), truth)


def test_a_plain_mean_where_not_all_died_is_named():
    """Entered as it must not be, it gives cohorts; the answer says what may be wrong."""
    found = search_own(paper("mean-of-spss"))[1]
    assert found.least == 12
    (said,) = remarks(found)
    assert said.startswith("row 7: read as a plain mean")
    assert said.endswith("enter it as mean_survival.")


def test_a_group_as_large_as_all_is_not_those_who_died(tmp_path):
    """A mean is no matter of censoring where all died, and only there."""
    for died, told in (("3", 1), ("4", 0)):
        lines = f"count,,4\ncount,g=a,4\ncount,event=True,{died}\nmean,column=time,10\n"
        path = tmp_path / "paper.csv"
        path.write_text(f"statistic,arguments,printed\n{lines}minimum,column=time,7\n")
        found = Found("open", [], 0, None, None, [], problem_of(read_own(path)))
        assert len(remarks(found)) == told


@pytest.mark.slow
def test_an_adjustment_is_not_ignored(tmp_path):
    """The hazard ratio beside another covariate is not that without it."""
    told, alone = "adjustment=joint; ties=efron", "hazard_ratio,x=a; ties=efron,0.5"
    joint = f"hazard_ratio,x=a; adjusted_for=y=a; {told},0.5"
    more = "count,event=True; y=a,2", "minimum,column=time,5", "survival,at=12; y=a,66.7"
    found = [
        search_own(with_lines(tmp_path, "adjusted-ratio", *more, line, without="hazard"))[1]
        for line in (joint, alone)
    ]
    sets = [{(j.pattern, j.counts, tuple(j.masks.items())) for j in f.solutions} for f in found]
    assert sets[0] != sets[1]


def test_a_name_of_the_answer_is_no_factor():
    """It would write over a column."""
    with pytest.raises(PublishedError, match=r"row 8.*another name for the factor"):
        read_own(paper("factor-named-solution"))


def run(name, folder, *more):
    """The exit status of the command on a case."""
    return main(["search", "--published", str(paper(name)), "--out", str(folder), *more])


@pytest.mark.slow
def test_no_cell_is_a_formula(tmp_path):
    """Levels that a spreadsheet would run have an apostrophe before them."""
    assert run("formulas-as-levels", tmp_path / "out") == 0
    for file in ("patients", "solutions"):
        cells = pd.read_csv(tmp_path / "out" / f"{file}.csv", dtype=str, keep_default_na=False)
        assert not cells.map(lambda cell: cell[:1] in {*"=+-@"}).to_numpy().any()


@pytest.mark.slow
def test_no_earlier_answer_stays(tmp_path):
    """Refused, or with `--force` taken away."""
    assert run("formulas-as-levels", tmp_path / "out") == 0
    assert run("none-after-some", tmp_path / "out") == 1
    assert run("none-after-some", tmp_path / "out", "--force") == 3
    assert not (tmp_path / "out" / "solutions.csv").exists()


@pytest.mark.slow
def test_forty_landmarks_end():
    """A whole printed curve: counted, and every cohort listed is told apart."""
    found = search_own(paper("forty-landmarks"))[1]
    assert found.status == "counted"
    assert found.least == found.most > 4_000_000


def test_a_median_has_limits(tmp_path):
    """As R prints them, 18 to not reached, they fit the patients; another lower limit does not."""
    name, never = "median-with-limits", "median_survival_upper,,not reached"
    truth = patients("aml-log-limits")
    assert truth_passes(problem_of(read_own(with_lines(tmp_path, name, never))), truth)
    other = with_lines(
        tmp_path, name, never, "median_survival_lower,,30", without="median_survival_l"
    )
    assert not truth_passes(problem_of(read_own(other)), truth)
    assert number(other) < number(paper(name))


def test_an_error_has_a_line_of_its_own():
    """Two numbers in one cell are refused, with the lines to write."""
    with pytest.raises(PublishedError, match=r"standard_error,at=120,6\.9"):
        read_own(paper("rate-plus-minus-error"))


def test_an_inequality_is_a_fact():
    """P < 0.001 is read as what it says."""
    (row,) = (r for r in rows_of(read_own(paper("p-less-than"))) if r.statistic == "p_value")
    assert (row.relation, row.printed) == ("<", "0.001")


@pytest.mark.slow
def test_not_reached_is_a_fact(tmp_path):
    """NR says that survival stays above one half."""
    bare = with_lines(tmp_path, "median-nr", without="median_survival")
    assert 0 < number(paper("median-nr")) < search_own(bare)[1].least


def test_limits_in_the_wrong_order_are_named(tmp_path, capsys):
    """Before any search, with the rows."""
    assert run("lower-above-upper", tmp_path / "out") == 3
    assert "rows 12 and 13" in capsys.readouterr().out


def left_at_the_last_landmark(joint):
    """How many of a=yes are followed beyond the last landmark."""
    return (joint.masks["a", "yes"] >> joint.counts[-1]).bit_count()


@pytest.mark.slow
def test_a_rate_where_nobody_is_followed_can_be_ruled_out():
    """Some programs carry a rate on; told that this one does not, somebody is left each time."""
    printed = read_own(paper("rate-where-follow-up-ended"))
    found = rebuild(printed)
    assert {left_at_the_last_landmark(joint) > 0 for joint in found.solutions} == {True, False}
    told = rebuild(printed, ANY | {"beyond": "followed"})
    assert told.status == "complete"
    assert {left_at_the_last_landmark(joint) > 0 for joint in told.solutions} == {True}


@pytest.mark.slow
def test_a_dash_of_either_reason():
    """Where the reason is told, one order, the truth; nobody_followed says as much."""
    found = search_own(paper("dash-of-unknown-reason", "told"))[1]
    assert found.status == "complete"
    assert is_listed(found, patients("dash-of-unknown-reason"))


def test_every_case_is_here():
    """Each folder is asked for in this file."""
    text = Path(__file__).read_text("utf8")
    for folder in filter(Path.is_dir, CASES.iterdir()):
        assert folder.name in OF_KNOWN_TRUTH or f'"{folder.name}"' in text
