"""All cohorts of a very small paper, by trying every one: the search's independent rival.

Every order of deaths and last visits, every place of the landmarks, every group, every way that
deaths fall together; whether there are real times is asked of z3, all facts at once. Shares
nothing with the package; the numbers are those of `brute_numbers`.
"""

from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import z3

import brute_numbers as numbers
from brute_spread import has_spread

OPTIONS = {  # how a number may be formed, of each switch
    "halves": ("up", "even", "cut"),
    "interval_rounding": ("unrounded", "three_decimals"),
    "interval_scale": ("linear", "log", "log_log", "arcsine"),
    "normal_quantile": ("two_decimals", "exact"),
    "median": ("kaplan_meier", "kaplan_meier_midpoint", "kaplan_meier_below", "follow_up"),
    "test": ("cox", "log_rank", "likelihood_ratio"),
    "p_rounding": ("direct", "three_decimals"),
    "ties": ("breslow", "efron"),
    "convergence": ("full", "early"),
    "sd": ("sample", "population"),
    "quantile": ("exclusive", "inclusive", "averaged"),
}
COMPARED = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Line(NamedTuple):
    """A printed number: what it is, of whom, and how it stands in the paper."""

    statistic: str
    filters: tuple  # of (column, operator, value)
    named: tuple  # of (name, value): at, q, column
    printed: str

    def get(self, name, default=None):
        """What an argument says."""
        return dict(self.named).get(name, default)

    @property
    def groups(self):
        """The filters on factors."""
        return [f for f in self.filters if f[0] not in ("time", "event")]


class Order(NamedTuple):
    """Who died, in order of time, how many ended by each landmark, and which deaths are one."""

    died: tuple
    ended: tuple
    moment: tuple


def read_line(statistic, arguments, printed):
    """A line of a short file."""
    filters, named = [], []
    for piece in filter(None, (part.strip() for part in arguments.split(";"))):
        sign = next(s for s in ("!=", ">=", "<=", "=", "<", ">") if s in piece)
        name, value = (part.strip() for part in piece.split(sign, 1))
        if name in ("at", "q", "column", *OPTIONS):
            named.append((name, value))
        else:
            filters.append((name, sign, value))
    return Line(statistic, tuple(filters), tuple(named), printed)


class Paper:
    """A short file with the options that each switch may have."""

    def __init__(self, lines, options=None):
        """`lines` of (statistic, arguments, printed); `options` as in a file of conventions."""
        self.lines = [read_line(*line) for line in lines]
        told = {k: (v,) if isinstance(v, str) else tuple(v) for k, v in (options or {}).items()}
        self.options = OPTIONS | told
        self.size = next(
            int(x.printed) for x in self.lines if x.statistic == "count" and not x.filters
        )
        self.everybody, self.known_rates = list(range(self.size)), {}
        self.landmarks = sorted({Fraction(x.get("at")) for x in self.lines if x.get("at")})
        self.columns = {}
        for line in self.lines:
            for column, _, value in line.groups:
                self.columns.setdefault(column, []).append(value)
        self.columns = {c: tuple(dict.fromkeys(values)) for c, values in self.columns.items()}

    def ways(self, line, *switches):
        """Each way to set some switches, as a line allows."""
        own = [(v,) if (v := line.get(s)) else self.options[s] for s in switches]
        return product(*own)

    def prints(self, line, value):
        """Does a value print so, in some way to treat halves?"""
        return numbers.prints(value, line.printed, tuple(self.ways(line, "halves")))


def members(line_filters, groups, everybody):
    """The places of the patients who meet filters on factors."""
    return [
        i
        for i in everybody
        if all(COMPARED[sign](groups[column][i], v) for column, sign, v in line_filters)
    ]


def solutions(paper):
    """The set of all solutions: (who died, ended by each landmark, level of each patient)."""
    found = set()
    for died, ended in orders(paper):
        assigned = [list(_assignments(paper, died, ended, column)) for column in paper.columns]
        for moment in moments(died, ended):
            order = Order(died, ended, moment)
            times = Times(paper, order)
            if not times.possible():
                continue
            fitting = [
                [own for own in some if _fits_tests(paper, order, own) and times.possible(own)]
                for some in assigned
            ]
            for chosen in product(*fitting):
                groups = {column: own[column] for own in chosen for column in own}
                key = died, ended, tuple(groups.values())
                if key not in found and _counts_fit(paper, died, groups) and times.exist(groups):
                    found.add(key)
    return found


def orders(paper):
    """Who died and how many ended by each landmark, as the numbers of all patients allow."""
    size, own = paper.size, [x for x in paper.lines if not x.groups]
    for died in product((False, True), repeat=size):
        if not all(_count_fits(paper, x, died, {}) for x in own):
            continue
        places = combinations_with_replacement(range(size + 1), len(paper.landmarks))
        yield from ((died, ended) for ended in places if _rates_fit(paper, own, died, ended, {}))


def _assignments(paper, died, ended, column):
    """Every way to give a column's levels to the patients that prints its counts and rates."""
    levels = paper.columns[column]
    levels = levels if len(levels) > 1 else (*levels, "other")
    own = [x for x in paper.lines if {c for c, _, _ in x.groups} == {column}]
    for given in product(levels, repeat=paper.size):
        groups = {column: given}
        if all(_count_fits(paper, x, died, groups) for x in own) and _rates_fit(
            paper, own, died, ended, groups
        ):
            yield groups


def _count_fits(paper, line, died, groups):
    """Does a count or percentage come out, so far as it does not depend on times?"""
    if line.statistic not in ("count", "percent") or any(c == "time" for c, _, _ in line.filters):
        return True
    everything = {"event": tuple(str(d) for d in died)} | groups
    count = len(members(line.filters, everything, paper.everybody))
    share = 100 * Fraction(count, paper.size)
    return paper.prints(line, count if line.statistic == "count" else share)


def _counts_fit(paper, died, groups):
    return all(_count_fits(paper, x, died, groups) for x in paper.lines if len(x.groups) > 1)


def _rates_fit(paper, lines, died, ended, groups):
    for line in lines:
        if line.get("at") is None:
            continue
        group = tuple(members(line.groups, groups, paper.everybody))
        cut = ended[paper.landmarks.index(Fraction(line.get("at")))]
        if not _rate_fits(paper, line, died, group, sum(i < cut for i in group)):
            return False
    return True


def _rate_fits(paper, line, died, group, ended):
    inside = tuple(died[i] for i in group)
    known = paper.known_rates
    if (line, inside, ended) not in known:
        known[line, inside, ended] = bool(group) and _rate_comes(paper, line, inside, ended)
    return known[line, inside, ended]


def _rate_comes(paper, line, died, ended):
    rate, total = numbers.curve(died, ended)
    if line.statistic in ("curve_at_zero", "follow_up_ended"):
        return ended == len(died) and (rate == 0) == (line.statistic == "curve_at_zero")
    if line.statistic == "survival":
        return paper.prints(line, 100 * rate)
    side = line.statistic == "survival_upper"
    ways = paper.ways(line, "interval_scale", "normal_quantile", "interval_rounding")
    return any(paper.prints(line, numbers.limits(rate, total, *way)[side]) for way in ways)


def moments(died, ended):
    """Every way that deaths fall at one time without crossing a landmark: a number a time."""
    size = len(died)
    free = [i for i in range(1, size) if died[i] and died[i - 1] and i not in ended]
    for together in product((False, True), repeat=len(free)):
        joined = {i for i, one in zip(free, together, strict=True) if one}
        number, moment = 0, []
        for i in range(size):
            number += i not in joined
            moment.append(number)
        yield tuple(moment)


def _fits_tests(paper, order, groups):
    (column,) = groups
    lines = [x for x in paper.lines if x.statistic in TESTS]
    return all(
        test_fits(paper, x, order, frozenset(members(x.groups, groups, paper.everybody)))
        for x in lines
        if x.groups[0][0] == column
    )


TESTS = ("p_value", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper", "hazard_ratio_p")


def test_fits(paper, line, order, inside):
    """Does a P value or a cell of a Cox model come out in some way?"""
    for ends in test_values(paper, line, order, inside):
        for way in paper.ways(line, "p_rounding", "halves"):
            low, high = (_as_printed(line, end, *way) for end in ends)
            decimals = len(line.printed.partition(".")[2])
            if low <= Fraction(line.printed) * 10**decimals <= high:
                return True
    return False


def _as_printed(line, value, by_three, halves):
    decimals = len(line.printed.partition(".")[2])
    is_p = line.statistic in ("p_value", "hazard_ratio_p")
    if is_p and decimals < 3 and by_three == "three_decimals":
        value = Fraction(int(numbers.rounded(round(value, 12), 3, "up")), 1000)
    return numbers.rounded(
        round(value, 12) if isinstance(value, float) else value, decimals, halves
    )


def test_values(paper, line, order, inside):
    """What the number may be, as (least, greatest), for each way to form it."""
    data = order.died, order.moment, inside, tuple(paper.everybody)
    early = "early" in paper.options["convergence"]
    kinds = paper.ways(line, "test") if line.statistic == "p_value" else [("cox",)]
    for (kind,) in kinds:
        if kind == "log_rank":
            p = numbers.weighted_log_rank(*data, lambda _: 1)
            yield from [] if p is None else [(p, p)]
            continue
        for (ties,) in paper.ways(line, "ties"):
            model = _model(*data, ties)
            if kind == "likelihood_ratio":
                p = model.likelihood_ratio()
                yield p, p
            elif (found := numbers.hazard(model, line.statistic, early)) is not None:
                yield found


@cache
def _model(*data):
    return numbers.Cox(*data)


SHARES = {"minimum": Fraction(0), "maximum": Fraction(1), "median": Fraction(1, 2)}
TIMED = ("mean", "sd", "minimum", "maximum", "median", "quantile", "median_survival")


def time_ways(paper, line, died, group):
    """What a printed time averages: weights of times, one dict for each way to form it."""
    if not group:
        return []
    if line.statistic == "mean":
        return [dict.fromkeys(group, Fraction(1, len(group)))]
    if line.statistic == "median_survival":
        found = [numbers.median_survival(died, group, way) for (way,) in paper.ways(line, "median")]
        return [weights for weights in found if weights]
    if line.statistic in SHARES:
        return [numbers.ranked(group, SHARES[line.statistic], "inclusive")]
    share = Fraction(line.get("q"))
    return [numbers.ranked(group, share, way) for (way,) in paper.ways(line, "quantile")]


def interval(paper, line):
    """Between which numbers a printed one lies, and whether each of them belongs to it."""
    unit = Fraction(1, 10 ** len(line.printed.partition(".")[2]))
    value = Fraction(line.printed)
    ends = {"up": (-1, 1, True, False), "cut": (0, 2, True, False)}
    ends["even"] = (-1, 1, *[value / unit % 2 == 0] * 2)
    ways = [ends[way] for (way,) in paper.ways(line, "halves")]
    low, high = min(way[0] for way in ways), max(way[1] for way in ways)
    closed = (any(w[2] for w in ways if w[0] == low), any(w[3] for w in ways if w[1] == high))
    return value + low * unit / 2, value + high * unit / 2, *closed


class Fact(NamedTuple):
    """A weighted sum of times lies between two numbers (None: no end)."""

    weights: tuple  # of (place, weight)
    low: Fraction | None
    high: Fraction | None
    low_closed: bool = True
    high_closed: bool = True


@cache
def said(fact):
    """A fact to the solver."""
    total = z3.Sum([_rational(w) * _time(i) for i, w in fact.weights])
    parts = []
    if fact.low is not None:
        low = _rational(fact.low)
        parts.append(total >= low if fact.low_closed else total > low)
    if fact.high is not None:
        high = _rational(fact.high)
        parts.append(total <= high if fact.high_closed else total < high)
    return z3.And(parts)


@cache
def said_of_ways(ways):
    """One of several ways, each a fact."""
    return z3.Or([said(fact) for fact in ways])


@cache
def _time(place):
    return z3.Real(f"t{place}")


@cache
def _rational(value):
    return z3.RealVal(str(Fraction(value)))


class Times:
    """Are there real times for an order, with what is printed of them?"""

    def __init__(self, paper, order):
        """A solver that knows the order and its landmarks."""
        self.paper, self.order, self.known = paper, order, {}
        self.lines = [x for x in paper.lines if x.statistic in TIMED]
        self.lines += [x for x in paper.lines if any(c == "time" for c, _, _ in x.filters)]
        self.solver = z3.SolverFor("QF_LRA")
        self.chain = list(self._chain())
        self.solver.add(*map(said, self.chain))

    def _chain(self):
        died, ended, moment = self.order
        yield Fact(((0, 1),), 0, None)
        for i in self.paper.everybody[1:]:
            together = moment[i] == moment[i - 1]
            later = died[i] and not together  # a death stands behind others only if it is later
            yield Fact(((i, 1), (i - 1, -1)), 0, 0 if together else None, not later)
        for landmark, count in zip(self.paper.landmarks, ended, strict=True):
            yield from (Fact(((i, 1),), None, landmark) for i in range(count))
            yield from (
                Fact(((i, 1),), landmark, None, False) for i in range(count, self.paper.size)
            )

    def possible(self, groups=None):
        """May there be times, by the lines on all patients, or by those on one column as well?"""
        known = {*(groups or {})}
        about = [x for x in self.lines if {column for column, _, _ in x.groups} <= known]
        return self._ask(about, groups or {})

    def exist(self, groups):
        """Are there times that meet every line?"""
        return self._ask(self.lines, groups)

    def _ask(self, lines, groups):
        """Remembered by the places that each line is about."""
        everything = {"event": tuple(str(d) for d in self.order.died)} | groups
        key = tuple(
            (
                x,
                tuple(
                    members(
                        [f for f in x.filters if f[0] != "time"], everything, self.paper.everybody
                    )
                ),
            )
            for x in lines
        )
        if key not in self.known:
            self.known[key] = self._solve(key)
        return self.known[key]

    def _solve(self, key):
        spreads = [(line, group) for line, group in key if line.statistic == "sd"]
        counts = [(line, group) for line, group in key if line.statistic in ("count", "percent")]
        facts = [self._ways(*one) for one in key if one not in spreads + counts]
        self.solver.push()
        self.solver.add(*map(said_of_ways, facts))
        self.solver.add(*(self._counted(*one) for one in counts))
        good = self.solver.check() == z3.sat
        self.solver.pop()
        return good and all(self._has_spread(facts, *one) for one in spreads)

    def _ways(self, line, group):
        ends = interval(self.paper, line)
        ways = time_ways(self.paper, line, self.order.died, group)
        return tuple(Fact(tuple(weights.items()), *ends) for weights in ways)

    def _counted(self, line, group):
        """A count with a condition on time comes out."""
        cuts = [(sign, _rational(value)) for c, sign, value in line.filters if c == "time"]
        inside = [z3.And([COMPARED[s](_time(i), v) for s, v in cuts]) for i in group]
        total = z3.Sum([z3.If(one, 1, 0) for one in inside])
        shares = {k: k if line.statistic == "count" else 100 * Fraction(k, self.paper.size)
                  for k in range(self.paper.size + 1)}  # fmt: skip
        return z3.Or([total == k for k, v in shares.items() if self.paper.prints(line, v)])

    def _has_spread(self, facts, line, group):
        """A standard deviation: one a paper is asked for exactly, several each alone."""
        low, high, *_ = interval(self.paper, line)
        ways = [[[fact[:3]] for fact in ways] for ways in facts]
        ways.append([[fact[:3] for fact in self.chain]])
        return any(
            has_spread(self.paper.size, self.order.moment, ways, list(group),
                       len(group) - (kind == "sample"), float(low), float(high))
            for (kind,) in self.paper.ways(line, "sd")
            if len(group) > (kind == "sample")
        )  # fmt: skip
