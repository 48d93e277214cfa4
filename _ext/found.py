"""How the site is found and shared: numbers in the search, previews, a page for lost visitors.

Sphinx's search drops terms of digits, so that the numbers of the paper would never be found. Here
each page's numbers are listed in one small script, which only the page of results loads. What
needs the site's address (canonical addresses, the site map) is written where `_config.yml` has it.
"""

import json
import re
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

from bs4 import BeautifulSoup

NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d{2,4})(?![\w.]*\d)")
LEDGER = "chapters/reference/ledger"
PICTURE = "_static/preview.png"
LOST = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Not found - {title}</title>
</head>
<body><main>
<h1>This page does not exist</h1>
<p>It may have moved when the book was made shorter. Try the <a href="{start}">first page</a>,
the <a href="{search}">search</a>, or the <a href="{ledger}">ledger</a> of all numbers.</p>
</main></body>
</html>
"""


def article(html):
    """The words of a page, and its first paragraph."""
    soup = BeautifulSoup(html, "html.parser")
    body = soup.select_one("article.bd-article")
    if body is None:
        return "", ""
    for part in body.select("script, style, .toctree-wrapper"):
        part.decompose()
    first = next((" ".join(p.get_text().split()) for p in body.find_all("p")), "")
    words = body.get_text(" ", strip=True) + " " + " ".join(i.get("alt", "") for i in body("img"))
    return words, first


def numbers_in(words):
    """Each number of a page as it is typed into a search: `76.9`, not `76.9%`; no single digits."""
    return sorted(set(NUMBER.findall(words)))


def number_index(texts, titles):
    """By number the pages that have it, most often first: `{"76.9": [["chapters/x", "Title"]]}`."""
    found = {}
    for name, words in texts.items():
        for number in numbers_in(words):
            found.setdefault(number, []).append((-words.count(number), name))
    return {n: [[name, titles[name]] for _, name in sorted(at)] for n, at in sorted(found.items())}


def write_numbers(site, texts, titles):
    """Write the list for `numbers.js`, as a script: a page from a disk may fetch nothing."""
    found, pages = number_index(texts, titles), [[name, titles[name]] for name in texts]
    places = {number: [pages.index(page) for page in at] for number, at in found.items()}
    numbers, listed = (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in (places, pages)
    )
    text = f"window.NUMBERS = {numbers};\nwindow.PAGES = {listed};\n"
    text += f'window.LEDGER = "{LEDGER}.html";\n'
    (site / "_static" / "number-index.js").write_text(text, encoding="utf-8", newline="\n")


# Sphinx looks words up in plain objects, where "constructor" is found though no page has it.
INDEXED = "Search._index = index;"
OWN_WORDS = """
    const { hasOwnProperty: value } = Object.prototype;
    const bare = Object.create(null, { hasOwnProperty: { value } });
    [index.terms, index.titleterms].forEach((words) => Object.setPrototypeOf(words, bare));"""


def mend_search(site):
    """Let the search know the words of the pages and no others; ValueError where it is unlike."""
    path = Path(site) / "_static" / "searchtools.js"
    text = path.read_text(encoding="utf-8")
    if text.count(INDEXED) != 1:
        raise ValueError("searchtools.js is not the one that the book knows how to mend")
    path.write_text(text.replace(INDEXED, INDEXED + OWN_WORDS), encoding="utf-8", newline="\n")


def shorten(words, most=160):
    """The start of a paragraph, up to a whole word."""
    return words if len(words) <= most else words[: most - 1].rsplit(" ", 1)[0] + "…"


def preview(html, about, name, book, base):
    """A page's head with what a search engine or a message shows of it; `about` in short."""
    found = re.search(r"<title>(.*?)</title>", html, re.S)
    title = unescape(found[1]).strip() if found else book
    if title == f"{book} — {book}":  # the first page bears the book's name
        title = book
        html = html.replace(found[0], f"<title>{escape(book)}</title>", 1)
    tags = {"og:type": "article", "og:site_name": book, "og:title": title, "og:description": about}
    lines = ['<meta name="referrer" content="no-referrer">']
    if about:
        lines.append(f'<meta name="description" content="{escape(about)}">')
    if base:
        address = f"{base}/{quote(name)}.html"
        lines.append(f'<link rel="canonical" href="{escape(address)}">')
        tags |= {"og:url": address, "og:image": f"{base}/{PICTURE}"}
    lines += [f'<meta property="{k}" content="{escape(v)}">' for k, v in tags.items() if v]
    html = re.sub(r'\s*<meta name="(?:description|viewport)"[^>]*>', "", html)
    lines.append('<meta name="viewport" content="width=device-width, initial-scale=1">')
    return html.replace("</title>", "</title>\n" + "\n".join(lines), 1)


def write_site_map(site, names, base):
    """`sitemap.xml` and `robots.txt`, where the site's address is known."""
    pages = "".join(f"<url><loc>{escape(f'{base}/{quote(n)}.html')}</loc></url>\n" for n in names)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    text = f'{head}<urlset xmlns="{space}">\n{pages}</urlset>\n'
    (site / "sitemap.xml").write_text(text, encoding="utf-8")
    (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n")


def write_lost(site, title, start, base):
    """`404.html`, which leads on; a server may show it at any depth: addresses from the top."""
    top = re.sub(r"^https?://[^/]+", "", base) if base else ""
    names = {"start": start, "search": "search", "ledger": LEDGER}
    links = {key: f"{top}/{name}.html" if base else f"{name}.html" for key, name in names.items()}
    (site / "404.html").write_text(LOST.format(title=escape(title), **links), encoding="utf-8")


def make_findable(site, pages, title, start, base=""):
    """Do all this for a built site; `pages` are its files, `base` its address without a slash."""
    texts, titles, entry = {}, {}, site / "index.html"
    for page in pages:
        name = page.relative_to(site).with_suffix("").as_posix()
        html = page.read_text(encoding="utf-8")
        words, first = article(html)
        if name.startswith("chapters/"):
            texts[name] = words
            heading = re.search(r"<title>(.*?)</title>", html, re.S)[1]
            titles[name] = unescape(heading).rsplit("—", 1)[0].rsplit(" - ", 1)[0].strip()
        about = shorten(first)
        page.write_text(preview(html, about, name, title, base), encoding="utf-8")
        if name == start and entry.exists():  # leads on to the first page, and is shared like it
            html = entry.read_text(encoding="utf-8")
            entry.write_text(preview(html, about, name, title, base), encoding="utf-8")
    write_numbers(Path(site), texts, titles)
    mend_search(site)
    write_lost(site, title, start, base)
    if base:
        write_site_map(site, sorted(texts), base)
