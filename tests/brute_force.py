"""All cohorts of a very small paper, by trying every one: the search's independent rival.

Every order of deaths and last visits, every place of the landmarks, every group, every way that
deaths fall together; whether there are real times is asked in `brute_search`, all facts at once.
Shares nothing with the package. A number is worked out by `brute_numbers`, `brute_tests` and
`brute_times`.
"""

from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import brute_numbers as numbers
import brute_tests as tests

OPTIONS = {  # how a number may be formed, of each switch; the first where nothing is said
    "halves": ("up", "even", "cut"),
    "interval_rounding": ("unrounded", "three_decimals"),
    "interval_scale": ("linear", "log", "log_log", "arcsine"),
    "normal_quantile": ("two_decimals", "exact"),
    "median": ("kaplan_meier", "kaplan_meier_midpoint", "kaplan_meier_below", "follow_up"),
    "test": ("cox", "log_rank", "likelihood_ratio"),
    "p_rounding": ("direct", "three_decimals"),
    "adjustment": ("joint",),  # a line that names another covariate says so
    "ties": ("breslow", "efron"),
    "convergence": ("full", "early"),
    "sd": ("sample", "population"),
    "quantile": ("exclusive", "inclusive", "averaged"),
    "beyond": ("carried", "followed"),
    "boundary": ("at_or_after", "after"),
    "mean_to": ("largest", "common", "last_death"),
    "mean_error": ("greenwood", "corrected"),
    "limits_at_zero": ("zero", "none"),
    "reverse_ties": ("deaths_first",),  # the other way has tests of its own
    "dash": ("as_said",),  # of a paper of one's own
}
NAMES = ("at", "q", "column", "level", "unit", "to", "by", "id", "adjusted_for")
COMPARED = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
SIGNS = {"<": "<", ">": ">", "≤": "<=", "≥": ">="}
NEVER = "not reached"
COUNTS = ("count", "percent")
DASHES = ("curve_at_zero", "follow_up_ended", "nobody_followed")
TESTS = ("p_value", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper", "hazard_ratio_p")
P_VALUES = ("p_value", "hazard_ratio_p")


class Line(NamedTuple):
    """A printed number: what it is, of whom, and how it stands in the paper."""

    statistic: str
    filters: tuple  # of (column, operator, value)
    named: tuple  # of (name, value): at, q, column
    sign: str  # how the number compares with the printed one; empty: it is rounded to it
    printed: str

    def get(self, name, default=None):
        """What an argument says."""
        return dict(self.named).get(name, default)

    @property
    def groups(self):
        """The filters on factors."""
        return [f for f in self.filters if f[0] not in ("time", "event")]

    @property
    def columns(self):
        """All factors that the line is about."""
        more = [self.get("by"), (self.get("adjusted_for") or "").partition("=")[0]]
        return {c for c, _, _ in self.groups} | {*filter(None, more)}


class Order(NamedTuple):
    """Who died, in order of time, how many ended by each mark, and which deaths are one."""

    died: tuple
    ended: tuple
    moment: tuple


def read_line(statistic, arguments, printed):
    """A line of a short file."""
    filters, named = [], []
    for piece in filter(None, (part.strip() for part in arguments.split(";"))):
        sign = next(s for s in ("!=", ">=", "<=", "=", "<", ">") if s in piece)
        name, value = (part.strip() for part in piece.split(sign, 1))
        if name in (*NAMES, *OPTIONS) and not (statistic == "patient" and name == "time"):
            named.append((name, value))
        else:
            filters.append((name, sign, value))
    sign = SIGNS.get(printed[:1], "")
    return Line(statistic, tuple(filters), tuple(named), sign, printed[len(sign) > 0 :])


class Paper:
    """A short file with the options that each switch may have."""

    def __init__(self, lines, options=None):
        """`lines` of (statistic, arguments, printed); `options` of each switch, None for any."""
        self.lines = [read_line(*line) for line in lines]
        told = {k: (v,) if isinstance(v, str) else tuple(v) for k, v in (options or {}).items()}
        first = {switch: ways[:1] for switch, ways in OPTIONS.items()}
        self.options = OPTIONS if options is None else first | told
        self.size = next(
            int(x.printed) for x in self.lines if x.statistic == "count" and not x.filters
        )
        self.everybody, self.known_rates = list(range(self.size)), {}
        self.landmarks = sorted({Fraction(x.get("at")) for x in self.lines if x.get("at")})
        ends = {Fraction(x.get("to")) for x in self.lines if x.get("to")}
        self.marks = sorted({*self.landmarks} | ends)
        self.columns = {}
        for line in self.lines:
            column, _, value = (line.get("adjusted_for") or "").partition("=")
            for name, level in [(c, v) for c, _, v in line.groups] + [(column, value)] * bool(
                value
            ):
                self.columns.setdefault(name, []).append(level)
        self.columns = {c: tuple(dict.fromkeys(values)) for c, values in self.columns.items()}

    def ways(self, line, *switches):
        """Each way to set some switches, as a line allows."""
        own = [(v,) if (v := line.get(s)) else self.options[s] for s in switches]
        return product(*own)

    def prints(self, line, value):
        """Is a value printed so, in some way to treat halves, or does it compare as printed?"""
        value = value / (100 if line.get("unit") == "share" else 1)
        if line.sign:
            return COMPARED[line.sign](numbers.exact(value), Fraction(line.printed))
        return numbers.prints(value, line.printed, tuple(self.ways(line, "halves")))


def members(filters, groups, everybody):
    """The places of the patients who meet filters on what `groups` has."""
    return [
        i
        for i in everybody
        if all(COMPARED[sign](groups[column][i], v) for column, sign, v in filters)
    ]


def orders(paper):
    """Who died and how many ended by each mark, as the numbers of all patients allow."""
    own = [x for x in paper.lines if not x.columns]
    for died in product((False, True), repeat=paper.size):
        if not all(count_fits(paper, x, died, {}) for x in own):
            continue
        places = combinations_with_replacement(range(paper.size + 1), len(paper.marks))
        yield from ((died, ended) for ended in places if rates_fit(paper, own, died, ended, {}))


def assignments(paper, died, ended, column):
    """Every way to give a column's levels to the patients that prints its counts and rates."""
    levels = paper.columns[column]
    levels = levels if len(levels) > 1 else (*levels, "other")
    own = [x for x in paper.lines if x.columns == {column}]
    for given in product(levels, repeat=paper.size):
        groups = {column: given}
        counts = all(count_fits(paper, x, died, groups) for x in own)
        if counts and rates_fit(paper, own, died, ended, groups):
            yield groups


def count_fits(paper, line, died, groups):
    """Does a count or percentage come out, so far as it does not depend on times?"""
    if line.statistic not in COUNTS or any(c == "time" for c, _, _ in line.filters):
        return True
    everything = {"event": tuple(map(str, died))} | groups
    count = len(members(line.filters, everything, paper.everybody))
    share = 100 * Fraction(count, paper.size)
    return paper.prints(line, Fraction(count) if line.statistic == "count" else share)


def rates_fit(paper, lines, died, ended, groups):
    """Do rates and what else is said at a landmark come out?"""
    for line in lines:
        if line.get("at") is None:
            continue
        group = members(line.groups, groups, paper.everybody)
        cut = ended[paper.marks.index(Fraction(line.get("at")))]
        inside, before = tuple(died[i] for i in group), sum(i < cut for i in group)
        key = line, inside, before
        if key not in paper.known_rates:
            paper.known_rates[key] = bool(group) and _rate_fits(paper, line, inside, before)
        if not paper.known_rates[key]:
            return False
    return True


def _rate_fits(paper, line, died, ended):
    rate, total = numbers.curve(died, ended)
    gone = ended == len(died)
    if line.statistic in DASHES:
        reason = {"curve_at_zero": rate == 0, "follow_up_ended": rate > 0}.get(line.statistic, True)
        return gone and (reason or ("nobody_left",) in paper.ways(line, "dash"))
    if line.statistic == "events_by":
        return paper.prints(line, Fraction(sum(died[:ended])))
    if line.statistic == "at_risk":  # who ends at that very time is a matter of times
        return True
    if ("carried",) not in paper.ways(line, "beyond") and gone and rate:
        return False
    if line.statistic == "survival":
        return paper.prints(line, 100 * rate)
    if line.statistic == "standard_error":
        return paper.prints(line, 100 * numbers.error(rate, total))
    side, level = line.statistic == "survival_upper", line.get("level", "95")
    ways = paper.ways(line, "interval_scale", "normal_quantile", "interval_rounding")
    return any(paper.prints(line, numbers.limits(rate, total, *way, level)[side]) for way in ways)


def moments(died, ended):
    """Every way that deaths fall at one time without crossing a mark: a number a time."""
    size = len(died)
    free = [i for i in range(1, size) if died[i] and died[i - 1] and i not in ended]
    for together in product((False, True), repeat=len(free)):
        joined = {i for i, one in zip(free, together, strict=True) if one}
        number, moment = 0, []
        for i in range(size):
            number += i not in joined
            moment.append(number)
        yield tuple(moment)


def test_fits(paper, line, order, groups):
    """Does a P value or a cell of a Cox model come out in some way?"""
    for low, high in test_values(paper, line, order, groups):
        if line.sign:
            compare, end = COMPARED[line.sign], float(line.printed)
            if compare(low, end) or compare(high, end):
                return True
            continue
        goal = Fraction(line.printed) * 10 ** decimals_of(line)
        for way in paper.ways(line, "p_rounding", "halves"):
            if _as_printed(line, low, *way) <= goal <= _as_printed(line, high, *way):
                return True
    return False


def decimals_of(line):
    """How many decimals a line's number has."""
    return len(line.printed.partition(".")[2])


def _as_printed(line, value, by_three, halves):
    value, decimals = Fraction(round(value, 12)), decimals_of(line)
    if line.statistic in P_VALUES and decimals < 3 and by_three == "three_decimals":
        value = Fraction(int(numbers.rounded(value, 3, "up")), 1000)
    return numbers.rounded(value, decimals, halves)


def test_values(paper, line, order, groups):
    """What the number may be, as (least, greatest), for each way to form it."""
    for labels in _covariates(paper, line, groups):
        data = order.died, order.moment, labels
        kinds = paper.ways(line, "test") if line.statistic == "p_value" else [("wald",)]
        for (kind,) in kinds:
            if kind in tests.WEIGHTS:
                yield from _number(tests.weighted_log_rank(*data, kind))
            elif kind == "exact_log_rank":
                yield from _number(tests.exact_log_rank(order.died, order.moment, labels[0]))
            else:
                for (ties,) in paper.ways(line, "ties"):
                    yield from _of_model(paper, line, tests.model(*data, ties), kind)


def _number(p):
    return [] if p is None else [(p, p)]


def _of_model(paper, line, model, kind):
    if kind in ("likelihood_ratio", "score"):
        return _number(getattr(model, kind)())
    if line.get("by"):
        return _number(model.wald())
    z = float(numbers.normal("exact", line.get("level", "95")))
    early = "early" in paper.options["convergence"] and not line.get("adjusted_for")
    found = model.number(line.statistic, z, early)
    return [] if found is None else [found]


def _covariates(paper, line, groups):
    """The groups that a test compares: a tuple of zeros and ones each."""
    if line.get("by"):
        given = groups[line.get("by")]
        levels = sorted({*given})
        if len(levels) > 1:
            yield tuple(tuple(int(v == level) for v in given) for level in levels[1:])
        return
    inside = {*members(line.groups, groups, paper.everybody)}
    own = tuple(int(i in inside) for i in paper.everybody)
    if not line.get("adjusted_for"):
        yield (own,)
        return
    column, _, level = line.get("adjusted_for").partition("=")
    other = tuple(int(v == level) for v in groups[column])
    for (way,) in paper.ways(line, "adjustment"):
        yield (own, other) if way == "joint" else (own,)
