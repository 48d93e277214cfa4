"""Print the built book as one PDF: `python _ext/printed.py _build/html _build/book.pdf`.

The chapters are joined into one page in the order of the book and printed by Chromium, tagged and
with an outline; `assets/print.css` sets them. The list of contents gets its page numbers from a
first printing. Code that the site folds away is left out; worked solutions are not.
"""

import os
import re
import shutil
import sys
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

import pypdf
from playwright.sync_api import sync_playwright

ASSETS = Path(__file__).parent / "assets"
FOOTER = (
    '<div style="width: 100%; font: 8px sans-serif; color: #586068; text-align: center">'
    '<span class="pageNumber"></span></div>'
)
# MathJax is told to leave the chapters alone, all but these classes: as on the site.
MATHS = """<script>window.MathJax = {"options": {"enableMenu": false,
"processHtmlClass": "tex2jax_process|mathjax_process|math|output_area"}}</script>"""


def order(site, first="chapters/start.html"):
    """List the chapters as the links to the next one lead through them."""
    found, path = [], Path(first)
    while path not in found:
        found.append(path)
        html = (site / path).read_text(encoding="utf-8")
        after = re.search(r'<link rel="next"[^>]*href="([^"]+)"', html)
        if after is None:
            break
        path = Path(os.path.normpath(path.parent / unquote(after[1])))
    return [path.as_posix() for path in found if path.name.endswith(".html")]


def parts(site, first="chapters/start.html"):
    """Tell under which heading of the sidebar each chapter stands."""
    html = (site / first).read_text(encoding="utf-8")
    sidebar = html.split('<nav class="bd-links')[1].split("</nav>")[0]
    under, name = {}, ""
    for caption, link in re.findall(r'caption-text">(.*?)</span>|href="([^"#]+)"', sidebar):
        name = unescape(caption) or name
        if link:
            under[os.path.normpath(Path(first).parent / link)] = name
    return under


def slug(path):
    """A chapter's name within the joined page."""
    return re.sub(r"\W+", "-", path.removesuffix(".html"))


def article(html):
    """Take the chapter out of its page, without folded code, scripts and links for downloading."""
    text = html.split("<article", 1)[1].split(">", 1)[1].split("</article>", 1)[0]
    folded = (
        r'(<div class="cell [^"]*tag_hide-input[^"]*"[^>]*>\s*)'
        r'<details class="[^"]*above-input[^"]*">.*?</details>'
    )
    text = re.sub(folded, r"\1", text, flags=re.S)
    text = re.sub(r'<div class="cell [^"]*"[^>]*>\s*</div>', "", text)  # nothing left of it
    text = re.sub(r"<script\b.*?</script>|<style\b.*?</style>", "", text, flags=re.S)
    text = re.sub(r'<(p|span) class="(?:table-)?downloads">.*?</\1>', "", text, flags=re.S)
    text = re.sub(r'<a class="headerlink".*?</a>', "", text, flags=re.S)
    return re.sub(r"<details\b", "<details open", text)


def lead(text, path, chapters, site):
    """Let identifiers and addresses of a chapter hold in the joined page.

    A link to a chapter stays within the PDF; one to a file of the site has nothing to lead to on
    paper, and keeps only its words.
    """
    folder = Path(path).parent

    def target(found):
        quote, address = found[1], unescape(found[2])
        if re.match(r"[a-z]+:", address):
            return found[0]
        file, _, fragment = address.partition("#")
        file = file.partition("?")[0]  # a view of the page
        there = os.path.normpath(folder / unquote(file)) if file else path
        if there not in chapters:
            return ""
        return f'{quote}#{slug(there)}{"--" + unquote(fragment) if fragment else ""}"'

    text = re.sub(r'(\bid=")([^"]*)"', rf'\1{slug(path)}--\2"', text)
    text = re.sub(r'(\baria-(?:labelledby|describedby)=")([^"]*)"', "", text)
    text = re.sub(r'(\bhref=")([^"]*)"', target, text)

    def image(found):
        address = found[2]
        if address.startswith("data:"):
            return found[0]
        return f'{found[1]}{(site / folder / unquote(address)).resolve().as_uri()}"'

    return re.sub(r'(<img[^>]*\bsrc=")([^"]*)"', image, text)


def lower(text):
    """Put each heading one level down: parts of the book stand above its chapters."""
    return re.sub(r"(</?h)([1-5])\b", lambda found: f"{found[1]}{int(found[2]) + 1}", text)


def title(html):
    """A chapter's first heading, without its link."""
    heading = re.search(r"<h1>(.*?)<a class=\"headerlink\"", html.split("<article")[1], re.S)[1]
    return re.sub(r"<[^>]+>", "", heading).strip()


def contents(chapters, under, titles, numbers):
    """Write the list of contents; `numbers` says on which page a chapter begins."""
    lines, part = [], ""
    for path in chapters:
        if under.get(path, "") != part:
            part = under[path]
            lines.append(f'<li class="part">{escape(part)}</li>')
        number = numbers.get(slug(path), "")
        lines.append(
            f'<li><a href="#{slug(path)}"><span>{titles[path]}</span> <b>{number}</b></a></li>'
        )
    return f'<nav class="contents"><h2>Contents</h2><ol>{"".join(lines)}</ol></nav>'


def joined(site, numbers):
    """Write the whole book as one page."""
    chapters, under = order(site), parts(site)
    pages = {path: (site / path).read_text(encoding="utf-8") for path in chapters}
    titles = {path: title(html) for path, html in pages.items()}
    note = re.search(r'<p class="edition-note">.*?(?=</div>)', pages[chapters[0]], re.S)[0]
    body, part = [], ""
    for path, html in pages.items():
        if under.get(path, "") != part:
            part = under[path]
            body.append(f'<h1 class="part">{escape(part)}</h1>')
        text = lower(lead(article(html), path, chapters, site))
        body.append(f'<section class="chapter" id="{slug(path)}">{text}</section>')
    top = site.resolve().as_uri()
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>Thirteen Patients</title>"
        f'<link rel="stylesheet" href="{top}/_static/site.css">'
        f"<style>{(ASSETS / 'print.css').read_text(encoding='utf-8')}</style>"
        f'{MATHS}<script defer src="{top}/_static/mathjax/tex-chtml.js"></script></head>'
        '<body><main class="bd-article"><header class="cover"><h1>Thirteen Patients</h1>'
        "<p>A published survival study, rebuilt from its printed numbers</p>"
        f'<div class="bd-footer-content">{note}'
        '<p class="edition-note">Code that the site folds away is left out on paper; '
        "worked solutions are not.</p>"
        "</div></header>"
        f"{contents(chapters, under, titles, numbers)}{''.join(body)}</main></body></html>"
    )


def pages_of(pdf):
    """Tell on which page each named place of a PDF is; the first page is 1."""
    reader = pypdf.PdfReader(pdf)
    places = reader.named_destinations
    return {
        name.lstrip("/"): 1 + reader.get_destination_page_number(place)
        for name, place in places.items()
    }


def print_page(browser, html, pdf, draft):
    """Let a browser print one page."""
    draft.write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.goto(draft.resolve().as_uri(), wait_until="load")
    page.evaluate("() => window.MathJax?.startup?.promise?.then(() => null)")
    page.pdf(
        path=str(pdf), prefer_css_page_size=True, print_background=True, tagged=True,
        outline=True, display_header_footer=True, header_template="<span></span>",
        footer_template=FOOTER,
    )  # fmt: skip
    page.close()


def headings_of(html):
    """The words of each heading, by its letters, small and without any space."""
    found = re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", html, re.S)
    plain = [
        unescape(re.sub(r"<a class=\"headerlink\".*|<[^>]+>", "", h, flags=re.S)) for h in found
    ]
    return {re.sub(r"\s", "", words).lower(): " ".join(words.split()) for words in plain}


def named(name, headings):
    """A name of Chromium's outline as its heading has it.

    At the end of a line it loses a space, at the top of a sheet it says the beginning twice.
    """
    letters = re.sub(r"\s", "", name).lower()
    cut = (letters[k:] for k in range(len(letters)))
    return headings.get(next((text for text in cut if text in headings), ""), name)


def mend_outline(pdf, headings):
    """Write the file again with each name of the outline as its heading has it."""
    writer = pypdf.PdfWriter(clone_from=pdf)
    waiting = [writer.root_object["/Outlines"].get_object()]
    while waiting:
        item = waiting.pop()
        if "/Title" in item:
            item[pypdf.generic.NameObject("/Title")] = pypdf.generic.TextStringObject(
                named(str(item["/Title"]), headings)
            )
        waiting += [item[key].get_object() for key in ("/First", "/Next") if key in item]
    writer.write(pdf)


def write(site, pdf):
    """Print the book twice: the second time its contents know the pages."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    draft = Path(pdf).with_suffix(".html")
    with sync_playwright() as driver:
        options = ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
        browser = driver.chromium.launch(executable_path=path, args=options)
        print_page(browser, joined(site, {}), pdf, draft)
        html = joined(site, pages_of(pdf))
        print_page(browser, html, pdf, draft)
        browser.close()
    mend_outline(pdf, headings_of(html))
    draft.unlink()


if __name__ == "__main__":
    SITE, PDF = map(Path, sys.argv[1:])
    if not (SITE / "index.html").exists():
        sys.exit("Nothing built yet: make book")
    write(SITE, PDF)
    print(f"{PDF}: {len(pypdf.PdfReader(PDF).pages)} pages")
