"""Columns of numbers that survival leaves open (ages, intervals): chosen by a written rule.

Nothing printed ties such a value to one patient, so there are very many ways. The edition
takes, patient by patient in order of time, the value nearest to the column's printed mean
or median that leaves a way for the patients after; no random number, no other preference.
"""

from fractions import Fraction

from thirteen.rounding import decimals_of, printed_bounds
from thirteen.search.times import quantile_terms, squares_within


def choose_column(rows, cohort, conventions, groups) -> list:
    """Values of one column, one a patient of the frame `cohort` (sorted by `time`).

    `rows` print the column's mean, SD, ranks, medians of time since it, or counts on a side
    of a cut-off; `groups` gives a boolean list for filters on the cohort's other columns.
    Raises ValueError where no values print all rows.
    """
    decimals = max(decimals_of(r.printed) for r in rows if r.statistic in ("minimum", "quantile"))
    scale = 10**decimals
    low, high = _range(rows, cohort, scale)
    center = next(Fraction(r.printed) for r in rows if r.statistic in ("mean", "median"))
    checks = [_check(row, cohort, scale, conventions, groups) for row in rows]
    found = _nearest_first(0, low, high, round(center * scale), checks)
    if found is None:
        raise ValueError("no values print every row of the column")
    return [value / scale if decimals else value for value in found]


def _range(rows, cohort, scale):
    edge = {r.statistic: Fraction(r.printed) * scale for r in rows}
    low = [int(edge.get("minimum", 0))] * len(cohort)
    return low, [int(edge.get("maximum", 400 * scale))] * len(cohort)


def _nearest_first(i, low, high, center, checks):
    """The first way to fix positions i, i+1, ... that passes every check; else None."""
    if not all(check(low, high) for check in checks):
        return None
    while i < len(low) and low[i] == high[i]:
        i += 1
    if i == len(low):
        return low
    middle = (low[i] + high[i]) // 2
    halves = [(low[i], middle), (middle + 1, high[i])]
    halves.sort(key=lambda half: max(half[0] - center, center - half[1], 0))
    for a, b in halves:
        below, above = [*low[:i], a, *low[i + 1 :]], [*high[:i], b, *high[i + 1 :]]
        found = _nearest_first(i, below, above, center, checks)
        if found is not None:
            return found
    return None


def _check(row, cohort, scale, conventions, groups):
    """A test whether values within bounds can still print the row."""
    if row.statistic == "count":
        return _count_check(row, scale, groups)
    inside = groups(row.filters)
    least, most = (b * scale for b in printed_bounds(row.printed))
    added = [0] * len(cohort)
    if dict(row.options).get("since"):
        added = [round(Fraction(str(t)) * scale) for t in cohort["time"]]
    places = [i for i, member in enumerate(inside) if member]
    if row.statistic == "sd":
        n = len(places)
        divisor = n * n if conventions["sd"] == "population" else n * (n - 1)
        return lambda low, high: _meets(
            squares_within([low[i] for i in places], [high[i] for i in places], (0, 10**9)),
            least**2 * divisor,
            most**2 * divisor,
        )
    terms, divisor = _terms(row, len(places), conventions)

    def check(low, high):
        ends = [sorted(bounds[i] + added[i] for i in places) for bounds in (low, high)]
        values = [Fraction(sum(w * end[k] for k, w in terms), divisor) for end in ends]
        return _meets(values, least, most)

    return check


def _count_check(row, scale, groups):
    """A stated count of values below, or not below, a cut-off within a group."""
    (cut,) = [f for f in row.filters if f[1] in ("<", ">=")]
    inside = groups([f for f in row.filters if f is not cut])
    edge, below = Fraction(cut[2]) * scale, cut[1] == "<"

    def check(low, high):
        pairs = [(a, b) for a, b, m in zip(low, high, inside, strict=True) if m]
        least = sum(b < edge if below else a >= edge for a, b in pairs)
        most = sum(a < edge if below else b >= edge for a, b in pairs)
        return least <= Fraction(row.printed) <= most

    return check


def _terms(row, n, conventions):
    if row.statistic == "mean":
        return tuple((k, 1) for k in range(n)), n
    q = {"minimum": 0, "maximum": 1}.get(row.statistic, Fraction(1, 2))
    method = "inclusive"
    if row.statistic == "quantile":
        q, method = Fraction(dict(row.options)["q"]), conventions["quantile"]
    return quantile_terms(range(n), q, method)


def _meets(span, least, most):
    return span[0] < most and span[1] >= least
