"""What breaks a page without a word from Sphinx, and ends the build all the same."""

import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

MATHJAX = Path("_static", "mathjax", "tex-chtml.js")
HIDING = {"raises-exception", "remove-stderr", "skip-execution"}  # an error goes unseen
SHELL = re.compile(r"^\s*(?:!|%system\b|%sx\b|%%bash\b|%%sh\b|%%script\b)", re.M)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```", re.S | re.M)
OBJECT = re.compile(r"\[?(?:<[a-zA-Z][\w.]*[^<]*>|Text\()")  # a picture's parts in Python
HEAD = re.compile(r"\A(?:---\n(.*?)^---\n|((?::[^\n]*\n)*))", re.S | re.M)


def faults_of_source(text):
    """What a page's source must not have: cells that may fail unseen."""
    found = []
    for cell in CELL.findall(text):
        head = HEAD.match(cell)
        options, code = head[1] or head[2] or "", cell[head.end() :]
        found += [f"a cell with the tag {tag!r}" for tag in sorted(HIDING) if tag in options]
        if SHELL.search(code):
            found.append(f"a shell command, whose failure nobody sees: {code.strip()[:60]!r}")
    return found


def check_sources(app, env, docnames):
    """Raise ExtensionError for the first page that has a cell that may fail unseen."""
    for name in docnames:
        path = Path(env.doc2path(name))
        for fault in faults_of_source(path.read_text(encoding="utf-8")):
            raise ExtensionError(f"{path.name}: {fault}")


@cache
def _read(path):
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return soup, {tag["id"] for tag in soup.find_all(id=True)}


def faults_of_page(page, site):
    """Links within the site that lead nowhere, footnotes without one, pictures without words.

    Objects that a cell shows though nobody asked, too, and scripts or handlers of
    its own: the policy of a page would admit the one as its own.
    """
    soup, _ = _read(page)
    links = [tag.get("href") or tag.get("src") for tag in soup.select("a[href], img[src]")]
    found = [f"leads nowhere: {link}" for link in links if not _leads(link, page)]
    for image in soup.select("article img"):
        words = image.get("alt", "").strip()
        if not words or words.endswith((".svg", ".png")):
            found.append(f"a picture without words: {image.get('src', '')[:80]}")
    data = "application/json"
    own = [tag for tag in soup.select("article script") if tag.get("type") != data]
    own += [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    found += [f"a script or handler of its own: {str(tag)[:80]}" for tag in own]
    notes = soup.find_all(string=re.compile(r"\[\^[\w-]+\]"))
    plain = [text for text in notes if not text.find_parents(["code", "pre"])]
    found += [f"a footnote that is not defined: {text.strip()[:60]}" for text in plain]
    outputs = [tag.get_text().strip() for tag in soup.select(".cell_output pre")]
    found += [
        f"an object shown by its name in memory: {o[:60]}" for o in outputs if OBJECT.match(o)
    ]
    for formula in soup.select("article .math"):
        found += faults_of_formula(formula.get_text(), site / MATHJAX)
    return found


def _leads(link, page):
    """Does a link within the site lead to a file, and to a place on it where it names one?"""
    address = urlsplit(link)
    if address.scheme or address.netloc:
        return True
    target = (page.parent / unquote(address.path)).resolve() if address.path else page
    if not target.exists():
        return False
    place = unquote(address.fragment)
    named = target.suffix == ".html" and place and "=" not in place  # "=" is a view, not a place
    return not named or place in _read(target)[1]


@cache
def _commands(mathjax):
    """The commands of TeX: the script that shows formulas has each as a key of an object."""
    return set(re.findall(r'[{,]"?([A-Za-z]+)"?(?=:)', mathjax.read_text(encoding="utf-8")))


def faults_of_formula(formula, mathjax):
    """What makes a formula unreadable: braces or pairs that do not match, unknown commands."""
    bare = re.sub(r"\[{}\]", "", formula)
    found = []
    for opened, closed in (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end")):
        word = "" if opened == "{" else "(?![a-z])"  # not the start of a longer name
        n, m = (len(re.findall(re.escape(x) + word, bare)) for x in (opened, closed))
        if n != m:
            found.append(f"a formula with {n} {opened} and {m} {closed}")
    odd = set(re.findall(r"\\([A-Za-z]+)", formula)) - _commands(mathjax)
    return found + [f"a formula with \\{command}, which is no command" for command in sorted(odd)]


def check_site(site):
    """Raise ExtensionError with all that is wrong in the built pages."""
    _read.cache_clear()
    found = [
        f"{page.relative_to(site)}: {fault}"
        for page in sorted(Path(site).rglob("chapters/**/*.html"))
        for fault in faults_of_page(page, Path(site))
    ]
    if found:
        raise ExtensionError("the built pages have faults\n" + "\n".join(found))


def steady_kernels():
    """Let a page look the same whatever the shell says of plotting."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"


def setup(app):
    """Check sources before they are executed; `press` checks the site when it is done."""
    steady_kernels()
    app.connect("env-before-read-docs", check_sources, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
