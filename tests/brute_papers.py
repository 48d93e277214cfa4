"""Very small papers, drawn and printed by `brute_numbers`: every statistic in turn."""

import random
from fractions import Fraction
from typing import NamedTuple

import brute_numbers as numbers
import brute_times
from brute_force import (
    COUNTS,
    DASHES,
    NEVER,
    OPTIONS,
    TESTS,
    Order,
    Paper,
    members,
    read_line,
    test_values,
)

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
    kept, lines = 1 if len(truth.groups) > 1 else (1, 0.8, 0.6)[number // 6 % 3], []
    for statistic, arguments, decimals in asked:
        if statistic != "count" and chance.random() > kept:
            continue
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
    marks, some, names = LANDMARKS[number % len(LANDMARKS)], chance.random, [""]
    for column, given in truth.groups.items():
        names += [f"{column}={level}" for level in sorted({*given})]
    for where in names:
        if where:
            yield "count", where, 0
        for at in marks:
            yield from _at(number, f"at={at}", where)
        yield from _of_times(chance, int(number % 5 != 0), where)
        if where and some() < 0.4:
            yield "count", f"event=True; {where}", 0
        if where and some() < 0.3:
            yield "percent", where, 1
    yield from _of_tests(chance, number, truth)
    yield from _once(chance, number, truth)


def _joined(*pieces):
    return "; ".join(filter(None, pieces))


def _at(number, at, where):
    """A rate, and with it limits, an error, a number at risk or of deaths, a dash: in turn."""
    decimals, turn = int(number % 6 != 0), number % 7
    yield "survival", _joined(at, where), decimals
    if number % 3 != 1:
        level = "level=90" if turn == 3 else ""
        yield "survival_lower", _joined(at, level, where), decimals
        yield "survival_upper", _joined(at, level, where), decimals
    if turn == 1:
        yield "standard_error", _joined(at, where), 1
    if turn == 2:
        yield "at_risk", _joined(at, where), 0
    if turn == 4:
        yield "events_by", _joined(at, where), 0
    if turn == 5:
        yield "survival", _joined(at, "unit=share", where), 3
    yield ("curve_at_zero", "follow_up_ended", "nobody_followed")[number % 3], _joined(at, where), 0


CURVES = (
    ("median_survival", ""),
    ("median_survival_lower", ""),
    ("median_survival_upper", ""),
    ("quantile_survival", "q=0.25"),
    ("quantile_survival_lower", "q=0.25"),
    ("quantile_survival_upper", "q=0.75"),
    ("reverse_median", "reverse_ties=deaths_first"),
    ("mean_survival", ""),
    ("mean_survival", "to=24"),
)


def _of_times(chance, decimals, where):
    some = chance.random
    if some() < 0.5:
        yield "median_survival", where, decimals
    statistic, more = chance.choice(CURVES)
    if some() < 0.5:
        yield statistic, _joined(more, where), decimals
    for statistic in ("mean", "minimum", "maximum", "median"):
        if some() < 0.35:
            yield statistic, _joined("column=time", where), decimals
    if some() < 0.3:
        yield (
            "quantile",
            _joined(f"column=time; q={chance.choice(('0.25', '0.75'))}", where),
            decimals,
        )
    if some() < 0.15:
        yield "median", _joined("column=time; event=True", where), decimals


KINDS = ("breslow_gehan", "tarone_ware", "score", "exact_log_rank", "wald")


def _of_tests(chance, number, truth):
    some = chance.random
    for column in truth.groups:
        if some() < 0.5:
            yield "p_value", f"{column}=a", 2
        if some() < 0.4:
            yield "p_value", _joined(f"{column}=a", f"test={KINDS[number % len(KINDS)]}"), 3
        if number % 9 == 4:
            yield "p_value", _joined(f"by={column}", chance.choice(("", "test=tarone_ware"))), 2
        if some() < 0.4:
            for part in ("", "_lower", "_upper", "_p"):
                yield f"hazard_ratio{part}", f"{column}=a", 1 + (part == "_p")
    if len(truth.groups) > 1 and some() < 0.6:
        yield "hazard_ratio", "g=a; adjusted_for=h=a", 1


def _once(chance, number, truth):
    """What a paper has once: a spread, or a count over time; two factors at once; patients."""
    if number % 8 == 1:
        yield "sd", "column=time", 1
    elif number % 8 == 5:
        yield "mean_survival_error", "", 1
    elif chance.random() < 0.4:
        yield "count", f"time>={chance.choice((6, 12, 20, 30))}", 0
    if len(truth.groups) > 1 and chance.random() < 0.5:
        yield "count", "g=a; h=b", 0
    told = chance.sample(range(len(truth.times)), 2) if number % 6 == 2 else ()
    for name, i in enumerate(told, start=1):
        pieces = [f"time={numbers.rounded(truth.times[i], 0, 'up')}", f"event={truth.died[i]}",
                  f"g={truth.groups['g'][i]}"]  # fmt: skip
        yield "patient", _joined(f"id={name}", *pieces[: 1 + number % 3]), 0


def _printed(chance, truth, options, statistic, arguments, decimals):
    """A number as printed under one of the options, None where there is none."""
    if statistic == "patient":
        return ""
    line = read_line(statistic, arguments, "0")
    told = {k: (v if isinstance(v, str) else chance.choice(v)) for k, v in options.items()}
    paper = Paper([("count", "", str(len(truth.times))), (statistic, arguments, "0")], told)
    ended = tuple(sum(t <= mark for t in truth.times) for mark in paper.marks)
    order = Order(truth.died, ended, truth.moment)
    value = _value(paper, line, truth, order)
    if value is None or value in ("-", NEVER):
        return value
    value = value / (100 if line.get("unit") else 1)
    if statistic == "p_value" and chance.random() < 0.3:
        return "<0.05" if value < 0.05 else ">0.05"
    if statistic == "median_survival" and chance.random() < 0.1:
        return f">{int(value) - 1}" if value > 2 else None
    whole = numbers.rounded(value, decimals, told["halves"])
    return (
        f"{whole // 10**decimals}.{whole % 10**decimals:0{decimals}d}" if decimals else f"{whole}"
    )


def _value(paper, line, truth, order):
    everything = {"event": tuple(map(str, truth.died)), "time": truth.times} | truth.groups
    filters = [(c, s, Fraction(v) if c == "time" else v) for c, s, v in line.filters]
    group = members(filters, everything, paper.everybody)
    if line.statistic in COUNTS:
        share = 100 * Fraction(len(group), paper.size)
        return Fraction(len(group)) if line.statistic == "count" else share
    if line.statistic in TESTS:
        found = next(iter(test_values(paper, line, order, truth.groups)), None)
        return found and found[0]
    if not group:
        return None
    if line.get("at"):
        return _rate(paper, line, truth, group)
    if line.statistic in brute_times.SPREADS:
        forms = next(iter(brute_times.squares(paper, line, order, group)), None)
        return None if forms is None else _root(forms, truth.times)
    found = next(iter(brute_times.ways(paper, line, order, group)), ())
    if found is None:
        return NEVER
    return _sum(found, truth.times) if found else None


def _sum(way, times):
    return sum(w * times[i] for i, w in way.weights.items()) + way.constant


def _root(forms, times):
    parts = (w * _sum(brute_times.Way(*way), times) ** 2 for w, *way in forms)
    return Fraction(float(sum(parts, Fraction(0))) ** 0.5)


def _rate(paper, line, truth, group):
    at = Fraction(line.get("at"))
    inside, ended = tuple(truth.died[i] for i in group), sum(truth.times[i] <= at for i in group)
    gone = ended == len(group)
    rate, total = numbers.curve(inside, ended)
    if line.statistic in DASHES:
        reason = {"curve_at_zero": rate == 0, "follow_up_ended": rate > 0}.get(line.statistic, True)
        return "-" if gone and reason else None
    if line.statistic == "events_by":
        return Fraction(sum(inside[:ended]))
    if line.statistic == "at_risk":
        after = paper.options["boundary"] == ("after",)
        return Fraction(sum(truth.times[i] > at if after else truth.times[i] >= at for i in group))
    if gone:
        return None
    if line.statistic == "survival":
        return 100 * rate
    if line.statistic == "standard_error":
        return 100 * numbers.error(rate, total)
    (way,) = paper.ways(line, "interval_scale", "normal_quantile", "interval_rounding")
    level = line.get("level", "95")
    return numbers.limits(rate, total, *way, level)[line.statistic == "survival_upper"]
