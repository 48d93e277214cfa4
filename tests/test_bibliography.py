"""The bibliography: complete entries, each of them cited somewhere."""

import re
from pathlib import Path

import pytest

CHAPTERS = Path(__file__).parents[1] / "chapters"
TEXT = (CHAPTERS / "references.bib").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", TEXT, re.S | re.M))
PAGES = [page.read_text(encoding="utf-8") for page in sorted(CHAPTERS.rglob("*.md"))]


def cited():
    """Every key that a page cites."""
    found = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", "\n".join(PAGES))
    return {key.strip() for group in found for key in group.split(",")}


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_is_complete(key):
    """Author, title and year, and where it appeared; the key ends in the year."""
    fields = dict(re.findall(r"^\s+(\w+) = \{(.+)\},$", ENTRIES[key], re.M))
    assert {"author", "title", "year"} <= set(fields)
    assert {"journal", "institution", "organization", "booktitle"} & set(fields)
    assert key.endswith(fields["year"])
    assert re.fullmatch(r"10\.\d{4,}/\S+", fields.get("doi", "10.1000/x"))


def test_what_is_cited_is_listed_and_the_other_way_round():
    """No entry only for show; no citation without its entry."""
    assert cited() == set(ENTRIES)


def test_no_entry_twice():
    """One key an entry, one title an entry."""
    titles = re.findall(r"^\s+title = \{(.+)\},$", TEXT, re.M)
    assert len(titles) == len(set(titles)) == len(ENTRIES)
