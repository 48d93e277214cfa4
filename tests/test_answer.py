"""An answer of a short file: what it says, what it writes, and what it leaves alone."""

import os
import re
import signal
import time
from pathlib import Path

import pandas as pd
import pytest
import z3

from eight_patients import GOOD
from full_disk import full_at
from recohort.__main__ import main
from recohort.own import search as searching
from recohort.own import writing
from recohort.own.answer import Effort, answer, verdict
from recohort.own.checks import contradictions
from recohort.own.report import levels_together
from recohort.own.search import (
    first_cohort,
    search_own,
    solutions_frame,
    times_between,
)
from recohort.own.writing import NAMES, formed, numbers_table, texts_of
from recohort.paper.short_file import read_own
from recohort.survival import reals
from recohort.survival.cohorts import ties_of
from recohort.survival.found import find
from recohort.survival.problem import problem_of
from recohort.survival.questions import question
from recohort.validation.papers import paper_of
from tiers import first

SEED = 20
# Each number can be, but no eight patients have four deaths and this survival.
NONE = GOOD.replace("count,event=True,4", "count,event=True,3")

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the good file in it, where commands are run."""
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(GOOD, encoding="utf8")
    return tmp_path


def search(*more):
    """The exit status of the command on the file there."""
    return main(["search", "--published", "mine.csv", "--out", "out", *more])


def files():
    """The names of what stands in the answer's folder."""
    return {path.name for path in Path("out").iterdir()} if Path("out").exists() else set()


def test_everything_is_written(capsys):
    """Five files, no other; the columns of the solutions are those agreed upon."""
    assert search() == 0
    assert "64 orders with groups are consistent" in capsys.readouterr().out
    assert files() == set(NAMES)
    solutions = pd.read_csv("out/solutions.csv")
    assert solutions.columns.tolist() == "solution patient event earliest latest g".split()
    assert solutions["solution"].nunique() == 64
    page = Path("out/report.html").read_text("utf8")
    assert not re.search(r"https?:|src=|href=|url\(", page)
    for words in (
        "not patient records",
        "SHA-256",
        "halves away from zero",
        "64 orders",
        "<svg",
        "Numbers at risk",
    ):
        assert words in page


def test_an_end_that_is_none_is_empty():
    """Where no time is printed, the last patient has no latest time."""
    text = GOOD.replace("maximum,column=time,69\n", "").replace("minimum,column=time,9\n", "")
    Path("mine.csv").write_text(text, encoding="utf8")
    last = solutions_frame(search_own("mine.csv")[1]).query("patient == 8")
    assert set(last["latest"]) == {48.0, ""}  # followed to the last landmark, or beyond it


@pytest.mark.slow
def test_nothing_of_an_earlier_answer_stays(capsys):
    """Not overwritten unless told; told, no cohort stands beside the word that there is none."""
    assert search() == 0
    Path("out/mine.txt").write_text("kept", encoding="utf8")
    Path("mine.csv").write_text(NONE, encoding="utf8")
    assert search() == 1
    assert "patients.csv" in files()
    assert search("--force") == 3
    assert "No cohort" in capsys.readouterr().out
    assert files() == {"README.md", "report.csv", "report.html", "mine.txt"}


def test_links_are_not_followed_even_by_force(folder):
    """What a link leads to stays as it is."""
    Path("out").mkdir()
    Path("out/patients.csv").symlink_to(folder / "mine.csv")
    assert search("--force") == 1
    assert Path("mine.csv").read_text("utf8") == GOOD


@pytest.mark.slow
def test_files_appear_whole_or_not_at_all(monkeypatch):
    """A disk that is full half way leaves what stood there before."""
    assert search() == 0
    before = {name: Path("out", name).read_bytes() for name in files()}
    monkeypatch.setattr(writing, "write_beside", full_at(3))
    assert search("--force") == 1
    assert {name: Path("out", name).read_bytes() for name in files()} == before


def test_a_cell_is_not_run():
    """Levels that a spreadsheet would take for a formula have an apostrophe before them."""
    levels = {"a": "@SUM(A1)", "b": "+1"}
    text = re.sub(r"g=([ab])", lambda found: f"g={levels[found[1]]}", GOOD)
    Path("mine.csv").write_text(text, encoding="utf8")
    assert search() == 0
    for name in ("patients", "solutions", "report"):
        cells = pd.read_csv(f"out/{name}.csv", dtype=str, keep_default_na=False)
        assert not cells.map(lambda cell: cell[:1] in set("=+-@\t\r")).to_numpy().any()
    assert set(pd.read_csv("out/patients.csv", dtype=str)["g"]) == {"'@SUM(A1)", "'+1"}


@pytest.mark.slow
def test_the_page_is_escaped():
    """A level is text, never a part of the page."""
    text = GOOD.replace("g=a", "g=<b>&")
    wrong = text.replace("g=<b>&,4", "g=<b>&,5")
    Path("mine.csv").write_text(text, encoding="utf8")
    texts = texts_of(answer("mine.csv"))
    Path("mine.csv").write_text(wrong, encoding="utf8")
    accused = answer("mine.csv")
    assert "g=<b>&" in accused.sentences[1]
    for text in (texts["report.html"], *texts_of(accused).values()):
        assert "<b>" not in text or text.startswith("row,")
        assert "&lt;b&gt;&amp;" in text or text.startswith("row,")


def test_the_cohort_gives_every_number():
    """Recomputed by the paper's own formulas; another cohort does not."""
    found = answer("mine.csv")
    cohort = first_cohort(found.found)
    table = numbers_table(found, cohort)
    assert table["cohort"].tolist() == table["printed"].tolist()
    wrong = cohort.assign(event=~cohort["event"])
    rows = [row for row in found.found.problem.rows if row.statistic == "survival"]
    assert all(formed(row, wrong, found.found.problem)[0] != row.printed for row in rows)


def test_the_options_that_give_a_number_are_named():
    """Where another option than the first one gives it; where none does, the first one's."""
    found = answer("mine.csv", effort=Effort(beside=0))
    cohort = first_cohort(found.found).assign(time=[9.1, 12.5, 13, 13.5, 67.8, 68.2, 68.8, 69.6])
    (row,) = (row for row in found.found.problem.rows if row.statistic == "maximum")
    assert formed(row, cohort, found.found.problem) == ("69", "halves=cut")
    row = row._replace(printed="71")
    assert formed(row, cohort, found.found.problem) == ("70", "")


def printed_paper(number):
    """A made-up paper of known truth, printed by a public program, as rows of a short file."""
    rows = paper_of(SEED, number)[-1]
    return rows.assign(id=[f"row_{line}" for line in range(2, len(rows) + 2)])


@pytest.mark.parametrize("line", ["median,column=time,8.6", "median,column=time,69.9"])
def test_what_rounding_may_mend_is_no_contradiction(line):
    """A minimum printed as 9 may be 8.6; a maximum printed as 69 may be 69.9, its digits cut."""
    Path("mine.csv").write_text(f"{GOOD}{line}\n", encoding="utf8")
    assert not contradictions(problem_of(read_own("mine.csv")))


def test_two_groups_have_ranges_of_their_own():
    """The least time of one group may be above the largest of the other."""
    more = "minimum,column=time; g=a,30", "maximum,column=time; g=b,20"
    Path("mine.csv").write_text(GOOD + "\n".join(more) + "\n", encoding="utf8")
    assert not contradictions(problem_of(read_own("mine.csv")))


@pytest.mark.parametrize(("rate", "found"), [("80.0", 0), ("70.0", 1)])
def test_the_rest_has_a_size_of_its_own(rate, found):
    """All but the three of a group are five, not two."""
    lines = f"count,,8\ncount,g=a,3\ncount,g=b,5\nsurvival,at=12; g!=a,{rate}\n"
    Path("mine.csv").write_text(f"statistic,arguments,printed\n{lines}", encoding="utf8")
    assert len(contradictions(problem_of(read_own("mine.csv")))) == found


@pytest.mark.parametrize("number", first(6, range(60)))
def test_no_true_paper_contradicts_itself(number):
    """However a program rounds and forms its numbers: the checks accuse nobody."""
    assert not contradictions(problem_of(printed_paper(number)))


@pytest.mark.slow
def test_what_each_number_contributed():
    """As many solutions as a search without it has, its landmark still told apart."""
    found = answer("mine.csv")
    table = numbers_table(found, first_cohort(found.found)).set_index("row")["without_it"]
    assert table["5"] == "80"
    text = GOOD.replace("maximum,column=time,69\n", "")
    Path("mine.csv").write_text(text, encoding="utf8")
    assert len(search_own("mine.csv")[1].solutions) == 80
    assert set(numbers_table(answer("mine.csv", effort=Effort(beside=0)), None)["without_it"]) == {
        ""
    }


def test_what_could_be_given_up():
    """The smallest sets leave a cohort, each of them, and no single other number does."""
    Path("mine.csv").write_text(NONE, encoding="utf8")
    found = answer("mine.csv")
    assert found.outcome == "none"
    (said,) = (s for s in found.sentences if s.startswith("Fewest"))
    gone = {int(number) for number in re.findall(r"row (\d+)", said)}
    lines = NONE.splitlines(keepends=True)
    for number in range(3, 12):
        rest = [line for n, line in enumerate(lines, 1) if n != number]
        Path("mine.csv").write_text("".join(rest), encoding="utf8")
        try:
            leaves = bool(search_own("mine.csv")[1].solutions)
        except ValueError:
            continue  # a count that names a level
        assert leaves == (number in gone), number


def test_too_many_to_list():
    """The exact number, or the proven ends, and by cell what all share."""
    found = find(problem_of(read_own("mine.csv")))
    counted = found._replace(status="counted", least=10**6, most=10**6)
    said = verdict(counted)
    assert said.startswith("1,000,000 orders with groups are consistent")
    assert "64 of them are written" in said
    shared = "who died at 1, 2, 3, 4, 5, 6, 7, 8."
    assert f"All of them share (places in order of time): {shared}" in said
    said = verdict(counted._replace(status="bounded", most=2 * 10**6, stopped="9 s were spent"))
    assert said.startswith("At least 1,000,000 orders with groups are consistent")
    assert "and at most 2,000,000" in said
    assert "The search stopped: 9 s were spent." in said


def interrupted(*_):
    """Before anything is known: the interruption reaches the one who waits."""
    time.sleep(2)
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)


def interrupted_later(problem, bounds, tell):
    """When 64 solutions are known, and not that there are no others."""
    found = find(problem, bounds)
    tell("solutions", 1, 2, found._replace(status="bounded", most=None, shared=None))
    interrupted()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "said", "written"),
    [
        (interrupted, "Open: no cohort was found, and none ruled out.", 3),
        (interrupted_later, "At least 64 orders with groups are consistent", 5),
    ],
)
def test_an_interruption_says_what_is_known(monkeypatch, capsys, work, said, written):
    """The answer is written with what was found by then."""
    monkeypatch.setattr(searching, "find", work)
    assert search() == 130
    assert f"{said}" in (told := capsys.readouterr().out)
    assert "The search stopped: it was interrupted." in told
    assert len(files()) == written


def test_a_factor_of_which_only_counts_are_printed():
    """The cohort has so many of each level; a solution leaves open who they are."""
    Path("mine.csv").write_text(f"{GOOD}count,h=x,3\ncount,h=y,5\n", encoding="utf8")
    found = answer("mine.csv", effort=Effort(beside=0))
    cohort = first_cohort(found.found)
    assert cohort["h"].value_counts().to_dict() == {"y": 5, "x": 3}
    table = numbers_table(found, cohort)
    assert table["cohort"].tolist() == table["printed"].tolist()
    assert set(solutions_frame(found.found)["h"]) == {""}


def endless(*_, **__):
    """A search that does not end by itself."""
    while True:
        pass


def greedy(*_, **__):
    """A search that wants more memory than there is."""
    return [bytearray(2**33) for _ in range(2**10)]


@pytest.mark.parametrize(
    ("work", "bound", "said"),
    [(endless, ("--time", "1"), "1 s"), (greedy, ("--memory", "3000"), "3000 MB")],
)
def test_bounds_hold(monkeypatch, capsys, work, bound, said):
    """The time or the memory given ends the search, and the answer is that it is open."""
    monkeypatch.setattr(searching, "find", work)
    assert search(*bound) == 4
    assert (
        f"Open: no cohort was found, and none ruled out. The search stopped: {said} were spent."
        in (capsys.readouterr().out)
    )
    assert files() == {"README.md", "report.csv", "report.html"}


@pytest.mark.slow
def test_times_are_bounded_too(monkeypatch):
    """Where narrowing them down takes too long, wider ones stand there, and the answer says so."""
    found = answer("mine.csv", effort=Effort(beside=0))
    assert len(found.times) == len(found.found.solutions) == 64
    whole, done = solutions_frame(found.found, found.times), []

    def slow(*asked):
        done.append(asked)
        return endless() if len(done) > 2 else times_between(*asked)

    monkeypatch.setattr("recohort.own.answer.times_between", slow)
    cut = answer("mine.csv", effort=Effort(seconds=2))
    assert (cut.outcome, len(cut.times), cut.without) == ("found", 2, {})
    (said,) = (
        s for s in cut.sentences if s.startswith("Times are narrowed down in the first 2 of the 64")
    )
    assert not any(s.startswith("Times") for s in found.sentences)
    wide, first = solutions_frame(cut.found, cut.times), whole["solution"] <= 2
    pd.testing.assert_frame_equal(wide[first].astype(whole.dtypes), whole[first])
    pages = [texts_of(one)["report.html"] for one in (found, cut)]
    assert [page.count("<th>earliest</th>") for page in pages] == [1, 0]
    assert [said in page for page in pages] == [False, True]
    around = wide[~first], whole[~first]
    assert all(around[0]["earliest"] <= around[1]["earliest"])
    assert set(wide.loc[~first, "earliest"]) == {0.0, 12.0, 48.0}
    latest = [frame["latest"].map(lambda end: float(end or "inf")) for frame in around]
    assert all(latest[0] >= latest[1])
    assert set(latest[0]) == {12.0, 48.0, float("inf")}


@pytest.mark.parametrize(
    ("text", "spent", "stopped", "given"),
    [
        (GOOD, (6, 3, 9), "", (10, 4, 1)),
        (GOOD, (10, 5, 5), "", (10, 0, 0)),
        (NONE, (6, 3, 0), "", (10, 4, 1)),
        (GOOD, (6, 0, 0), searching.INTERRUPTED, (10, 0, 0)),
    ],
    ids="some all none interrupted".split(),
)
def test_the_time_given_is_for_all_work(monkeypatch, text, spent, stopped, given):
    """What is asked after a search has what is left of it, by a clock that is set by hand."""
    Path("mine.csv").write_text(text, encoding="utf8")
    found, clock, bounds = search_own("mine.csv")[1]._replace(stopped=stopped), [0], []

    def work(says):
        def worked(_, seconds, *__):
            clock[0] += min(spent[len(bounds)], seconds)
            bounds.append(seconds)
            return says

        return worked

    monkeypatch.setattr("recohort.own.answer.monotonic", lambda: clock[0])
    says = {"find_within": found, "given_up": None, "times_of": [], "contributions": {}}
    for name, said in says.items():
        monkeypatch.setattr(f"recohort.own.answer.{name}", work(said))
    answer("mine.csv", effort=Effort(seconds=10))
    assert tuple(bounds) == given


def test_ends_are_asked_no_more_often_than_needed(monkeypatch):
    """The first ways to tie deaths reach the widest ends; they are those of all ways together."""
    Path("mine.csv").write_text(GOOD + "sd,column=time,26\n", encoding="utf8")
    found, ends, every, asked = search_own("mine.csv")[1], reals.ends, set(), set()
    for joint in found.solutions[::8]:
        order = joint.pattern, joint.counts, joint.masks
        ways = (question(found.problem, *order, way) for way in ties_of(found.problem, joint))
        good = [way for way in ways if reals.real_times(way).status == "some"]
        whole = [end[:2] for end in reals.spans(good)]
        every.update(good)
        with monkeypatch.context() as patch:
            patch.setattr(reals, "ends", lambda one: asked.add(one) or ends(one))
            assert times_between(found.problem, joint) == whole
    assert len(asked) < len(every)


@pytest.mark.slow
def test_a_plain_mean_is_named_where_not_all_died():
    """A mean of a curve looks the same in print; where all died the two are one."""
    Path("mine.csv").write_text(GOOD + "mean,column=time,30\n", encoding="utf8")
    found = answer("mine.csv")
    (said,) = (s for s in found.sentences if "mean" in s)
    assert said.startswith("row 12: read as a plain mean")
    assert "enter it as mean_survival" in said
    assert "enter it as mean_survival" in texts_of(found)["report.html"]
    lines = "count,,3", "count,event=True,3", "mean,column=time,30"
    Path("mine.csv").write_text("statistic,arguments,printed\n" + "\n".join(lines) + "\n")
    assert len(answer("mine.csv").sentences) == 1


def test_a_rate_that_is_carried_on_is_named():
    """Where nobody is followed at its time in some solution, with how many they are."""
    lines = "count,,4", "count,event=True,2", "survival,at=12,50.0"
    Path("mine.csv").write_text("statistic,arguments,printed\n" + "\n".join(lines) + "\n")
    found = answer("mine.csv")
    (said,) = (s for s in found.sentences if "carried" in s)
    few = [joint for joint in found.found.solutions if joint.counts[0] == 4]
    assert 0 < len(few) < len(found.found.solutions)
    assert said.startswith(f"row 4: in {len(few)} of {len(found.found.solutions)} solutions")
    told = answer("mine.csv", {"beyond": "followed"})
    assert len(told.found.solutions) == len(found.found.solutions) - len(few)
    assert not any("carried" in s for s in told.sentences)


@pytest.mark.slow
def test_counted_groups_are_one_line_of_the_report():
    """Of each factor; a count of the dead is apart."""
    Path("mine.csv").write_text(GOOD, encoding="utf8")
    table = numbers_table(answer("mine.csv"), None)
    shown = levels_together(table)
    assert len(shown) == len(table) - 1
    (line,) = shown[shown["row"] == "8 / 9"].to_dict("records")
    assert (line["arguments"], line["printed"]) == ("g=a / b", "4 / 4")


def test_the_ends_of_times_do_not_go_round_in_circles(monkeypatch):
    """A mean and a median of two ways, for which all ends at once never came.

    Asked for one by one, they are the same.
    """
    lines = [
        "count,,11",
        "count,event=True,7",
        *(f"survival,at={at},{rate}" for at, rate in ((12, 90.9), (24, 61.4), (36, 36.8))),
        "mean,column=time,52.6",
        "median_survival,,31.0",
    ]
    Path("mine.csv").write_text("statistic,arguments,printed\n" + "\n".join(lines) + "\n")
    found = search_own("mine.csv")[1]
    assert found.least == 12
    found = found._replace(solutions=found.solutions[:3])
    ends = solutions_frame(found)
    assert (ends["earliest"] <= ends["latest"]).all()
    reals.ends.cache_clear()
    monkeypatch.setattr(z3.Optimize, "check", given_up_where_all_are_asked(z3.Optimize.check))
    pd.testing.assert_frame_equal(solutions_frame(found), ends)
    reals.ends.cache_clear()


def given_up_where_all_are_asked(check):
    """Of more than one end at once nothing is known."""

    def checked(solver):
        return z3.unknown if len(solver.objectives()) > 1 else check(solver)

    return checked
