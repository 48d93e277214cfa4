"""Terms: each one that a lesson introduces is in the glossary, and linked where it comes first."""

import re
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.util.nodes import _make_id

from test_pages import prose

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "chapters" / "lessons").glob("[0-9][0-9]-*.md"))
GLOSSARY = (ROOT / "chapters" / "reference" / "glossary.md").read_text(encoding="utf-8")
TERMS = re.findall(r"^\*\*(.+)\*\*$", GLOSSARY, re.M)
LINK = re.compile(r"\[([^\]]+)\]\(\.\./reference/glossary\.md#([^)]+)\)")
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")


def name_of(term):
    """The id that Sphinx gives the term."""
    return _make_id(f"term-{term}")


def bare_terms(text):
    """Words in bold that are neither linked, nor a heading of their paragraph (`.` or `:`)."""
    own = re.sub(r"^(`{3,}|:{3,})[^\n]*\n.*?^\1[ \t]*$", "", text, flags=re.S | re.M)
    return [words for words in BOLD.findall(LINK.sub("", own)) if words.strip('"”')[-1] not in ".:"]


def first_uses(term, texts):
    """Names of the lessons that use the term before, or in, the first one that links to it."""
    found = []
    for name, text in texts.items():
        linked = f"#{name_of(term)})" in text
        if linked or re.search(rf"(?<![\w-]){re.escape(term)}s?\b", prose(text), re.I):
            found.append((name, linked))
        if linked:
            break
    return found


def test_the_glossary_is_in_order_and_says_something():
    """Sorted without regard to capitals, each term once, each with words and its lesson."""
    assert sorted(set(TERMS), key=str.lower) == TERMS
    assert len(TERMS) > 60
    entries = re.findall(
        r"^\*\*.+\*\*\n  (.+) \[Lesson (\d+)\]\(.+/(\d\d)-.+\.md\)\.$", GLOSSARY, re.M
    )
    assert len(entries) == len(TERMS)
    assert all(len(words.split()) >= 5 for words, _, _ in entries)
    assert all(int(said) == int(linked) for _, said, linked in entries)


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_a_new_term_is_linked(page):
    """No bold term without its link, and no link that leads nowhere."""
    text = page.read_text(encoding="utf-8")
    assert bare_terms(text) == []
    targets = [target for _, target in LINK.findall(text)]
    assert set(targets) <= {name_of(term) for term in TERMS}
    assert len(set(targets)) == len(targets)  # once in a lesson is enough


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_linked_where_it_comes_first(term):
    """The first lesson that uses it links to it, and it is the one that the glossary names."""
    texts = {page.name[:2]: page.read_text(encoding="utf-8") for page in LESSONS}
    uses = first_uses(term, texts)
    assert uses, "no lesson uses it"
    assert uses[0][1], f"lesson {uses[0][0]} uses it without a link"
    said = re.search(rf"^\*\*{re.escape(term)}\*\*\n.*/(\d\d)-[\w-]+\.md\)\.$", GLOSSARY, re.M)[1]
    assert f"#{name_of(term)})" in texts[said]


def test_what_these_tests_would_notice():
    """A bold term without a link, a use before the link, a term that nobody uses."""
    linked = "A [**score**](../reference/glossary.md#term-score) is **new**. **A heading.** Text."
    assert bare_terms(linked) == ["new"]
    assert first_uses("score", {"01": "Many scores.", "02": linked}) == [
        ("01", False),
        ("02", True),
    ]
    assert first_uses("power", {"01": linked}) == []


def test_a_markdown_link_finds_a_term(monkeypatch):
    """Ids of terms join the headings that MyST knows of the page; headings stay."""
    monkeypatch.syspath_prepend(str(ROOT / "_ext"))
    monkeypatch.delitem(sys.modules, "house", raising=False)
    page = new_document("page")
    page += nodes.term("", "risk set", ids=["term-risk-set"])
    env = SimpleNamespace(
        docname="page", metadata={"page": {"myst_slugs": {"top": (1, "top", "Top")}}}
    )
    import_module("house").link_terms(SimpleNamespace(env=env), page)
    slugs = env.metadata["page"]["myst_slugs"]
    assert slugs["term-risk-set"][1:] == ("term-risk-set", "risk set")
    assert "top" in slugs
