"""What readers can take away: each figure as SVG and PNG, each table as CSV, each chapter run.

Functions from text to text; `press` reads and writes the files.
"""

import base64
import csv
import io
import re
from collections import Counter
from html import escape, unescape

import inline
import nbformat
import resvg_py
from bs4 import BeautifulSoup
from lab import fold
from plain_words import plain

PIXELS = 2  # PNG pixels per CSS pixel: sharp on good screens and in slides
PANDAS = re.compile(r'<table[^>]*(class="dataframe"|id="T_)')  # as a frame or its style is shown
NUMBER = re.compile(r"[<−-]?\d[\d,]*(\.\d+)?(e[+-]?\d+)?%?|NaN")


def lighten(svg):
    """Drop what Matplotlib writes for other programs, and digits below a hundredth of a point."""
    svg = re.sub(r"<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\b(d|points)="([^"]*)"', _shorten, svg)
    svg = re.sub(r'\b(x|y|transform)="((?:translate\()?-?\d[^"]*)"', _shorten, svg)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:", "")
    return re.sub(r"\s*\n\s*", "\n", _with_short_names(svg))


def _with_short_names(svg):
    """Name what is referred to by its number in order, and nothing else."""
    asked = dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    names = {name: f"n{number}" for number, name in enumerate(asked)}
    svg = re.sub(r' id="([^"]*)"', lambda m: f' id="{names[m[1]]}"' if m[1] in names else "", svg)
    return re.sub(r'(href="#|url\(#)([^")]+)', lambda m: m[1] + names[m[2]], svg)


def _shorten(attribute):
    """Round to two decimals; a factor of `scale` is small, and stays as it is."""
    name, text = attribute[1], re.sub(r"\s+", " ", attribute[2]).strip()
    place, scale, factor = text.partition("scale")
    place = re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), place)
    if name == "d":
        place = re.sub(r" ?([A-Za-z]) ?", r"\1", place)
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


RUNS = re.compile(r"^(?=[=+@]|-(?![\d.]|$))")  # a cell that a spreadsheet would compute


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
                    words = words.replace("−", "-")  # programs read no other minus
                    words = RUNS.sub("'", words)
                    rows.setdefault(i + down, {})[j + right] = words
    text = io.StringIO()
    width = 1 + max((j for line in rows.values() for j in line), default=-1)
    lines = [[line.get(j, "") for j in range(width)] for line in rows.values()]
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def align_numbers(table):
    """Mark the columns of a table that hold numbers alone, as `num`: they stand at the right.

    For tables as pandas shows them, one cell a column in each row but for the rows' labels; what
    stands behind the table stays.
    """
    table, close, rest = table.partition("</table>")
    soup = BeautifulSoup(table + close, "html.parser")
    rows = [row.find_all(["th", "td"]) for row in soup.select("tbody tr")]
    width = min(map(len, rows), default=0)  # a label of several rows stands in the first alone
    columns = list(zip(*(row[len(row) - width :] for row in rows), strict=True))
    for place, cells in enumerate(reversed(columns), 1):
        words = [cell.get_text().strip() for cell in cells if cell.name == "td"]
        if len(words) == len(cells) and all(map(NUMBER.fullmatch, words)):
            heads = [row.find_all(["th", "td"])[-place:][:1] for row in soup.select("thead tr")]
            for cell in sum(heads, [*cells]):
                cell["class"] = [*cell.get("class", []), "num"]
    return str(soup) + rest


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
        shown = align_numbers(found[0]) if PANDAS.match(found[0]) else found[0]
        return f'{shown}<p class="table-downloads">{below}</p>'

    start, article, end = html.partition("<article")
    pattern = r"<table\b(?![^>]*indextable).*?</table>(?:\s*</div>)?"
    return start + article + re.sub(pattern, add, end, flags=re.S), taken


def executed(notebook, glued, cache, words):
    """Join a chapter's cells with the outputs that its page shows, and with its `words` by name."""
    book = nbformat.read(notebook, as_version=4)
    book = cache.merge_match_into_notebook(book)[1]
    book.cells, seen = [cell for cell in book.cells if not inline.is_storing(cell)], Counter()
    for number, cell in enumerate(book.cells, 1):
        cell.id = f"cell-{number}"  # else another one in each build
        cell.metadata.pop("execution", None)  # the time of day
        if cell.cell_type == "markdown":
            said = re.sub(r"\{\{ (\w+) \}\}", lambda name: words.get(name[1], name[0]), cell.source)
            cell.source = plain(inline.fill_in(said, glued, seen))
        else:
            fold(cell)
            cell.outputs = [o for o in cell.outputs if "scrapbook" not in o.get("metadata", {})]
    return nbformat.writes(book) + "\n"
