"""The last hand on the built site: lighter, safer, and with everything to take away.

The theme loads some thirty files and 1.2 MB on each page, most of which no page uses. Once all
pages are written this module

- puts each figure into a file of its own, as SVG and as PNG, and each table as CSV beside it,
- offers each chapter as an executed notebook, and the lessons' handout as one archive,
- joins the style sheets and scripts that all pages share, without rules and icons nobody uses,
- stamps each page with the version and the commit,
- writes a Content-Security-Policy into each page and, for servers, into `_headers`.

Nothing here depends on the day or the folder: two builds of one commit stay equal byte for byte.
"""

import hashlib
import json
import re
from pathlib import Path
from shutil import copyfile

from edition import pack_tables, stamp, tell_edition
from exhibits import number_exhibits
from found import PICTURE, make_findable
from handout import write_handout
from jupyter_cache import get_cache
from policy import policy, protect
from sheets import STYLE, join_styles, known_words, shrink_fonts
from strict import check_site
from takeaway import executed, take_out_figures, take_out_tables, to_png

SCRIPT = "_static/site.js"


def pages(site):
    """List the book's pages; the entry page and the one for the lost only lead on."""
    apart = {site / "index.html", site / "404.html"}
    return sorted(page for page in site.rglob("*.html") if page not in apart)


def root_of(site, page):
    """Lead from a page back to the top of the site: `../../`."""
    return "../" * (len(page.relative_to(site).parts) - 1)


def drafts_of(app):
    """Where MyST-NB leaves the notebook of each page."""
    return Path(app.outdir).parent / "jupyter_execute"


def forget_notebook(app, env, docname):
    """Remove the draft of a page that is read anew: it may be a notebook no longer."""
    (drafts_of(app) / f"{docname}.ipynb").unlink(missing_ok=True)


def offer_notebook(app, pagename, templatename, context, doctree):
    """Let the theme's menu of downloads name the executed notebook, which `finish` writes."""
    if (drafts_of(app) / f"{pagename}.ipynb").exists():
        context["ipynb_source"] = f"{pagename}.ipynb"


def write_notebooks(app):
    """Write each executed chapter beside its source."""
    drafts = drafts_of(app)
    cache = get_cache(app.config.nb_execution_cache_path)
    for draft in sorted(drafts.rglob("*.ipynb")):
        name = draft.relative_to(drafts)
        if name.with_suffix("").as_posix() in app.env.all_docs:
            glue = draft.with_suffix(".glue.json")
            glued = json.loads(glue.read_text()) if glue.exists() else {}
            told = executed(draft, glued, cache, app.config.myst_substitutions)
            _write(Path(app.outdir) / "_sources" / name, told)


SHEET = re.compile(r'\s*<link\b[^>]*\brel="stylesheet"[^>]*>')
PRELOAD = re.compile(r'\s*<link\b[^>]*\brel="preload"[^>]*>')
TAG = re.compile(r"\s*<script\b([^>]*)>(.*?)</script>", re.S)


def address(tag):
    """Read the file that a tag of a style sheet or script names, from the top of the site."""
    found = re.search(r'\b(?:href|src)="(?:\.\./)*([^"?#]+)', tag)
    return found[1] if found else ""


def shared(texts, pattern):
    """List the files that the tags of every page name, in the order of the first page."""
    named = [[address(tag[0]) for tag in pattern.finditer(html)] for html in texts]
    return [name for name in dict.fromkeys(named[0]) if name and all(name in n for n in named[1:])]


def settings(texts):
    """Join the inline settings for the theme's scripts that stand on every page.

    The name of the page, different on each, is for a service that this book does not use; the one
    that chooses light or dark has to run before anything is drawn, and stays.
    """
    inline = [{t[2] for t in TAG.finditer(html) if not t[1].strip()} for html in texts]
    first = [t[2] for t in TAG.finditer(texts[0]) if not t[1].strip()]
    return list(dict.fromkeys(code for code in first if all(code in found for found in inline)))


def relink(html, root, styles, scripts, inline, stamps):
    """Let a page load the joined files in place of those that they hold."""
    first = [True]

    def script(found):
        source = address(f"<x {found[1]}>") if "src=" in found[1] else ""
        gone = source in scripts or (not found[1].strip() and (
            found[2] in inline or "DOCUMENTATION_OPTIONS.pagename" in found[2]))  # fmt: skip
        if not gone:  # in their order after the joined one, which waits for the page
            late = "src=" in found[1] and "defer" not in found[1]
            return found[0].replace("<script ", "<script defer ") if late else found[0]
        if first[0]:
            first[0] = False
            return f'\n<script defer src="{root}{SCRIPT}?v={stamps[SCRIPT]}"></script>'
        return ""

    def sheet(found):
        return "" if address(found[0]) in styles else found[0]

    html = PRELOAD.sub("", TAG.sub(script, html))
    joined = f'<link rel="stylesheet" href="{root}{STYLE}?v={stamps[STYLE]}">'
    return SHEET.sub(sheet, html).replace("</title>", f"</title>\n{joined}", 1)


# Paper is white: whoever prints from the dark gets dark words on a light ground.
PRINT = """
{
  let before = "";
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  });
  addEventListener("afterprint", () => { document.documentElement.dataset.theme = before; });
}
document.addEventListener("click", (event) => {
  if (event.target.closest(".btn-download-pdf-button")) window.print();
});
"""


def join_files(site):
    """Join what all pages share, and delete what was joined."""
    texts = {page: page.read_text(encoding="utf-8") for page in pages(site)}
    all_html = list(texts.values())
    styles, scripts = shared(all_html, SHEET), shared(all_html, TAG)
    inline = settings(all_html)
    code = [(site / name).read_text(encoding="utf-8") for name in scripts]
    own = [path.read_text(encoding="utf-8") for path in site.glob("_static/*.js")]
    css = join_styles([site / n for n in styles], site, known_words(all_html, [*code, *own]))
    css = shrink_fonts(css, site)
    script = ";\n".join(re.sub(r"(?m)^//# sourceMappingURL=.*", "", text) for text in code)
    script = re.sub(r"console\.log\(\s*(?:`[^`]*`|\"[^\"]*\")\s*\)", "0", script)  # for developers
    script = "\n".join([*inline, script, PRINT])
    _write(site / STYLE, css)
    _write(site / SCRIPT, script)
    stamps = {STYLE: _digest(css), SCRIPT: _digest(script)}
    for page, html in texts.items():
        html = relink(html, root_of(site, page), styles, scripts, inline, stamps)
        page.write_text(html, encoding="utf-8")
    for name in [*styles, *scripts]:
        (site / name).unlink()


def sweep(site):
    """Delete files of the theme that nothing names any more, and maps for their developers."""
    keep = {"site.css", "site.js"}
    named = " ".join(p.read_text(encoding="utf-8") for p in [*site.rglob("*.html"), site / STYLE])
    for path in sorted((site / "_static").rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.suffix == ".map" or (path.name not in keep and path.name not in named
                                       and "mathjax" not in path.parts):  # fmt: skip
            path.unlink()
    for path in sorted((site / "_sphinx_design_static").rglob("*"), reverse=True):
        path.unlink()
    if (site / "_sphinx_design_static").is_dir():
        (site / "_sphinx_design_static").rmdir()


HEADERS = """\
# What a server should send with each page. Netlify, Cloudflare Pages and others read this file as
# it is; for nginx or Apache, see "Host" in the book's page on rebuilding.
/*
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer
  X-Frame-Options: DENY
"""


def protect_site(site):
    """Write the policies of all pages, in the pages and in `_headers`."""
    lines = [HEADERS]
    for page in [site / "index.html", site / "404.html", *pages(site)]:
        html = page.read_text(encoding="utf-8")
        rule = f"{policy(html)}; frame-ancestors 'none'"
        lines.append(f"/{page.relative_to(site).as_posix()}\n  Content-Security-Policy: {rule}\n")
        page.write_text(protect(html), encoding="utf-8")
    _write(site / "_headers", "".join(lines))
    (site / ".nojekyll").touch()  # or GitHub Pages leaves out what begins with an underscore


def _digest(text):
    """Change an address whenever its file changes."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _write(path, text):
    """Write a text file, and the folder that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def draw(svg, folder):
    """Draw a PNG once for each picture: most stay the same from build to build."""
    kept = folder / f"{_digest(svg)}-{len(svg)}.png"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(to_png(svg))
    return kept.read_bytes()


def take_out(site, drawn):
    """Take figures and tables out of the pages, into files; stamp nothing, change no word."""
    for page in pages(site):
        html, root = page.read_text(encoding="utf-8"), root_of(site, page)
        html, figures = take_out_figures(html, page.stem, root)
        html, tables = take_out_tables(html, page.stem, root)
        page.write_text(html, encoding="utf-8")
        for path, text in {**figures, **tables}.items():
            _write(site / path, text)
        for path, svg in figures.items():
            (site / path).with_suffix(".png").write_bytes(draw(svg, drawn))


def tidy(html, edition):
    """Stamp a page; leave to the joined script what an attribute did, which a policy forbids.

    Sphinx loads MathJax on the first page as well when only pages under it have formulas.
    """
    if not re.search(r'class="math\b', html):
        html = re.sub(r"<script>window\.MathJax = .*?</script>", "", html)
        html = re.sub(r"\s*<script[^>]*tex-chtml\.js[^>]*></script>", "", html)
    html = html.replace('<button onclick="window.print()"', '<button type="button"')
    # A header cell without a header: the corner above the index of a data frame.
    html = re.sub(r"<th\b([^>]*)>(?:\s|&nbsp;)*</th>", r"<td\1></td>", html)
    html = re.sub(r'console\.log\("[^"]*"\);', "", html)  # for the theme's developers
    note = '<p class="edition-rights">'
    return html.replace(note, edition + note, 1)


def draw_preview(site, root):
    """Draw the README's picture of the cohort as the one that messages show of the site."""
    picture = root / "_static" / "cohort.svg"
    if picture.exists():
        (site / PICTURE).write_bytes(to_png(picture.read_text(encoding="utf-8")))


def finish(app, exception):
    """Do all this once the pages are written and mended."""
    if exception is not None or app.builder.format != "html" or app.builder.name != "html":
        return
    site, edition = Path(app.outdir), stamp(app.srcdir)
    take_out(site, site.parent / "drawn")
    number_exhibits(app, site, root_of)
    write_notebooks(app)
    for page in pages(site):
        page.write_text(tidy(page.read_text(encoding="utf-8"), edition), encoding="utf-8")
    join_files(site)
    sweep(site)
    base = app.config.site_address.strip().rstrip("/")
    make_findable(site, pages(site), app.config.html_title, app.config.root_doc, base)
    draw_preview(site, Path(app.srcdir))
    protect_site(site)
    handout = write_handout(site.parent / "handout", app.config.repository)
    copyfile(handout, site / "handout.zip")
    pack_tables(app.srcdir, site)
    check_site(site)


def setup(app):
    """Connect: a page's notebook before the theme makes its menu, the rest after `house`."""
    app.add_config_value("site_address", "", "env", (str,))
    app.connect("config-inited", tell_edition)
    app.connect("env-purge-doc", forget_notebook)
    app.connect("html-page-context", offer_notebook, priority=100)
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
