"""The finished site's files, text by text; what a browser makes of them is tested in `browser/`."""

import csv
import io
import json
import re
import subprocess
from html import escape
from pathlib import Path
from zipfile import ZipFile

import edition
import pandas as pd
import policy
import press
import sheets
import takeaway
import tinycss2
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">'
    '<metadata>who</metadata><path d="M 1.23456 2.5\nL 70.98765 30" style="stroke: #000"/>'
    '<use x="3.14159" transform="translate(10.98765 2) scale(0.015625 -0.015625)"/></svg>'
)


def css(text, *words):
    """A style sheet pruned for pages with these classes."""
    return sheets.prune(tinycss2.parse_stylesheet(text, True, True), set(words))


def test_a_lighter_figure_is_the_same_figure():
    """Digits that nobody sees go; the scale of letters, a small factor, stays."""
    light = takeaway.lighten(SVG)
    assert 'd="M1.23 2.5L70.99 30"' in light
    assert 'x="3.14"' in light
    assert "translate(10.99 2) scale(0.015625 -0.015625)" in light
    assert "who" not in light


def test_what_is_referred_to_keeps_a_name():
    """A short one, wherever it is asked for; nothing else in a figure needs any."""
    svg = '<g id="axes_1"><path id="DejaVuSans-4e" d="M 1 2"/><use xlink:href="#DejaVuSans-4e"/>'
    svg += '<g clip-path="url(#p1)"/><clipPath id="p1"/></g>'
    expected = '<g><path id="n0" d="M1 2"/><use href="#n0"/>'
    expected += '<g clip-path="url(#n1)"/><clipPath id="n1"/></g>'
    assert takeaway.lighten(svg) == expected


def test_a_figure_becomes_a_file_with_two_links():
    """The page names the SVG, its size and both files; the caption keeps its words."""
    data = takeaway.base64.b64encode(SVG.encode()).decode()
    page = (
        f'<figure><img src="data:image/svg+xml;base64,{data}" alt="A line">'
        "<figcaption>Line</figcaption></figure>"
    )
    html, taken = takeaway.take_out_figures(page, "lines", "../")
    assert list(taken) == ["_images/lines-figure-1.svg"]
    assert '<img src="../_images/lines-figure-1.svg" alt="A line" width="96" height="48">' in html
    assert re.findall(r'href="([^"]+)"', html) == [
        "../_images/lines-figure-1.svg",
        "../_images/lines-figure-1.png",
    ]
    assert "<figcaption>Line " in html
    assert takeaway.to_png(SVG)[16:24] == (192).to_bytes(4) + (96).to_bytes(4)


def test_each_figure_has_its_picture_beside_it(tmp_path):
    """As SVG and as PNG, which is drawn once and kept for the next build."""
    site, drawn = tmp_path / "site", tmp_path / "kept" / "drawn"
    site.mkdir()
    data = takeaway.base64.b64encode(SVG.encode()).decode()
    (site / "lines.html").write_text(f'<img src="data:image/svg+xml;base64,{data}" alt="A line">')
    press.take_out(site, drawn)
    (kept,) = drawn.iterdir()
    files = sorted(path.name for path in (site / "_images").iterdir())
    assert files == ["lines-figure-1.png", "lines-figure-1.svg"]
    assert (site / "_images" / files[0]).read_bytes() == kept.read_bytes()


def test_what_the_joined_script_holds_leaves_the_page():
    """Settings on every page and joined files go; what a page alone has stays, in its order."""
    page = (
        "<title>t</title><script>shared = 1;</script><script>own = 2;</script>"
        '<script src="../joined.js"></script><script src="../own.js">shared = 1;</script>'
    )
    stamps = {press.STYLE: "1", press.SCRIPT: "2"}
    html = press.relink(page, "../", [], ["joined.js"], ["shared = 1;"], stamps)
    assert re.findall(r"<script.*?</script>", html) == [
        f'<script defer src="../{press.SCRIPT}?v=2"></script>',
        "<script>own = 2;</script>",
        '<script defer src="../own.js">shared = 1;</script>',
    ]


def test_a_table_becomes_csv():
    """Cells that span stand once, and the others stay in their columns."""
    table = (
        "<table><caption>Two <b>sides</b></caption>"
        "<tr><th rowspan=2>a</th><th colspan=2>b</th></tr>"
        "<tr><td>−1, 2</td><td>3 <i>4</i></td></tr></table>"
    )
    rows = list(csv.reader(io.StringIO(takeaway.to_csv(table))))
    assert rows == [["a", "b", ""], ["", "-1, 2", "3 4"]]
    html, taken = takeaway.take_out_tables(f"<article>{table}</article>", "t", "")
    assert list(taken) == ["_downloads/t-table-1.csv"]
    assert 'aria-label="CSV: Two sides"' in html


def test_what_a_spreadsheet_would_run_is_plain_text():
    """An apostrophe makes words of it; numbers below zero and dashes stay as they are."""
    cells = "=1+1", "=, <=, <", "+cmd", "@SUM(1)", "-x", "−3.6", "-.5", "-", "a=1", "3-4"
    table = f"<table><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"
    (row,) = csv.reader(io.StringIO(takeaway.to_csv(table)))
    assert row == [*(f"'{cell}" for cell in cells[:5]), "-3.6", "-.5", "-", "a=1", "3-4"]


def test_columns_of_numbers_are_marked():
    """In a table of pandas' the numbers and their head; not words, truth values or labels."""
    frame = pd.DataFrame({"who": ["P01", "P02"], "month": ["2.7", "−12.5"], "event": [True, False]})
    frame = frame.assign(share=["59.3%", "<0.0001"]).rename_axis("row")
    cells = BeautifulSoup(takeaway.align_numbers(frame.to_html()), "html.parser")
    marked = [cell.get_text() for cell in cells.select(".num")]
    assert marked == ["month", "share", "", "", "2.7", "59.3%", "−12.5", "<0.0001"]
    for table in (frame.to_html(), frame.style.to_html(table_uuid="1")):
        page = takeaway.take_out_tables(f"<article>{table}</div></article>", "t", "")[0]
        assert page.count("num") >= 6
        assert re.search(r"</table>\s*</div>", page)
    own = frame.to_html(classes="own", index=False).replace("dataframe", "plain")
    assert "num" not in takeaway.take_out_tables(f"<article>{own}</article>", "t", "")[0]


def test_rules_that_cannot_match_are_dropped():
    """Only classes decide, and what stands inside `:not()` does not."""
    text = ".a .b, .c:not(.gone) > p { color: red } .gone { x: y } p#id::before { content: ' ' }"
    assert css(text, "a", "c") == '.c:not(.gone) > p{color: red}\np#id::before{content: " "}'
    assert css("@media print { .gone { x: y } }") == ""
    assert css("@media print { .a { x: y } }", "a") == "@media print{.a{x: y}}"


def test_policy_names_each_inline_piece():
    """A changed script has another digest; a block of data is no script."""
    page = "<script>one()</script><style>p{}</style><p style='x'></p><p style=\"color: red\"></p>"
    first = policy.policy(page)
    assert policy.digest("one()") in first
    assert policy.digest("p{}") in first
    assert policy.digest("color: red") in first
    assert policy.policy(page.replace("one", "two")) != first
    assert policy.policy(page + '<script type="application/json">{}</script>') == first
    assert "unsafe-inline" not in first
    assert "'self' file:" in policy.protect(f'<meta charset="utf-8">{page}')


def rules_of(page):
    """The policy of a page, as a dictionary of its rules."""
    return dict(rule.split(" ", 1) for rule in policy.policy(page).split("; "))


def test_policy_admits_the_site_alone():
    """A plain page loads, sends and frames nothing from elsewhere."""
    own = "script-src style-src font-src connect-src form-action".split()
    assert rules_of("<p>words</p>") == {
        "default-src": "'none'",
        **dict.fromkeys(own, "'self'"),
        "img-src": "'self' data:",
        "base-uri": "'none'",
    }


def test_policy_reads_attributes_as_a_browser_does():
    """Escaped signs stand for themselves in what is digested, and only attributes need the word."""
    css = 'font-family: "A & B"'
    rule = rules_of(f'<p style="{escape(css)}"></p>')["style-src"]
    assert rule == f"'self' 'unsafe-hashes' {policy.digest(css)}"
    assert rules_of("<style>p{}</style>")["style-src"] == f"'self' {policy.digest('p{}')}"


def test_a_script_that_speaks_of_sources_is_named():
    """Only an attribute makes a tag lead to a file."""
    script = "image.src='x'; type='application/json'; src='y'"
    page = f'<script>{script}</script><script src="a.js"></script>'
    assert rules_of(page)["script-src"] == f"'self' {policy.digest(script)}"


def test_policy_stands_once():
    """Before all that it governs, whatever the theme repeats."""
    html = policy.protect('<meta charset="utf-8"><p></p><meta charset="utf-8">')
    assert html.count("Content-Security-Policy") == 1
    assert html.index("Content-Security-Policy") < html.index("<p>")


def test_formulas_alone_write_their_own_styles():
    """MathJax needs one word more, for styles; scripts stay named."""
    page = '<style>p{}</style><script src="tex-chtml.js"></script><script>a()</script>'
    rules = rules_of(page)
    assert rules["style-src"] == "'self' 'unsafe-inline'"
    assert rules["script-src"] == f"'self' {policy.digest('a()')}"


def test_stamp_names_the_version(tmp_path):
    """Without a repository there is a version alone, and without a version nothing."""
    assert edition.stamp(tmp_path) == ""
    (tmp_path / "CITATION.cff").write_text("version: 1.2.3\n")
    assert edition.stamp(tmp_path) == '<p class="edition-stamp">Version 1.2.3.</p>'


def test_a_changed_tree_is_marked(tmp_path):
    """The commit, with a plus sign where a file differs; nothing within another's folder."""

    def git(*words):
        own = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *own, *words], cwd=tmp_path, check=True, capture_output=True)

    assert edition.commit(tmp_path) == ""
    path = tmp_path / "file.txt"
    path.write_text("one")
    git("init")
    git("add", "file.txt")
    git("commit", "-m", "one")
    at = edition.commit(tmp_path)
    assert re.fullmatch("[0-9a-f]{9}", at)
    path.write_text("two")
    assert edition.commit(tmp_path) == f"{at}+"
    assert edition.stamp(tmp_path) == f'<p class="edition-stamp">commit {at}+.</p>'
    (tmp_path / "within").mkdir()
    assert edition.commit(tmp_path / "within") == ""


def test_one_version_everywhere():
    """The package, the citation, the changelog and the archive's record name the same edition."""
    version = re.search(r'(?m)^version = "(.+)"', (ROOT / "pyproject.toml").read_text())[1]
    assert f"version: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {version}\n" in (ROOT / "CHANGELOG.md").read_text()
    assert json.loads((ROOT / ".zenodo.json").read_text())["version"] == version


def test_the_edition_is_cited_in_three_ways(tmp_path):
    """From `CITATION.cff` alone: people with family and given names, or a name."""
    said = edition.cited(ROOT, "2026")
    assert said.startswith("The Thirteen Patients founders (2026). *Thirteen Patients: a published")
    assert "@software{thirteen_patients,\n  author  = {{The Thirteen Patients founders}},\n" in said
    assert "TY  - COMP\nAU  - The Thirteen Patients founders\nTI  - Thirteen Patients" in said
    two = "title: T\nversion: 2.0\nauthors:\n- {family-names: A, given-names: B}\n- {name: C}\n"
    (tmp_path / "CITATION.cff").write_text(two)
    said = edition.cited(tmp_path, "2027")
    assert said.startswith("A, B & C (2027). *T* (Version 2.0)")
    assert "author  = {{A, B} and {C}}" in said
    assert "AU  - A, B\nAU  - C\n" in said


def test_a_page_tells_versions_and_the_digest_of_the_data(tmp_path):
    """Another cell, another digest; the packages that computed the pages by number."""
    (tmp_path / "data" / "cohort").mkdir(parents=True)
    path = tmp_path / "data" / "cohort" / "patients.csv"
    path.write_text("time\n2.7\n")
    before = edition.digest_of_data(tmp_path)
    path.write_text("time\n2.8\n")
    assert edition.digest_of_data(tmp_path) != before
    said = edition.versions(tmp_path, '<p class="edition-stamp">Version 1, commit abc.</p>')
    assert said.startswith("Version 1, commit abc. SHA-256 of the tables in `data/`: ")
    assert edition.digest_of_data(tmp_path) in said
    assert f"pandas {pd.__version__}" in said


def test_links_to_the_source_need_its_address():
    """Each page leads to its source and to a report of an error; without an address, to neither."""
    assert edition.hosted("") == edition.hosted("https://example.org/a/b") == {}
    options = edition.hosted("https://github.com/someone/a-book/")
    assert options["repository_url"] == "https://github.com/someone/a-book"
    assert options["use_edit_page_button"]
    assert options["use_issues_button"]
    assert "make pdf" in edition.printed_book("")
    assert "(https://example.org/b/thirteen-patients.pdf)" in edition.printed_book(
        "https://example.org/b"
    )


def test_all_tables_in_one_archive(tmp_path):
    """Those of the pages and those of the data, alike on every day."""
    for name in ("site/_downloads/a.csv", "data/b.csv", "data/cohort/c.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    edition.pack_tables(tmp_path, tmp_path / "site")
    first = (tmp_path / "site" / edition.TABLES).read_bytes()
    with ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["pages/a.csv", "data/b.csv", "data/cohort/c.csv"]
        assert archive.read("pages/a.csv") == b"site/_downloads/a.csv"
    edition.pack_tables(tmp_path, tmp_path / "site")
    assert (tmp_path / "site" / edition.TABLES).read_bytes() == first
