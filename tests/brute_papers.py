"""Very small papers, drawn and printed by `brute_numbers`: every statistic in turn."""

import random
from fractions import Fraction
from typing import NamedTuple

import brute_numbers as numbers
from brute_force import OPTIONS, Order, Paper, test_values, members, read_line, time_ways

MONTH = Fraction("30.4375")  # days
LANDMARKS = (("12",), ("12", "24"), ("12", "36"), ("6", "12", "24"))
TEXTBOOK = {name: ways[0] for name, ways in OPTIONS.items()} | {
    "normal_quantile": "exact",
    "test": "log_rank",
    "ties": "efron",
    "quantile": "inclusive",
}
PROGRAMS = (
    TEXTBOOK,
    TEXTBOOK
    | {"interval_scale": "log", "median": "kaplan_meier_midpoint", "halves": ("up", "even")},
    TEXTBOOK | {"interval_scale": "log_log", "test": "cox", "convergence": "early"},
    TEXTBOOK
    | {
        "interval_rounding": "three_decimals",
        "normal_quantile": "two_decimals",
        "test": "cox",
        "ties": "breslow",
        "quantile": "exclusive",
    },
    TEXTBOOK
    | {
        "test": "likelihood_ratio",
        "median": "kaplan_meier_below",
        "sd": "population",
        "quantile": "averaged",
        "halves": "cut",
    },
    TEXTBOOK
    | {"median": "follow_up", "interval_scale": "arcsine", "ties": "breslow", "halves": "even"},
    None,
)


class Truth(NamedTuple):
    """Patients in order of time, deaths before censorings at one time."""

    times: tuple  # months, as fractions
    died: tuple
    groups: dict

    @property
    def moment(self):
        """A whole number for each patient: equal where deaths fall at one time."""
        number, found = 0, []
        for i in range(len(self.times)):
            number += not (
                i and self.died[i] and self.died[i - 1] and self.times[i] == self.times[i - 1]
            )
            found.append(number)
        return tuple(found)


def draw(number):
    """Patients, the lines printed of them, and the options told (None: none)."""
    chance = random.Random(number)
    truth = _patients(chance, number)
    options = PROGRAMS[number % len(PROGRAMS)]
    asked = [("count", "", 0), ("count", "event=True", 0), *_asked(chance, number, truth)]
    lines = []
    for statistic, arguments, decimals in asked:
        printed = _printed(chance, truth, options or OPTIONS, statistic, arguments, decimals)
        if printed is not None:
            lines.append((statistic, arguments, printed))
    return truth, lines, options


def _patients(chance, number):
    size = 5 + number % 3
    if number % 2:
        times = [Fraction(chance.randint(20, 1500)) / MONTH for _ in range(size)]
        if not number % 5:
            times[0] = times[1]
    else:
        times = [Fraction(chance.randint(1, 48)) for _ in range(size)]
    people = sorted((t, chance.random() > 0.6) for t in times)
    died = tuple(not alive for _, alive in people)
    groups = {}
    for column in ("g", "h")[: 1 + (number % 4 == 3)]:
        levels = ("a", "b", "c") if number % 9 == 4 else ("a", "b")
        given = [*levels, *(chance.choice(levels) for _ in range(size - len(levels)))]
        chance.shuffle(given)
        groups[column] = tuple(given)
    return Truth(tuple(t for t, _ in people), died, groups)


def _asked(chance, number, truth):
    """What a paper prints: (statistic, arguments, decimals)."""
    marks, some = LANDMARKS[number % len(LANDMARKS)], chance.random
    decimals = int(number % 5 != 0)
    names = ["", *(f"{c}={v}" for c in truth.groups for v in sorted({*truth.groups[c]}))]
    for where in names:
        if where:
            yield "count", where, 0
        for at in marks:
            arguments = "; ".join(filter(None, (f"at={at}", where)))
            yield "survival", arguments, int(number % 6 != 0)
            if number % 3 != 1:
                yield "survival_lower", arguments, int(number % 6 != 0)
                yield "survival_upper", arguments, int(number % 6 != 0)
        if some() < 0.6:
            yield "median_survival", where, decimals
        for statistic in ("mean", "minimum", "maximum", "median"):
            if some() < 0.4:
                yield statistic, "; ".join(filter(None, ("column=time", where))), decimals
        if some() < 0.3:
            q = chance.choice(("0.25", "0.75"))
            yield "quantile", "; ".join(filter(None, (f"column=time; q={q}", where))), decimals
        if where and some() < 0.4:
            yield "count", f"event=True; {where}", 0
        if where and some() < 0.3:
            yield "percent", where, 1
    for column in truth.groups:
        if some() < 0.7:
            yield "p_value", f"{column}=a", 2
        if some() < 0.5:
            for part in ("", "_lower", "_upper", "_p"):
                yield f"hazard_ratio{part}", f"{column}=a", 1 + (part == "_p")
    if number % 4 == 1:
        yield "sd", "column=time", decimals
    elif some() < 0.4:
        yield "count", f"time>={chance.choice((6, 12, 20, 30))}", 0
    if len(truth.groups) > 1 and some() < 0.5:
        yield "count", "g=a; h=b", 0


def _printed(chance, truth, options, statistic, arguments, decimals):
    """A number as printed under one of the options, None where there is none."""
    line = read_line(statistic, arguments, "0")
    paper = Paper([("count", "", str(len(truth.times)))], _one(chance, options))
    group = members(line.groups, truth.groups, paper.everybody)
    value = _value(paper, line, truth, group)
    if value is None:
        return None
    (way,) = paper.options["halves"]
    whole = numbers.rounded(value, decimals, way)
    return (
        f"{whole // 10**decimals}.{whole % 10**decimals:0{decimals}d}" if decimals else str(whole)
    )


def _one(chance, options):
    return {k: (v if isinstance(v, str) else chance.choice(v)) for k, v in options.items()}


def _value(paper, line, truth, group):
    if not group:
        return None
    if line.get("at"):
        return _rate(paper, line, truth, group)
    if line.statistic in ("count", "percent"):
        everything = {"event": tuple(map(str, truth.died)), "time": truth.times} | truth.groups
        filters = [(c, s, Fraction(v) if c == "time" else v) for c, s, v in line.filters]
        count = len(members(filters, everything, paper.everybody))
        return count if line.statistic == "count" else 100 * Fraction(count, paper.size)
    if line.statistic == "sd":
        return _deviation(paper, [truth.times[i] for i in group])
    if line.groups and line.statistic.startswith(("p_value", "hazard")):
        order = Order(truth.died, (), truth.moment)
        found = next(test_values(paper, line, order, frozenset(group)), None)
        return found and found[0]
    ways = time_ways(paper, line, truth.died, group)
    return sum(w * truth.times[i] for i, w in ways[0].items()) if ways else None


def _rate(paper, line, truth, group):
    ended = sum(truth.times[i] <= Fraction(line.get("at")) for i in group)
    if ended == len(group):
        return None
    rate, total = numbers.curve(tuple(truth.died[i] for i in group), ended)
    if line.statistic == "survival":
        return 100 * rate
    ways = paper.ways(line, "interval_scale", "normal_quantile", "interval_rounding")
    return numbers.limits(rate, total, *next(iter(ways)))[line.statistic == "survival_upper"]


def _deviation(paper, times):
    (kind,) = paper.options["sd"]
    center = sum(times) / len(times)
    divisor = len(times) - (kind == "sample")
    return float(sum((t - center) ** 2 for t in times) / divisor) ** 0.5
