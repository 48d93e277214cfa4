"""A second count of the cohorts that print the paper: it shares with the search only the reader.

Three routes, none of which uses `recohort.survival`, `recohort.paper.rounding` or their kernels:

- *Forward walk* (`orders`, `pairs`): patients are laid down one by one in order of time, with
  exact rates and Greenwood sums (`fractions`, integer square roots); a landmark may be passed
  before any patient, and is passed only where every figure printed at it comes out.
- *Forward walk over ties* (`tied_pairs`): deaths are laid down one by one, each tied to the one
  before it or not; log-rank statistics are exact rationals, and the P value, or the Cox model's
  root, is a float that must stand clear of any rounding edge.
- *Constraint solver* (`cohorts`): OR-tools CP-SAT, one worker, enumerates every choice of order,
  times, ties and groups of all columns. The rates and tests enter as tables made by the two walks;
  times, medians, spread and statements are constraints of the solver itself.

Conventions are fixed here, not passed: halves go up; limits are linear with 1.96 and pass through
three decimals, but for facts excepted from this (`edition`); a printed median survival is the
inclusive median of follow-up; P values are log-rank's and, like the hazard ratio's, pass through
three decimals where fewer are printed; the hazard ratio's model has the one covariate and Breslow's
ties; spread is a population's. A row's own switches may say else of all these but the median of
survival, the halves and the one covariate.
"""

from fractions import Fraction
from functools import cache, partial
from itertools import product
from math import erfc, exp, floor, isqrt, sqrt
from typing import NamedTuple

from ortools.sat.python import cp_model

from recohort.paper.reading import RULE, parse_arguments, rows_of
from recohort.paper.rows import Row

RATES = {"survival", "survival_lower", "survival_upper"}
DASHES = {"curve_at_zero", "follow_up_ended"}
TESTS = {"p_value", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper", "hazard_ratio_p"}
QUANTILES = {
    "minimum": 0,
    "median": Fraction(1, 2),
    "median_survival": Fraction(1, 2),
    "maximum": 1,
}
TIMES = {*QUANTILES, "quantile", "mean", "sd"}
COUNTS = {"count", "percent", "units_lost"}
EDGE = 1e-9  # a float nearer than this to a rounding edge is refused, not judged
NORMAL_975 = 1.959963984540054
Z = Fraction(196, 100)  # of the limits of rates
UNROUNDED = ("interval_rounding", "unrounded")
RULES = "rule."  # the facts of rules begin so
LONGEST = 2000  # tenths of a month; longer than any printed maximum


class Paper(NamedTuple):
    """What is printed: number of patients, landmarks in months, levels by column, rows."""

    size: int
    landmarks: list
    levels: dict
    rows: list

    def rows_on(self, statistics, column=None, level=None, inside=True):
        """Rows on all patients, or on those inside (or outside) one level of a column."""
        if column is None:
            return [r for r in self.rows if r.statistic in statistics and not r.filters]
        wanted = {(column, "=" if inside else "!=", level)}
        if len(self.levels[column]) == 2:
            (other,) = set(self.levels[column]) - {level}
            wanted.add((column, "!=" if inside else "=", other))
        return [
            r for r in self.rows
            if r.statistic in statistics and len(r.filters) == 1 and r.filters[0] in wanted
        ]  # fmt: skip


class Order(NamedTuple):
    """Who died, by order of time, and how many had ended by each landmark."""

    died: tuple
    ended: tuple


def paper(published, statements, set_aside=(), excepted=None, rules=()) -> Paper:
    """Both frames, as read, without the facts that are set aside, and with some rules as rows.

    `excepted` maps facts to their own convention, as (switch, option).
    """
    own, rows = excepted or {}, [*rows_of(published, statements), *rules]
    rows = [r for r in rows if r.fact not in set_aside and _on_time(r)]
    rows = [r._replace(switches=(own[r.fact],)) if r.fact in own else r for r in rows]
    rows = list({r[1:]: r for r in rows}.values())  # a copy of the same fact says nothing more
    if any(r.switches and (r.switches != (UNROUNDED,) or r.statistic not in RATES) for r in rows):
        raise NotImplementedError("an exception from another convention than that of limits")
    (size,) = {int(r.printed) for r in rows if r.statistic == "count" and not r.filters}
    landmarks = sorted(
        {Fraction(dict(r.options)["at"]) for r in rows if r.statistic in RATES | DASHES}
    )
    levels = {}
    for column, _, value in (f for r in rows for f in r.filters):
        if column not in ("time", "event"):
            levels.setdefault(column, {})[value] = None
    return Paper(size, landmarks, {c: list(v) for c, v in levels.items()}, rows)


def edition(published, statements, corrections, dictionary) -> Paper:
    """The paper as the edition keeps it: `corrections.csv` and rules of the dictionary hold.

    A percentage that is a share of other rows than patients says nothing of survival.
    """
    own = corrections[(corrections["block"] == "survival") & (corrections["correction"] == 1)]
    here = (own["kind"] == "excepted") & ~own["convention"].str.startswith("share=")
    aside = own.loc[~here, "fact"].tolist()
    excepted = own[here].set_index("fact")["convention"]
    excepted = {fact: tuple(text.split("=")) for fact, text in excepted.items()}
    return paper(published, statements, aside, excepted, rules(dictionary))


def rules(dictionary) -> list[Row]:
    """The dictionary's rules about the columns of survival alone: counts that are zero."""
    told = dictionary[(dictionary["table"] == "patients") & (dictionary["block"] == "survival")]
    found = []
    for column, text in told.loc[told["rule"] != "", ["column", "rule"]].to_numpy().tolist():
        value, only, where = RULE.fullmatch(text).groups()
        (condition, *more), none = parse_arguments(where)
        if condition[0] not in {*told["column"]}:
            continue
        if more or none or condition[1] != "=":
            raise NotImplementedError(f"{column}: {text}")
        apart = [(condition, (column, "!=", value))]
        apart += [((column, "=", value), (condition[0], "!=", condition[2]))]
        found += [
            Row(f"{RULES}{column}.{k}", f"{RULES}{column}.{k}", "count", filters, (), "=", "0")
            for k, filters in enumerate(apart[1:] if only else apart)
        ]
    return found


def without(paper: Paper, facts) -> Paper:
    """The paper without some facts; columns, levels and landmarks stay."""
    return paper._replace(rows=[r for r in paper.rows if r.fact not in {*facts}])


def keeping(paper: Paper, facts) -> Paper:
    """The paper with some facts only; columns, levels and landmarks stay."""
    return paper._replace(rows=[r for r in paper.rows if r.fact in {*facts}])


def _on_time(row):
    options = dict(row.options)
    return "since" not in options and options.get("column", "time") == "time"


# --- rounding, with whole numbers only ---------------------------------------------------------


def unit(printed: str) -> Fraction:
    """One unit in the last place of a printed number."""
    return Fraction(1, 10 ** len(printed.partition(".")[2]))


def prints(value: Fraction, printed: str) -> bool:
    """Does an exact value round to this, halves up?"""
    return floor(value / unit(printed) + Fraction(1, 2)) * unit(printed) == Fraction(printed)


def holds(row, value) -> bool:
    """Does an exact value print the row, or stand in the stated relation?"""
    bound = Fraction(row.printed)
    return {
        "rounds to": lambda: prints(Fraction(value), row.printed),
        "=": lambda: value == bound, "<=": lambda: value <= bound,
        ">=": lambda: value >= bound, "<": lambda: value < bound,
    }[row.relation]()  # fmt: skip


@cache
def limits(rate: Fraction, greenwood: Fraction | None) -> tuple[Fraction, Fraction]:
    """Lower and upper 95% limit in percent, rate and standard error at three decimals first."""
    square = Fraction(0) if greenwood is None else rate**2 * greenwood
    error = Fraction((isqrt(floor(4_000_000 * square)) + 1) // 2, 1000)
    value, margin = Fraction(floor(1000 * rate + Fraction(1, 2)), 1000), Z * error
    return 100 * max(value - margin, Fraction(0)), 100 * min(value + margin, Fraction(1))


def unrounded_prints(row, rate: Fraction, greenwood: Fraction | None) -> bool:
    """Does a limit of which nothing was rounded before print the row? By squares, so exactly."""
    half = unit(row.printed) / 2
    square = Z**2 * (Fraction(0) if greenwood is None else rate**2 * greenwood)

    def at_least(percent):
        if row.statistic == "survival_lower":
            room = rate - percent / 100
            return percent <= 0 or (room >= 0 and room**2 >= square)
        room = percent / 100 - rate
        return percent <= 100 and (room <= 0 or room**2 <= square)

    return at_least(Fraction(row.printed) - half) and not at_least(Fraction(row.printed) + half)


def float_prints(value: float, row, through_three: bool) -> bool:
    """As `prints`, for a float; a value at a rounding edge raises ArithmeticError."""
    last = float(unit(row.printed))
    if through_three and last > 0.001:
        value = _nearest(value, 0.001)
        return prints(Fraction(round(value * 1000), 1000), row.printed)
    return abs(_nearest(value, last) - float(row.printed)) < last / 4


def _nearest(value, last):
    part = value / last + 0.5
    if abs(part - round(part)) < EDGE * max(1, part):
        raise ArithmeticError(f"{value} is too near a rounding edge to be judged as a float")
    return floor(part) * last


# --- orders and groups: the forward walk -------------------------------------------------------


class _Curve(NamedTuple):
    """A group's Kaplan-Meier estimate after some of its patients: exact."""

    left: int
    rate: Fraction = Fraction(1)
    greenwood: Fraction | None = Fraction(0)


@cache
def _after(curve, died):
    n = curve.left
    if not died:
        return curve._replace(left=n - 1)
    if n == 1:
        return _Curve(0, Fraction(0), None)
    return _Curve(n - 1, curve.rate * (n - 1) / n, curve.greenwood + Fraction(1, n * (n - 1)))


@cache
def _curve_prints(rows, curve):
    """Every row at one landmark; a dash only says that nobody is followed any longer."""
    return all(_rate_prints(row, curve) for row in rows)


def _rate_prints(row, curve):
    if row.statistic in DASHES:
        return curve.left == 0
    if row.statistic == "survival":
        return holds(row, 100 * curve.rate)
    if UNROUNDED in row.switches:
        return unrounded_prints(row, curve.rate, curve.greenwood)
    return holds(row, limits(curve.rate, curve.greenwood)[row.statistic == "survival_upper"])


def _at_landmarks(paper, rows):
    return [tuple(r for r in rows if Fraction(dict(r.options)["at"]) == m) for m in paper.landmarks]


def orders(paper: Paper) -> list[Order]:
    """Every order that prints the number of deaths and the rates of all patients with limits."""
    printed = _at_landmarks(paper, paper.rows_on(RATES | DASHES))
    deaths = [r for r in paper.rows if r.filters == (("event", "=", "True"),)]
    found = []

    def lay(curve, died, ended):
        if len(ended) < len(printed) and _curve_prints(printed[len(ended)], curve):
            lay(curve, died, (*ended, len(died)))
        if len(died) < paper.size:
            for event in (False, True):
                lay(_after(curve, event), (*died, event), ended)
        elif len(ended) == len(printed) and all(
            holds(r, _share(r, sum(died), paper.size)) for r in deaths
        ):
            found.append(Order(died, ended))

    lay(_Curve(paper.size), (), ())
    return found


def _share(row, count, size):
    return Fraction(100 * count, size) if row.statistic == "percent" else Fraction(count)


def sizes(paper: Paper, column, level) -> list[int]:
    """Sizes of a level that print all its counts, the other levels' counts permitting."""
    levels = paper.levels[column]
    fitting = {
        v: [m for m in range(paper.size + 1) if _counts(paper, column, v, m)] for v in levels
    }
    if len(levels) == 1:
        return fitting[level]
    whole = (
        dict(zip(levels, m, strict=True))
        for m in product(*fitting.values()) if sum(m) == paper.size
    )  # fmt: skip
    return sorted({m[level] for m in whole})


def _counts(paper, column, level, size):
    """Are the counts printed, and is somebody there of whom another figure is printed?"""
    figures = RATES | DASHES | TESTS | TIMES
    if any(
        paper.rows_on(figures, column, level, inside)
        for inside, own in ((True, size), (False, paper.size - size)) if own == 0
    ):  # fmt: skip
        return False
    return all(
        holds(r, _share(r, size if inside else paper.size - size, paper.size))
        for inside in (True, False)
        for r in paper.rows_on({"count", "percent"}, column, level, inside)
    )


def rated_levels(paper: Paper) -> list[tuple]:
    """The (column, level) pairs with printed rates or tests; of two levels only the first."""
    return [
        (column, level)
        for column, levels in paper.levels.items()
        for level in (levels[:1] if len(levels) == 2 else levels)
        if any(paper.rows_on(RATES | DASHES | TESTS, column, level, i) for i in (True, False))
    ]


def pairs(paper: Paper, orders, column, level) -> list[tuple]:
    """Every (order, members) that prints all rates of a level and of the patients outside it."""
    printed = {
        i: _at_landmarks(paper, paper.rows_on(RATES | DASHES, column, level, i))
        for i in (True, False)
    }
    return [
        (order, members)
        for order in orders
        for size in sizes(paper, column, level)
        for members in _groups(order, size, printed)
    ]


def _groups(order, size, printed):
    """Sets of `size` patients in one order that print both sides' rates, patient by patient."""

    def lay(i, inside, outside, members, passed):
        while passed < len(order.ended) and order.ended[passed] == i:
            both = ((True, inside), (False, outside))
            if not all(_curve_prints(printed[side][passed], curve) for side, curve in both):
                return
            passed += 1
        if i == len(order.died):
            yield members
            return
        if inside.left:
            yield from lay(i + 1, _after(inside, order.died[i]), outside, (*members, True), passed)
        if outside.left:
            yield from lay(i + 1, inside, _after(outside, order.died[i]), (*members, False), passed)

    yield from lay(0, _Curve(size), _Curve(len(order.died) - size), (), 0)


# --- tests: the walk over ties -----------------------------------------------------------------


def tie_patterns(order: Order) -> list[tuple]:
    """All ways to tie neighbouring deaths in time that no landmark parts; `True`: with the next."""
    last = len(order.died) - 1
    free = [
        i < last and order.died[i] and order.died[i + 1] and i + 1 not in order.ended
        for i in range(last + 1)
    ]
    return list(product(*((False, True) if f else (False,) for f in free)))


def tied_pairs(paper: Paper, pairs, column, level) -> list[tuple]:
    """Every (order, members, ties) that prints the P values and hazard ratios of a level."""
    rows = [
        r for i in (True, False) for r in paper.rows_on(TESTS, column, level, i)
    ]  # either side has the same P value; a ratio is printed of one side only
    if any(r for r in paper.rows_on(TESTS - {"p_value"}, column, level, inside=False)):
        raise NotImplementedError("a hazard ratio of the patients outside a level")
    return [
        (order, members, ties)
        for order, members in pairs
        for ties in tie_patterns(order)
        if _prints_tests(rows, order, members, ties)
    ]


def _prints_tests(rows, order, members, ties):
    at_deaths = death_times(order, members, ties) if rows else ()
    return all(_test_prints(row, at_deaths) for row in rows)


def _test_prints(row, at_deaths):
    """By log-rank and Breslow's ties through three decimals, unless the row's switches say else."""
    own, is_p = dict(row.switches), row.statistic in ("p_value", "hazard_ratio_p")
    if row.statistic == "p_value" and own.get("test") != "cox":
        chi_square = _log_rank(at_deaths)
        value = None if chi_square is None else erfc(sqrt(chi_square / 2))
    else:
        name = "hazard_ratio_p" if is_p else row.statistic
        value = _cox(at_deaths, own.get("ties") == "efron").get(name)
    rounded = is_p and own.get("p_rounding") != "direct"
    return value is not None and float_prints(value, row, rounded)


def death_times(order, members, ties):
    """For every distinct time of death: deaths and patients at risk, in all and of the group."""
    found, start, n = [], 0, len(order.died)
    for i in range(n):
        if not order.died[i]:
            start = i + 1
        elif not ties[i]:
            here = range(start, i + 1)
            found.append(
                (len(here), sum(members[j] for j in here), n - start, sum(members[start:]))
            )
            start = i + 1
    return tuple(found)


@cache
def _log_rank(at_deaths):
    """Chi-square of the log-rank test, exact; None where it has no variance."""
    score = sum(Fraction(d1) - Fraction(d * n1, n) for d, d1, n, n1 in at_deaths)
    variance = sum(
        Fraction(d * n1 * (n - n1) * (n - d), n * n * (n - 1)) for d, _, n, n1 in at_deaths if n > 1
    )
    return score**2 / variance if variance else None


@cache
def _cox(at_deaths, efron=False):
    """Ratio, Wald limits and P of the one-covariate Cox model; empty where it has no maximum.

    The score decreases in the log ratio: its root is found by halving.
    """
    deaths = sum(d1 for _, d1, _, _ in at_deaths)
    risk = [  # one pair a death: those at risk outside and inside, by Efron less those gone before
        (n - n1 - gone * (d - d1), n1 - gone * d1)
        for d, d1, n, n1 in at_deaths
        for gone in ((k / d if efron else 0) for k in range(d))
    ]

    def shares(beta):
        return [inside * exp(beta) / (outside + inside * exp(beta)) for outside, inside in risk]

    low, high = -15.0, 15.0
    if not sum(shares(low)) < deaths < sum(shares(high)):
        return {}
    for _ in range(64):  # more would not change a float
        middle = (low + high) / 2
        low, high = (middle, high) if sum(shares(middle)) < deaths else (low, middle)
    error = 1 / sqrt(sum(p * (1 - p) for p in shares(low)))
    return {
        "hazard_ratio": exp(low),
        "hazard_ratio_lower": exp(low - NORMAL_975 * error),
        "hazard_ratio_upper": exp(low + NORMAL_975 * error),
        "hazard_ratio_p": erfc(abs(low / error) / sqrt(2)),
    }


# --- the whole: a constraint solver ------------------------------------------------------------


class Cohort(NamedTuple):
    """Deaths, landmarks, times in tenths of a month, and members by (column, level)."""

    died: tuple
    ended: tuple
    times: tuple
    groups: frozenset


def word_columns(paper: Paper) -> list[str]:
    """Columns of which no rate, test or time is printed: any one way to fill them will do."""
    judged = {
        f[0] for r in paper.rows if r.statistic in RATES | DASHES | TESTS | TIMES for f in r.filters
    }
    named = {v for r in paper.rows for k, v in r.options if k == "multiple"}
    return [c for c in paper.levels if c not in judged | named]


def walked(paper: Paper, memory=None) -> tuple[list[Order], dict]:
    """Both walks: the orders with a group for every rated level, and for each its `tied_pairs`.

    Rates come before tests, and each level is walked in the orders that are left, the one with the
    fewest pairs first. `memory` keeps what was found, by the rows that it depends on.
    """
    memory = {} if memory is None else memory
    on_all = tuple(r for r in paper.rows if all(c == "event" for c, _, _ in r.filters))
    own = {
        step: tuple(r for r in paper.rows if step[0] in {c for c, _, _ in r.filters})
        for step in rated_levels(paper)
    }

    def remembered(key, find):
        if key not in memory:
            memory[key] = find()
        return memory[key]

    def rated(order, step):
        find = partial(pairs, paper, [order], *step)
        return remembered(("rates", order, step, own[step]), find)

    def tested(order, step):
        find = partial(tied_pairs, paper, rated(order, step), *step)
        return remembered(("tests", order, step, own[step]), find)

    left = remembered(on_all, partial(orders, paper))
    for step in own:
        left = [order for order in left if rated(order, step)]
    for step in sorted(own, key=lambda step: sum(len(rated(order, step)) for order in left)):
        left = [order for order in left if tested(order, step)]
    return left, {step: [t for order in left for t in tested(order, step)] for step in own}


def every_cohort(paper: Paper, stop=None, memory=None) -> set[Cohort]:
    """Every cohort with times in tenths of a month that prints all rows, all columns in every way.

    With `stop`, a set of cohorts, the first that is not among them is the last.
    """
    orders, tied = walked(paper, memory)
    return _Model(paper, orders, tied, list(paper.levels)).solutions(stop) if orders else set()


def cohorts(paper: Paper, orders, tied: dict) -> set[Cohort]:
    """Every cohort with times in tenths of a month that prints all rows; words only exist.

    `tied` maps each rated (column, level) to its (order, members, ties).
    """
    words = word_columns(paper)
    columns = [c for c in paper.levels if c not in words]
    model = _Model(paper, orders, tied, columns)
    found = model.solutions()
    return {c for c in found if _Model(paper, orders, tied, list(paper.levels), c).solutions(set())}


def leaves(paper: Paper, orders, tied: dict) -> bool:
    """Is there any cohort with all columns and times, of these orders and groups with ties?"""
    return bool(_Model(paper, orders, tied, list(paper.levels)).solutions(set()))


def joint_ways(paper: Paper, steps) -> int:
    """How many orders with members of these (column, level) have times that print everything.

    One after the other is found and forbidden; words need not be filled.
    """
    orders, tied = walked(paper)
    words = word_columns(paper)
    model = _Model(paper, orders, tied, [c for c in paper.levels if c not in words])
    told_apart = [model.order, *(bit for step in steps for bit in model.inside[step])]
    solver, count = cp_model.CpSolver(), 0
    solver.parameters.num_workers = 1
    while (status := solver.solve(model.m)) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        count += 1
        here = tuple(solver.value(x) for x in told_apart)
        model.m.add_forbidden_assignments(told_apart, [here])
    if status != cp_model.INFEASIBLE:
        raise ArithmeticError(f"the solver gave up: {solver.status_name(status)}")
    return count


def timely(paper: Paper, orders) -> set[Order]:
    """Orders for which the solver finds times in tenths of a month; groups are left out."""
    return {o for o in orders if _Model(paper, [o], {}, []).solutions(set())}


class _Model:
    """The constraints of the chosen columns, for CP-SAT."""

    def __init__(self, paper, orders, tied, columns, fixed=None):
        self.paper, self.orders, self.m = paper, orders, cp_model.CpModel()
        n, m = paper.size, self.m
        self.order = m.new_int_var(0, len(orders) - 1, "order")
        self.time = [m.new_int_var(0, LONGEST, f"t{i}") for i in range(n)]
        self.died, self.tie = ([m.new_bool_var(f"{c}{i}") for i in range(n)] for c in "de")
        self.inside = {
            (c, v): [m.new_bool_var(f"{c}={v}:{i}") for i in range(n)]
            for c in columns for v in paper.levels[c]
        }  # fmt: skip
        self.of_size = {}
        self._order_of_events()
        for (column, level), found in tied.items():
            if column in columns:
                place = {order: k for k, order in enumerate(orders)}
                cells = [self.order, *self.tie, *self.inside[column, level]]
                m.add_allowed_assignments(cells, [(place[o], *t, *s) for o, s, t in found])
        for column in columns:
            self._sizes(column)
        self._printed_times()
        for row in paper.rows:
            named = {c for c, _, _ in row.filters} | {v for k, v in row.options if k == "multiple"}
            if (
                row.statistic in COUNTS
                and named - {"event"}
                and named - {"time", "event"} <= {*columns}
            ):
                self._count(row)
        if fixed:
            self._fix(fixed)

    def _order_of_events(self):
        n, m = self.paper.size, self.m
        early = [[m.new_bool_var(f"b{j}:{i}") for i in range(n)] for j in self.paper.landmarks]
        rows = [
            (k, *o.died, *(i < q for q in o.ended for i in range(n)))
            for k, o in enumerate(self.orders)
        ]
        m.add_allowed_assignments([self.order, *self.died, *(b for e in early for b in e)], rows)
        for landmark, bits in zip(self.paper.landmarks, early, strict=True):
            for t, b in zip(self.time, bits, strict=True):
                m.add(t <= floor(10 * landmark)).only_enforce_if(b)
                m.add(t >= floor(10 * landmark) + 1).only_enforce_if(b.Not())
        m.add(self.tie[-1] == 0)
        for i in range(n - 1):
            m.add(self.time[i] <= self.time[i + 1])
            m.add_implication(self.tie[i], self.died[i])
            m.add_implication(self.tie[i], self.died[i + 1])
            m.add(self.time[i] == self.time[i + 1]).only_enforce_if(self.tie[i])
            apart = [self.died[i + 1], self.tie[i].Not()]  # else the death would stand first
            m.add(self.time[i] < self.time[i + 1]).only_enforce_if(apart)

    def _sizes(self, column):
        levels, m = self.paper.levels[column], self.m
        for level in levels:
            allowed = cp_model.Domain.from_values(sizes(self.paper, column, level))
            m.add_linear_expression_in_domain(sum(self.inside[column, level]), allowed)
        if len(levels) > 1:
            for i in range(self.paper.size):
                m.add_exactly_one(self.inside[column, level][i] for level in levels)

    def _printed_times(self):
        everyone = [self.m.new_constant(1)] * self.paper.size
        for row in self.paper.rows_on(TIMES):
            self._time(row, everyone)
        for (column, level), bits in self.inside.items():
            binary = len(self.paper.levels[column]) == 2
            for side in (True,) if binary else (True, False):
                for row in self.paper.rows_on(TIMES, column, level, side):
                    self._time(row, bits if side else [1 - b for b in bits], column, level, side)

    def _time(self, row, bits, column=None, level=None, side=True):
        if row.statistic in ("mean", "sd"):
            if column:
                raise NotImplementedError("mean or spread of the times of a level")
            (self._mean if row.statistic == "mean" else self._spread)(row)
            return
        n = self.paper.size
        own = [m if side else n - m for m in sizes(self.paper, column, level)] if column else [n]
        q = Fraction(QUANTILES.get(row.statistic, dict(row.options).get("q")))
        exclusive = ("quantile", "exclusive") in row.switches and row.statistic == "quantile"
        places = {size: (size + 1) * q - 1 if exclusive else (size - 1) * q for size in own}
        first = self._member(bits, {size: floor(h) + 1 for size, h in places.items()})
        second = self._member(bits, {size: -floor(-h) + 1 for size, h in places.items()})
        for size, h in places.items():
            part = h - floor(h)
            total = int((1 - part) * part.denominator) * first
            total += int(part * part.denominator) * second
            self._between(total, row, 10 * part.denominator, self._is_size(bits, size, own))

    def _member(self, bits, ranks):
        """The time of a member of a group: of the k-th, counted from one, `ranks` has k by size."""
        n, m = self.paper.size, self.m
        place, value = m.new_int_var(0, n - 1, ""), m.new_int_var(0, LONGEST, "")
        k = m.new_int_var(1, n, "")
        for size, rank in ranks.items():
            m.add(k == rank).only_enforce_if(self._is_size(bits, size, ranks))
        m.add_element(place, [sum(bits[: i + 1]) for i in range(n)], k)
        m.add_element(place, bits, 1)
        m.add_element(place, self.time, value)
        return value

    def _is_size(self, bits, size, allowed):
        """Literals that hold where a group is of this size; none if it can be of no other."""
        if len(allowed) == 1:
            return []
        key = (*(str(b) for b in bits), size)
        if key not in self.of_size:
            self.of_size[key] = self.m.new_bool_var("")
            self.m.add(sum(bits) == size).only_enforce_if(self.of_size[key])
            self.m.add(sum(bits) != size).only_enforce_if(self.of_size[key].Not())
        return [self.of_size[key]]

    def _between(self, total, row, scale, where=()):
        """`total` / `scale` prints the row: from half a unit below to half a unit above."""
        half = unit(row.printed) / 2
        low, high = ((Fraction(row.printed) + s * half) * scale for s in (-1, 1))
        self.m.add(total >= -floor(-low)).only_enforce_if(where)
        self.m.add(total < -floor(-high)).only_enforce_if(where)

    def _mean(self, row):
        self._between(sum(self.time), row, 10 * self.paper.size)

    def _spread(self, row):
        n, m = self.paper.size, self.m
        squares = [m.new_int_var(0, LONGEST**2, "") for _ in range(n)]
        for t, s in zip(self.time, squares, strict=True):
            m.add_multiplication_equality(s, [t, t])
        total, square = m.new_int_var(0, n * LONGEST, ""), m.new_int_var(0, (n * LONGEST) ** 2, "")
        m.add(total == sum(self.time))
        m.add_multiplication_equality(square, [total, total])
        half = unit(row.printed) / 2
        over = n * n if ("sd", "sample") not in row.switches else n * (n - 1)
        low, high = (100 * over * (Fraction(row.printed) + s * half) ** 2 for s in (-1, 1))
        m.add(n * sum(squares) - square >= -floor(-low))
        m.add(n * sum(squares) - square < -floor(-high))

    def _count(self, row):
        n, options = self.paper.size, dict(row.options)
        counted = [self._all_of(row.filters, i) for i in range(n)]
        if row.statistic == "units_lost":
            gone = [*row.filters, ("time", "<", options["at"])]
            counted = [self._all_of(gone, i) for i in range(n)]
            counted += [
                self._all_of([*gone, (options["multiple"], "=", "True")], i) for i in range(n)
            ]
        fitting = [c for c in range(2 * n + 1) if holds(row, _share(row, c, n))]
        self.m.add_linear_expression_in_domain(sum(counted), cp_model.Domain.from_values(fitting))

    def _all_of(self, filters, i):
        """A variable that is true when patient i meets every filter."""
        answer, parts = self.m.new_bool_var(""), [self._is(f, i) for f in filters]
        self.m.add_bool_and(parts).only_enforce_if(answer)
        self.m.add_bool_or([p.Not() for p in parts] + [answer])
        return answer

    def _is(self, condition, i):
        column, operator, value = condition
        if column == "event":
            return self.died[i] if (value == "True") == (operator == "=") else self.died[i].Not()
        if column != "time":
            bit = self.inside[column, value][i]
            return bit if operator == "=" else bit.Not()
        bit, months = self.m.new_bool_var(""), 10 * Fraction(value)
        first = {">=": -floor(-months), ">": floor(months) + 1, "<": -floor(-months),
                 "<=": floor(months) + 1}[operator]  # fmt: skip
        self.m.add(self.time[i] >= first).only_enforce_if(bit)
        self.m.add(self.time[i] < first).only_enforce_if(bit.Not())
        return bit if operator.startswith(">") else bit.Not()

    def _fix(self, cohort):
        for values, cells in ((cohort.died, self.died), (cohort.times, self.time)):
            for value, cell in zip(values, cells, strict=True):
                self.m.add(cell == value)
        for key, members in cohort.groups:
            for value, cell in zip(members, self.inside[key], strict=True):
                self.m.add(cell == value)

    def solutions(self, stop=None):
        """All solutions as `Cohort`s; with `stop` up to the first that is not among these."""
        found = set()
        keep = _Keep(self, found, stop)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.enumerate_all_solutions = True
        status = solver.solve(self.m, keep)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE):
            raise ArithmeticError(f"the solver gave up: {solver.status_name(status)}")
        return found


class _Keep(cp_model.CpSolverSolutionCallback):
    """Collects solutions as the solver meets them."""

    def __init__(self, model, found, stop):
        super().__init__()
        self.model, self.found, self.stop = model, found, stop

    def on_solution_callback(self):
        """Called by the solver."""
        model = self.model
        order = model.orders[self.value(model.order)]
        groups = frozenset(
            (key, tuple(bool(self.value(b)) for b in bits)) for key, bits in model.inside.items()
        )
        times = tuple(self.value(t) for t in model.time)
        cohort = Cohort(order.died, order.ended, times, groups)
        self.found.add(cohort)
        if self.stop is not None and cohort not in self.stop:
            self.stop_search()
