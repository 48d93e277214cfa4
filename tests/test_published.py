"""Both data files read cleanly; a fault stops with file, row, column and what was expected."""

import csv
import shutil
from itertools import product
from math import nan
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import ttest_rel

from recohort.folder import read_blocks
from recohort.paper.files import PublishedError
from recohort.paper.reading import (
    PUBLISHED_COLUMNS,
    STATEMENT_COLUMNS,
    blocks_of,
    columns_of,
    homes_of,
    number_of,
    parse_arguments,
    read_dictionary,
    read_published,
    read_statements,
    rows_of,
)
from recohort.paper.rows import Row
from recohort.paper.statistics import REGISTRY

DATA = Path(__file__).parents[1] / "data"
RATE = "table3.sex.male.os_1y.rate"  # at=12; sex=male
COUNT = "table3.sex.male.n"
DASH = "table3.nsclc.os_3y.dash"
HAZARD = "results.hazard_ratio.nsclc"
WORDS = "local_progression.nsclc"  # pathology=nsclc; time>=11.9


@pytest.fixture(autouse=True)
def dictionary_beside(tmp_path):
    """The readers look for the dictionary in the folder of the file they read."""
    shutil.copy(DATA / "dictionary.csv", tmp_path)


def copied(name):
    """One data file as a list of rows (dictionaries)."""
    with (DATA / name).open(encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


def written(folder, name, rows):
    """The rows as a file of that name in `folder`."""
    path = folder / name
    with path.open("w", encoding="utf8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def changed(folder, name, row_id, **cells):
    """A copy with some cells of one row changed, and the number of that row."""
    rows = copied(name)
    number = next(i for i, row in enumerate(rows) if row["id"] == row_id)
    rows[number] |= cells
    return written(folder, name, rows), number + 2


def fault(read, path):
    """The text of the error that reading raises."""
    with pytest.raises(PublishedError) as caught:
        read(path)
    return str(caught.value)


def test_files_read_cleanly():
    """Both files have the columns of the contract, and every row can be used."""
    published = read_published(DATA / "published.csv")
    stated = read_statements(DATA / "statements.csv")
    assert list(published) == PUBLISHED_COLUMNS
    assert list(stated) == STATEMENT_COLUMNS
    used = (published["statistic"] != "").sum() + len(stated)
    assert len(rows_of(published, stated)) == used > 250
    assert published["id"].is_unique


USES = (
    "row confidence_level quartile_level landmark cut_off ckd_stage citation furniture product unit"
)


def unmatched(published, tokens):
    """Positions where a number of the text and the rows do not match one to one."""
    rows = published[published["position"] != ""]
    value = rows["printed"].str.replace(r"[^\d.]", "", regex=True)
    found = dict(zip(rows["position"].astype(int), value, strict=True))
    wanted = dict(tokens.loc[tokens["use"] == "row", ["position", "value"]].to_numpy().tolist())
    twice = rows.loc[rows["position"].duplicated(), "position"].astype(int)
    return {p for p in wanted.keys() | found.keys() if wanted.get(p) != found.get(p)} | set(twice)


def tokens_of_the_text():
    """Position, value and use of each number of the paper's text."""
    return pd.read_csv(DATA / "tokens.csv", dtype={"value": str})


def test_each_number_of_the_text_has_its_row():
    """A bijection: each token used as a row has one row of its value, each row its token."""
    published, tokens = read_published(DATA / "published.csv"), tokens_of_the_text()
    assert tokens["position"].tolist() == list(range(1, 834))
    assert set(tokens["use"]) == set(USES.split())
    assert unmatched(published, tokens) == set()
    assert unmatched(published.drop(index=published.index[published["position"] == "19"]), tokens)
    assert unmatched(pd.concat([published, published.iloc[-1:]]), tokens)


def test_no_number_about_these_patients_is_left_to_a_reason():
    """A reason stands only where no statistic does, and words and dashes have no position."""
    published = read_published(DATA / "published.csv")
    assert ((published["statistic"] == "") == (published["reason"] != "")).all()
    named = published["kind"].isin(["word", "dash"])
    assert ((published["position"] == "") == named).all()


def test_arguments_are_split():
    """Filters keep their operator; options are told from filters by their name."""
    filters, options = parse_arguments("at=12; sex=male; time>=11.9; pathology!=nsclc")
    assert filters == (("sex", "=", "male"), ("time", ">=", "11.9"), ("pathology", "!=", "nsclc"))
    assert options == (("at", "12"),)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("−1.5", "-1.5"),
        ("-1.5", "-1.5"),
        ("< −0.3", "-0.3"),
        ("≥12", "12"),
        ("= 7", "7"),
        ("Zero", "0"),
        ("twenty", "20"),
        ("<0.0001", "0.0001"),
    ],
)
def test_a_printed_figure_is_read_as_its_number(printed, number):
    """Either sign of minus, signs of a bound, words."""
    assert number_of(printed) == number


@pytest.mark.parametrize(
    ("row_id", "cells", "column", "found", "expected"),
    [
        (RATE, {"statistic": "survivall"}, "statistic", "survivall", " survival,"),
        (RATE, {"kind": "numeral"}, "kind", "numeral", "one of number,"),
        (RATE, {"arguments": "at=12; gender=male"}, "arguments", "gender", "sex"),
        (RATE, {"arguments": "at=12; sex=mael"}, "arguments", "sex=mael", "female, male"),
        (RATE, {"arguments": "at=12; event=yes"}, "arguments", "event=yes", "False, True"),
        (RATE, {"arguments": "at=12; time>=soon"}, "arguments", "time>=soon", "a number"),
        (RATE, {"arguments": "at=12; male"}, "arguments", "male", "column=value"),
        (RATE, {"arguments": "sex=male"}, "arguments", "sex=male", "at=..."),
        (RATE, {"arguments": "at=soon; sex=male"}, "arguments", "at=soon", "a number"),
        (RATE, {"arguments": "at=12; q=0.5; sex=male"}, "arguments", "q", "at"),
        (COUNT, {"arguments": "at=12; sex=male"}, "arguments", "at", "table, within"),
        (RATE, {"arguments": "at=12; sex<male"}, "arguments", "sex<male", "= or !="),
        (RATE, {"arguments": "at=12; table=organs"}, "arguments", "organs", "tumors"),
        (RATE, {"arguments": "at=12; table=tumors; time_column=since"},
         "arguments", "since", "a column of tumors"),
        (RATE, {"arguments": "at=12; table=tumors; sex=male"},
         "arguments", "sex", "a column of tumors"),
        (RATE, {"arguments": "at=12; tumours.side=left"}, "arguments", "tumours", "tumors"),
        (RATE, {"arguments": "at=12; tumors.size=2"}, "arguments", "tumors.size", "diameter_cm"),
        (RATE, {"arguments": "at=12; tumors.side=top"}, "arguments", "tumors.side=top", "left"),
        (RATE, {"arguments": "at=12; tumors.rows=two"}, "arguments", "tumors.rows=two", "number"),
        (RATE, {"arguments": "at=12; within=sex"}, "arguments", "within=sex", "within=column=v"),
        (RATE, {"arguments": "at=12; within=sex=mael"}, "arguments", "sex=mael", "female, male"),
        (RATE, {"arguments": "at=12; of=tumors"}, "arguments", "of", "time_column, unit, within"),
        (COUNT, {"statistic": "ratio"}, "arguments", "sex=male", "of=..."),
        (COUNT, {"statistic": "percent", "arguments": "of=organs"},
         "arguments", "of=organs", "whole number or a table"),
        (COUNT, {"statistic": "percent", "arguments": "of=0"}, "arguments", "of=0", "whole number"),
        (COUNT, {"statistic": "mean", "arguments": "column=age_years; minus=size"},
         "arguments", "size", "a column of patients"),
        (COUNT, {"statistic": "mean", "arguments": "column=age_years; scale=some"},
         "arguments", "scale=some", "a number"),
        (COUNT, {"statistic": "fraction", "arguments": "numerator=4; denominator=many"},
         "arguments", "denominator=many", "a number"),
        (COUNT, {"statistic": "fraction", "arguments": "numerator=4"},
         "arguments", "numerator=4", "denominator=..."),
        (RATE, {"printed": "83,3"}, "printed", "83,3", "a number"),
        (RATE, {"printed": ""}, "printed", "", "a number"),
        (RATE, {"kind": "word", "printed": "manny"}, "printed", "manny", "in words"),
        (RATE, {"kind": "bound", "printed": "0.05"}, "printed", "0.05", "<, >"),
        (RATE, {"kind": "bound", "printed": "<x"}, "printed", "<x", "and a number"),
        (RATE, {"kind": "dash"}, "printed", "83.3", "a dash"),
        (RATE, {"kind": "dash", "printed": "-"}, "statistic", "survival", "curve_at_zero"),
        (DASH, {"kind": "number", "printed": "1"}, "statistic", "curve_at_zero", "dash"),
        (RATE, {"statistic": ""}, "reason", "", " criterion,"),
        (RATE, {"statistic": "", "reason": "because"}, "reason", "because", " criterion,"),
        (RATE, {"reason": "dose"}, "reason", "dose", "one of nothing"),
        (RATE, {"id": COUNT}, "id", COUNT, "an id of its own (row"),
        (RATE, {"id": ""}, "id", "", "a name"),
        (HAZARD, {"arguments": "pathology=nsclc; adjusted_for=size=True"},
         "arguments", "size", "sex"),
        (HAZARD, {"arguments": "pathology=nsclc; adjusted_for=sex"},
         "arguments", "adjusted_for=sex", "adjusted_for=column=value"),
        (HAZARD, {"arguments": "pathology=nsclc; adjusted_for=sex=mael"},
         "arguments", "sex=mael", "female, male"),
    ],
)  # fmt: skip
def test_faulty_published_row(tmp_path, row_id, cells, column, found, expected):
    """A fault in one row of the printed numbers is named with its place."""
    path, line = changed(tmp_path, "published.csv", row_id, **cells)
    text = fault(read_published, path)
    line = next(i for i in range(line, 1000) if f"row {i}," in text) if "id" in cells else line
    assert text.startswith(f"published.csv, row {line}, column {column!r}: found ")
    assert found in text.partition(", expected ")[0]
    assert expected in text.partition(", expected ")[2]


@pytest.mark.parametrize(
    ("row_id", "cells", "column", "found", "expected"),
    [
        (WORDS, {"statistic": "counts"}, "statistic", "counts", "one of count,"),
        (WORDS, {"statistic": ""}, "statistic", "", "one of count,"),
        (WORDS, {"relation": "about"}, "relation", "about", " >=,"),
        (WORDS, {"relation": "!="}, "relation", "!=", " >=,"),
        (WORDS, {"value": "one"}, "value", "one", "a number"),
        (WORDS, {"arguments": "tumor=nsclc"}, "arguments", "tumor", "pathology"),
        (WORDS, {"arguments": "sex=mael"}, "arguments", "sex=mael", "female, male"),
        (WORDS, {"arguments": "pathology"}, "arguments", "pathology", "column=value"),
        (WORDS, {"arguments": "q=0.5"}, "arguments", "q", "table, within"),
        (WORDS, {"arguments": "time>=soon"}, "arguments", "time>=soon", "a number"),
        ("tumors_at_risk", {"arguments": "at=11.9"}, "arguments", "at=11.9", "multiple=..."),
        ("tumors_at_risk", {"arguments": "at=11.9; multiple=many"}, "arguments", "many", "sex"),
        (WORDS, {"id": "chemotherapy.nsclc"}, "id", "chemotherapy.nsclc", "(row 2 has this one)"),
    ],
)
def test_faulty_statement(tmp_path, row_id, cells, column, found, expected):
    """A fault in one row of the statements is named with its place."""
    path, line = changed(tmp_path, "statements.csv", row_id, **cells)
    text = fault(read_statements, path)
    assert text.startswith(f"statements.csv, row {line}, column {column!r}: found ")
    assert found in text.partition(", expected ")[0]
    assert expected in text.partition(", expected ")[2]


FILES = pytest.mark.parametrize(
    ("name", "read"), [("published.csv", read_published), ("statements.csv", read_statements)]
)


@FILES
def test_unknown_column(tmp_path, name, read):
    """A column that the contract does not have is named."""
    rows = [row | {"comment": ""} for row in copied(name)]
    text = fault(read, written(tmp_path, name, rows))
    assert text.startswith(f"{name}, row 1, column 'comment': ")
    assert "expected once each, only id, " in text


@FILES
def test_missing_column(tmp_path, name, read):
    """A column of the contract that is not there is named."""
    rows = [{k: v for k, v in row.items() if k != "arguments"} for row in copied(name)]
    text = fault(read, written(tmp_path, name, rows))
    assert text.startswith(f"{name}, row 1, column 'arguments': found '{', '.join(rows[0])}")
    assert "expected a first line that names id, " in text


@FILES
@pytest.mark.parametrize("change", ["one cell more", "one cell fewer", "twice the same column"])
def test_ragged_file(tmp_path, name, read, change):
    """A row of too many or too few cells, and a column that stands twice, are named."""
    lines = (DATA / name).read_text(encoding="utf8").splitlines()
    if change == "one cell more":
        lines[2] += ","
    elif change == "one cell fewer":
        lines[2] = lines[2].rpartition(",")[0]
    else:
        lines = [line + "," + line.partition(",")[0] for line in lines]
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    row = 1 if "twice" in change else 3
    assert fault(read, path).startswith(f"{name}, row {row}, column ")


def test_faulty_dictionary(tmp_path):
    """A column of a type that nobody knows is named with its place."""
    path = tmp_path / "dictionary.csv"
    path.write_text(path.read_text("utf8").replace("patients,sex,category", "patients,sex,kind"))
    text = fault(read_published, shutil.copy(DATA / "published.csv", tmp_path))
    assert text.startswith("dictionary.csv, row 3, column 'type': found 'kind', expected one of")


TABLES = {
    "patients": pd.DataFrame({"patient_id": ["A", "B", "C"], "female": [True, False, True],
                              "time": [3.0, 5.0, 9.0], "event": [True, True, False]}),
    "sessions": pd.DataFrame({"session_id": list("1234"), "patient_id": list("AABC"),
                              "kind": ["hot", "cold", "hot", "cold"]}),
    "tumors": pd.DataFrame({"patient_id": list("AAABC"), "session_id": list("11234"),
                            "cm": [1.2, 0.7, 2.0, 3.0, 1.0], "cycles": [2, 3, None, 2, 2],
                            "months": [1.0, 2.0, 2.0, 4.0, 8.0],
                            "back": [False, True, False, False, False]}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("statistic", "arguments", "value"),
    [
        ("count", "", 3),
        ("count", "table=tumors", 5),
        ("count", "sessions.kind=hot; sessions.kind=cold", 1),
        ("count", "tumors.cm>=2", 2),
        ("count", "sessions.rows=2", 1),
        ("count", "table=sessions; tumors.rows=2", 1),
        ("count", "table=tumors; sessions.kind=hot", 3),
        ("count", "table=tumors; patients.female=True; cm>1", 2),
        ("count", "table=tumors; cycles!=2", 2),
        ("count", "table=tumors; cycles>=2", 4),
        ("percent", "table=sessions; kind=hot", 50),
        ("percent", "table=sessions; kind=hot; of=tumors", 40),
        ("percent", "female=True; of=8", 25),
        ("percent", "female=True; within=tumors.cm>=2", 50),
        ("percent", "female=True; within=tumors.cm>=2; within=event=False", nan),
        ("ratio", "table=tumors; of=sessions", 1.25),
        ("fraction", "numerator=3; denominator=8", 37.5),
        ("mean", "table=tumors; column=cycles", 2.25),
        ("maximum", "table=tumors; column=cm; scale=10; sessions.kind=cold", 20),
        ("minimum", "table=tumors; column=months; scale=1/4; back=True", 0.5),
        ("mean", "table=tumors; column=months; minus=cm; within=cm<=2", 2.025),
        ("mean", "table=tumors; column=months; minus=cm; relative=months; sessions.rows=1; "
         "patients.female=False", 25),
        ("survival", "table=tumors; time_column=months; event_column=back; at=6", 75),
    ],
)  # fmt: skip
def test_verbs_over_several_tables(statistic, arguments, value):
    """Dotted filters join by keys; `within` and `of` change the denominator; all by hand."""
    row = Row("", "", statistic, *parse_arguments(arguments), "rounds to", "")
    found = REGISTRY[statistic].compute(TABLES, row, {})
    assert float(found) == pytest.approx(value, nan_ok=True)


def test_paired_tests():
    """Student's test as SciPy pairs it; Wilcoxon's exact one by laying out every sign."""
    before, after = [9.0, 8.0, 7.5, 6.0, 6.0], [7.0, 7.0, 8.5, 3.0, 6.0]
    tables = {"patients": pd.DataFrame({"patient_id": list("ABCDE"), "x": before, "y": after})}
    row = Row("", "", "paired_p", (), (("column", "x"), ("minus", "y")), "rounds to", "")
    compute = REGISTRY["paired_p"].compute
    student = compute(tables, row, {"paired_test": "student"})
    assert student == pytest.approx(ttest_rel(before, after).pvalue)
    ranks, found = [3, 1.5, 1.5, 4], 8.5  # of 2, 1, -1, 3; the zero is dropped
    sums = [sum(r * s for r, s in zip(ranks, signs, strict=True))
            for signs in product((0, 1), repeat=4)]  # fmt: skip
    exact = 2 * sum(s >= found for s in sums) / len(sums)
    assert compute(tables, row, {"paired_test": "wilcoxon"}) == exact


@pytest.mark.parametrize(
    ("statistic", "arguments", "places"),
    [
        ("count", "", {("patients", "rows")}),
        ("count", "sex=male", {("patients", "sex")}),
        ("count", "tumors.side=left", {("tumors", "side"), ("patients", "rows")}),
        ("count", "table=tumors", {("tumors", "rows")}),
        ("percent", "table=tumors; side=left", {("tumors", "side")}),
        ("ratio", "table=tumors; of=sessions", {("tumors", "rows"), ("sessions", "rows")}),
        ("survival", "at=12", {("patients", "time"), ("patients", "event")}),
        ("fraction", "numerator=3; denominator=8", set()),
    ],
)
def test_the_places_that_a_row_looks_at(statistic, arguments, places):
    """Columns, and the rows of a table where it is counted or asked through another."""
    row = Row("", "", statistic, *parse_arguments(arguments), "rounds to", "")
    assert columns_of(row) == places


def test_facts_of_a_block():
    """The survival search is told no fact that looks at a column of another block."""
    published, stated, _ = read_blocks("survival", folder=DATA)
    homes = homes_of(read_dictionary(DATA / "dictionary.csv"))
    for row in rows_of(published, stated):
        assert blocks_of(row, homes) == {"survival"}, row.id
    whole = read_published(DATA / "published.csv")
    assert not set(published["fact"]) & set(whole["fact"][~whole["id"].isin(published["id"])])
    assert {"age.mean", "diagnosis_interval.median"} & set(published["fact"]) == set()
    assert {"os.all.1y", "n.all", "p.nsclc"} <= set(published["fact"])
