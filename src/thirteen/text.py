"""Numbers and words as the book sets them: rounding halves up, typography, lists, counts."""

import re
from decimal import Decimal
from html import escape

import numpy as np

from recohort.paper.rounding import round_to


class Html:
    """HTML that a notebook displays."""

    def __init__(self, data: str):
        """Keep the HTML."""
        self.data = data

    def _repr_html_(self):
        """What a notebook asks for."""
        return self.data


def number(value: float, decimals: int = 1) -> str:
    """A finite number with `decimals`, halves up."""
    return str(round_to(repr(round(float(value), 12)), decimals))  # 39.65 is a half, not 39.6499


def percent(share: float, decimals: int = 1) -> str:
    """A share of one as a percentage, halves up: ``percent(10 / 13)`` is ``"76.9%"``."""
    return number(100 * share, decimals) + "%"


def typeset(text) -> str:
    """Text as a book sets it: minus signs, apostrophes, and a dash where nothing is printed."""
    words = re.sub(r"(?<![\w.)])-(?=[\d.])", "−", str(text)).replace("'", "’")
    return "–" if words == "-" else words


def escaped(words) -> str:
    """Words as HTML, with the P of P values and the t of t tests in italics."""
    return re.sub(r"\bP\b|\bt(?= test)", r"<i>\g<0></i>", escape(str(words)))


def sentence(text: str) -> str:
    """The same words with a capital at the front."""
    return text[:1].upper() + text[1:]


def inside(text: str) -> str:
    """The same words within a sentence: a small letter at the front, unless as in CT or eGFR."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def p_text(p: float) -> str:
    """A P value with three decimals: ``"P = 0.040"``, ``"P < 0.001"``."""
    return "P < 0.001" if p < 0.001 else f"P = {number(p, 3)}"


def months_text(months: float) -> str:
    """A time in months: ``"24.3 months"``; ``"not reached"`` when infinite."""
    return f"{number(months)} months" if np.isfinite(months) else "not reached"


def listed(parts) -> str:
    """Words in a row: ``"a"``, ``"a and b"``, ``"a, b and c"``; ``"none"``."""
    *first, last = [*parts] or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


def told(values) -> str:
    """A series read out, its name first: ``"Deaths: men, 12 months: 2; men, 36 months: 4."``."""
    names = [name if isinstance(name, tuple) else (name,) for name in values.index]
    parts = [f"{', '.join(map(str, n))}: {v}" for n, v in zip(names, values, strict=True)]
    return f"{values.name}: {'; '.join(parts)}."


def counted(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun: ``"1 patient"``, ``"2 patients"``."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def words(count: int) -> str:
    """A count as a sentence has it: in words below ten, then in digits."""
    small = "none one two three four five six seven eight nine".split()
    return small[count] if count < len(small) else f"{int(count):,}"


def large(count: int) -> str:
    """A whole number in full up to a billion, beyond that as ``"2.9 × 10²⁹"``."""
    if count < 10**9:
        return f"{int(count):,}"
    digits, power = f"{Decimal(int(count)):.1e}".split("e+")
    return f"{digits} × 10{power.translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
