"""How the site is found and shared: numbers, previews, a page for lost visitors."""

from pathlib import Path

import found
import pytest
import sphinx
from py_mini_racer import MiniRacer

TOOLS = Path(sphinx.__file__).parent / "themes" / "basic" / "static" / "searchtools.js"

PAGE = """<html><head><meta charset="utf-8" />
<meta name="viewport" content="width=device-width" /><title>Overall survival - Book</title></head>
<body><article class="bd-article"><h1>Overall survival</h1>
<p>At one year 76.9% (54.0–99.8) are alive; "P" is 0.0039 &amp; n is 13. 1,234 ways.</p>
<img alt="falls to 31.6%"><script>let x = 99.9;</script></article></body></html>"""


def test_numbers_are_found_as_they_are_typed():
    """With a point, with commas, in alternative texts; not in scripts, not single digits."""
    words, _ = found.article(PAGE)
    assert found.numbers_in(words) == ["0.0039", "1,234", "13", "31.6", "54.0", "76.9", "99.8"]
    assert found.numbers_in("version 1.2.3, 4 of 5, A12") == []


def test_the_page_that_says_a_number_most_often_comes_first():
    """Titles go along."""
    texts = {"chapters/a": "76.9", "chapters/b": "76.9 and 76.9"}
    index = found.number_index(texts, {"chapters/a": "A", "chapters/b": "B"})
    assert index == {"76.9": [["chapters/b", "B"], ["chapters/a", "A"]]}


@pytest.mark.parametrize(
    ("words", "short"),
    [
        ("a bc def", "a bc def"),
        ("a bc def g", "a bc def g"),
        ("abcdefghi jk", "abcdefghi…"),
        ("a bc def gh", "a bc def…"),
        ("0123456789", "0123456789"),
    ],
)
def test_a_description_ends_with_a_whole_word(words, short):
    """At most so many signs, the mark of what is left out among them."""
    assert found.shorten(words, 10) == short


@pytest.fixture
def site(tmp_path):
    """A site of one page."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_static").mkdir()
    (tmp_path / "chapters" / "os.html").write_text(PAGE)
    (tmp_path / "_static" / "searchtools.js").write_text(TOOLS.read_text())
    return tmp_path


def test_a_site_without_an_address_names_none(site):
    """Title and description, one viewport, no referrer; no map, but a page for lost visitors."""
    found.make_findable(site, [site / "chapters" / "os.html"], "Book", "chapters/os")
    html = (site / "chapters" / "os.html").read_text()
    assert html.count('name="viewport"') == 1
    assert '<meta name="referrer" content="no-referrer">' in html
    assert '<meta property="og:title" content="Overall survival - Book">' in html
    assert 'content="At one year 76.9% (54.0–99.8) are alive; &quot;P&quot; is' in html
    assert "canonical" not in html
    assert 'href="chapters/os.html"' in (site / "404.html").read_text()
    assert not (site / "sitemap.xml").exists()


def test_the_entry_is_shared_like_the_first_page_which_bears_the_name_of_the_book_once(site):
    """Title and description of both; no space before a point after a link."""
    page = PAGE.replace("Overall survival - Book", "Book &#8212; Book")
    page = page.replace("At one", "One").replace("1,234 ways.", 'See <a href="x">here</a>.')
    page = page.replace("One year", "One year (<i>first</i>)")
    (site / "chapters" / "os.html").write_text(page)
    (site / "index.html").write_text("<head><title>Book</title></head>")
    found.make_findable(site, [site / "chapters" / "os.html"], "Book", "chapters/os")
    for name in ("chapters/os", "index"):
        html = (site / f"{name}.html").read_text()
        assert "<title>Book</title>" in html
        assert '<meta property="og:title" content="Book">' in html
        assert 'name="description" content="One year (first) 76.9%' in html
        assert "See here." in html


def test_a_site_with_an_address_names_it_everywhere(site):
    """Canonical address and picture on each page, a map, links from the top for the lost."""
    base = "https://example.org/book"
    found.make_findable(site, [site / "chapters" / "os.html"], "Book", "chapters/os", base)
    html = (site / "chapters" / "os.html").read_text()
    assert f'<link rel="canonical" href="{base}/chapters/os.html">' in html
    assert f'content="{base}/{found.PICTURE}"' in html
    assert f"<loc>{base}/chapters/os.html</loc>" in (site / "sitemap.xml").read_text()
    assert f"Sitemap: {base}/sitemap.xml" in (site / "robots.txt").read_text()
    assert 'href="/book/chapters/os.html"' in (site / "404.html").read_text()


def test_a_search_knows_the_words_of_the_pages_alone(site):
    """What every JavaScript object has is no word; Sphinx's own script would take it for one."""
    page = "const _ = (text) => text; const document = { readyState: 'complete' };"
    ask = """Search._queued_query = null; Search.setIndex({ docnames: ["a"], filenames: ["a.md"],
      titles: ["A"], terms: { median: 0 }, titleterms: {} });
      const found = (word) => Search.performTermsSearch(new Set([word]), new Set()).length;
      JSON.stringify(["median", "constructor", "__proto__", "nothing"].map(found));"""
    tools = site / "_static" / "searchtools.js"
    code = tools.read_text().replace("_ready(Search.init);", "")
    with pytest.raises(Exception, match="Spread syntax requires"):
        MiniRacer().eval(page + code + ask)
    found.mend_search(site)
    code = tools.read_text().replace("_ready(Search.init);", "")
    assert MiniRacer().eval(page + code + ask) == "[1,0,0,0]"
    tools.write_text("another")
    with pytest.raises(ValueError, match=r"searchtools\.js"):
        found.mend_search(site)
