"""Columns of numbers that survival leaves open (ages, intervals): chosen by a written rule.

Nothing printed ties such a value to one patient, so there are very many ways. The edition
takes, patient by patient in order of time, the value nearest to the column's printed mean
or median that leaves a way for the patients after (the lower of two equally near): no
random number, no other preference. OR-tools' CP-SAT finds each nearest value; every row
is checked on the result by the registry, as all cells are.
"""

from fractions import Fraction
from math import ceil

from ortools.sat.python import cp_model

from recohort.paper.rounding import decimals_of, printed_bounds
from recohort.paper.statistics import select
from recohort.survival.corrections import smallest_hitting_sets
from recohort.survival.times import quantile_terms

FAR = 600  # months or years: beyond any printed value


def choose_column(rows, cohort, conventions, center) -> list | None:
    """Values of one column, one a patient of the frame `cohort` (sorted by `time`).

    `rows` print the column's mean, SD, ranks, medians of time since it, or counts on a side
    of a cut-off; the values are as near `center` as they can be. None where no values
    print all rows.
    """
    scale = scale_of_column(rows)
    model, values = _model(rows, cohort, conventions, scale)
    found = _nearest(model, values, round(Fraction(center) * scale))
    return found and [value / scale if scale > 1 else value for value in found]


def column_with(rows, cohort, conventions, fixed) -> list | None:
    """Some values of the column that print every row, with those of `fixed` (by position)."""
    scale = scale_of_column(rows)
    model, values = _model(rows, cohort, conventions, scale)
    for position, value in fixed.items():
        model.add(values[position] == round(Fraction(str(value)) * scale))
    solver = _solver()
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    found = [solver.value(v) for v in values]
    return [value / scale if scale > 1 else value for value in found]


def column_exists(rows, cohort, conventions, fine=1) -> bool:
    """Are there values of the column that print every row?

    With `fine`, values in so small parts of a unit, and ends of printed intervals included.
    """
    model, _ = _model(rows, cohort, conventions, fine * scale_of_column(rows), fine > 1)
    return _solver().solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)


def column_conflict(rows, cohorts, conventions) -> frozenset | None:
    """A minimal set of a column's facts that no values print in any cohort; or None."""
    kept = sorted({row.fact for row in rows if row.relation == "rounds to"})
    if _some_column(rows, kept, cohorts, conventions):
        return None
    for fact in list(kept):
        rest = [f for f in kept if f != fact]
        if not _some_column(rows, rest, cohorts, conventions):
            kept = rest
    return frozenset(kept)


def column_corrections(rows, cohorts, conventions) -> list[frozenset]:
    """All smallest sets of facts to set aside so that the column exists in some cohort.

    Each correction has to meet every conflict found, so that few sets need a trial.
    """
    facts = sorted({row.fact for row in rows if row.relation == "rounds to"})
    conflicts = []
    while True:
        trials = smallest_hitting_sets(conflicts, len(facts))
        rests = {aside: [f for f in facts if f not in aside] for aside in trials}
        found = [a for a, rest in rests.items() if _some_column(rows, rest, cohorts, conventions)]
        if found:
            return found
        kept = next(iter(rests.values()))
        inside = [r for r in rows if r.relation != "rounds to" or r.fact in kept]
        conflicts.append(column_conflict(inside, cohorts, conventions))


def _some_column(rows, facts, cohorts, conventions):
    kept = [r for r in rows if r.relation != "rounds to" or r.fact in facts]
    return any(column_exists(kept, cohort, conventions) for cohort in cohorts)


def scale_of_column(rows) -> int:
    """Units per month or year: as many as the most decimals of any printed rank."""
    return 10 ** max(decimals_of(r.printed) for r in rows if r.statistic not in ("mean", "sd"))


def _model(rows, cohort, conventions, scale, closed=False):
    model = cp_model.CpModel()
    values = [model.new_int_var(0, FAR * scale, f"x{i}") for i in range(len(cohort))]
    for row in rows:
        _add_row(model, values, row, cohort, (scale, closed), conventions)
    return model, values


def _solver():
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # one worker gives the same answer at every run
    return solver


def _nearest(model, values, center):
    """Fix each value in turn as near `center` as the rows and the earlier values allow."""
    found = []
    for value in values:
        distance = model.new_int_var(0, 2 * 10**6, "")
        above = model.new_bool_var("")
        model.add(value > center).only_enforce_if(above)
        model.add(value <= center).only_enforce_if(above.negated())
        model.add_abs_equality(distance, value - center)
        model.minimize(2 * distance + above)
        solver = _solver()
        if solver.solve(model) != cp_model.OPTIMAL:
            return None
        found.append(solver.value(value))
        model.add(value == found[-1])
    return found


def _add_row(model, values, row, cohort, grid, conventions):
    scale, closed = grid
    if row.statistic == "count":
        return _add_count(model, values, row, cohort, scale)
    member = select(cohort, row.filters).tolist()
    inside = [v for v, good in zip(values, member, strict=True) if good]
    if dict(row.options).get("since"):
        times = cohort["time"][member]
        inside = [v + round(t * scale) for v, t in zip(inside, times, strict=True)]
    low, high = (b * scale for b in printed_bounds(row.printed))
    high += Fraction(closed, 10**6)  # less than a step of the grid: the end itself
    if row.statistic == "sd":
        return _add_spread(model, inside, low, high, conventions["sd"])
    if row.statistic == "mean":
        return _add_between(model, sum(inside), low * len(inside), high * len(inside))
    q = {"minimum": 0, "maximum": 1}.get(row.statistic, Fraction(1, 2))
    method = conventions["quantile"] if row.statistic == "quantile" else "inclusive"
    q = Fraction(dict(row.options).get("q", q))
    terms, divisor = quantile_terms(range(len(inside)), q, method)
    total = sum(w * _ranked(model, inside, k) for k, w in terms)
    return _add_between(model, total, low * divisor, high * divisor)


def _ranked(model, values, k):
    """A variable for the k-th smallest value, counted from zero."""
    ranked = model.new_int_var(0, 10**6, "")
    for at_least, wanted in ((False, k + 1), (True, len(values) - k)):
        flags = []
        for value in values:
            flags.append(model.new_bool_var(""))
            held = value >= ranked if at_least else value <= ranked
            model.add(held).only_enforce_if(flags[-1])
        model.add(sum(flags) >= wanted)
    return ranked


def _add_between(model, total, low, high):
    """`low` <= total < `high`, in whole numbers."""
    model.add(total >= ceil(low))
    model.add(total <= ceil(high) - 1)


def _add_spread(model, values, low, high, divisor):
    n = len(values)
    squares = []
    for value in [*values, sum(values)]:
        squares.append(model.new_int_var(0, 10**12, ""))
        root = model.new_int_var(0, 10**6, "")
        model.add(root == value)
        model.add_multiplication_equality(squares[-1], [root, root])
    by = n * (n if divisor == "population" else n - 1)
    _add_between(model, n * sum(squares[:-1]) - squares[-1], low**2 * by, high**2 * by)


def _add_count(model, values, row, cohort, scale):
    """A stated count of values below, or not below, a cut-off within a group."""
    (cut,) = [f for f in row.filters if f[1] in ("<", ">=")]
    inside = select(cohort, [f for f in row.filters if f is not cut]).tolist()
    edge, flags = ceil(Fraction(cut[2]) * scale), []
    for value in (v for v, member in zip(values, inside, strict=True) if member):
        flags.append(model.new_bool_var(""))
        below = flags[-1] if cut[1] == "<" else flags[-1].negated()
        model.add(value < edge).only_enforce_if(below)
        model.add(value >= edge).only_enforce_if(below.negated())
    number, value = sum(flags), int(row.printed)
    model.add({"=": number == value, "<=": number <= value, "<": number < value,
               ">=": number >= value}[row.relation])  # fmt: skip
