"""Faults of files: one sentence that says where, what stands there, and what should."""

import re
from collections.abc import Iterable
from pathlib import Path


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
