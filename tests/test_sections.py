"""Characteristics as a table; text and cells as a book sets them."""

import re
from html import unescape

import pandas as pd
import pytest

from thirteen.layout import table
from thirteen.paper_tables import characteristics, paper_table
from thirteen.text import typeset

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
    table = characteristics(frame, "C", {"female": "F"})
    assert lines_of(table)[1:] == [
        ["Patients", "n = 5"], ["Age (years)"], ["Mean ± SD", "50.0 ± 9.9"], ["Sex"],
        ["Women (F)", "3 (60.0%)"], ["Tumors", "n = 6"], ["Kidney"], ["Left", "2 (33.3%a)"],
        ["Largest diameter of a tumor (cm)"], ["2 cm or larger", "1"],
    ]  # fmt: skip
    assert table.data.count("differs") == 1
    assert "Left: published 41.2%, recomputed 33.3%" in table.data


def test_disputed_numbers_share_a_note():
    """A number that differs has a note of its own; those only disputed have one for all."""
    women = [("n", "7", "patients", "count"), ("percent", "63.6", "percent", "percent")]
    frame = rows(*[
        (f"a.{k}", "n", p, unit, s, "sex=female", "", "women", p, "disputed")
        for k, p, unit, s in women
    ])  # fmt: skip
    table = characteristics(frame, "C", {})
    assert "<sup>a, b</sup> One of several published numbers" in table.data
    assert table.data.count("<p>") == 1
    assert "differs" not in table.data


@pytest.mark.parametrize(("name", "lines"), [("Table 1", 45), ("Table 2", 5), ("Table 3", 26)])
def test_the_papers_tables_are_whole(name, lines):
    """Every published number of the table has a cell; Table 3 ends with all patients."""
    shown = lines_of(paper_table(name, "C"))
    assert len(shown) == lines
    if name == "Table 3":
        assert shown[-1] == [
            "All patients", "13", "76.9 (54.0–99.8)", "59.3 (31.3–87.3)", "31.6 (0–64.2)",
            "24.3", "",
        ]  # fmt: skip


def test_text_is_set_as_in_a_book():
    """A minus is one before a number alone; a hyphen between words or numbers stays."""
    assert [typeset(t) for t in ("-5.0", "log-rank", "1-5", "-", "Student's")] == [
        "−5.0", "log-rank", "1-5", "–", "Student’s"]  # fmt: skip


def test_cells_of_few_letters_stay_on_a_line():
    """By the longest cell of a column; numbers have a class of their own, long words another."""
    columns = {"a": "x" * 18, "b": "x" * 19, "c": "x" * 41, "d": "-5.0", "n − 1": "y"}
    text = table(pd.DataFrame([columns])).data
    kinds = re.findall(r"<td([^>]*)>", text)
    assert kinds == [' class="brief"', "", ' class="long"', ' class="num"', ' class="brief"']
    assert "n&nbsp;−&nbsp;1</th>" in text
