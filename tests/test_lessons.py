"""Each lesson has its parts, runs from top to bottom, and checks answers kindly and rightly."""

import ast
import re
from functools import cache
from importlib import import_module
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docutils import nodes
from docutils.utils import new_document
from handout_data import write_data
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import thirteen_lessons as course
from recohort.paper.estimates import kaplan_meier
from thirteen import NOTICE, read_patients
from thirteen_lessons.exercises import check, quiz, solution
from thirteen_lessons.formulas import KINDS, survival_limits
from thirteen_lessons.judging import EARLY, WANTED, Verdict
from thirteen_lessons.tasks import Task, lesson_tasks

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "chapters" / "lessons").glob("[0-9][0-9]-*.md"))
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(---\n.*?^---\n|(?::[^\n]*\n)+\n?)?(.*?)^```", re.S | re.M
)
EXERCISE = re.compile(r"^### Exercise (\d+\.\d+) \((recall|calculate|judge)\)$", re.M)
FENCED = re.compile(r"^(`{3,}|:{3,})[^\n]*\n.*?^\1[ \t]*$", re.S | re.M)
PER_TASK = {"recall": 3, "calculate": 6, "judge": 3}  # minutes
REFERENCE = ROOT / "tests" / "reference"
COHORTS = dict(list(pd.read_csv(REFERENCE / "cohorts.csv").groupby("cohort")))
PATIENTS = read_patients()


def number_of(page):
    """The lesson's number, from its file's name."""
    return int(page.name[:2])


@cache
def tasks_of(page):
    """The lesson's tasks, by the name of the exercise."""
    return lesson_tasks(number_of(page), PATIENTS)


TASKS_THAT_COMPUTE = [
    name
    for page in LESSONS
    for name, task in tasks_of(page).items()
    if not isinstance(task.right, str)
]
MALFORMED = {
    "nothing": None,
    "three dots": ...,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "missing": pd.NA,
    "no time": pd.NaT,
    "text": "about half",
    "empty text": "",
    "complex": 1j,
    "empty list": [],
    "long list": list(range(1000)),
    "list of nothing": [None] * 13,
    "list of lists": [[1, 2], [3]],
    "list of text": ["a", "b"],
    "dict": {"a": 1},
    "object": object(),
    "function": len,
    "generator": (x for x in ()),
    "array without axes": np.array("x"),
    "frame": pd.DataFrame({"a": [1, 2]}),
    "empty frame": pd.DataFrame(),
    "missing series": pd.Series([np.nan] * 13),
}


def near_of(task):
    """What is said first when a mistake looks like the right answer rounded too early."""
    return f"{EARLY.format(WANTED[task.decimals])} If you did not round:"


def minutes_of(text):
    """How long all of a lesson and its core path take before the exercises, by estimate.

    A minute for 60 words, 4 lines of shown code or 15 of folded code; two for a picture.
    """
    body = text[text.index("## A picture first") : text.index("## Exercises")]
    parts = re.split(r"(?=^##+ )", body, flags=re.M)
    core = [x for x in parts if not re.match(r"##+ [^\n]+\n\n\*Beyond the core path\.\*", x)]
    return _minutes(body), _minutes("".join(core))


def _minutes(text):
    lines = {True: 0, False: 0}
    for options, code in CELL.findall(text):
        lines["hide" in options] += len([line for line in code.splitlines() if line.strip()])
    words = len(FENCED.sub("", text).split())
    pictures = len(re.findall(r"^(?:show|figure_\w+)\(", text, re.M))
    return words / 60 + lines[False] / 4 + lines[True] / 15 + 2 * pictures


def run(page, monkeypatch):
    """Run the cells in order, as a notebook does: each one's options, code and last value."""
    monkeypatch.chdir(page.parent)
    space, found = {}, []
    for options, code in CELL.findall(page.read_text(encoding="utf-8")):
        tree = ast.parse(re.sub(r"^%.*$", "", code, flags=re.M))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, page.name, "exec"), space)
        value = last and eval(compile(ast.Expression(last.value), page.name, "eval"), space)
        found.append((options, code, value))
    return found


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
class TestLesson:
    """What holds for each lesson."""

    def test_it_has_all_parts(self, page):
        """Title, what to know, two to four objectives, the notice, R, and the sections."""
        text = page.read_text(encoding="utf-8")
        assert f"\n# Lesson {number_of(page)}: " in text
        assert re.search(r"^\*\*Before you start:\*\* \S.{20}", text, re.M)
        goals = re.search(r"^After this lesson you can\n\n((?:- .+\n)+)", text, re.M)[1]
        assert 2 <= goals.count("\n") <= 4
        assert NOTICE.rstrip(".").lower() in text.lower()
        assert re.search(r"^:::\{dropdown\} The same in R\n```r\n.*?^```\n:::", text, re.S | re.M)
        heads = re.findall(r"^## (.+)$", text, re.M)
        assert heads[0] == "A picture first"
        assert "The idea in words" in heads
        assert "What goes wrong" in heads
        assert heads[-2:] == ["Exercises", "Quiz"]

    def test_its_label_says_how_long_it_takes(self, page):
        """Core path and whole, without and with exercises, by one rule, rounded up to fives."""
        text = page.read_text(encoding="utf-8")
        whole, core = minutes_of(text)
        levels = [level for _, level in EXERCISE.findall(text)]
        tasks = sum(PER_TASK[level] for level in levels) + len(re.findall(r"^quiz\(", text, re.M))
        label = re.search(r"^\*\*Time:\*\* (.+)$", text, re.M)[1]
        times = [core, core + tasks, whole, whole + tasks][: 4 if core < whole else 2]
        assert [int(x) for x in re.findall(r"\d+", label)] == [5 * ceil(x / 5) for x in times]
        assert whole <= 70
        assert core <= 45 or number_of(page) not in (3, 5, 6, 8)

    def test_it_ends_with_a_library_on_a_file_of_ones_own(self, page, tmp_path, monkeypatch):
        """Six statements that run on the handout's plain files."""
        text = page.read_text(encoding="utf-8")
        (block,) = re.findall(r"^```python\n(.*?)^```\n:::\n\n## Exercises$", text, re.M | re.S)
        assert len(ast.parse(block).body) <= 6
        write_data(tmp_path)
        monkeypatch.chdir(tmp_path)
        with capture_output() as seen:
            exec(block, {})
        assert seen.stdout or seen.outputs  # outputs, where another test has left a shell

    def test_exercises_have_three_levels_and_answers(self, page):
        """Each has a starter, a folded solution and a task; and each task has its exercise."""
        found = EXERCISE.findall(page.read_text(encoding="utf-8"))
        assert {level for _, level in found} == {"recall", "calculate", "judge"}
        names = [name for name, _ in found]
        assert names == [f"{number_of(page)}.{i + 1}" for i in range(len(names))]
        assert names == list(tasks_of(page))

    def test_it_runs_and_solves_itself(self, page, monkeypatch):
        """Starters wait for an answer, solutions are folded and right, the quiz is a quiz."""
        cells = run(page, monkeypatch)
        verdicts = [(o, re.search(r'check\("([\d.]+)"', c), v) for o, c, v in cells
                    if isinstance(v, Verdict)]  # fmt: skip
        starters = [(name[1], v) for o, name, v in verdicts if "hide-cell" not in o]
        solutions = [(name[1], v) for o, name, v in verdicts if "hide-cell" in o]
        names = list(tasks_of(page))
        assert [name for name, _ in starters] == names
        assert [name for name, _ in solutions] == names
        assert all(v.message.startswith("No answer yet") for _, v in starters)
        assert all(v.right for _, v in solutions), solutions
        folded = [(o, c) for o, c, _ in cells if "hide-cell" in o]
        hidden = "jupyter:\n  source_hidden: true\n  outputs_hidden: true\n"
        assert all(hidden in o for o, _ in folded)
        for _, code in folded:  # JupyterLab shows the first line, and unfolds what it runs
            assert code.startswith("%%solution\n"), f"first line should be %%solution: {code}"
        assert sum("quiz(" in code for _, code, _ in cells) >= 3

    def test_cells_check_the_calculation(self, page):
        """What is done by hand is held to a library, in a line that readers see."""
        shown = [c for o, c in CELL.findall(page.read_text(encoding="utf-8")) if "hide" not in o]
        assert sum(c.count("assert ") for c in shown) >= 3

    def test_right_answers_and_mistakes_are_told_apart(self, page):
        """The right answer is right; each mistake gets its own message, or another mistake's."""
        for name, task in tasks_of(page).items():
            assert check(name, task.right).right, name
            assert len(task.mistakes) >= 2, name
            for message, wrong in task.mistakes.items():
                verdict = check(name, wrong)  # the right answer, rounded, may look like it
                assert verdict.right is False, name
                assert verdict.message in (message, f"{near_of(task)} {message}"), name

    @pytest.mark.parametrize("kind", MALFORMED)
    def test_malformed_answers_are_met_with_words(self, page, kind):
        """No traceback, no praise: a sentence that says what is asked for."""
        for name in tasks_of(page):
            verdict = check(name, MALFORMED[kind])
            assert not verdict.right
            assert len(verdict.message) > 15
            assert "Error" not in verdict.message


def test_a_wrong_answer_has_words_and_words_have_an_answer(monkeypatch):
    """Neither is passed over in silence when a lesson is changed."""
    odd = {"1.1": {"right": {"P01"}, "strange": {"P02"}}}
    monkeypatch.setattr("thirteen_lessons.answers.lesson_01.answers", lambda _: odd)
    with pytest.raises(ValueError, match=r"exercise 1\.1: alive, died, early, strange"):
        lesson_tasks(1, read_patients())
    assert lesson_tasks(99, read_patients()) == {}


def test_what_the_course_offers_is_there():
    """Every name of `thirteen_lessons` can be imported, and no other."""
    assert all(callable(getattr(course, name)) or name == "KINDS" for name in course.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = course.nothing


@pytest.mark.parametrize("name", ["99.1", "1.99", "", "x", None, 1, ["1.1"], "../1.1", "²"])
def test_a_name_that_does_not_exist(name):
    """Said in words, with the names that do exist."""
    verdict = check(name, 1)
    assert not verdict.right
    assert "There is no exercise" in verdict.message


@pytest.fixture
def made_up(monkeypatch):
    """Tasks of every kind with answers known beforehand."""
    known = {
        "0.1": Task(0.25, {"doubled": 0.5}, why="A quarter.", hint="Divide.", decimals=2),
        "0.2": Task([1.0, 2.0, 3.0], {"backward": [3, 2, 1]}, hint="Count."),
        "0.3": Task({"P01", "P02"}, {"the others": {"P03"}}),
        "0.4": Task("b", {"first": "a", "last": "c"}),
        "0.5": Task(np.inf, {"zero": 0}),
        "0.6": Task(25.0, {"doubled": 50}),
        "0.7": Task(0.0002, {"doubled": 0.0004}, decimals=4),
        "0.8": Task([1 / 3, 1.0], {"zero": [0, 0]}, decimals=3),
        "0.9": Task([True, False], {"turned": [False, True]}),
    }
    monkeypatch.setattr("thirteen_lessons.exercises.known_tasks", lambda _: known)


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("0.1", 0.25, "✓ Right. A quarter."),
        ("0.1", 0.2549, "✓ Right"),
        ("0.1", np.float64(0.25), "✓ Right"),
        ("0.1", pd.Series([0.25]), "✓ Right"),
        ("0.1", np.array(0.25), "✓ Right"),
        ("0.1", 0.256, "✗ Not yet: it is less than that. Divide."),
        ("0.1", 0.5, "✗ doubled"),
        ("0.1", 25, "✗ That is in percent"),
        ("0.1", 0.2, "✗ Not yet: it is more than that. Divide."),
        ("0.7", 0.003, "✗ Not yet: it is less than that."),
        ("0.7", 0.0, "✗ Not yet"),
        ("0.8", [0.3, 1], "✗ Very near: rounded, the right answer looks like this."),
        ("0.8", [1, 0.333], "✗ The values are right, their order is turned round."),
        ("0.8", [33, 100], "✗ Those are percentages"),
        ("0.8", ["True", "False"], "✗ In place 1 of your list: That is text. “True” in quotation"),
        ("0.8", pd.DataFrame({"x": [1 / 3, 1]}), "✓ Right"),
        ("0.8", pd.DataFrame({"x": [1 / 3, 1], "y": 0}), "✗ A list of 2 values is asked for; that "
         "is a table of 2 rows and 2 columns: take one column"),
        ("0.9", ["True", "False"], "✗ In place 1 of your list: That is text. “True”"),
        ("0.9", [None, True], "✗ In place 1 of your list: True or False is asked for"),
        ("0.6", 0.25, "✗ That is a share"),
        ("0.6", 25.2, "✗ Very near"),
        ("0.1", -0.25, "✗ The size is right, the sign is not."),
        ("0.1", "0.25", "✗ That is text; a number is asked for without the quotation marks."),
        ("0.1", "a quarter", "✗ That is text; a number is asked for."),
        ("0.1", True, "✗ That is a truth value"),
        ("0.1", len, "✗ That is a function, not its result"),
        ("0.1", float("nan"), "✗ That is NaN"),
        ("0.1", [1, 2], "✗ One number is asked for; that is a collection of 2 values."),
        ("0.1", object(), "✗ A number is asked for; that is of the kind 'object'"),
        ("0.2", (1, 2, 3), "✓ Right"),
        ("0.2", pd.Series([1, 2, 3]), "✓ Right"),
        ("0.2", [3, 2, 1], "✗ backward"),
        ("0.2", [1, 2, 4], "✗ Not yet: 2 of 3 values are right; number 3 is not. Count."),
        ("0.2", [1, 5, 6], "✗ Not yet: 1 of 3 values is right; number 2 is not. Count."),
        ("0.2", [4, 5, 6], "✗ Not yet: none"),
        ("0.2", [1, 2], "✗ A list of 3 values is asked for; yours has 2."),
        ("0.2", [1, None, 3], "✗ In place 2 of your list: "),
        ("0.2", 5, "✗ A list of 3 values is asked for; that is a single value."),
        ("0.3", ["p01", " P02 "], "✓ Right"),
        ("0.3", "P01, P02", "✓ Right"),
        ("0.3", pd.DataFrame({"patient_id": ["P01", "P02"]}), "✓ Right"),
        ("0.3", ["P03"], "✗ the others"),
        ("0.3", ["P01", "P03"], "✗ Not yet: 1 of your names belongs there, 1 does not, 1 is"),
        ("0.3", ["P77"], "✗ No row of the cohort has the name 'P77'."),
        ("0.3", [True, False], "✗ Names are asked for"),
        ("0.4", "B", "✓ Right"),
        ("0.4", "(b)", "✓ Right"),
        ("0.4", "c", "✗ last"),
        ("0.4", "z", "✗ That is none of the letters."),
        ("0.4", 2, '✗ Answer with one letter in quotation marks: "a", "b", "c".'),
        ("0.5", float("inf"), "✓ Right"),
        ("0.5", 12.5, "✗ Not yet: it is more than any number."),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("made_up")
def test_what_check_says(name, answer, words):
    """Right answers in any form, known mistakes, general mistakes, and what is malformed."""
    assert str(check(name, answer)).startswith(words)


def test_the_verdict_is_shown_in_the_page_without_markup_of_the_student():
    """Text that looks like HTML stays text."""
    assert "<b>" not in check("<b>1</b>.1", 1)._repr_html_()


def test_quiz_unfolds_without_a_script():
    """One fold an option, the right one told by a word and not by a colour alone."""
    html = quiz("Which < is it?", {"this": "Because.", "that": "Why not."}, right="a").data
    assert html.count("<details") == html.count("<summary") == 2
    assert "Which &lt; is it?" in html
    assert re.findall(r"(✓ Right\.|✗ No\.) (\w+)", html) == [
        ("✓ Right.", "Because"),
        ("✗ No.", "Why"),
    ]
    assert "<script" not in html


@pytest.mark.parametrize("right", ["c", "", "ab", "B"])
def test_quiz_needs_a_right_answer(right):
    """A letter that none of the options has is the author's mistake, told at once."""
    with pytest.raises(ValueError, match="expected one of a, b"):
        quiz("?", {"this": "x", "that": "y"}, right=right)


@pytest.fixture
def notebook():
    """A notebook's shell with the cell magic, for one test."""
    shell = InteractiveShell.instance()
    shell.register_magic_function(solution, "cell", "solution")
    yield shell
    InteractiveShell.clear_instance()


def test_a_solution_shows_itself_folded(notebook, capsys):
    """What it prints and what it ends with stand in one fold, and names are kept."""
    shell = notebook
    with capture_output() as seen:
        shell.run_cell("%%solution\nx = 6\nprint('a < b')\nx * 7").raise_error()
    (html,) = [output.data["text/html"] for output in seen.outputs]
    assert html.startswith("<details")
    assert "open" not in html.split(">")[0]
    assert "<pre>a &lt; b\n</pre><pre>42</pre></details>" in html
    assert seen.stdout == capsys.readouterr().out == ""
    assert shell.user_ns["x"] == 6


def test_the_site_shows_a_solution_without_its_magic(monkeypatch):
    """Readers see Python, colored as such; other code stays as it is."""
    monkeypatch.syspath_prepend(str(ROOT / "_ext"))
    page = new_document("page")
    for code in ("%%solution\nx = 1", "%%time\nx = 1"):
        page += nodes.literal_block(code, code)
    import_module("house").plain_solutions(None, page)
    first, second = page
    assert first.astext() == first.rawsource == "x = 1"
    assert first["language"] == "ipython3"
    assert second.astext() == "%%time\nx = 1"


def test_a_broken_solution_is_not_hidden(notebook):
    """The fold does not swallow an error: the build has to fail."""
    with capture_output():
        result = notebook.run_cell("%%solution\n1 / 0")
    with pytest.raises(ZeroDivisionError):
        result.raise_error()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cohort", COHORTS)
def test_limits_are_those_of_r(cohort, kind):
    """Each formula at each time, where R has an answer."""
    curve = kaplan_meier(COHORTS[cohort]).iloc[1:].query("0 < survival < 1").set_index("time")
    expected = pd.read_csv(REFERENCE / "limits.csv").query("cohort == @cohort and kind == @kind")
    expected = expected.set_index("time")[["lower", "upper"]].loc[curve.index]
    greenwood = (curve["standard_error"] / curve["survival"]) ** 2
    found = np.transpose(survival_limits(curve["survival"], greenwood, kind))
    assert found == pytest.approx(expected.to_numpy(), abs=1e-9)


def test_limits_without_deaths_have_no_width():
    """Greenwood's formula is silent at 100% and at 0; another kind is refused."""
    for kind in KINDS:
        assert np.array_equal(survival_limits([1.0, 0.0], [0.0, 1.0], kind), [[1, 0], [1, 0]])
    with pytest.raises(ValueError, match="expected one of linear"):
        survival_limits(0.5, 0.1, "guess")
