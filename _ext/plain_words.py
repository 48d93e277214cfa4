"""A page's prose as it reads anywhere, without what only Sphinx understands."""

import os
import re
from functools import cache
from pathlib import Path

from thirteen.data import DATA

CHAPTERS = DATA.parent / "chapters"
ENTRY = re.compile(r"^@\w+\{(\w+),(.*?)^\}", re.M | re.S)
CITE = re.compile(r" ?\{cite\}`([^`]*)`")
LABEL = re.compile(r"\[([^\]]*)\]\((?:\.\./[\w-]+/)?([\w-]+)\)")
RULES = [  # pattern, what a plain notebook shows instead
    (re.compile(r"^\([\w-]+\)=\n", re.M), ""),
    (
        re.compile(r"^:::\{dropdown\} ([^\n]*)\n(?::[^\n]*\n)*(.*?)^:::$", re.S | re.M),
        r"<details><summary>\1</summary>\n\n\2\n</details>",
    ),
    (re.compile(r"^:::\{glossary\}\n(.*?)^:::$", re.S | re.M), r"\1"),
    (re.compile(r"^:{3,}\{grid-item-card\} ([^\n]*)\n", re.M), r"**\1.** "),
    (re.compile(r"^:{3,}\{grid\}[^\n]*\n(?::[^\n]*\n)*|^:{3,}[ \t]*$\n?", re.M), ""),
    (re.compile(r"\{download\}`([^<`]+?) ?<([^>`]+)>`"), r"[\1](\2)"),
    (
        re.compile(
            r"^```\{(?:eval-rst|bibliography|include|literalinclude|raw)\}.*?^```$", re.S | re.M
        ),
        "*(On the site, a list stands here.)*",
    ),
]


@cache
def cited() -> dict[str, str]:
    """Author and year of each work in `references.bib`, by its key."""
    found = {}
    for key, fields in ENTRY.findall((CHAPTERS / "references.bib").read_text(encoding="utf-8")):
        field = dict(re.findall(r"^\s*(\w+)\s*=\s*\{(.*)\},?$", fields, re.M))
        names = field.get("author", field.get("editor", "")).split(" and ")
        last = [name.split(",")[0].strip("{}") for name in names]
        who = " and ".join(last) if len(last) < 3 else f"{last[0]} and others"
        found[key] = f"{who} {field.get('year', '')}".strip()
    return found


@cache
def places() -> dict[str, tuple[str, str]]:
    """Page and heading of each label that chapters define, and of each page by its name."""
    found = {}
    for page in sorted(CHAPTERS.rglob("[!.]*.md")):
        text, name = page.read_text(encoding="utf-8"), page.relative_to(CHAPTERS).as_posix()
        heads = re.findall(r"^\(([\w-]+)\)=\n+#+ (.+)$", text, re.M)
        heads += [(page.stem, head) for head in re.findall(r"^# (.+)$", text, re.M)[:1]]
        found |= {label: (name, head) for label, head in heads}
    return found


def _lead(words, page):
    """Links to labels as links to the page that has them; as words where no page is given."""

    def instead(found):
        name, heading = places().get(found[2].rpartition("/")[2], ("", ""))
        said = found[1] or heading
        if not name or page is None:
            return said
        return f"[{said}]({os.path.relpath(CHAPTERS / name, Path(page).parent)})"

    return LABEL.sub(instead, words)


def plain(words: str, page=None) -> str:
    """Markdown that a notebook shows well anywhere: a citation as author and year, no directives.

    Links to labels lead to their page from `page`, a path within the chapters. Raises KeyError
    for a work that `references.bib` does not have.
    """
    words = _lead(words, page)
    words = CITE.sub(
        lambda m: f" ({'; '.join(cited()[k.strip()] for k in m[1].split(','))})", words
    )
    for pattern, instead in RULES:
        words = pattern.sub(instead, words)
    return words
