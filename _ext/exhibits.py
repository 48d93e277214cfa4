"""Numbers for figures and tables through the whole book, and a list of them.

Only what has a caption counts. The list stands where a page says `<div class="exhibits"></div>`.
"""

import re
from html import escape

ORDER = "figures tables".split()
CAPTION = re.compile(
    r"<figure\b(?P<f>[^>]*)>(?P<body>(?:(?!</figure>).)*?)<figcaption>(?P<fc>.*?)</figcaption>"
    r"|<table\b(?P<t>[^>]*)>\s*<caption>(?P<tc>.*?)</caption>",
    re.S,
)
DOWNLOADS = re.compile(r'<span class="downloads">.*?</span>', re.S)
PLACE = '<div class="exhibits"></div>'


def in_order(app):
    """The names of all pages as the table of contents has them."""
    names, waiting = [], [app.config.root_doc]
    while waiting:
        name = waiting.pop(0)
        if name not in names:
            names.append(name)
            waiting = [*app.env.toctree_includes.get(name, ()), *waiting]
    return names


def plain(caption):
    """The words of a caption, without the links below a figure."""
    return re.sub(r"<[^>]+>", "", DOWNLOADS.sub("", caption)).strip()


def number_captions(html, counts):
    """Number the captions of one page, in place of `counts`; return the page and its exhibits.

    `counts` are the numbers of figures and tables so far. An exhibit is its kind, number, caption.
    """
    start, article, rest = html.partition("<article")
    found = []

    def numbered(match):
        kind, word = ("figures", "Figure") if match["f"] is not None else ("tables", "Table")
        counts[kind] += 1
        label, number = match["f"] if word == "Figure" else match["t"], counts[kind]
        words = match["fc"] if word == "Figure" else match["tc"]
        found.append((kind, number, plain(words)))
        own = "" if re.search(r"\bid=", label) else f' id="{word[:3].lower()}{number}"'
        named = f'<span class="exhibit-number">{word} {number}.</span> {words}'
        if word == "Figure":
            return f"<figure{label}{own}>{match['body']}<figcaption>{named}</figcaption>"
        return f"<table{label}{own}><caption>{named}</caption>"

    return start + article + CAPTION.sub(numbered, rest), found


def listed(exhibits):
    """The list as HTML; an exhibit is address, kind, number, caption, page's title."""
    parts = []
    for kind in ORDER:
        word = kind[:-1].capitalize()
        rows = "".join(
            f'<li><a href="{page}#{kind[:3]}{number}">{word} {number}</a> {words} ({title})</li>\n'
            for page, own, number, words, title in exhibits
            if own == kind
        )
        parts.append(f"<h3>{kind.capitalize()}</h3>\n<ul>\n{rows}</ul>\n")
    return f'<div class="exhibits">{"".join(parts)}</div>'


def number_exhibits(app, site, root_of):
    """Number the captions of all pages, and fill in the list."""
    counts, exhibits, asking = dict.fromkeys(ORDER, 0), [], []
    for name in in_order(app):
        path = site / f"{name}.html"
        html, found = number_captions(path.read_text(encoding="utf-8"), counts)
        path.write_text(html, encoding="utf-8")
        title = escape(app.env.titles[name].astext())
        exhibits += [(f"{name}.html", *own, title) for own in found]
        if PLACE in html:
            asking.append(path)
    for path in asking:
        root = root_of(site, path)
        text = listed([(root + page, *own) for page, *own in exhibits])
        path.write_text(path.read_text(encoding="utf-8").replace(PLACE, text), encoding="utf-8")
