"""Figures and tables are numbered through the book, and listed."""

import exhibits

PAGE = (
    '<head></head><article class="bd-article"><figure class="a"><img><figcaption>Ages. '
    '<span class="downloads"><a>SVG</a> <a>PNG</a></span></figcaption>'
    "</figure><figure><img></figure><table class='x'><caption>Rates &amp; <i>P</i></caption><tr>"
    "</table><table><tr></table></article>"
)


def test_what_has_a_caption_is_numbered_and_can_be_linked_to():
    """A figure or a table without one is not; numbers go on from page to page."""
    counts = {"figures": 3, "tables": 0}
    html, found = exhibits.number_captions(PAGE, counts)
    assert found == [("figures", 4, "Ages."), ("tables", 1, "Rates &amp; P")]
    assert '<figure class="a" id="fig4">' in html
    assert '<span class="exhibit-number">Figure 4.</span> Ages.' in html
    assert "<table class='x' id=\"tab1\"><caption>" in html
    assert html.count("id=") == 2
    assert counts == {"figures": 4, "tables": 1}


def test_the_list_leads_to_each():
    """By kind, with the caption's words and the page's title."""
    one = ("a.html", "figures", 1, "Ages.", "Patients")
    text = exhibits.listed([one, ("b.html", "tables", 1, "Rates.", "Survival")])
    assert '<li><a href="a.html#fig1">Figure 1</a> Ages. (Patients)</li>' in text
    assert text.index("Ages.") < text.index("<h3>Tables</h3>") < text.index("b.html#tab1")
