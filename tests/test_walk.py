"""The walk through orders and groups against a list of all patterns, placements and sets."""

import time
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import comb

import numpy as np
import pandas as pd
import pytest

from recohort.paper.options import TEXTBOOK
from recohort.paper.reading import PUBLISHED_COLUMNS
from recohort.paper.statistics import RANKS
from recohort.survival import groups, orders
from recohort.survival.join import room_for_times
from recohort.survival.problem import about, problem_of

LANDMARKS = (12, 24, 36)


def printed(value):
    """A fraction, or a float with its last bits dropped, to one decimal, halves up."""
    exact = Decimal(repr(round(float(value), 9)))
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def curve(events, ended):
    """Rate and lower 95% limit in percent of a group once its first `ended` have ended."""
    rate, total = Fraction(1), Fraction(0)
    for i, died in enumerate(events[:ended]):
        left = len(events) - i
        rate *= 1 - Fraction(died, left)
        total += Fraction(died, left * (left - 1)) if left > 1 else 0
    error = float(rate) * float(total) ** 0.5
    return printed(100 * rate), printed(100 * max(float(rate) - 1.96 * error, 0))


def prints(events, ended, figures):
    """Does a group print its `figures`, one (rate, limit) a landmark, None where nothing stands?

    A rate "-" is a dash: nobody of the group is left to follow.
    """
    for q, wanted in zip(ended, figures, strict=True):
        if wanted[0] == "-":
            if q < len(events):
                return False
        elif any(w not in (None, v) for v, w in zip(curve(events, q), wanted, strict=True)):
            return False
    return True


def side(order, places):
    """Events and numbers ended by each landmark of the patients in some places of an order."""
    pattern, counts = order
    return [pattern >> i & 1 for i in places], [sum(i < c for i in places) for c in counts]


def all_orders(n, deaths, figures):
    """Every pattern and placement that prints the figures of all patients."""
    for counts in combinations_with_replacement(range(n + 1), len(LANDMARKS)):
        for pattern in range(2**n):
            right = pattern.bit_count() == deaths
            if right and prints(*side((pattern, counts), range(n)), figures):
                yield pattern, counts


def all_groups(n, order, size, inside, outside):
    """Every set of `size` that prints the figures of both sides in an order."""
    for chosen in combinations(range(n), size):
        rest = [i for i in range(n) if i not in chosen]
        if prints(*side(order, chosen), inside) and prints(*side(order, rest), outside):
            yield sum(1 << i for i in chosen)


class Paper:
    """A random small paper: what stands in it, as rows and as this file reads them."""

    def __init__(self, seed):
        """Rates often, limits sometimes; dashes where they are true."""
        random = np.random.default_rng(seed)
        n = self.size = int(random.integers(4, 8))
        bits = random.random(n) < 0.6
        self.deaths = int(bits.sum())
        pattern = sum(1 << i for i in range(n) if bits[i])
        counts = sorted(int(x) for x in random.integers(0, n + 1, len(LANDMARKS)))
        inside = random.choice(n, int(random.integers(1, n)), replace=False).tolist()
        self.inside, self.figures = len(inside), []
        self.rows = [("count", "", n), ("count", "event=True", self.deaths)]
        self.rows += [("count", "g=a", len(inside)), ("count", "g=b", n - len(inside))]
        sides = range(n), sorted(inside), sorted({*range(n)} - {*inside})
        for places, where in zip(sides, ("", "; g=a", "; g=b"), strict=True):
            self.figures.append(self._print(random, *side((pattern, counts), list(places)), where))

    def _print(self, random, events, ended, where):
        found = []
        for at, q in zip(LANDMARKS, ended, strict=True):
            told = random.random(2) < (0.9, 0.5)
            texts = [v if t else None for v, t in zip(curve(events, q), told, strict=True)]
            if q == len(events) and told[1]:
                texts = ["-", None]
            names = ["follow_up_ended"] if texts[0] == "-" else ["survival", "survival_lower"]
            for name, text in zip(names, texts, strict=False):
                self.rows += [(name, f"at={at}{where}", text)] if text else []
            found.append(tuple(texts))
        return found


def problem(rows, conventions=TEXTBOOK):
    """The search's problem of rows (statistic, arguments, printed)."""
    cells = {"statistic": 0, "arguments": 1, "printed": 2}
    frame = pd.DataFrame([[str(row[i]) for i in cells.values()] for row in rows], columns=[*cells])
    frame["id"] = frame["fact"] = [f"row_{i}" for i in range(len(rows))]
    frame["kind"] = ["dash" if row[2] == "-" else "number" for row in rows]
    return problem_of(frame.reindex(columns=PUBLISHED_COLUMNS, fill_value=""), None, conventions)


def listed(found):
    """Orders as (pattern, counts)."""
    return list(zip(found.pattern.tolist(), map(tuple, found.counts.tolist()), strict=True))


@pytest.mark.parametrize("seed", range(25))
def test_the_walk_finds_what_a_list_finds(seed):
    """Orders, in the list's own order, and the groups in each; counted as listed."""
    paper = Paper(seed)
    searched, (whole, *sides) = problem(paper.rows), paper.figures
    found = orders.fitting_orders(searched)
    wanted = list(all_orders(paper.size, paper.deaths, whole))
    assert listed(found) == wanted
    assert len(wanted) >= 1
    patterns, ways = orders.counted_orders(searched)
    count = dict(zip(patterns.tolist(), ways.tolist(), strict=True))
    assert count == {p: sum(p == q for q, _ in wanted) for p in {q for q, _ in wanted}}
    some = found.some(slice(0, None, max(1, len(wanted) // 12)))
    at, sets = groups.fitting_groups(searched, some, "g", "a")
    pairs = [
        (k, group)
        for k, order in enumerate(listed(some))
        for group in sorted(all_groups(paper.size, order, paper.inside, *sides))
    ]
    assert list(zip(at.tolist(), sets.tolist(), strict=True)) == pairs
    numbers = groups.counted_groups(searched, some, "g", "a")
    assert numbers.tolist() == np.bincount(at, minlength=len(some.pattern)).tolist()


@pytest.mark.parametrize("part", [1, 3])
def test_the_walk_is_the_same_in_parts(monkeypatch, part):
    """However few beginnings are held at once."""
    paper = Paper(3)
    searched = problem(paper.rows)
    before = orders.fitting_orders(searched)
    pairs = groups.fitting_groups(searched, before, "g", "a")
    monkeypatch.setattr(orders, "PART", part)
    after = orders.fitting_orders(searched)
    assert listed(after) == listed(before)
    again = groups.fitting_groups(searched, before, "g", "a")
    assert [x.tolist() for x in again] == [x.tolist() for x in pairs]


def test_printed_times_cut_placements_as_before():
    """Quartiles bound the places of landmarks, each alone and several together."""
    rows = [("count", "", 6), ("survival", "at=12", "83.3"), ("survival", "at=24", "50.0")]
    rows += [("survival", "at=36", "25.0")]
    free = orders.fitting_orders(problem(rows))
    rows += [("median", "column=time", "25.0"), ("quantile", "column=time; q=0.75", "30.0")]
    timed = problem(rows)
    ranks = about(timed, None, RANKS)
    wanted = [order for order in listed(free) if room_for_times(ranks, order[1])]
    assert listed(orders.fitting_orders(timed)) == wanted
    assert 0 < len(wanted) < len(free.pattern)


def test_a_whole_printed_curve_takes_seconds():
    """Forty landmarks of thirteen patients: no list of placements, their exact number."""
    rows = [("count", "", 13), ("count", "event=True", 6)]
    rows += [("survival", f"at={k}", "100.0" if k < 20 else "92.3") for k in range(1, 41)]
    start = time.process_time()
    patterns, ways = orders.counted_orders(problem(rows))
    assert time.process_time() - start < 5
    assert all(pattern & 1 for pattern in patterns.tolist())
    # nobody ends before the first death; those who end by the last landmark are censored
    leading = [(p >> 1 & -(p >> 1)).bit_length() - 1 for p in patterns.tolist()]
    assert ways.tolist() == [comb(z + 21, 21) for z in leading]
