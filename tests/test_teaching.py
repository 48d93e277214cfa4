"""Formulas with their sources, plans that add up, paths that lead somewhere."""

import re
from pathlib import Path

import pytest

from thirteen_lessons.judging import NEAR, judge
from thirteen_lessons.tasks import Task

ROOT = Path(__file__).parents[1]
CHAPTERS = ROOT / "chapters"
FORMULAS = (CHAPTERS / "reference" / "formulas.md").read_text(encoding="utf-8")
TEACHING = (CHAPTERS / "lessons" / "teaching.md").read_text(encoding="utf-8")
LESSONS = sorted(page.name for page in CHAPTERS.glob("lessons/[0-9][0-9]-*.md"))


def sections(text, level):
    """Headings of a level with what stands below each, up to the next heading as high or higher."""
    found = re.split(rf"^#{{{level}}} (.+)\n", text, flags=re.M)
    ends = rf"^#{{1,{level}}} "
    return {
        head: re.split(ends, body, maxsplit=1, flags=re.M)[0]
        for head, body in zip(found[1::2], found[2::2], strict=True)
    }


@pytest.mark.parametrize("name", sections(FORMULAS, 3))
def test_a_formula_has_its_source_and_its_lesson(name):
    """A display of mathematics, a citation or R, and the lesson in which it is worked."""
    text = sections(FORMULAS, 3)[name]
    assert text.count("$$") == 2
    assert "{cite}`" in text or "R's `survfit`" in text
    number, page = re.search(r"Worked in \[Lesson (\d+)\]\(\.\./lessons/(.+?)\)", text).groups()
    assert page in LESSONS
    assert page.startswith(f"{int(number):02}-")


def test_most_lessons_have_a_formula():
    """All but the last, which uses those of the others."""
    worked = set(re.findall(r"Worked in \[Lesson (\d+)\]", FORMULAS))
    assert worked == {str(i) for i in range(1, len(LESSONS))}


def test_the_lecture_fits_its_minutes():
    """The plan's rows add up to what its heading promises."""
    plans = sections(TEACHING, 3)
    (name,) = [head for head in plans if head.startswith("One lecture")]
    rows = [int(minutes) for minutes in re.findall(r"^\| (\d+) \|", plans[name], re.M)]
    assert sum(rows) == int(re.search(r"\d+", name)[0])


def test_the_term_has_every_lesson_once_and_in_order():
    """Week by week."""
    plans = sections(TEACHING, 3)
    (name,) = [head for head in plans if head.startswith("One term")]
    assert re.findall(r"^\| \d+ \| \[.*?\]\((.+?)\) \|", plans[name], re.M) == LESSONS


def test_objectives_name_every_exercise_once():
    """Each lesson has its rows, in order; every exercise tests one objective."""
    table = sections(TEACHING, 2)["What students can do afterward"]
    rows = re.findall(r"^\| (?:\[(\d+)\]\((.+?)\)|(\d+)) \| .{20,} \| (.+) \|$", table, re.M)
    assert [page for _, page, _, _ in rows if page] == LESSONS
    rows = [(*row[:3], row[3].replace("`", "")) for row in rows]
    named = [name for *_, names in rows for name in names.split(", ")]
    assert all(name.split(".")[0] == (a or b) for a, _, b, names in rows
               for name in names.split(", "))  # fmt: skip
    texts = [(CHAPTERS / "lessons" / page).read_text(encoding="utf-8") for page in LESSONS]
    there = [name for text in texts for name in re.findall(r"^### Exercise (\S+)", text, re.M)]
    assert sorted(named) == sorted(there)


def test_the_rubric_adds_up():
    """Two points a row make what its first sentence promises."""
    rubric = sections(TEACHING, 3)["A rubric for the project"]
    rows = re.findall(r"^\| (?!What|---)[^|]+\|", rubric, re.M)
    assert 2 * len(rows) == 12
    assert rubric.lstrip().startswith("Twelve points")


def test_sections_of_lessons_that_plans_name_exist():
    """A teacher who looks for *The trap in print* finds it."""
    rows = re.findall(r"\]\((\d\d-[\w-]+\.md)\), \*([^*]+)\*", TEACHING)
    assert len(rows) >= 4
    for page, heading in rows:
        heads = re.findall(r"^#+ (.+)$", (CHAPTERS / "lessons" / page).read_text(), re.M)
        assert heading in heads, (page, heading)


def test_start_has_a_path_and_a_door_for_each_reader():
    """Ten minutes for a clinician, a line each for the others; every page is there."""
    start = (CHAPTERS / "start.md").read_text(encoding="utf-8")
    path = sections(start, 2)["Ten minutes for a clinician"]
    assert len(re.findall(r"^\d+\. ", path, re.M)) == 4
    doors = re.findall(r"^- \*\*(\w+)", sections(start, 2)["Other ways in"], re.M)
    assert {"Rerun", "Student", "Statistician", "Teacher"} <= set(doors)
    for page in re.findall(r"\]\(([^)#]+\.md)", start):
        assert (CHAPTERS / page).exists(), page


def test_a_mistake_is_told_from_near_alone():
    """Where whole numbers are asked for, 3.4 is not the mistake that gives 3; 3.04 and 3 are."""
    task = Task(7, {"that is the other group": 3}, decimals=0)
    told = [judge(task, given, ()).message for given in (3, 3.04, 3.4)]
    assert told[:2] == ["that is the other group"] * 2
    assert told[2] == "Not yet: it is more than that."


def test_fewer_decimals_are_named_where_they_are_those_of_the_right_answer():
    """0.77 is 0.7715 rounded, 0.78 is not, though it is near."""
    task = Task(0.7715, {}, decimals=4)
    assert judge(task, 0.7715, ()).right
    assert "rounded, the right answer looks like this" in judge(task, 0.77, ()).message
    assert judge(task, 0.78, ()).message == NEAR
