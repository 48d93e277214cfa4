"""The README's map and picture."""

import re
from pathlib import Path

from readme_picture import PLACE, picture

from test_contents import SECTIONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXHIBITS = [f"Figure {i}" for i in range(1, 5)] + [f"Table {i}" for i in range(1, 4)]


def exhibit_map():
    """Each exhibit of the map with what stands beside it."""
    rows = re.findall(r"^\|\s*((?:Figure|Table) \d)[^|]*\|\s*(.*?)\s*\|\s*$", README, re.M)
    return dict(rows)


def test_each_exhibit_of_the_paper_is_in_the_map():
    """Four figures and three tables, each with a chapter or the word that it is to come."""
    found = exhibit_map()
    assert sorted(found) == sorted(EXHIBITS)
    for exhibit, place in found.items():
        pages = re.findall(r"\]\(([^)#]+)", place)
        assert pages or place == "to come", exhibit


def test_each_section_of_methods_is_in_the_map():
    """The paper's own headings in its order, each with the page that has it as its title."""
    rows = re.findall(r"^\| Methods: ([^|]*?)\s*\|\s*\[.*?\]\(([^)#]+)", README, re.M)
    assert [section for section, _ in rows] == SECTIONS["Methods"]
    for section, page in rows:
        first = re.search(r"^# (.*)$", (ROOT / page).read_text(encoding="utf-8"), re.M)[1]
        assert first == section


def test_each_local_link_leads_somewhere():
    """Chapters, data and pictures that the README names exist."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_a_chapter_of_the_map_names_its_exhibit():
    """Whoever follows the map finds the exhibit's name on the page."""
    for exhibit, place in exhibit_map().items():
        for page in re.findall(r"\]\(([^)#]+)", place):
            text = (ROOT / page).read_text(encoding="utf-8")
            kind, number = exhibit.split()
            assert re.search(rf"{kind}s? (?:\d and )?{number}\b", text), (exhibit, page)


def test_the_picture_is_that_of_the_cohort():
    """`make cohort` draws it anew; nobody edits it."""
    assert PLACE.read_text(encoding="utf-8") == picture()
