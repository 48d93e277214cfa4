"""What this book needs from Sphinx beyond its configuration.

`_config.yml` cannot express these: outputs that follow the code and the data, formulas without a
CDN, a script for one page alone, mends to the theme's HTML, builds that do not depend on the day
or the folder, and an entry page. Each is a short function here, connected in `setup`.
"""

import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
from html import escape
from pathlib import Path

from ahead import execute_pages
from docutils import nodes
from sphinx.errors import ConfigError
from sphinx.util import logging

from recohort.digests import unlike_command

log = logging.getLogger(__name__)

ASSETS = Path(__file__).parent / "assets"

# Scripts for some pages alone: what on a page calls for which files of `assets/`, in order.
SCRIPTS = {
    re.compile(r'<div class="cell_input'): ("code.js",),
    re.compile(r'<table[^>]*\bclass="[^"]*\bledger\b'): ("ledger.js",),
    re.compile(r'<figure[^>]*\bclass="bench\b'): ("survival.js", "touch.js", "bench.js"),
    re.compile(r'<figure[^>]*\bclass="sieve\b'): (
        *("survival.js", "candidates.js", "touch.js", "sieve.js"),
    ),
    re.compile(r'<figure[^>]*\bclass="rounding\b'): ("interval.js", "touch.js", "rounding.js"),
    re.compile(r'<figure[^>]*\bclass="hill\b'): ("survival.js", "cox.js", "touch.js", "hill.js"),
}
SEARCH = ("number-index.js", "numbers.js")  # of the page of results, which has no text of its own

BEFORE_TABLE = r">\s*(?:<div>\s*)?(?:<style[^>]*>[^<]*</style>\s*)?"
NAMED = r'\1 role="group" aria-label="{}"'

# What the theme gets wrong in every page: pattern, replacement; the reason stands above each.
MENDS = [
    # 1.4 MB of script that draws icons which the theme's style sheet draws from a font anyway.
    (r'<!-- So that users[^>]*-->\s*<script src="[^"]*fontawesome\.js[^"]*"></script>', ""),
    # Labels that hide the words on the button itself from those who speak them (WCAG 2.5.3).
    (r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1"),
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    # Icons with titles inside a button that has a label already.
    (r'(<i class="theme-switch[^>]*?)\s+title="[^"]*"', r'\1 aria-hidden="true"'),
    # The book's title and the search button stand outside any landmark.
    (r'(<div id="pst-primary-sidebar")', r'\1 role="region" aria-label="The book"'),
    # A list whose entries are not list items; the entries' own role is deprecated.
    (r'role="doc-biblioentry"', 'role="listitem"'),
    # A header cell without a header: the corner above the index of a data frame.
    (r"<th></th>", "<td></td>"),
    # What scrolls sideways, and then takes the focus, does not say what it is.
    (rf'(<div class="output text_html")(?={BEFORE_TABLE}<table)', NAMED.format("Table")),
    (r'(<div class="output text_html")(?=><figure class="[^"]*scrolls)', NAMED.format("Figure")),
    (r'(<div class="pst-scrollable-table-container")', NAMED.format("Table")),
]

# What nothing loads: icons as script, translations, logos of services for launch buttons. The last
# is Sphinx's note to itself on the build, which depends on the folder's path.
UNUSED = [
    "_static/scripts/fontawesome.js*",
    "_static/locales",
    "_static/images/logo_*",
    "_static/*webpack-macros.html",
    ".buildinfo",
]

ENTRY = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={page}">
<title>{title}</title>
</head>
<body><main><h1>{title}</h1><p><a href="{page}">Open the book</a></p></main></body>
</html>
"""

EDITED = (
    "Edited data: this build does not show what the published numbers lead to. "
    "Unlike what the command makes: {unlike}."
)


def inputs(root):
    """List what cells depend on besides themselves: the package, the data and the lock."""
    found = [path for folder in ("src", "data") for path in (root / folder).rglob("*")]
    kept = [
        path
        for path in [*found, root / "requirements.txt"]
        if path.is_file() and not re.search(r"__pycache__|\.egg-info|/\.", path.as_posix())
    ]
    return sorted(kept)


def fingerprint(root):
    """Digest the inputs by relative name and content, and the version of Python."""
    digest = hashlib.sha256(platform.python_version().encode())
    for path in inputs(root):
        name = path.relative_to(root).as_posix()
        digest.update(f"\0{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def key_cache(app, config):
    """Give each state of code and data its own cache of outputs.

    The cache knows only the cells of a notebook. Without this, a page would go on showing what
    last year's code computed; with it, an edit of prose still reuses outputs.
    """
    cache = Path(app.outdir).parent / ".jupyter_cache"
    config.nb_execution_cache_path = str(cache / fingerprint(Path(app.srcdir)))


def stop_clocks():
    """Let figures carry a fixed date: Matplotlib writes the time of drawing into every SVG.

    The kernel inherits the variable; whoever sets it to a date of their own keeps it.
    """
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")


def refuse_edited(app, config):
    """End the build where the data are not as the command made them from the published numbers.

    With EDITED=1 in the environment it goes on, and every page says so.
    """
    unlike = ", ".join(f"data/{name}" for name in unlike_command(Path(app.srcdir) / "data"))
    if not unlike:
        return
    said = f"not as `recohort audit` makes it from the published numbers: {unlike}"
    from recohort.check import faults  # loads pandas, which a sound book does not need here

    told = "".join(f"\n  {fault}" for fault in faults(Path(app.srcdir) / "data"))
    if os.environ.get("EDITED") != "1":
        way = "`make audit` makes it again; `make book EDITED=1` builds it as it is, with a banner"
        raise ConfigError(f"{said}. {way}.{told}")
    log.info("Edited data:%s", told)  # a page that they break may name a function only
    config.html_theme_options["announcement"] = EDITED.format(unlike=escape(unlike))


def serve_assets(app, config):
    """Copy `assets/` to `_static/` without loading it.

    Jupyter Book loads every .js and .css that it finds in the static folders on every page; it
    looks before this runs.
    """
    config.html_static_path.append(str(ASSETS))


def tell_contact(app, config):
    """Let pages say ``{{ contact }}``: who answers letters, from the one place that knows it."""
    address = config.contact.strip()
    said = "**No address is configured: this copy has no maintainer who can be reached.**"
    if address:
        said = f"Write to [{address}]({address if '://' in address else 'mailto:' + address})."
    config.myst_substitutions = {**config.myst_substitutions, "contact": said}


def load_scripts(app, pagename, templatename, context, doctree):
    """Load each script on the pages that call for it, and on no other."""
    called = [names for call, names in SCRIPTS.items() if call.search(context.get("body", ""))]
    for names in [SEARCH] if pagename == "search" else called:
        for name in names:
            app.add_js_file(name, loading_method="defer")


def plain_solutions(app, doctree):
    """Show the code of a worked solution without its magic, and colored as Python."""
    for block in doctree.findall(nodes.literal_block):
        if block.astext().startswith("%%solution\n"):
            code = block.astext().removeprefix("%%solution\n")
            block.rawsource, block["language"] = code, "ipython3"
            block[:] = [nodes.Text(code)]


def link_terms(app, doctree):
    """Let a Markdown link reach a term of the glossary: ``[word](glossary.md#term-word)``.

    Such a link reads well in JupyterLab too, where ``{term}`` is shown as it is typed. MyST finds
    headings only; the terms join its list, so that a link to none of them is still a warning.
    """
    known = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for term in doctree.findall(nodes.term):
        for name in term["ids"]:
            known[name] = (term.line, name, term.astext())


def copy_mathjax(app):
    """Copy the one MathJax bundle that is used, and its fonts.

    The package carries the whole of MathJax (24 MB with its speech rules) and its own extension
    would copy all of it.
    """
    package = importlib.metadata.distribution("sphinx-mathjax-offline")
    source = Path(package.locate_file("sphinx-mathjax-offline/static/mathjax"))
    target = Path(app.outdir) / "_static" / "mathjax"
    fonts = Path("output/chtml/fonts/woff-v2")
    shutil.copytree(source / fonts, target / fonts, dirs_exist_ok=True)
    shutil.copy2(source / "tex-chtml.js", target)


def mend(html):
    """Apply the mends to one page."""
    for pattern, replacement in MENDS:
        html = re.sub(pattern, replacement, html)
    return html


def mend_pages(app):
    """Mend every page."""
    for page in Path(app.outdir).rglob("*.html"):
        page.write_text(mend(page.read_text(encoding="utf-8")), encoding="utf-8")


def drop_unused(app):
    """Leave out what nothing loads."""
    site = Path(app.outdir)
    for path in [found for unused in UNUSED for found in site.glob(unused)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_entry(app):
    """Write `index.html`: Jupyter Book's own has neither a title nor a language nor a link."""
    page = ENTRY.format(page=f"{app.config.root_doc}.html", title=app.config.html_title)
    (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def finish(app, exception):
    """Do what can be done only once all pages are written."""
    if exception is None and app.builder.format == "html":
        mend_pages(app)
        drop_unused(app)
        copy_mathjax(app)
        write_entry(app)


def setup(app):
    """Connect the functions above to Sphinx."""
    stop_clocks()
    app.connect("config-inited", refuse_edited)
    app.connect("config-inited", key_cache)
    app.connect("config-inited", serve_assets)
    app.add_config_value("contact", "", "env", (str,))
    app.connect("config-inited", tell_contact)
    app.connect("env-before-read-docs", execute_pages)
    app.connect("doctree-read", plain_solutions)
    app.connect("doctree-read", link_terms)
    app.connect("html-page-context", load_scripts)
    app.connect("build-finished", finish)
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    # Jupyter Book always sets this value, which only the extension left out would declare.
    app.add_config_value("comments_config", None, "")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
