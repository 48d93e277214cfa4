"""The built site in a real browser: every page, as one reader or another would meet it."""

import csv
import json
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import pytest
import visit

from folding import wrongly_folded

ROOT = Path(__file__).parents[2]
WITHOUT_MATHS, WITH_MATHS, REQUESTS = 700_000, 1_900_000, 25
PAINT = 1000  # milliseconds
SVG = "{http://www.w3.org/2000/svg}"
PLAIN = "chapters/lessons/teaching.html"  # a page of prose and tables, to spoil
START, LONGEST = "chapters/start.html", "chapters/reference/ledger.html"


def local(url, origin):
    """The path of an address on this site, or None for another place."""
    return unquote(urlsplit(url).path).lstrip("/") if url.startswith(f"{origin}/") else None


def outward(requests):
    """Requests for anything but data that stands in the page."""
    return [url for url in requests if not url.startswith(("data:", "blob:"))]


class TestEveryPage:
    """What holds for each page; one visit serves all of these."""

    def test_console_is_silent(self, seen):
        """No error and no warning, over http under the site's own policy and from the disk."""
        said = {name: page["console"] for both in seen for name, page in both.items()}
        assert {name: words for name, words in said.items() if words} == {}

    def test_nothing_is_missing(self, seen):
        """Each file that a page asks for is there."""
        assert [url for both in seen for page in both.values() for url in page["failed"]] == []

    def test_no_request_leaves_the_site(self, seen, origin):
        """Over http all requests go to the site itself, from the disk to files alone."""
        http, disk = seen
        asked = [url for page in http.values() for url in outward(page["requests"])]
        assert [url for url in asked if local(url, origin) is None] == []
        asked = [url for page in disk.values() for url in outward(page["requests"])]
        assert [url for url in asked if not url.startswith("file://")] == []
        assert len(asked) > len(disk)

    def test_links_lead_somewhere(self, seen, origin, site):
        """Each internal link has its file, each fragment its element."""
        http, _ = seen
        astray = []
        for name, page in http.items():
            for link in page["links"]:
                path, fragment = local(link, origin), unquote(urlsplit(link).fragment)
                if path is None:
                    continue
                known = (site / path).is_file()
                if fragment and path in http:
                    known = fragment in http[path]["ids"]
                if not known:
                    astray.append((name, link))
        assert astray == []

    def test_outside_links_are_safe(self, seen, origin):
        """What leads elsewhere does so by https, and not to a place that stands for another."""
        links = {link for page in seen[0].values() for link in page["links"]}
        other = {link for link in links if local(link, origin) is None}
        stands_for = r"https://(?!localhost|127\.|[\w.-]*\.?example\.)[\w-]+\."
        assert [link for link in other if not re.match(stands_for, link)] == []

    @pytest.mark.parametrize("mode", ["light", "dark"])
    def test_axe_finds_nothing(self, seen, mode):
        """Every rule of axe-core's for WCAG 2.2 A and AA and best practice, all folds open."""
        assert {name: page[mode] for name, page in seen[0].items() if page[mode]} == {}

    def test_keyboard_reaches_everything(self, seen):
        """Each link, button, field, fold and table that scrolls takes the focus in its turn."""
        assert {name: page["missed"] for name, page in seen[0].items() if page["missed"]} == {}
        assert all(page["places"] > 20 for page in seen[0].values())

    def test_headings_are_in_order(self, seen):
        """One first heading, and none that skips a level."""
        for name, page in seen[0].items():
            levels = page["headings"]
            assert [i for i, level in enumerate(levels) if level == 1] == [0], name
            assert all(below - above <= 1 for above, below in pairwise(levels)), name

    def test_figures_are_told_in_words(self, seen):
        """A figure's text alternative has sentences, and numbers: it says what is to be seen."""
        for name, page in seen[0].items():
            for image in page["images"]:
                assert image["ok"], name
                if image["in_figure"]:
                    assert len(image["alt"]) > 60, (name, image["alt"])
                    assert re.search(r"\d", image["alt"]), (name, image["alt"])

    def test_no_value_is_lost(self, seen):
        """Where a number or a name should stand, no page shows that there is none."""
        assert {name: page["lost"] for name, page in seen[0].items() if page["lost"]} == {}

    def test_formulas_are_set(self, seen):
        """MathJax sets each formula, and is not loaded where there is none."""
        for name, page in seen[0].items():
            loaded = any("tex-chtml" in url for url in page["requests"])
            assert loaded == (page["formulas"] > 0) == (page["math"] > 0), name

    def test_pages_are_light(self, seen, origin, site):
        """Bytes before compression and requests, when a page is opened for the first time."""
        heavy = {}
        for name, page in seen[0].items():
            paths = [local(url, origin) for url in outward(page["first_requests"])]
            weight = sum((site / path).stat().st_size for path in paths)
            limit = WITH_MATHS if page["formulas"] else WITHOUT_MATHS
            if weight >= limit or len(paths) >= REQUESTS:
                heavy[name] = weight, len(paths)
        assert heavy == {}

    def test_no_page_is_wider_than_its_window(self, seen):
        """On a phone, on a small one, and with letters of twice the size."""
        wide = {
            (name, width): found
            for name, page in seen[0].items()
            for width, found in page["overflow"].items()
            if found["over"] > 0 or found["out"]
        }
        assert wide == {}

    def test_words_in_figures_can_be_read_on_a_phone(self, seen, site):
        """Letters of nine pixels at least as shown, exponents and figures to touch as well."""
        small = {}
        for name, page in seen[0].items():
            shown, touched = page["drawings"]["shown"], page["drawings"]["touched"]
            sizes = {name: min(touched)} if touched else {}
            assert len(shown) + len(sizes) == sum(image["in_figure"] for image in page["images"])
            for image, wide in shown:
                drawn = ElementTree.parse(site / "_images" / image).getroot()
                scale = wide / float(drawn.get("viewBox").split()[2])
                sizes[image] = min(letters(drawn)) * scale
            small |= {what: round(size, 1) for what, size in sizes.items() if size < 9}
        assert small == {}


def letters(drawn):
    """Sizes of letters in a figure of Matplotlib's, in its own units; an exponent's is smaller."""
    for words in drawn.iter(f"{SVG}g"):
        scale = re.search(r"scale\((0\.\d+) -0\.\d+\)", words.get("transform", ""))
        for letter in words.iter(f"{SVG}use") if scale else ():
            smaller = re.search(r"scale\((\d?\.\d+)\)", letter.get("transform", ""))
            yield 100 * float(scale[1]) * (float(smaller[1]) if smaller else 1)


# -- What is asked once ----------------------------------------------------------------------------


def test_first_paint(on_page, measured):
    """The longest page, opened alone."""

    async def paint(page):
        return (await page.evaluate(visit.LOOK))["paint"]

    measured("first paint of the longest page", on_page(LONGEST, paint), PAINT)


def test_entry_page_leads_on(origin, on_page):
    """The address without a path opens the first page."""

    async def where(page):
        await page.wait_for_url(f"{origin}/{START}")
        return page.url

    async def go(page):
        await page.goto(f"{origin}/", wait_until="commit")
        return await where(page)

    assert on_page(START, go) == f"{origin}/{START}"


def test_search_finds(on_page):
    """The search page lists pages, and only it loads the index."""

    async def results(page):
        await page.wait_for_selector("#search-results li a", timeout=20_000)
        return await page.locator("#search-results li a").count()

    assert on_page("search.html?q=median", results) > 3


WIDE_TABLES = """() => [...document.querySelectorAll('main article *')].filter(e =>
  e.querySelector('table') && getComputedStyle(e).overflowX === 'auto'
  && e.scrollWidth > e.clientWidth).map(e => {
    const told = [e, e.querySelector('caption')].flatMap(part => part
      ? ['::before', '::after'].map(side => getComputedStyle(part, side).content) : []);
    return {words: told.some(words => words.includes('more to the right')),
      shadow: getComputedStyle(e).backgroundImage.includes('gradient'),
      named: e.matches('[role][aria-label][tabindex="0"]')}; })"""


@pytest.mark.parametrize("name", ["reference/package", "reference/ledger"])
def test_a_table_that_goes_on_says_so(name, on_page):
    """On a phone: words and a shadow at its edge, and a name for who comes with the keyboard."""

    async def look(page):
        return await page.evaluate(WIDE_TABLES)

    phone = {"width": visit.NARROW, "height": visit.HEIGHT}
    wide = on_page(f"chapters/{name}.html", look, viewport=phone)
    assert wide
    assert all(all(table.values()) for table in wide), wide


# As readers may type them: what is asked, and the number that is found. All stand in the paper.
NUMBERS = {
    "76.9": "76.9", "76.9%": "76.9", "54.0 %": "54.0", "99.8": "99.8", "(54.0–99.8)": "54.0",
    "0.0039": "0.0039", "P = 0.02": "0.02", "p=0.001": "0.001", "P 0.79": "0.79",
    "<0.05": "0.05", "-3.6": "3.6", "−5.0%": "5.0", "19.6": "19.6", "196.2": "196.2",
    "24.3 months": "24.3", "230.9 months": "230.9", "19 tumors": "19", "18 sessions": "18",
    "683 patients": "683", "2012": "2012",
}  # fmt: skip
RESULTS = """section => ({number: section.querySelector('h2').textContent,
  links: [...section.querySelectorAll('a')].map(link => link.href)})"""
FILTERED = """() => [...document.querySelectorAll('table.ledger tbody tr')]
  .filter(row => !row.hidden).map(row => row.innerText)"""


@pytest.mark.parametrize("name", ["02-kaplan-meier-by-hand", "08-units-and-rivals"])
def test_worked_solutions_are_there_and_folded(name, on_page):
    """Whatever code is shown, a student sees that there is a solution, and not yet which."""

    async def do(page):
        seen = {}
        for mode in ("analysis", "all", "text"):
            await page.select_option(".code-switch select", mode)
            seen[mode] = await page.evaluate("""() =>
              [...document.querySelectorAll(".cell.tag_hide-cell > details.hide")]
                .filter(fold => fold.textContent.includes("Worked solution"))
                .map(fold => [fold.open, fold.checkVisibility()])""")
        return seen

    for mode, folds in on_page(f"chapters/lessons/{name}.html", do).items():
        assert len(folds) >= 4, mode
        assert all(fold == [False, True] for fold in folds), mode


CODE_SHOWN = """() => [document.querySelector('.code-switch select').value,
  ...['.cell > .cell_input', '.cell.tag_hide-input > details.hide .cell_input'].map(which =>
    [...new Set([...document.querySelectorAll(`.bd-article ${which}`)].map(code =>
      code.checkVisibility()))])]"""
# The choice; code of the analysis, and what is behind it: is it shown?
SHOWN = {
    "analysis": ["analysis", [True], [False]],
    "all": ["all", [True], [True]],
    "text": ["text", [False], [False]],
}


def test_how_much_code_is_shown_is_remembered(origin, on_page):
    """At once, when the page is loaded again and on the next; the analysis where nothing is."""
    pages = [f"chapters/results/{n}.html" for n in ("overall-survival", "local-control")]

    async def do(page):
        seen = {"": [await page.evaluate(CODE_SHOWN)]}
        for mode in ("text", "all", "analysis"):
            await page.select_option(".code-switch select", mode)
            seen[mode] = [await page.evaluate(CODE_SHOWN)]
            await page.reload()
            seen[mode].append(await page.evaluate(CODE_SHOWN))
            pages.reverse()
            await visit.settle(page, f"{origin}/{pages[0]}")
            seen[mode].append(await page.evaluate(CODE_SHOWN))
        return seen

    seen = on_page(pages[0], do)
    assert seen.pop("") == [SHOWN["analysis"]]
    assert seen == {mode: [shown] * 3 for mode, shown in SHOWN.items()}


def test_a_search_for_a_number(origin, on_page):
    """Twenty of the paper's: pages that say it, and the ledger's rows that have it alone."""

    async def follow(page):
        found = {}
        for asked, number in NUMBERS.items():
            await visit.settle(page, f"{origin}/search.html?q={quote(asked)}")
            sections = page.locator(".number-results")
            told = [await section.evaluate(RESULTS) for section in await sections.all()]
            (ledger, *links) = told[0]["links"]
            await visit.settle(page, ledger)
            rows = await page.evaluate(FILTERED)
            found[asked] = told[0]["number"], [local(link, origin) for link in links], rows, number
        return found

    found = on_page("search.html", follow)
    assert len(found) == 20
    printed = {row["printed"] for row in published()}
    every = len(published())
    for asked, (title, pages, rows, number) in found.items():
        assert any(re.fullmatch(rf"[-<]?{re.escape(number)}", text) for text in printed), asked
        assert title == f"The number {number}", asked
        assert pages, asked
        assert all(page.startswith("chapters/") for page in pages), asked
        assert 0 < len(rows) < every / 3, asked
        has = rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)"
        assert all(re.search(has, row) for row in rows), (asked, rows)


def test_a_search_that_found_a_number_does_not_say_that_it_found_nothing(on_page):
    """Sphinx's own search knows no number; where nothing at all is found it says so."""

    async def summary(page):
        said = page.locator("#search-results .search-summary")
        await said.wait_for(state="attached")
        await page.wait_for_function(
            "() => /match/.test(document.querySelector('#search-results').textContent)"
        )
        return await said.is_visible()

    assert not on_page("search.html?q=76.9", summary)
    assert on_page("search.html?q=76.99999", summary)


def published():
    """The paper's printed numbers."""
    with (ROOT / "data" / "published.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_printed_number_is_indexed(site):
    """All that have two digits or more."""
    index = (site / "_static" / "number-index.js").read_text(encoding="utf-8")
    printed = {re.sub("^[-<≤≥]", "", row["printed"]) for row in published()}
    numbers = {number for number in printed if re.fullmatch(r"\d[\d.]+", number)}
    assert len(numbers) > 150
    assert {number for number in numbers if f'"{number}":' not in index} == set()


@pytest.mark.parametrize("word", ["constructor", "__proto__", "toString", "hasownproperty"])
def test_a_search_for_what_scripts_are_made_of(word, on_page):
    """No page has the word, and the page of results says so."""

    async def results(page):
        thrown = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        await page.reload()
        await page.wait_for_selector("#search-results p.search-summary")
        await page.wait_for_function(
            "() => !/Searching|Preparing/.test(document.querySelector('#search-results').innerText)"
        )
        return thrown

    assert on_page(f"search.html?q={word}", results) == []


@pytest.mark.parametrize(
    "asked", ["#status=__proto__", "#sort=constructor", "?location=Nowhere", "?fact=("]
)
def test_the_ledger_tells_what_it_does_not_know(asked, on_page):
    """All rows are shown, and why."""

    async def look(page):
        return await page.text_content(".ledger-count")

    said = on_page(LONGEST + asked, look)
    rows, of = re.match(r"(\d+) of (\d+) rows shown; not known here: ", said).groups()
    assert rows == of


@pytest.mark.parametrize("name", ["results/overall-survival", "methods/follow-up"])
def test_a_page_leads_to_its_own_numbers(name, site, on_page):
    """The link at its end shows as many rows of the ledger as it says, and all after a click."""
    text = (site / f"chapters/{name}.html").read_text(encoding="utf-8")
    link = r'class="against"><a [^>]*href="[^"?]*([^"]*)"[^>]*>In the ledger</a>, (\d+)'
    asked, told = re.search(link, text).groups()

    async def look(page):
        first = await page.text_content(".ledger-count")
        await page.click(".ledger-controls button")
        return first, await page.text_content(".ledger-count")

    first, after = on_page(LONGEST + unescape(asked), look)
    assert first.startswith(f"{told} of ")
    of = first.split()[2]
    assert after == f"{of} of {of} rows shown"


def test_what_is_offered_to_take_away_is_there(site):
    """Archives of tables and lessons, and their links on the page that tells of them."""
    page = (site / "chapters/reference/rebuild-cite-change.html").read_text(encoding="utf-8")
    for name in ("tables.zip", "handout.zip"):
        assert f'href="../../{name}"' in page
        assert (site / name).stat().st_size > 10_000
    assert "@software{thirteen_patients" in page
    assert "TY  - COMP" in page
    assert "SHA-256" in page


def test_the_manifest_is_there(site):
    """Each output of the book that `codecheck.yml` names."""
    told = (ROOT / "codecheck.yml").read_text(encoding="utf-8")
    outputs = re.findall(r"file: _build/html/(\S+)", told)
    assert len(outputs) == 7  # the paper's four figures and three tables
    assert [name for name in outputs if not (site / name).is_file()] == []


def test_index_of_words_is_loaded_for_searching_only(seen):
    """It is as large as some pages."""
    asked = {name for name, page in seen[0].items() if "searchindex" in str(page["requests"])}
    assert asked == {"search.html"}


def test_reduced_motion_is_respected(on_page):
    """Nothing moves for readers who ask for that."""

    async def moving(page):
        return await page.evaluate("""() => [...document.querySelectorAll('*')].filter(e => {
          const s = getComputedStyle(e);
          return s.scrollBehavior === 'smooth' || [s.transitionDuration, s.animationDuration]
            .some(d => d.split(',').some(t => parseFloat(t) > 0.01)); })
          .slice(0, 5).map(e => e.outerHTML.slice(0, 120))""")

    assert on_page(START, moving, reduced_motion="reduce") == []


def test_axe_would_find_faults(on_page):
    """What is pale in light or in the dark, or has no words, is found: axe is not deaf here."""

    async def spoil(page):
        await page.evaluate("""() => {
          for (const [id, kind, words, color] of [['light', 'p', 'Pale', '#ddd'],
              ['dark', 'p', 'Pale', '#333'], ['mute', 'button', '', '#000']]) {
            const e = document.querySelector('main article').appendChild(
              document.createElement(kind));
            Object.assign(e, {id, textContent: words}).style.color = color; } }""")
        light = await visit.axe(page)
        await page.evaluate(visit.DARKEN)
        return light, await visit.axe(page)

    light, dark = on_page(PLAIN, spoil, reduced_motion="reduce")
    mute = {rule: ["#mute"] for rule in ("button-name", "target-size")}
    for found, pale in ((light, "#light"), (dark, "#dark")):
        nodes = {fault["rule"]: [node.split(":")[0] for node in fault["nodes"]] for fault in found}
        assert nodes == {"color-contrast": [pale], **mute}


def test_a_lost_value_would_be_found(on_page):
    """A missing number in a sentence or a table is seen; the same word in code is no loss."""

    async def spoil(page):
        return await page.evaluate(f"""() => {{
          document.querySelector('main article').insertAdjacentHTML('beforeend',
            '<p>P = nan, <code>nan</code></p><table><tr><td>&lt;NA&gt;</td></tr></table>' +
            '<pre>NaT</pre><p>Nancy, np.float64(1)</p>');
          return ({visit.LOOK})().lost; }}""")

    assert on_page(PLAIN, spoil) == ["nan", "<NA>", "np.float64"]


def test_a_trap_for_the_keyboard_would_be_found(on_page):
    """What follows a place that keeps the focus is missed by the walk with Tab."""

    async def spoil(page):
        await page.evaluate("""() => document.querySelector('main p a[href]').addEventListener(
          'keydown', event => event.key === 'Tab' && event.preventDefault())""")
        return await visit.walk(page)

    places, missed = on_page(PLAIN, spoil)
    assert 20 < len(missed) < places


def test_policy_stops_what_is_foreign(on_page):
    """The policy is in force: a script that was not there when the book was built does not run."""

    async def intrude(page):
        await page.evaluate("""() => {
          const script = document.createElement('script');
          script.textContent = 'window.intruded = true';
          document.body.append(script);
          document.body.insertAdjacentHTML('beforeend', '<p id="s" style="color:red">x</p>');
        }""")
        red = "() => getComputedStyle(document.getElementById('s')).color === 'rgb(255, 0, 0)'"
        return await page.evaluate("() => !!window.intruded"), await page.evaluate(red)

    assert on_page("chapters/results/overall-survival.html", intrude) == (False, False)


def test_policies_admit_the_site_alone(site):
    """No page's policy names another place, nor lets scripts run that are not named."""
    rules = visit.policies(site)
    assert {path.lstrip("/") for path in rules} >= {*visit.pages(site), "index.html"}
    for path, headers in rules.items():
        rule = headers.get("Content-Security-Policy")
        if rule:
            assert not re.search(r"http|\*", rule), path
            scripts = re.search(r"script-src ([^;]*)", rule)[1]
            assert re.fullmatch(r"'self'( 'sha256-[\w+/=]+')*", scripts), path


def test_downloads_are_what_they_say(site):
    """Each figure is there as SVG and PNG, each chapter as a notebook, folded, with its outputs."""
    figures = sorted((site / "_images").glob("*.svg"))
    assert len(figures) > 20
    for svg in figures:
        assert svg.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    notebooks = sorted((site / "_sources").rglob("*.ipynb"))
    for path in notebooks:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert any(cell.get("outputs") for cell in cells), path
        assert wrongly_folded(cells) == [], path
        prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        raw = r"\{[a-z:]+\}`|^\s*(?:`{3,}|:{3,})\{|\{\{ \w+ \}\}"  # roles, fences, names
        assert [text for text in prose if re.search(raw, text, re.M)] == [], path
    assert len(notebooks) > 20
