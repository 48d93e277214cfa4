"""The text and the rows of a CSV file; a fault is a sentence: where, what is there, what should."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path

COMMAS = (
    "commas stand between cells and numbers have a decimal point, 12.5, where some spreadsheets "
    "write semicolons and a decimal comma"
)
LONGEST = 200  # signs of a header that are shown


class PublishedError(ValueError):
    """A fault in a data file; its text names the file, row, column and what was expected."""


def fault(path: str | Path, line: int, column: str, found: str, expected: str) -> str:
    """The sentence that an error says: where it is, what stands there, what should."""
    place = f"row {line}, column {column!r}" if column else f"row {line}"
    return f"{Path(path).name}, {place}: found {found}, expected {expected}"


def require(
    good: object, path: str | Path, line: int, column: str, found: str, expected: str | None
) -> None:
    """Raise PublishedError unless `good`; what stands there is quoted."""
    if not good:
        raise PublishedError(fault(path, line, column, repr(found), expected))


def one_of(allowed: Iterable[str]) -> str:
    """The names that may stand in a place, for a fault's sentence."""
    return "one of " + ", ".join(name or "nothing" for name in allowed)


def is_number(text: str) -> bool:
    """Is it a whole or decimal number as a data file writes it?"""
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def in_a_sentence(error: Exception) -> str:
    """An error in one line; of a missing file its name."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {(error.strerror or 'cannot be read').lower()}"
    return str(error)


def text_of(path: str | Path, loose: bool = False) -> str:
    """The text of a file; PublishedError where it is none, or has signs that no table has.

    `loose` lets a byte order mark pass, and digits of other scripts.
    """
    content, as_csv = Path(path).read_bytes(), "save it as CSV UTF-8"
    if content.startswith(b"PK"):
        found, expected = "a spreadsheet's own format", f"text; {as_csv}"
        raise PublishedError(fault(path, 1, "", found, expected))
    try:
        text = content.decode("utf-8-sig" if loose else "utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = f"the byte {error.object[error.start]:#x}"
        raise PublishedError(fault(path, line, "", found, f"text in UTF-8; {as_csv}")) from None
    # signs that would make another name, or another number, than the one that is seen
    odd = {sign for sign in {*text} - {*"\t\n\r\N{NO-BREAK SPACE}"} if not sign.isprintable()}
    if not loose:
        odd |= {s for s in {*text} if not s.isascii() and unicodedata.category(s) == "Nd"}
    places = [text.index(sign) for sign in odd]
    if places:
        line, found = text.count("\n", 0, min(places)) + 1, f"the sign {text[min(places)]!r}"
        expected = f"letters, digits 0 to 9 and signs that can be seen; {as_csv}"
        raise PublishedError(fault(path, line, "", found, expected))
    return text


def _rows(path, loose):
    """Each row, with the line of the file on which it begins; `loose` as of `read_lines`."""
    reader, line = csv.reader(StringIO(text_of(path, loose), newline=""), strict=True), 1
    try:
        for row in reader:
            if loose:
                row = [cell.replace("\N{NO-BREAK SPACE}", " ").strip() for cell in row]
            if any(row) or not loose:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        expected = 'each quotation mark (") closed, in the same cell'
        raise PublishedError(fault(path, line, "", str(error), expected)) from None


def read_lines(
    path: str | Path, columns: Sequence[str], optional: Sequence[str] = (), loose: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by column, with the line on which it begins; PublishedError where it is ragged.

    `loose` takes a file as a spreadsheet may save it: with a byte order mark, names of columns
    in capitals, empty lines, blanks around cells.
    """
    (first, header), *rest = list(_rows(path, loose)) or [(1, [])]
    header = [name.lower() for name in header] if loose else header
    for column in columns:
        found = ", ".join(header)[:LONGEST] or "nothing"
        expected = f"a first line that names {', '.join(columns)}, with commas between them"
        expected += f"; {COMMAS}" if ";" in found else ""
        good = header.count(column) == 1
        require(good, path, first, column, found, expected)
    known = [*columns, *optional]
    for column in header:
        good = column in known and header.count(column) == 1
        require(good, path, first, column, column, "once each, only " + ", ".join(known))
    for line, row in rest:
        if len(row) != len(header):
            last = header[min(len(row), len(header)) - 1]
            expected = f'{len(header)}; a cell with a comma in it needs "quotes"; {COMMAS}'
            raise PublishedError(fault(path, line, last, f"{len(row)} cells", expected))
        yield line, dict(zip(header, row, strict=True))
