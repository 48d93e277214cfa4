"""The contents mirror the paper: each section of its Methods and Results, in its order."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TABLE_1 = "Patients and tumors"
SECTIONS = {  # the paper's own headings, in its order
    "Methods": [
        "Study design and patients",
        "Pretreatment work-up",
        "Thermal ablation for renal metastases",
        "Complications",
        "Follow-up",
        "Statistical analyses",
    ],
    "Results": [
        "Initial therapeutic results",
        "Adverse events and changes in renal function",
        "Tumor progression and survival",
    ],
}


def title_of(entry):
    """The title of a page in the contents: its own there, or the heading of the page."""
    page = (ROOT / f"{entry['file']}.md").read_text(encoding="utf-8")
    return entry.get("title") or re.search(r"^# (.+)$", page, re.M)[1]


def titles(part, contents):
    """The titles of a part of the contents, in order."""
    (chapters,) = [p["chapters"] for p in contents["parts"] if p["caption"] == part]
    return [title_of(entry) for entry in chapters]


def not_in_order(headings, found):
    """The first heading that no title begins with, from where the one before was found; or None."""
    place = 0
    for heading in headings:
        begins = [title.lower().startswith(heading.lower()) for title in found[place:]]
        if not any(begins):
            return heading
        place += begins.index(True) + 1
    return None


@pytest.mark.parametrize("part", SECTIONS)
def test_each_section_of_the_paper_is_in_the_contents_in_order(part):
    """By its own name; nothing else stands there but Table 1, beside the first section."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = titles(part, contents)
    assert not_in_order(SECTIONS[part], found) is None
    more = {"Methods": [TABLE_1], "Results": ["Progression-free survival", "Overall survival"]}
    assert [title.partition(":")[0] for title in found if title not in more[part]] == SECTIONS[part]
    assert [title for title in found if title in more[part]] == more[part]
    assert part != "Methods" or found[1] == TABLE_1


def test_a_section_missing_or_out_of_order_is_noticed():
    """Both faults, and neither where a part has further pages between."""
    assert not_in_order(["A", "B"], ["a", "x", "B: one"]) is None
    assert not_in_order(["A", "B"], ["B", "A"]) == "B"
    assert not_in_order(["A", "B"], ["A"]) == "B"
