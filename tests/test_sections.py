"""Characteristics as a table; the sessions drawn; text and cells as a book sets them."""

import re
from html import unescape

import pandas as pd
import pytest

from test_figures import lines_with, strings, texts
from thirteen.characteristics import characteristics_table
from thirteen.layout import plain_table
from thirteen.style import to_svg
from thirteen.text import typeset
from thirteen.treatment import describe_sessions, figure_sessions

NAMES = "id fact printed unit statistic arguments reason quantity recomputed status".split()


def rows(*lines):
    """Rows of `merged`, from the cells of `NAMES`; all in one place."""
    return pd.DataFrame(lines, columns=NAMES).assign(kind="number", location="Here")


def lines_of(table):
    """The cells of an HTML table's rows as words, the heading first."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", table.data, re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in found]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells]


LEFT = "table=tumors; side=left"


def test_characteristics():
    """Units, groups and lines as printed; a figure that differs has a mark and a note."""
    frame = rows(
        ("t.n", "n", "5", "patients", "count", "", "", "number", "5", "reproduced"),
        ("t.m", "m", "50.0", "years", "mean", "column=age_years", "", "mean", "50.0", "reproduced"),
        ("t.s", "s", "9.9", "years", "sd", "column=age_years", "", "sd", "9.9", "reproduced"),
        *[(f"t.{k}", "f", p, u, s, "sex=female", "", "women", p, "reproduced")
          for k, p, u, s in (("n", "3", "", "count"), ("p", "60.0", "percent", "percent"))],
        ("u.n", "u", "6", "tumors", "count", "table=tumors", "", "number", "6", "reproduced"),
        ("l.n", "l", "2", "tumors", "count", LEFT, "", "left", "2", "reproduced"),
        ("l.p", "l", "41.2", "percent", "percent", LEFT, "", "left", "33.3", "contradicted"),
        ("b.n", "b", "1", "tumors", "count", "table=tumors; diameter_cm>=2", "", "large", "1",
         "reproduced"),
    )  # fmt: skip
    table = characteristics_table(frame, "C", {("sex", "female"): "F"}, {"age_years": "Age"})
    assert lines_of(table)[1:] == [
        ["Patients", "n = 5"], ["Age"], ["Mean ± SD", "50.0 ± 9.9"], ["Sex"],
        ["Women (F)", "3 (60.0%)"], ["Tumors", "n = 6"], ["Kidney"], ["Left", "2 (33.3%a)"],
        ["Largest diameter of a tumor (cm)"], ["2 cm or larger", "1"],
    ]  # fmt: skip
    assert table.data.count("differs") == 1
    assert "Left. The paper prints 41.2%; here 33.3%" in table.data


def treated():
    """Three patients: one session, two sessions, and a session with two tumors."""
    sessions = pd.DataFrame(
        [("S1", "P1", 1, 0, "a"), ("S2", "P2", 1, 0, "a"), ("S3", "P2", 2, 40, "b"),
         ("S4", "P3", 1, 0, "b")],
        columns="session_id patient_id session_number days_after_first modality".split(),
    )  # fmt: skip
    tumors = pd.DataFrame(
        [("S1", "right", 1.0), ("S2", "left", 2.5), ("S3", "left", 0.7), ("S4", "right", 3.0),
         ("S4", "left", 0.8)],
        columns="session_id side diameter_cm".split(),
    )  # fmt: skip
    return sessions, tumors, {k: sessions["modality"] == k[-1] for k in ("Way a", "Way b")}


def test_sessions_are_drawn():
    """A mark a tumor in the shape of its kind, its area with its diameter; days between."""
    figure = figure_sessions(*treated())
    (axes,) = figure.axes
    assert (len(lines_with(axes, "o")), len(lines_with(axes, "s"))) == (2, 3)
    small, big = (line.get_markersize() for line in lines_with(axes, "o"))
    assert (big / small) ** 2 == pytest.approx(2.5)
    assert {"R 1.0", "L 2.5", "40 days", "Session 2"} <= set(strings(axes))
    assert [t.get_text() for t in axes.get_yticklabels()] == ["P1", "P2", "P3"]
    assert to_svg(figure) == to_svg(figure_sessions(*treated()))


def test_session_texts_are_apart():
    """No text is cut off or lies on another; the notice stands at the bottom."""
    figure = figure_sessions(*treated())
    found = texts(figure)
    assert any("not patient records" in text and box.y0 < 40 for text, box in found)
    for i, (text, box) in enumerate(found):
        assert box.x0 >= -1 and box.x1 <= figure.bbox.width + 1, text  # noqa: PT018
        for other, its_box in found[:i]:
            overlap = box.intersection(box, its_box)
            assert overlap is None or min(overlap.width, overlap.height) < 2, (text, other)


def test_sessions_in_words():
    """Every patient, session and tumor, with counts."""
    assert describe_sessions(*treated()) == (
        "One row for each of 3 patients, with 4 sessions and 5 tumors: P1 way a of right 1.0 cm; "
        "P2 way a of left 2.5 cm, then way b after 40 days of left 0.7 cm; P3 way b of right "
        "3.0 cm and left 0.8 cm."
    )


def test_a_session_of_no_kind_is_refused():
    """Nobody is left out of the picture in silence."""
    sessions, tumors, kinds = treated()
    with pytest.raises(ValueError, match="each session in one of 2 kinds"):
        figure_sessions(sessions, tumors, {"Way a": kinds["Way a"]})


def test_text_is_set_as_in_a_book():
    """A minus is one before a number alone; a hyphen between words or numbers stays."""
    assert [typeset(t) for t in ("-5.0", "log-rank", "1-5", "-", "Student's")] == [
        "−5.0", "log-rank", "1-5", "–", "Student’s"]  # fmt: skip


def test_cells_of_few_letters_stay_on_a_line():
    """By the longest cell of a column; numbers have a class of their own, long words another."""
    columns = {"a": "x" * 18, "b": "x" * 19, "c": "x" * 41, "d": "-5.0", "n − 1": "y"}
    text = plain_table(pd.DataFrame([columns])).data
    kinds = re.findall(r"<td([^>]*)>", text)
    assert kinds == [' class="brief"', "", ' class="long"', ' class="num"', ' class="brief"']
    assert "n&nbsp;−&nbsp;1</th>" in text
