"""Style sheets without the rules that no page can use, icon fonts without unused icons."""

import os
import re
from itertools import pairwise
from pathlib import Path

import tinycss2
from fontTools import subset

STYLE = "_static/site.css"


def known_words(texts, scripts):
    """List all that can be a class on some page: what stands there, and any word of a script."""
    classes = {name for html in texts for found in re.findall(r'class="([^"]*)"', html)
               for name in found.split()}  # fmt: skip
    return classes | {word for script in scripts for word in re.findall(r"[\w-]+", script)}


def may_match(selector, words):
    """Tell whether a selector (a list of tokens) asks only for classes that some page can have.

    What stands inside `:not()`, `:is()` and their like is not looked at, to be on the safe side.
    """
    asked = [b.value for a, b in pairwise(selector) if a == "." and b.type == "ident"]
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
        if not present:
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
