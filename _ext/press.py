"""The last hand on the built site: lighter, safer, and with everything to take away.

The theme loads some thirty files and 1.2 MB on each page, most of which no page uses. Once all pages
are written this module

- puts each figure into a file of its own, as SVG and as PNG, and each table as CSV beside it,
- offers each chapter as an executed notebook,
- joins the style sheets and scripts that all pages share, without rules and icons nobody uses,
- stamps each page with the version and the commit,
- writes a Content-Security-Policy into each page and, for servers, into `_headers`.

Each is a function from text to text; `finish` reads and writes the files. Nothing here depends on
the day or the folder: two builds of one commit stay equal byte for byte.
"""

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
from html import escape, unescape
from pathlib import Path

import nbformat
import resvg_py
import tinycss2
from bs4 import BeautifulSoup
from fontTools import subset
from jupyter_cache import get_cache

STYLE, SCRIPT, FONTS = "_static/site.css", "_static/site.js", "_static/fonts"
PIXELS = 2  # PNG pixels per CSS pixel: sharp on good screens and in slides

# -- Pages ---------------------------------------------------------------------------------------


def pages(site):
    """List the book's pages; the entry page only leads on to the first of them."""
    return sorted(page for page in site.rglob("*.html") if page != site / "index.html")


def root_of(site, page):
    """Lead from a page back to the top of the site: `../../`."""
    return "../" * (len(page.relative_to(site).parts) - 1)


# -- Figures -------------------------------------------------------------------------------------


def lighten(svg):
    """Drop what Matplotlib writes for other programs, and digits below a hundredth of a point."""
    svg = re.sub(r"<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\b(d|points)="([^"]*)"', _shorten, svg)
    svg = re.sub(r'\b(x|y|transform)="((?:translate\()?-?\d[^"]*)"', _shorten, svg)
    return re.sub(r"\s*\n\s*", "\n", svg)


def _shorten(attribute):
    """Round to two decimals; a factor of `scale` is small, and stays as it is."""
    name, text = attribute[1], re.sub(r"\s+", " ", attribute[2]).strip()
    place, scale, factor = text.partition("scale")
    place = re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), place)
    return f'{name}="{place}{scale}{factor}"'


def to_png(svg):
    """Draw an SVG of Matplotlib's, whose letters are outlines: no font of this machine is asked."""
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, dpi=96.0, zoom=PIXELS, skip_system_fonts=True)
    )


def size(svg):
    """Width and height of an SVG in CSS pixels, from points."""
    return [round(float(re.search(rf'<svg[^>]* {side}="([\d.]+)pt"', svg)[1]) * 4 / 3)
            for side in ("width", "height")]  # fmt: skip


def links(files, root):
    """Write small links to files: label, path from the top of the site, what it is."""
    written = [
        f'<a href="{root}{path}" download aria-label="{escape(f"{label}: {what}")}">{label}</a>'
        for label, path, what in files
    ]
    return f'<span class="downloads">{" ".join(written)}</span>'


def take_out_figures(html, name, root):
    """Refer to figures that stand in a page as data; return the page and the SVG texts by path."""
    taken = {}

    def replace(found):
        svg = lighten(base64.b64decode(found["data"]).decode())
        path = f"_images/{name}-figure-{len(taken) + 1}.svg"
        taken[path] = svg
        wide, high = size(svg)
        image = f'{found["start"]}{root}{path}"{found["end"]} width="{wide}" height="{high}">'
        what = f"figure {len(taken)} of this page"
        both = [("SVG", path, what), ("PNG", path.replace(".svg", ".png"), what)]
        below = links(both, root)
        words = found["words"] or "<figcaption></figcaption>"
        return image + words.replace("</figcaption>", f" {below}</figcaption>")

    pattern = (
        r'(?P<start><img[^>]*src=")data:image/svg\+xml;base64,(?P<data>[^"]+)"(?P<end>[^>]*)>'
        r"(?P<words><figcaption>.*?</figcaption>)?"
    )
    return re.sub(pattern, replace, html, flags=re.S), taken


# -- Tables --------------------------------------------------------------------------------------


def to_csv(table):
    """Write an HTML table as CSV: the words of each cell; one that spans several stands first."""
    rows = {}
    for i, row in enumerate(BeautifulSoup(table, "html.parser").find_all("tr")):
        line, j = rows.setdefault(i, {}), 0
        for cell in row.find_all(["th", "td"]):
            while j in line:
                j += 1
            for down in range(int(cell.get("rowspan", 1))):
                for right in range(int(cell.get("colspan", 1))):
                    words = " ".join(cell.get_text(" ").split()) if down == right == 0 else ""
                    rows.setdefault(i + down, {})[j + right] = words
    text = io.StringIO()
    width = 1 + max((j for line in rows.values() for j in line), default=-1)
    lines = [[line.get(j, "") for j in range(width)] for line in rows.values()]
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def take_out_tables(html, name, root):
    """Put a link to a CSV under each table; return the page and the CSV texts by path."""
    taken = {}

    def add(found):
        path = f"_downloads/{name}-table-{len(taken) + 1}.csv"
        taken[path] = to_csv(found[0])
        caption = re.search(r"<caption>(.*?)</caption>", found[0], re.S)
        title = re.sub(r"<[^>]+>", "", caption[1]) if caption else ""
        what = unescape(title) or f"table {len(taken)} of this page"
        below = links([("CSV", path, " ".join(what.split()))], root)
        return f'{found[0]}<p class="table-downloads">{below}</p>'

    start, article, end = html.partition("<article")
    pattern = r"<table\b(?![^>]*indextable).*?</table>(?:\s*</div>)?"
    return start + article + re.sub(pattern, add, end, flags=re.S), taken


# -- Notebooks -----------------------------------------------------------------------------------


def fill_in(text, glued):
    """Write the values into a text that a page glues there: JupyterLab shows only their names."""
    value = {name: output["data"]["text/plain"].strip("'") for name, output in glued.items()}
    return re.sub(r"\{glue:text\}`(\w+)`", lambda named: value.get(named[1], named[0]), text)


def executed(notebook, glued, cache):
    """Join a chapter's cells with the outputs that its page shows."""
    book = nbformat.read(notebook, as_version=4)
    book = cache.merge_match_into_notebook(book)[1]
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # the time of day
        if cell.cell_type == "markdown":
            cell.source = fill_in(cell.source, glued)
        else:
            cell.outputs = [o for o in cell.outputs if "scrapbook" not in o.get("metadata", {})]
    return nbformat.writes(book) + "\n"


def offer_notebook(app, pagename, templatename, context, doctree):
    """Let the theme's menu of downloads name the executed notebook, which `finish` writes."""
    if (Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb").exists():
        context["ipynb_source"] = f"{pagename}.ipynb"


def write_notebooks(app):
    """Write each executed chapter beside its source."""
    drafts = Path(app.outdir).parent / "jupyter_execute"
    cache = get_cache(app.config.nb_execution_cache_path)
    for draft in sorted(drafts.rglob("*.ipynb")):
        name = draft.relative_to(drafts)
        if name.with_suffix("").as_posix() in app.env.all_docs:
            glue = draft.with_suffix(".glue.json")
            glued = json.loads(glue.read_text()) if glue.exists() else {}
            _write(Path(app.outdir) / "_sources" / name, executed(draft, glued, cache))


# -- Style sheets, icons and scripts ---------------------------------------------------------------


def known_words(texts, scripts):
    """List all that can be a class on some page: what stands there, and any word of a script."""
    classes = {name for html in texts for found in re.findall(r'class="([^"]*)"', html)
               for name in found.split()}  # fmt: skip
    return classes | {word for script in scripts for word in re.findall(r"[\w-]+", script)}


def may_match(selector, words):
    """Tell whether a selector (a list of tokens) asks only for classes that some page can have.

    What stands inside `:not()`, `:is()` and their like is not looked at, to be on the safe side.
    """
    pairs = zip(selector, selector[1:], strict=False)
    asked = [b.value for a, b in pairs if a == "." and b.type == "ident"]
    return all(name in words for name in asked)


def selectors(prelude):
    """Split a rule's selectors at their commas."""
    found = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def prune(rules, words):
    """Write style rules again without those that can never match, comments and wide spaces."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            chosen = [s for s in selectors(rule.prelude) if may_match(s, words)]
            if chosen:
                names = ",".join(_tight(tinycss2.serialize(s)) for s in chosen)
                kept.append(f"{names}{{{_tight(tinycss2.serialize(rule.content))}}}")
        elif rule.type == "at-rule":
            head = f"@{rule.at_keyword} {_tight(tinycss2.serialize(rule.prelude))}".strip()
            if rule.content is None:
                if rule.lower_at_keyword != "charset":  # the joined sheet has its own
                    kept.append(f"{head};")
            elif rule.lower_at_keyword in ("media", "supports", "layer", "container"):
                inner = tinycss2.parse_rule_list(rule.content, True, True)
                body = prune(inner, words)
                if body:
                    kept.append(f"{head}{{{body}}}")
            else:
                kept.append(f"{head}{{{_tight(tinycss2.serialize(rule.content))}}}")
    return "\n".join(kept)


def _tight(css):
    """Leave single spaces, and none at either end."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.S)).strip()


def read_style(path, site):
    """Read one style sheet and those that it imports; addresses then start where `STYLE` is."""
    top = (site / STYLE).parent

    def move(found):
        return f"url({Path(os.path.relpath(path.parent / found[1], top)).as_posix()})"

    def imported(found):
        return read_style(path.parent / found[1], site)

    css = path.read_text(encoding="utf-8")
    css = re.sub(r"url\([\"']?(?!data:|#)([^\"')?#]+)[^)]*\)", move, css)
    return re.sub(r'@import\s+"([^":]+)"\s*;', imported, css)


def join_styles(paths, site, words):
    """Join style sheets in their order, each pruned."""
    sheets = [tinycss2.parse_stylesheet(read_style(p, site), True, True) for p in paths]
    return '@charset "utf-8";\n' + "\n".join(prune(rules, words) for rules in sheets) + "\n"


def icons(css):
    """List the characters for private use, by which a style sheet names icons."""
    return sorted({ord(letter) for letter in css if "\ue000" <= letter <= "\uf8ff"})


def shrink_fonts(css, site):
    """Keep of each icon font only what pages show; drop the fonts of which nothing is left."""
    wanted, wrote = icons(css), {}

    def face(found):
        address = re.search(r"url\(([^)]+?/([\w-]+)\.(?:woff2|ttf))\)", found[0])
        source = (site / STYLE).parent / Path(address[1]).with_suffix(".ttf")
        font = subset.load_font(str(source), subset.Options(recalc_timestamp=False))
        present = [code for code in wanted if code in font.getBestCmap()]
        if not present or not re.search(r"900|regular", address[2]):
            return ""
        options = subset.Options(recalc_timestamp=False, flavor="woff", layout_features=[])
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=present)
        cutter.subset(font)
        name = f"fonts/{address[2]}.woff"
        wrote[name] = font, options
        return re.sub(r"src:.*?(?=[;}])", f"src:url({name})", found[0], flags=re.S)

    css = re.sub(r"@font-face\{[^}]*fa-[^}]*\}", face, css)
    for name, (font, options) in wrote.items():
        path = (site / STYLE).parent / name
        path.parent.mkdir(exist_ok=True)
        subset.save_font(font, str(path), options)
    return css


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


PRINT = """
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


# -- The stamp -------------------------------------------------------------------------------------


def commit(folder):
    """Name the commit that a folder is at, with a plus sign if files differ; empty without Git."""
    try:
        git = ["git", "-C", str(folder)]
        top, head, changed = (
            subprocess.run([*git, *words], capture_output=True, text=True, check=True).stdout.strip()
            for words in (["rev-parse", "--show-toplevel"], ["rev-parse", "--short=9", "HEAD"],
                          ["status", "--porcelain", "--untracked-files=no"])
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (head + "+" * bool(changed)) if Path(top) == Path(folder).resolve() else ""


def stamp(folder):
    """Say which edition this is; the version stands in `CITATION.cff`, where citations read it."""
    path = Path(folder) / "CITATION.cff"
    found = re.search(r"(?m)^version: *(\S+)", path.read_text()) if path.exists() else None
    at = commit(folder)
    words = [f"Version {found[1]}" if found else "", f"commit {at}" if at else ""]
    words = ", ".join(filter(None, words))
    return f'<p class="edition-stamp">{words}.</p>' if words else ""


# -- Content-Security-Policy -----------------------------------------------------------------------

# MathJax writes its style sheet into the page as it goes, so that no digest can be known before.
STYLE_OF_FORMULAS = "'unsafe-inline'"


def digest(text):
    """Name an inline piece by its SHA-256, as a policy does."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(html):
    """The strictest policy under which a page works: its own site, and its inline pieces by digest."""
    runs = [t for t in TAG.finditer(html) if "src=" not in t[1] and "application/json" not in t[1]]
    scripts = sorted({digest(t[2]) for t in runs})
    sheets = sorted({digest(css) for css in re.findall(r"<style[^>]*>(.*?)</style>", html, re.S)})
    attributes = {digest(unescape(css)) for css in re.findall(r'<[^>]*\sstyle="([^"]*)"', html)}
    pieces = [*sheets, *(["'unsafe-hashes'", *sorted(attributes)] if attributes else [])]
    if "tex-chtml.js" in html:
        pieces = [STYLE_OF_FORMULAS]
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *scripts],
        "style-src": ["'self'", *pieces],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
    return "; ".join(" ".join([name, *values]) for name, values in rules.items())


def protect(html):
    """Write the policy into a page, before anything that it governs.

    `file:` is for readers who open the book from a disk: in Firefox such a page has no "self". A
    page that came over the network cannot load files, so that it gains nothing from the word.
    """
    from_disk = policy(html).replace("'self'", "'self' file:")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{from_disk}">'
    return re.sub(r"(<meta charset=[^>]*>)", rf"\1\n    {meta}", html, count=1)


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
    for page in [site / "index.html", *pages(site)]:
        html = page.read_text(encoding="utf-8")
        rule = f"{policy(html)}; frame-ancestors 'none'"
        lines.append(f"/{page.relative_to(site).as_posix()}\n  Content-Security-Policy: {rule}\n")
        page.write_text(protect(html), encoding="utf-8")
    _write(site / "_headers", "".join(lines))
    (site / ".nojekyll").touch()  # or GitHub Pages leaves out what begins with an underscore


# -- All of it -------------------------------------------------------------------------------------


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
    note = '<p class="edition-rights">'
    return html.replace(note, edition + note, 1)


def finish(app, exception):
    """Do all this once the pages are written and mended."""
    if exception is not None or app.builder.format != "html" or app.builder.name != "html":
        return
    site, edition = Path(app.outdir), stamp(app.srcdir)
    take_out(site, site.parent / "drawn")
    write_notebooks(app)
    for page in pages(site):
        page.write_text(tidy(page.read_text(encoding="utf-8"), edition), encoding="utf-8")
    join_files(site)
    sweep(site)
    protect_site(site)


def setup(app):
    """Connect: the notebook before the theme makes its menu, the rest after `house`."""
    app.connect("html-page-context", offer_notebook, priority=100)
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
