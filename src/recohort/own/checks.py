"""First checked, then searched: what a paper's numbers contradict, however each was formed.

The search would find the same; here it is told in a sentence, with the rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache, partial
from itertools import combinations, pairwise, product
from math import inf

from ortools.sat.python import cp_model

from recohort.cells.relations import run
from recohort.minimal import irreducible
from recohort.paper.printed import in_unit
from recohort.paper.rounding import COMPARED, printed_interval
from recohort.paper.rows import NEVER, ROUNDED, Row
from recohort.paper.statistics import REGISTRY, quantile_of
from recohort.survival.known import Found
from recohort.survival.printing import carried
from recohort.survival.problem import Problem, agrees, count_value, group_sizes, settings

ROUNDED_FIRST = Fraction(1, 10)  # percentage points that a rate rounded before its limits may shift
FEW = 15  # patients of a group whose possible rates are listed
APART = Fraction(1, 4)  # quantiles so far apart are in order, however each is formed
COUNTED = ("count", "percent")
MEAN = (
    "read as a plain mean of follow-up, dead or alive. A mean survival time, as SPSS and R print "
    "it with a Kaplan-Meier curve, is another number where not all died: enter it as mean_survival"
)
CARRIED = (
    "nobody is followed any more at that time, and the rate is the last one carried on, as some "
    "programs print it; if this paper's does not, say so: beyond=followed"
)
Finding = tuple[Sequence[Row], str]  # the rows that contradict one another, and a sentence


def contradictions(problem: Problem) -> list[str]:
    """What cannot be, all of it, a sentence each that begins with the rows of the file."""
    checks = (_limits, _rising_rates, _times, _impossible_rates, _counts)
    found = [finding for check in checks for finding in check(problem)]
    return [f"{in_words(row.id for row in rows)}: {said}." for rows, said in found]


def in_words(names: Iterable[str]) -> str:
    """``rows 7 and 8``, in the order of the file, of the names of rows."""
    numbers = sorted(int(name.removeprefix("row_")) for name in names)
    *first, last = map(str, numbers)
    return f"rows {', '.join(first)} and {last}" if first else f"row {last}"


def remarks(found: Found) -> list[str]:
    """What deserves a second look: plain means where not all died, rates that are carried on."""
    rows, size = found.problem.rows, str(found.problem.size)
    dead = [r.printed for r in rows if r.filters == (("event", "=", "True"),)]
    means = [r.id for r in rows if r.statistic == "mean" and "event" not in dict(r.options)]
    said = [] if size in dead or not means else [f"{in_words(means)}: {MEAN}."]
    each = [carried(found.problem, joint) for joint in found.solutions]
    first = {row.fact: row.id for own in each for row in reversed(own)}
    many = f"in {sum(map(bool, each))} of {len(each)} solutions listed"
    return said + ([f"{in_words(first.values())}: {many} {CARRIED}."] if first else [])


def _ends(problem, row):
    """The least and the largest value that a printed number stands for."""
    if row.relation == ROUNDED:
        return printed_interval(row.printed, settings(problem, row)["halves"])[:2]
    value = inf if row.relation == NEVER else Fraction(row.printed)
    return (value, inf) if row.relation == NEVER or row.relation.startswith(">") else (-inf, value)


def _above(problem, row, other, slack=0):
    """Is whatever a row may stand for above whatever the other one may, by more than the slack?"""
    return _ends(problem, row)[0] > _ends(problem, other)[1] + slack


def _where(row, *but):
    """What a row is about, some of its options aside."""
    return frozenset(row.filters), frozenset(o for o in row.options if o[0] not in but)


def _limits(problem) -> Iterator[Finding]:
    """A limit on the wrong side of the other one, or of what it is a limit of."""
    groups = {}
    for row in problem.rows:
        base = row.statistic.removesuffix("_lower").removesuffix("_upper")
        if "adjusted_for" not in dict(row.options):
            groups.setdefault((base, *_where(row, "level")), []).append(row)
    for (base, *_), rows in groups.items():
        kind = REGISTRY[base].kind if base in REGISTRY else ""
        slack = ROUNDED_FIRST if kind == "rate" else 0
        sides = [base + "_lower", *[base] * (kind in ("rate", "test")), base + "_upper"]
        for low, high in combinations((r for s in sides for r in rows if r.statistic == s), 2):
            if low.statistic != high.statistic and _above(problem, low, high, slack):
                yield (low, high), f"{_named(low)} is above {_named(high)}"


def _named(row):
    words = row.statistic.replace("_", " ").split()
    side = {"lower": "the lower limit of ", "upper": "the upper limit of "}.get(words[-1], "")
    return f"{side}{' '.join(words[:-1] if side else words)} ({row.printed})"


def _rising_rates(problem) -> Iterator[Finding]:
    """Survival that is higher at a later time."""
    groups = {}
    for row in problem.rows:
        if row.statistic == "survival":
            groups.setdefault(_where(row, "at"), []).append(row)
    for rows in groups.values():
        rows.sort(key=lambda row: Fraction(dict(row.options)["at"]))
        for early, late in pairwise(rows):
            times = [dict(row.options)["at"] for row in (early, late)]
            if Fraction(times[0]) < Fraction(times[1]) and _above(problem, late, early):
                changes = f"from {early.printed} at {times[0]} to {late.printed} at {times[1]}"
                yield (early, late), f"survival cannot rise, {changes}"


def _times(problem) -> Iterator[Finding]:
    """Quantiles out of order, and what lies outside of minimum and maximum."""
    times = (r for r in problem.rows if REGISTRY[r.statistic].kind in ("rank", "sum", "middle"))
    rows = [r for r in times if r.statistic != "sd" and r.relation == ROUNDED]
    for low, high in product(rows, rows):
        inner, outer = _patients(low), _patients(high)
        first, second = quantile_of(low), quantile_of(high)
        ends = (first == 0 and outer >= inner) or (second == 1 and inner >= outer)
        ranks = inner == outer and None not in (first, second) and first + APART <= second
        if low is not high and (ends or ranks) and _above(problem, low, high):
            yield (low, high), f"{_named(low)} is above {_named(high)}, which cannot be lower"


def _patients(row):
    """What those are whom a row is about, those who died or did not as well."""
    return frozenset(row.filters) | {o for o in row.options if o[0] == "event"}


@cache
def _rates(size):
    """Every Kaplan-Meier estimate that a group of this size can have."""
    rates = {Fraction(1)}
    for at_risk in range(size, 0, -1):
        rates |= {rate * Fraction(at_risk - 1, at_risk) for rate in rates}
    return sorted(rates)


def _impossible_rates(problem) -> Iterator[Finding]:
    """A rate that no group of its size has, whoever is censored."""
    for row in problem.rows:
        if row.statistic != "survival" or len(row.filters) > 1:
            continue
        sizes = []
        for column, operator, level in row.filters:
            sizes = group_sizes(problem, column, level)
            sizes = sizes if operator == "=" else [problem.size - m for m in sizes]
        sizes = sizes or [problem.size]
        low, high = _ends(problem, row)
        near = [100 * r for m in sizes if 0 < m <= FEW for r in _rates(m)]
        if max(sizes) <= FEW and not any(
            low <= in_unit(row, rate) <= high and agrees(problem, row, rate) for rate in near
        ):
            group = "".join(row.filters[0]) if row.filters else "all"
            patients = " or ".join(map(str, sorted(set(sizes))))
            yield (row,), f"no {patients} patients ({group}) have survival {row.printed}"


def _counts(problem) -> Iterator[Finding]:
    """Counts and percentages that do not add up, each time the fewest that do not."""
    rows = [r for r in problem.rows if r.statistic in COUNTED and r.printed and not r.options]
    about = {frozenset(c for c, *_ in r.filters if c in problem.levels) for r in rows}
    told = set()
    whole = f"; each patient has one of the levels named, and there are {problem.size} patients"
    for columns in about:
        if not any(columns < other for other in about):
            own = [r for r in rows if {c for c, *_ in r.filters} <= {*columns, "event", "time"}]
            while _impossible(problem, columns, own):
                fewest = irreducible(own, partial(_impossible, problem, columns))
                own = [row for row in own if row not in fewest]
                if frozenset(fewest) not in told:
                    told.add(frozenset(fewest))
                    each = []
                    for row in fewest:
                        group = " and ".join(map("".join, row.filters))
                        each.append(f"{row.statistic} {group} {row.printed}")
                    yield fewest, f"these counts do not add up: {', '.join(each)}{whole}"


def _impossible(problem, columns, rows):
    """Is there no way to share out the patients so that all rows hold? Whole numbers, exact."""
    cuts = {Fraction(value) for row in rows for column, _, value in row.filters if column == "time"}
    ends = [Fraction(0), *sorted(cuts)]  # a time in each piece between them, and they themselves
    moments = sorted({*ends, *((a + b) / 2 for a, b in pairwise(ends)), ends[-1] + 1})
    levels = {column: problem.levels[column] for column in columns}
    levels |= {"event": ("True", "False"), "time": moments}
    cells = [dict(zip(levels, cell, strict=True)) for cell in product(*levels.values())]
    model, n = cp_model.CpModel(), problem.size
    numbers = [model.new_int_var(0, n, "") for _ in cells]
    model.add(sum(numbers) == n)
    for row in rows:
        own = [x for x, cell in zip(numbers, cells, strict=True) if _meets(row, cell)]
        allowed = [k for k in range(n + 1) if agrees(problem, row, count_value(row, k, n))]
        if not allowed:
            return True
        model.add_linear_expression_in_domain(sum(own), cp_model.Domain.from_values(allowed))
    return run(model) is None


def _meets(row, cell):
    """Does a cell count for a row?"""
    return all(
        COMPARED[operator](cell[column], Fraction(value) if column == "time" else value)
        for column, operator, value in row.filters
    )
