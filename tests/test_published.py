"""Both data files read cleanly; a fault stops with file, row, column and what was expected."""

import csv
from pathlib import Path

import pytest

from thirteen.published import (
    PUBLISHED_COLUMNS,
    STATEMENT_COLUMNS,
    PublishedError,
    parse_arguments,
    read_published,
    read_statements,
    rows_of,
)

DATA = Path(__file__).parents[1] / "data"
RATE = "table3.sex.male.os_1y.rate"  # at=12; sex=male
COUNT = "table3.sex.male.n"
DASH = "table3.nsclc.os_3y.dash"
HAZARD = "results.hazard_ratio.nsclc"
WORDS = "local_progression.nsclc"  # pathology=nsclc; time>=11.9


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


def statements(path):
    """Statements at `path`, against the printed figures as they are."""
    return read_statements(path, read_published(DATA / "published.csv"))


def test_files_read_cleanly():
    """Both files have the columns of the contract, and every row can be used."""
    published = read_published(DATA / "published.csv")
    stated = statements(DATA / "statements.csv")
    assert list(published) == PUBLISHED_COLUMNS
    assert list(stated) == STATEMENT_COLUMNS
    used = (published["statistic"] != "").sum() + len(stated)
    assert len(rows_of(published, stated)) == used > 250
    assert published["id"].is_unique


def test_arguments_are_split():
    """Filters keep their operator; options are told from filters by their name."""
    filters, options = parse_arguments("at=12; sex=male; time>=11.9; pathology!=nsclc")
    assert filters == (("sex", "=", "male"), ("time", ">=", "11.9"), ("pathology", "!=", "nsclc"))
    assert options == (("at", "12"),)


@pytest.mark.parametrize(
    ("row_id", "cells", "column", "found", "expected"),
    [
        (RATE, {"statistic": "survivall"}, "statistic", "survivall", "'survival'"),
        (RATE, {"kind": "numeral"}, "kind", "numeral", "'number'"),
        (RATE, {"arguments": "at=12; gender=male"}, "arguments", "gender", "sex"),
        (RATE, {"arguments": "at=12; sex=mael"}, "arguments", "sex=mael", "female, male"),
        (RATE, {"arguments": "at=12; event=yes"}, "arguments", "event=yes", "False, True"),
        (RATE, {"arguments": "at=12; time>=soon"}, "arguments", "time>=soon", "a number"),
        (RATE, {"arguments": "at=12; male"}, "arguments", "male", "column=value"),
        (RATE, {"arguments": "sex=male"}, "arguments", "sex=male", "at=..."),
        (RATE, {"arguments": "at=soon; sex=male"}, "arguments", "at=soon", "a number"),
        (RATE, {"arguments": "at=12; q=0.5; sex=male"}, "arguments", "q", "at"),
        (COUNT, {"arguments": "at=12; sex=male"}, "arguments", "at", "filters alone"),
        (RATE, {"printed": "83,3"}, "printed", "83,3", "a number"),
        (RATE, {"printed": ""}, "printed", "", "a number"),
        (RATE, {"kind": "word", "printed": "manny"}, "printed", "manny", "in words"),
        (RATE, {"kind": "bound", "printed": "0.05"}, "printed", "0.05", "<, >"),
        (RATE, {"kind": "bound", "printed": "<x"}, "printed", "<x", "and a number"),
        (RATE, {"kind": "dash"}, "printed", "83.3", "a dash"),
        (RATE, {"kind": "dash", "printed": "-"}, "statistic", "survival", "curve_at_zero"),
        (DASH, {"kind": "number", "printed": "1"}, "statistic", "curve_at_zero", "dash"),
        (RATE, {"statistic": ""}, "reason", "", "'criterion'"),
        (RATE, {"statistic": "", "reason": "because"}, "reason", "because", "'criterion'"),
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
    """A fault in one row of the printed figures is named with its place."""
    path, line = changed(tmp_path, "published.csv", row_id, **cells)
    text = fault(read_published, path)
    line = next(i for i in range(line, 1000) if f"row {i}," in text) if "id" in cells else line
    assert text.startswith(f"published.csv, row {line}, column {column!r}: found ")
    assert found in text.partition(", expected ")[0]
    assert expected in text.partition(", expected ")[2]


@pytest.mark.parametrize(
    ("row_id", "cells", "column", "found", "expected"),
    [
        (WORDS, {"statistic": "counts"}, "statistic", "counts", "'count'"),
        (WORDS, {"statistic": ""}, "statistic", "", "'count'"),
        (WORDS, {"relation": "about"}, "relation", "about", "'>='"),
        (WORDS, {"relation": ">"}, "relation", ">", "'>='"),
        (WORDS, {"value": "one"}, "value", "one", "a number"),
        (WORDS, {"arguments": "tumor=nsclc"}, "arguments", "tumor", "pathology"),
        (WORDS, {"arguments": "sex=mael"}, "arguments", "sex=mael", "female, male"),
        (WORDS, {"arguments": "pathology"}, "arguments", "pathology", "column=value"),
        (WORDS, {"arguments": "q=0.5"}, "arguments", "q", "filters alone"),
        (WORDS, {"arguments": "time>=soon"}, "arguments", "time>=soon", "a number"),
        ("tumors_at_risk", {"arguments": "at=11.9"}, "arguments", "at=11.9", "multiple=..."),
        ("tumors_at_risk", {"arguments": "at=11.9; multiple=many"}, "arguments", "many", "sex"),
        (WORDS, {"id": "chemotherapy.nsclc"}, "id", "chemotherapy.nsclc", "(row 2 has this one)"),
    ],
)
def test_faulty_statement(tmp_path, row_id, cells, column, found, expected):
    """A fault in one row of the statements is named with its place."""
    path, line = changed(tmp_path, "statements.csv", row_id, **cells)
    text = fault(statements, path)
    assert text.startswith(f"statements.csv, row {line}, column {column!r}: found ")
    assert found in text.partition(", expected ")[0]
    assert expected in text.partition(", expected ")[2]


FILES = pytest.mark.parametrize(
    ("name", "read"), [("published.csv", read_published), ("statements.csv", statements)]
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
    assert (
        text == f"{name}, row 1, column 'arguments': found 'no such column', expected 'arguments'"
    )


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


def test_new_value_needs_room(tmp_path):
    """A statement may name a value of its own only where printed counts leave patients for it."""
    path, _ = changed(tmp_path, "statements.csv", "origin.extremity", arguments="origin=elbow")
    assert (statements(path)["arguments"] == "origin=elbow").any()
    path, line = changed(tmp_path, "statements.csv", "origin.extremity", arguments="pathology=gout")
    assert f"row {line}, column 'arguments': found 'pathology=gout'" in fault(statements, path)
