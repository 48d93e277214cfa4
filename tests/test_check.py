"""`recohort check`: what is wrong in a data folder is said in a sentence, never a traceback."""

import csv
import io
import re
import shutil
from random import Random

import pandas as pd
import pytest

from recohort.__main__ import main
from recohort.check import faults, unlike_dictionary, unlike_paper, unlike_record
from recohort.digests import (
    COHORT,
    PROSE,
    RECORD,
    Made,
    digest_of,
    marks_of,
    read_digests,
    unlike_command,
    write_beside,
    write_digests,
)
from recohort.stages import NOTE
from thirteen.data import DATA

PRINTED = [*PROSE, NOTE]


@pytest.fixture
def folder(tmp_path):
    """A copy of the edition's printed files and of its cohort."""
    for name in PRINTED:
        shutil.copy(DATA / name, tmp_path)
    shutil.copytree(DATA / COHORT, tmp_path / COHORT)
    return tmp_path


def change(path, column, row, value):
    """Write another value into one cell of a file."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[row, column] = value(table.loc[row, column]) if callable(value) else value
    table.to_csv(path, index=False, lineterminator="\n")


def swapped(path, columns):
    """Swap the cells of the first and last row in some columns."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    first, last = table.index[[0, -1]]
    table.loc[[first, last], columns] = table.loc[[last, first], columns].to_numpy()
    table.to_csv(path, index=False, lineterminator="\n")


def test_the_edition_is_sound(capsys):
    """Every file is as the command made it, every number kept is given by the cohort."""
    assert faults(DATA) == []
    assert main(["check", "--data", str(DATA)]) == 0
    assert "gives every number kept: patients.csv (13 rows)" in capsys.readouterr().out


def other_sex(value):
    """The other one."""
    return {"male": "female", "female": "male"}[value]


CHANGES = [
    ("patients", "sex", other_sex),
    ("patients", "time", lambda months: str(float(months) + 9)),
    ("tumors", "side", lambda side: {"left": "right", "right": "left"}[side]),
    ("tumors", "diameter_cm", lambda cm: str(float(cm) + 3)),
    ("renal_function", "egfr_before", lambda value: str(float(value) + 13.4)),
    ("sessions", "modality", "cryoablation"),
]
each_change = pytest.mark.parametrize(("table", "column", "value"), CHANGES)


@each_change
def test_a_changed_cell_is_recorded(folder, table, column, value):
    """The record of the command names the file."""
    change(folder / COHORT / f"{table}.csv", column, 0, value)
    assert f"{COHORT}/{table}.csv" in unlike_command(folder)


def test_a_changed_cell_is_named(folder):
    """By file, row and column: 60 cells drawn from all tables, whether a number shows it or not."""
    random = Random(20)
    tables = sorted(path for path in (folder / COHORT).glob("*.csv") if path.name != RECORD)
    for _ in range(60):
        path = random.choice(tables)
        before = path.read_text(encoding="utf8")
        rows = list(csv.reader(io.StringIO(before)))
        row, column = random.randrange(1, len(rows)), random.randrange(len(rows[0]))
        rows[row][column] = other_cell(rows[row][column], random)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        path.write_text(text.getvalue(), encoding="utf8")
        place = f"{COHORT}/{path.name}, row {row + 1}, column {rows[0][column]!r}: not as"
        assert [said[: len(place)] for said in unlike_record(folder)] == [place]
        path.write_text(before, encoding="utf8")
    assert unlike_record(folder) == []


def other_cell(cell, random):
    """Another value of a cell: a digit, a truth or a word changed, or one where there was none."""
    digits = [i for i, sign in enumerate(cell) if sign.isdigit()]
    if digits:
        place = random.choice(digits)
        return f"{cell[:place]}{(int(cell[place]) + random.randint(1, 9)) % 10}{cell[place + 1 :]}"
    return {"True": "False", "False": "True"}.get(cell, f"{cell}x")


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (lambda rows: [*rows[:3], *rows[4:]], ", row 4 and 10 more"),
        (lambda rows: [*rows, rows[-1]], ", row 15"),
        (lambda rows: [rows[0].replace("sex", "Sex", 1), *rows[1:]], ", row 1, column 'Sex'"),
        (lambda rows: [f"{row},1" for row in rows], ", row 1 and 13 more, column '1'"),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], ", row 2 and 1 more"),
    ],
)
def test_rows_and_columns_that_are_unlike_are_counted(folder, edit, place):
    """Rows lost, added or exchanged, a column renamed or added."""
    path = folder / COHORT / "patients.csv"
    path.write_text("\n".join(edit(path.read_text().splitlines())) + "\n")
    (said,) = unlike_record(folder)
    assert re.match(rf"{COHORT}/patients\.csv{place}[:, ]", said), said


def test_every_file_of_the_edition_has_its_marks():
    """Or an edited one could be named by file alone."""
    for name, made in read_digests(DATA).items():
        assert made.marks == marks_of(DATA / name), name


@pytest.mark.slow
@each_change
def test_a_changed_cell_is_told_by_the_numbers(folder, table, column, value):
    """Without the record, a rule that it breaks or a published number that it does not give."""
    change(folder / COHORT / f"{table}.csv", column, 0, value)
    (folder / COHORT / RECORD).unlink()
    first, *others = faults(folder)
    assert first.startswith(f"{COHORT}/{RECORD}")
    assert others
    assert all(", row " in said or "published" in said for said in others)


@pytest.mark.slow
def test_what_is_not_there_hides_nothing_else(folder):
    """Each missing table is named, and without one all other numbers are asked."""
    (folder / COHORT / "renal_function.csv").unlink()
    path = folder / "published.csv"
    last = pd.read_csv(path, dtype=str)["id"].tolist().index("table3.chemotherapy.no.mst")
    change(path, "printed", last, "56.9")
    said = unlike_paper(folder)
    assert len(said) == 1
    assert said[0].startswith(f"published.csv, row {last + 2}, column 'printed': found '56.9', ")
    (folder / COHORT / "tumors.csv").unlink()
    missing = {told.split(":")[0] for told in unlike_dictionary(folder)}
    assert missing == {f"{COHORT}/renal_function.csv", f"{COHORT}/tumors.csv"}


@pytest.mark.slow
def test_a_number_that_nothing_recomputes_is_named(folder):
    """By what the ledger has of it."""
    path = folder / "published.csv"
    line = pd.read_csv(path, dtype=str)["id"].tolist().index("methods.scans.before.from")
    change(path, "printed", line, "7")
    said = f"published.csv, row {line + 2}, column 'printed': found '7', expected 3, as the ledger"
    assert any(told.startswith(said) for told in faults(folder))


@pytest.mark.slow
def test_permuted_cells_are_named(folder):
    """Who is what, exchanged between two patients, is no longer what the paper prints."""
    swapped(folder / COHORT / "patients.csv", ["sex", "pathology"])
    (folder / COHORT / RECORD).unlink()
    assert len(faults(folder)) > 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda f: (f / "cohort/tumors.csv").unlink(), "cohort/tumors.csv: missing"),
        (lambda f: (f / "cohort/patients.csv").unlink(), "cohort/patients.csv: missing"),
        (lambda f: (f / "published.csv").unlink(), "published.csv: no such file"),
        (lambda f: header_only(f / "cohort/patients.csv"), "no rows below the header"),
        (lambda f: reordered(f / "cohort/patients.csv"), "columns in another order"),
        (lambda f: latin(f / "cohort/sessions.csv"), "sessions.csv, row 2: found the byte 0xe9"),
        (lambda f: latin(f / "published.csv"), "expected text in UTF-8"),
        (lambda f: arabic(f / "cohort/patients.csv"), "digits 0 to 9"),
        (lambda f: (f / "cohort/more.csv").write_text("a\n"), "cohort/more.csv: not as"),
        (lambda f: (f / "cohort/ledger.csv").write_text("a\n"), "cohort/ledger.csv, row 1 and 687"),
        (lambda f: (f / "cohort/digests.csv").write_text("a\n1\n"), "digests.csv: expected the"),
        (lambda f: change(f / "published.csv", "printed", 40, "1"), "published.csv"),
    ],
)
def test_a_broken_folder_is_told_in_sentences(folder, break_it, said, capsys):
    """One sentence a fault, the file named; the exit status is 1."""
    break_it(folder)
    assert main(["check", "--data", str(folder)]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def header_only(path):
    """Leave the header."""
    write_beside(path, path.read_text("utf8").splitlines()[0] + "\n")


def reordered(path):
    """Put the last column first."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table[[*table.columns[-1:], *table.columns[:-1]]].to_csv(path, index=False)


def latin(path):
    """Write one letter in another encoding."""
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1] + b"\xe9"
    path.write_bytes(b"\n".join(lines))


def arabic(path):
    """Write a digit of another script."""
    path.write_text(re.sub("1", "\N{ARABIC-INDIC DIGIT ONE}", path.read_text("utf8"), count=1))


@pytest.mark.parametrize("command", ["search", "audit", "ledger", "check"])
def test_a_missing_folder_is_one_sentence(tmp_path, command, capsys):
    """Whatever is asked of it."""
    assert main([command, "--data", str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().err.endswith("nowhere: no such folder\n")


def test_prose_may_be_mended_without_a_search(folder):
    """Descriptions are for readers: they change no digest; what a search is told does."""
    before = digest_of(folder, "dictionary.csv"), unlike_command(folder)
    change(folder / "dictionary.csv", "description", 0, "Another description.")
    assert (digest_of(folder, "dictionary.csv"), unlike_command(folder)) == before
    change(folder / "dictionary.csv", "lowest", 2, "1")
    assert digest_of(folder, "dictionary.csv") != before[0]
    assert "dictionary.csv" in unlike_command(folder)


def test_a_file_made_from_others_is_named(folder):
    """A cohort made anew leaves behind what was found beside the old one."""
    name = f"{COHORT}/patients.csv"
    swapped(folder / name, ["sex"])
    record = read_digests(folder)
    own = record[name]
    write_digests(folder, record | {name: Made(own.stage, digest_of(folder, name), own.made_from)})
    unlike = unlike_command(folder)
    assert f"{COHORT}/ledger.csv" in unlike
    assert name not in unlike


def test_no_cohort_is_no_fault(folder):
    """A paper that was not searched yet has nothing that could be unlike."""
    shutil.rmtree(folder / COHORT)
    assert unlike_command(folder) == []
    assert faults(folder) == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    """What stops in the middle leaves the old file, and nothing beside it."""
    path = tmp_path / "table.csv"
    write_beside(path, "whole\n")
    with pytest.raises(UnicodeEncodeError):
        write_beside(path, "broken \ud800")
    assert path.read_text() == "whole\n"
    assert list(tmp_path.iterdir()) == [path]
