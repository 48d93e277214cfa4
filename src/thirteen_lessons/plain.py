"""A page's prose as it reads anywhere, without what only Sphinx understands."""

import re
from functools import cache

from thirteen.data import DATA

CHAPTERS = DATA.parent / "chapters"
ENTRY = re.compile(r"^@\w+\{(\w+),(.*?)^\}", re.M | re.S)
CITE = re.compile(r" ?\{cite\}`([^`]*)`")
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


def plain(words: str) -> str:
    """Markdown that a notebook shows well anywhere: a citation as author and year, no directives.

    Raises KeyError for a work that `references.bib` does not have.
    """
    words = CITE.sub(
        lambda m: f" ({'; '.join(cited()[k.strip()] for k in m[1].split(','))})", words
    )
    for pattern, instead in RULES:
        words = pattern.sub(instead, words)
    return words
