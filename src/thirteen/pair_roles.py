"""Facts about the table of pairs (kidney function) left out one by one: witnesses near the edition.

Of a figure, another value is asked for; of a count, a patient is put into another class, or two
exchange their part. From the edition's pairs, steps mend what the others print, or a descent from
many points does. A table that prints them is a witness. That none is found proves nothing: such a
fact stays open, unless the classes and ranges of the others bound it so closely that nothing else
would be printed, or the solver of `search.pair_integers` shows that no table has anything else.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise, product

import numpy as np

from recohort.paper.reading import columns_of
from recohort.paper.rounding import decimals_of, printed_bounds, prints_as
from recohort.paper.statistics import members, table_of
from thirteen.identify import pair_settings
from thirteen.pair_blocks import pairs_in_order
from thirteen.pair_descent import settle_by_descent
from thirteen.pair_integers import no_table_of_integers
from thirteen.pair_proofs import small_changes
from thirteen.pair_table import flag_column
from thirteen.pairs_search import (
    SUMS,
    Figure,
    Pairs,
    _quantity,
    attainable,
    mended,
    pairs_of,
    reach,
    with_changes,
)
from thirteen.related_roles import Judge, failed, printed_facts, witness_in_words

SHIFTS = [sign * k for k in (1, 2, 3, 5, 10, 20, 50) for sign in (1, -1)]  # last decimals
MOST = 1e6  # percent: beyond any change


def pair_roles(judge: Judge, dictionary, known=()):
    """(fact, role, witness) of each printed fact about the pairs that is not `known`.

    The role is "input" with a witness, "confirmed" or "open".
    """
    settings = pair_settings(dictionary, judge.conventions)
    rows = [r for r in judge.rows if table_of(r) == settings[2]]
    own = [f for f in printed_facts(rows) if f not in known and _on_values(rows, f, settings[2])]
    for fact in own:
        if fixed_by_boxes(fact, rows, settings):
            yield fact, "confirmed", ""
            continue
        found = (
            witness_in_words(tables, judge.edition)
            for tables in _trials(fact, rows, judge, settings) if failed(judge, tables) == {fact}
        )  # fmt: skip
        text = next(found, "")
        fixed = not text and fixed_in_integers(fact, rows, settings)
        yield fact, "input" if text else "confirmed" if fixed else "open", text


def fixed_by_boxes(fact, rows, settings) -> bool:
    """Do counts and ranges of the others leave no other end of a range?

    Each pair has its class, and so bounds; where the lowest and the highest that the end can be
    both print it, in every way to spread the classes, it is fixed.
    """
    own = [r for r in rows if r.fact == fact]
    if not own or any(r.statistic not in ("minimum", "maximum") for r in own):
        return False
    rest = [p for p in pairs_of([r for r in rows if r.fact != fact], *settings[:2])
            if attainable(p)]  # fmt: skip
    rest = [_narrowed(p) for p in rest]
    return bool(rest) and all(_end_is_fixed(r, p) for r in own for p in rest)


def fixed_in_integers(fact, rows, settings) -> bool:
    """Does no table print the others and have another least percentage, of all or of a part?

    Shown by `search.pair_integers` for what lies below the printed one, and above it.
    """
    own = [r for r in rows if r.fact == fact]
    if any(r.statistic != "minimum" or "relative" not in dict(r.options) for r in own):
        return False
    below = min(printed_bounds(r.printed)[1] for r in rows if r.statistic == "paired_p")
    for whole in (p for p in pairs_of(rows, *settings[:2]) if attainable(p)):
        patterns = small_changes(len(whole.flags), *whole.changes[0], below)
        (printed,) = _figures_of(own, whole)
        rest = [f for f in whole.figures if f != printed]
        for figures in _other_least(printed, rest):
            trial = whole._replace(figures=(*rest, *figures))
            if no_table_of_integers(trial, patterns) is None:
                return False
    return True


def _figures_of(own, problem):
    """The figures of some rows of one printed end: those of their quantity, statistic and part."""
    options = dict(own[0].options)
    quantity = tuple(options.get(k) for k in ("column", "minus", "relative"))
    part = any("." in column for column, _, _ in own[0].filters)
    size = sum(problem.flags) if part else len(problem.flags)
    return {
        f for f in problem.figures
        if f[0] == quantity and f.statistic == own[0].statistic and len(f.rows) == size
    }  # fmt: skip


def _other_least(printed: Figure, rest) -> list[list[Figure]]:
    """What else the least of some rows can be, as figures: below the printed one, or above it.

    Rows that another figure keeps from going so low are not asked to. Above it, rows outside have
    what another figure asks for that is as low; where there are none outside, nothing is above.
    """
    same = [f for f in rest if f[0] == printed.quantity and f.statistic == printed.statistic]
    kept = {i for f in same if f.low >= printed.low for i in f.rows}
    rows = tuple(i for i in printed.rows if i not in kept)
    found = [[printed._replace(rows=rows, low=-MOST, high=printed.low)]] * bool(rows)
    outside = [
        f._replace(rows=tuple(i for i in f.rows if i not in printed.rows))
        for f in same if f.high <= printed.high
    ]  # fmt: skip
    if all(f.rows for f in outside):
        found.append([printed._replace(low=printed.high, high=MOST), *outside])
    return found


def _narrowed(problem: Pairs) -> Pairs:
    """The problem with the box of a row that alone can have a printed end in percent."""
    boxes = list(problem.boxes)
    for f in problem.figures:
        if f.statistic in ("minimum", "maximum") and f.quantity[2]:
            least, most = reach(problem, f.quantity)
            able = [i for i in f.rows if least[i] < f.high and most[i] >= f.low]
            if len(able) == 1:
                (a, b), (c, d) = boxes[able[0]]
                first, second = np.mgrid[a : b + 1, c : d + 1]
                value = _quantity(problem, f.quantity, first / problem.scale,
                                    second / problem.scale)  # fmt: skip
                good = (value >= f.low) & (value < f.high)
                if good.any():
                    boxes[able[0]] = tuple((int(x[good].min()), int(x[good].max()))
                                           for x in (first, second))  # fmt: skip
    return problem._replace(boxes=tuple(boxes))


def _end_is_fixed(row, problem):
    options, flags = dict(row.options), np.array(problem.flags)
    ends = reach(problem, tuple(options.get(k) for k in ("column", "minus", "relative")))
    part = (
        flags if any("." in column for column, _, _ in row.filters) else np.full(len(flags), True)
    )
    end = min if row.statistic == "minimum" else max
    return all(prints_as(Fraction(str(round(float(end(e[part])), 9))), row.printed) for e in ends)


def _on_values(rows, fact, table):
    """Does some row of the fact look at the numbers themselves?"""
    names = {name for r in rows if r.fact == fact for name in columns_of(r)}
    return any(t == table and column != "rows" for t, column in names)


def _trials(fact, rows, judge, settings):
    """Tables in which the fact may be broken, others mended."""
    own = [r for r in rows if r.fact == fact]
    figures = [r for r in own if r.statistic in SUMS]
    if figures:
        for shift in SHIFTS:
            asked = [moved(r, shift) if r in figures else r for r in rows]
            yield from _mended(asked, judge, settings)
    elif any(r.statistic == "paired_p" for r in own):
        yield from _other_ranks(rows, judge, settings)
    else:
        yield from _other_classes(own, rows, judge, settings)


def moved(row, shift):
    """The row with its figure changed by so many units of its last decimal."""
    step = Decimal(shift).scaleb(-decimals_of(row.printed))
    return row._replace(printed=str(Decimal(row.printed) + step))


def _edition(rows, judge, settings):
    """The class of problems that the edition's pairs solve: its number, pairs and patients."""
    table, flag = judge.edition[settings[2]], flag_column(rows)
    for k, problem in enumerate(pairs_of(rows, *settings[:2])):
        found = pairs_in_order(problem, table, judge.edition["patients"], flag)
        if found is not None:
            return k, problem, *found
    raise ArithmeticError("the edition's pairs are in no class of the printed counts")


def _mended(asked, judge, settings):
    """The edition's pairs mended to moved figures; small changes keep their ranks."""
    rows = [r for r in judge.rows if table_of(r) == settings[2]]
    k, _, pairs, names = _edition(rows, judge, settings)
    problem = pairs_of(asked, *settings[:2])[k]
    low = problem.changes[0][0]
    trial = _keeping_ranks(problem, pairs, low)
    yield from _settled(mended(trial, pairs), trial, names, judge, settings)


def _keeping_ranks(problem: Pairs, pairs, low) -> Pairs:
    """The smallest change is `low`, what is tied with it stays so, what is larger stays larger."""
    change, changes = pairs[0] - pairs[1], []
    least = change.min()
    for c, (_, high) in zip(change, problem.changes, strict=True):
        if abs(c) == -least:
            changes.append((low, low) if c < 0 else (-low, -low))
        else:
            changes.append((0, -low - 1) if c < -least else (1 - low, high))
    return problem._replace(changes=tuple(changes))


def _settled(found, problem, names, judge, settings):
    """The edition's tables with some pairs (or None) in the place of its own."""
    if found is not None:
        frame = judge.edition[settings[2]].set_index("patient_id")
        frame = frame.astype(float)
        for column, values in zip(problem.columns, found, strict=True):
            frame.loc[names, column] = np.round(values / problem.scale, 1)
        yield judge.edition | {settings[2]: frame.reset_index()}


def _other_ranks(rows, judge, settings):
    """Pairs whose changes tied with the smallest one are larger than it, or smaller."""
    _, problem, pairs, names = _edition(rows, judge, settings)
    change = pairs[0] - pairs[1]
    for tied, step in product(np.flatnonzero(change == -change.min()), (1, -1)):
        kept = list(_keeping_ranks(problem, pairs, int(change.min())).changes)
        kept[tied] = (kept[tied][0] + step,) * 2
        trial = problem._replace(changes=tuple(kept))
        yield from _settled(mended(trial, pairs), trial, names, judge, settings)


def _other_classes(own, rows, judge, settings):
    """Pairs of two patients exchanged, or their parts, or one who was counted in another class."""
    _, problem, pairs, names = _edition(rows, judge, settings)
    ranked = _keeping_ranks(problem, pairs, int((pairs[0] - pairs[1]).min()))
    for i, j in combinations(np.flatnonzero(~np.array(problem.flags)), 2):
        frame = judge.edition[settings[2]].set_index("patient_id")
        both = [names[i], names[j]]
        frame.loc[both] = frame.loc[both[::-1]].to_numpy()
        yield judge.edition | {settings[2]: frame.reset_index()}
    starts = [
        (trial, start) for trial, start in _starts(own, rows, ranked, pairs, names, judge, settings)
        if _counts_broken(trial, names, rows, judge, settings) == {own[0].fact}
    ]  # fmt: skip
    for trial, start in starts:
        yield from _settled(mended(trial, start, quick=True), trial, names, judge, settings)
    seen = []
    for trial, _ in starts:
        if (alike := sorted(zip(trial.boxes, trial.flags, strict=True))) not in seen:
            seen.append(alike)
            for case in _all_ranks(trial, problem.changes, ranked.changes):
                yield from _settled(settle_by_descent(case), case, names, judge, settings)


def _starts(own, rows, ranked, pairs, names, judge, settings):
    """The problem with two patients' parts exchanged, or one of those counted in another class.

    Each comes with the pairs to begin from.
    """
    flags, known = np.array(ranked.flags), judge.edition[settings[2]]["patient_id"]
    for i, j in product(np.flatnonzero(flags), np.flatnonzero(~flags)):
        order = np.arange(len(names))
        order[[i, j]] = order[[j, i]]
        boxes, changes = (tuple(of[k] for k in order) for of in (ranked.boxes, ranked.changes))
        yield ranked._replace(boxes=boxes, changes=changes), pairs[:, order]
    counted = [r for r in own if r.filters and r.statistic == "count"]
    inside = [members(judge.edition, settings[2], r.filters) for r in counted]
    those = [i for i, name in enumerate(names) if any(m[known == name].all() for m in inside)]
    for box, i in product(_boxes(rows, ranked), those):
        if box != ranked.boxes[i]:
            boxes = (*ranked.boxes[:i], box, *ranked.boxes[i + 1 :])
            yield ranked._replace(boxes=boxes), pairs


def _counts_broken(trial, names, rows, judge, settings):
    """The facts about counts alone that pairs in some boxes do not print, whatever the pairs."""
    corner = np.array([[low for low, _ in ends] for ends in zip(*trial.boxes, strict=True)])
    (tables,) = _settled(corner, trial, names, judge, settings)
    others = {r.fact for r in rows if r.statistic in SUMS or r.statistic == "paired_p"}
    return failed(judge, tables) - others


def _all_ranks(trial, changes, ranked):
    """The trial with changes that have the ranks of `ranked`, none zero, in every order of rows."""
    rest = max(ranked)
    pattern = (*((low or 1, high) for low, high in ranked if (low, high) != rest), rest)
    return with_changes(trial._replace(changes=changes), pattern)


def _boxes(rows, problem):
    """Every rectangle between the printed cut-offs of the two numbers."""
    sides = []
    for k, column in enumerate(problem.columns):
        low = min(box[k][0] for box in problem.boxes)
        high = max(box[k][1] for box in problem.boxes)
        cuts = {
            int(Fraction(f[2]) * problem.scale)
            for r in rows for f in r.filters if f[0] == column
        }  # fmt: skip
        edges = sorted({low, high + 1} | {c for c in cuts if low < c <= high})
        sides.append([(a, b - 1) for a, b in pairwise(edges)])
    return list(product(*sides))
