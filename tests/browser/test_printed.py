"""The printed book: every chapter, tagged, with an outline and links that work, nothing cut off."""

import asyncio
import re
from itertools import chain
from pathlib import Path
from unicodedata import normalize

import printed
import pypdf
import pytest
import visit

TEXT_WIDTH = 642  # 170 mm in CSS pixels: A4 without its margins
FIGURE_WIDTH = 424  # 112 mm: two thirds of it, so that a figure finds room beside its text


@pytest.fixture(scope="module")
def pdf(site, tmp_path_factory):
    """The book as `make pdf` prints it."""
    path = tmp_path_factory.mktemp("printed") / "book.pdf"
    printed.write(site, path)
    return pypdf.PdfReader(path)


def flat(outline):
    """All headings of an outline, whatever their level."""
    return chain.from_iterable(flat(o) if isinstance(o, list) else [o["/Title"]] for o in outline)


def test_each_chapter_is_there(pdf, site):
    """In the outline, and in the contents with the page on which it begins."""
    chapters = printed.order(site)
    assert len(chapters) > 25
    outline = [" ".join(name.split()) for name in flat(pdf.outline)]
    front = " ".join(" ".join(page.extract_text() for page in pdf.pages[1:4]).split())
    front = normalize("NFKC", front)  # "ff" may be one glyph
    for path in chapters:
        title = printed.unescape(printed.title((site / path).read_text(encoding="utf-8")))
        assert title in outline, path
        assert re.search(rf"{re.escape(title)} \d+", front), path


def test_it_is_tagged(pdf):
    """Screen readers find its structure and its language."""
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("en")


def test_links_work(pdf):
    """Links within the book lead to a place in it, and none to a file of this machine."""
    places, inner = pdf.named_destinations, 0
    for page in pdf.pages:
        for note in page.get("/Annots") or []:
            link = note.get_object()
            action = link.get("/A", {})
            assert not str(action.get("/URI", "")).startswith("file:"), action
            if isinstance(link.get("/Dest"), str):
                inner += 1
                assert link["/Dest"] in places or link["/Dest"].lstrip("/") in places
    assert inner > 100


def test_each_link_has_its_target(site):
    """Joined into one page, each link finds the place that it had on a page of its own."""
    html = printed.joined(site, {})
    targets = set(re.findall(r'\bhref="#([^"]+)"', html))
    assert len(targets) > 50
    assert targets - set(re.findall(r'\bid="([^"]+)"', html)) == set()


def test_formulas_are_set(pdf):
    """No formula is left as it is typed."""
    text = " ".join(page.extract_text() for page in pdf.pages)
    assert re.findall(r"\\[(\[].{20}|\\d?frac|\\sqrt", text) == []


def test_pages_are_numbered(pdf):
    """Each page ends with its number."""
    for number in (2, len(pdf.pages) // 2, len(pdf.pages)):
        assert re.search(rf"(?m)^\s*{number}\s*$", pdf.pages[number - 1].extract_text())


def test_a_page_printed_from_the_dark_is_on_white(origin, tmp_path):
    """Ink by ink the one that is printed from the light, backgrounds included."""

    async def inks(started, mode):
        page = await (await started.new_context(color_scheme=mode)).new_page()
        await visit.settle(page, f"{origin}/chapters/start.html")
        assert await page.get_attribute("html", "data-theme") == mode
        await page.pdf(path=tmp_path / f"{mode}.pdf", print_background=True)
        streams = (page.get_contents() for page in pypdf.PdfReader(tmp_path / f"{mode}.pdf").pages)
        return [re.findall(rb"[\d.]+ [\d.]+ [\d.]+ rg", own.get_data()) for own in streams]

    async def both():
        async with visit.browser() as started:
            return [await inks(started, mode) for mode in ("dark", "light")]

    dark, light = asyncio.run(both())
    assert len(light[0]) > 10
    assert dark == light


def test_nothing_is_cut_off(site, tmp_path):
    """No figure, table or line of code is wider than the paper, and all figures are there."""
    draft = Path(tmp_path) / "book.html"
    draft.write_text(printed.joined(site, {}), encoding="utf-8")

    async def look():
        async with visit.browser() as started:
            page = await started.new_page(viewport={"width": TEXT_WIDTH, "height": 900})
            await page.emulate_media(media="print")
            await visit.settle(page, draft.as_uri())
            images = "() => [...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
            widths = "() => [...document.images].map(i => i.width)"
            looked = (visit.STICKS_OUT, images, widths)
            return [await page.evaluate(script) for script in looked]

    wide, missing, widths = asyncio.run(look())
    assert missing == []
    assert max(widths) <= FIGURE_WIDTH
    assert wide["out"] == []
