"""Which files of a cohort are as the command made them, by `cohort/digests.csv`.

Only the standard library is loaded here, so that a build can ask.
"""

import csv
import hashlib
import io
import os
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

COHORT = "cohort"
RECORD = "digests.csv"
LENGTH, MARK = 16, 4  # hexadecimal digits of the digest of a file, and of a line or a column
PROSE = {  # the only inputs, each with its columns that are for readers alone
    "published.csv": {"position", "quantity", "unit"},
    "statements.csv": {"location", "statement"},
    "conventions.csv": {"meaning"},
    "dictionary.csv": {"unit", "description"},
    "rules.csv": {"rule"},
}


class Made(NamedTuple):
    """What is recorded of one file that `recohort audit` wrote."""

    stage: str
    digest: str
    made_from: str  # name=digest of all that the stage was told
    marks: str = ""  # short digests of its lines and columns


def write_beside(path: Path | str, text: str) -> None:
    """Write a file whole or not at all: beside its place first, then renamed into it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf8", newline="")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def digest_of(folder: Path | str, name: str) -> str:
    """The digest of a file of the folder; empty where there is none.

    Of an input counts what a search is told: its prose may be mended, and of the dictionary only
    the rows about a cohort's columns count.
    """
    path = Path(folder) / name
    if not path.is_file():
        return ""
    told = path.read_bytes()
    if name in PROSE:
        with suppress(UnicodeDecodeError, csv.Error):  # a file that cannot be read counts whole
            rows = csv.DictReader(io.StringIO(told.decode("utf8")))
            kept = [row for row in rows if row.get("block") != "" or "table" not in row]
            cells = [[(key, row[key]) for key in row if key not in PROSE[name]] for row in kept]
            told = repr(cells).encode()
    return hashlib.sha256(told).hexdigest()[:LENGTH]


def marks_of(path: Path | str) -> str:
    """Short digests of a file's lines, a space, and those of a table's columns."""
    lines = Path(path).read_text(encoding="utf8", errors="replace").splitlines()
    columns = map(repr, zip_longest(*csv.reader(lines)))
    digests = ([hashlib.sha256(t.encode()).hexdigest() for t in own] for own in (lines, columns))
    return " ".join("".join(digest[:MARK] for digest in own) for own in digests)


def place_of(folder: Path | str, name: str) -> str:
    """Where an edited file is unlike the one recorded: `, row 4, column 'sex'`; empty if unknown.

    Rows are lines of the file. Of several the first is named, and no column where all are unlike.
    """
    path, made, said = Path(folder) / name, read_digests(folder).get(name), ""
    if not made or not made.marks or not path.is_file():
        return said
    names = path.read_text(encoding="utf8", errors="replace").partition("\n")[0].split(",")
    pairs = zip(marks_of(path).split(" "), made.marks.split(" "), strict=True)
    for what, (now, then) in zip(("row", "column"), pairs, strict=True):
        starts = enumerate(range(0, max(len(now), len(then)), MARK))
        unlike = [place for place, at in starts if now[at : at + MARK] != then[at : at + MARK]]
        if unlike and (what == "row" or unlike[0] < len(names) > len(unlike)):
            said += f", {what} {unlike[0] + 1 if what == 'row' else repr(names[unlike[0]])}"
            said += f" and {len(unlike) - 1} more" * (len(unlike) > 1)
    return said


def read_digests(folder: Path | str) -> dict[str, Made]:
    """What is recorded of each file, by its name in the folder; nothing where there is no record.

    Raises ValueError where the record is not one.
    """
    path = Path(folder) / COHORT / RECORD
    if not path.is_file():
        return {}
    columns = ["file", *Made._fields]
    header, *rows = [*csv.reader(path.read_text(encoding="utf8").splitlines()), []]
    if header != columns or any(row and len(row) != len(columns) for row in rows):
        raise ValueError(f"{RECORD}: expected the columns {', '.join(columns)}")
    return {row[0]: Made(*row[1:]) for row in rows if row}


def write_digests(folder: Path | str, record: dict[str, Made]) -> None:
    """Write the record, files in order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("file", *Made._fields))
    writer.writerows((name, *record[name]) for name in sorted(record))
    write_beside(Path(folder) / COHORT / RECORD, text.getvalue())


def unlike_command(folder: Path | str) -> list[str]:
    """The files of a data folder that are not as `recohort audit` made them, in order.

    A file of `cohort/` that was edited, is missing or was never written by the command; one that
    was made from others than are there now; an input that says something else by now. The record
    alone where that is missing, nothing where no cohort has been made.
    """
    folder = Path(folder)
    there = {f"{COHORT}/{path.name}" for path in (folder / COHORT).glob("[!.]*")}
    if not there:
        return []
    record = read_digests(folder)
    if not record:
        return [f"{COHORT}/{RECORD}"]
    unlike = there - set(record) - {f"{COHORT}/{RECORD}"}
    unlike |= {name for name, made in record.items() if digest_of(folder, name) != made.digest}
    recorded = {name: made.digest for name, made in record.items()}
    now = recorded | {name: digest_of(folder, name) for name in PROSE}
    for name, made in record.items():
        for source, _, digest in (told.partition("=") for told in made.made_from.split()):
            if now.get(source, digest) != digest:
                unlike.add(source if source in PROSE else name)
    return sorted(unlike)
