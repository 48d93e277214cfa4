"""A Content-Security-Policy for each page: nothing but the site itself, inline pieces by digest."""

import base64
import hashlib
import re
from html import unescape

SCRIPT_TAG = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.S)

# MathJax writes its style sheet into the page as it goes, so that no digest can be known before.
STYLE_OF_FORMULAS = "'unsafe-inline'"


def digest(text):
    """Name an inline piece by its SHA-256, as a policy does."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(html):
    """The strictest policy under which a page works: its own site, inline pieces by digest."""
    runs = [
        t
        for t in SCRIPT_TAG.finditer(html)
        if "src=" not in t[1] and "application/json" not in t[1]
    ]
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
