"""What the paper says of survival, and what one order of patients says to it; in exact fractions.

The first half of a second search, `second_reals`: nothing of `recohort` is used. Patients stand in
order of time; a death comes before a censored time equal to it. Every interval is closed and
widened by a millionth of the last digit, so that no rounding error makes a false "none".
"""

from fractions import Fraction
from functools import cache
from itertools import combinations, product
from math import ceil, erfc, floor, isqrt, sqrt
from pathlib import Path
from typing import NamedTuple

import pandas as pd

DATA = Path(__file__).parents[1] / "data"
MILLIONTH = Fraction(1, 10**6)
LANDMARKS = (12, 36, 60)
Z = Fraction(196, 100)
OTHERS = "pathology!=nsclc"  # the group whose median, 40.0 months, is given up

Positions = tuple[int, ...]  # of patients in order of time; as a figure, the mean of their times


class Group(NamedTuple):
    """What Table 3 says of one group: rates, limits and dashes by landmark, and a median."""

    name: str
    size: int
    rates: tuple
    median: str


class Factor(NamedTuple):
    """Two groups that make up all patients, and the P value between them."""

    name: str
    groups: tuple[Group, Group]
    p: str


class Order(NamedTuple):
    """Who died, in order of time, and how many times lie up to each landmark."""

    deaths: tuple[bool, ...]
    until: tuple[int, int, int]


class Digits(NamedTuple):
    """How far a number may lie below and above what is published, in units of its last digit.

    `off` loosens the limits (in percent); None leaves them out. `dashes`: nobody is left there.
    """

    below: Fraction = Fraction(1, 2)
    above: Fraction = Fraction(1, 2)
    off: Fraction | None = Fraction(0)
    dashes: bool = True


class Ways(NamedTuple):
    """How numbers may be formed, and which of them count.

    `medians`: each group's by any of these ways. `quartiles`: by any of R's types, none to leave
    them out. `dropped`: groups whose medians, and rows of single times, are left out.
    """

    digits: Digits = Digits()
    medians: tuple[str, ...] = ("plain",)
    quartiles: tuple[int, ...] = (7,)
    dropped: frozenset = frozenset({OTHERS})
    tests: bool = True


@cache
def published() -> pd.DataFrame:
    """Published rows with their arguments, `at` apart from the filter."""
    rows = pd.read_csv(DATA / "published.csv", dtype=str, keep_default_na=False)
    words = rows["arguments"].str.split("; ")
    rows["at"] = [next((w[3:] for w in line if w.startswith("at=")), "") for line in words]
    rows["of"] = ["; ".join(w for w in line if not w.startswith("at=")) for line in words]
    return rows


def group_of(rows: pd.DataFrame) -> Group:
    """A group from its rows of Table 3."""
    first = rows.drop_duplicates("statistic").set_index("statistic")["printed"]
    rates = []
    for at in LANDMARKS:
        told = rows[rows["at"] == str(at)].set_index("statistic")["printed"].to_dict()
        names = ("survival", "survival_lower", "survival_upper")
        rates.append(tuple(told.get(name) for name in names) if "survival" in told else None)
    name, size, median = rows["of"].iloc[0], int(first["count"]), first["median_survival"]
    return Group(name, size, tuple(enumerate(rates)), median)


@cache
def printed(row: str) -> str:
    """What is printed in a row of `published.csv`."""
    return published().set_index("id")["printed"][row]


PATIENTS = int(printed("methods.n"))


@cache
def all_rates() -> tuple:
    """Rates of all patients and their limits, by the number of the landmark."""
    ends = ("rate", "lower", "upper")
    told = {k: tuple(printed(f"abstract.os_{k}y.{end}") for end in ends) for k in (1, 3)}
    return (0, told[1]), (1, told[3])


@cache
def tumor_types() -> dict[str, Group]:
    """Tumor types of Table 2, lung cancer apart: they divide its others, but for one patient."""
    rows = published().query("location == 'Table 2'")
    names = rows.query("statistic == 'median_survival'")["of"].unique()
    names = [n for n in names if "since" not in n and n != "pathology=nsclc"]
    return {name: group_of(rows[rows["of"] == name]) for name in names}


@cache
def table3() -> tuple[Factor, ...]:
    """The eight factors; the first group is the one whose median stands first in the table."""
    rows = published().query("location == 'Table 3'")
    names = rows.query("statistic == 'median_survival'")["of"].tolist()
    tests = rows.query("statistic == 'p_value'")["printed"].tolist()
    groups = {name: group_of(rows[rows["of"] == name]) for name in names}
    pairs = zip(names[::2], names[1::2], tests, strict=True)
    return tuple(Factor(a, (groups[a], groups[b]), p) for a, b, p in pairs)


def chosen(names: tuple[str, ...]) -> list[Factor]:
    """Factors of these names, or all of them."""
    return [factor for factor in table3() if not names or factor.name in names]


def interval(number: str, digits: Digits, off: Fraction = Fraction(0)) -> tuple[Fraction, Fraction]:
    """What is published so: closed, widened by a millionth, and by `off`."""
    last, middle = Fraction(1, 10 ** len(number.partition(".")[2])), Fraction(number)
    wider = off + MILLIONTH
    return middle - digits.below * last - wider, middle + digits.above * last + wider


def three_decimals(number: Fraction) -> set[Fraction]:
    """Rounded to three decimals; both neighbors of a half."""
    half = Fraction(1, 2)
    return {Fraction(n, 1000) for n in (floor(1000 * number + half), ceil(1000 * number - half))}


@cache
def curve(size: int, deaths: tuple[bool, ...]) -> tuple[Fraction, Fraction]:
    """Kaplan-Meier's rate and Greenwood's standard error after the first patients of a group."""
    rate, added = Fraction(1), Fraction(0)
    for at_risk, died in zip(range(size, 0, -1), deaths, strict=False):
        if died and at_risk == 1:
            return Fraction(0), Fraction(0)
        if died:
            rate *= Fraction(at_risk - 1, at_risk)
            added += Fraction(1, at_risk * (at_risk - 1))
    variance, fine = rate**2 * added, 10**12
    root = isqrt(variance.numerator * fine**2 // variance.denominator)
    return rate, Fraction(root, fine)


def limits(rate: Fraction, error: Fraction, sign: int) -> set[Fraction]:
    """A linear 95% limit in percent, cut to 0 to 100, with or without three decimals before it."""
    parts = {(rate, error)} | set(product(three_decimals(rate), three_decimals(error)))
    return {min(max(100 * (s + sign * Z * e), Fraction(0)), Fraction(100)) for s, e in parts}


@cache
def fits_rate(size: int, deaths: tuple[bool, ...], told: tuple | None, digits: Digits) -> bool:
    """Do the first patients of a group fit a rate and its limits, or a dash: nobody is left?"""
    if told is None:
        return len(deaths) == size or not digits.dashes
    rate, error = curve(size, deaths)
    low, high = interval(told[0], digits)
    fit = low <= 100 * rate <= high
    for sign, limit_told in zip((-1, 1), told[1:], strict=True):
        if fit and digits.off is not None and limit_told:
            low, high = interval(limit_told, digits, digits.off)
            fit = any(low <= limit <= high for limit in limits(rate, error, sign))
    return fit


def fits_rates(order: Order, members: Positions, rates: tuple, digits: Digits) -> bool:
    """Does a group fit its rates at every landmark?"""
    deaths = tuple(order.deaths[i] for i in members)
    for k, told in rates:
        first = sum(i < order.until[k] for i in members)
        if not fits_rate(len(members), deaths[:first], told, digits):
            return False
    return True


@cache
def groupings(order: Order, factor: Factor, digits: Digits) -> list[tuple[Positions, Positions]]:
    """All ways to divide the patients by a factor that fit the rates of both groups."""
    everyone, (one, other) = range(len(order.deaths)), factor.groups
    found = []
    for members in combinations(everyone, one.size):
        if fits_rates(order, members, one.rates, digits):
            rest = tuple(i for i in everyone if i not in members)
            if fits_rates(order, rest, other.rates, digits):
                found.append((members, rest))
    return found


@cache
def fitting(digits: Digits) -> list[Order]:
    """Orders that fit the rates of all patients."""
    found, everyone, deaths_told = [], tuple(range(PATIENTS)), int(printed("results.deaths.n"))
    for dead in combinations(everyone, deaths_told):
        deaths = tuple(i in dead for i in everyone)
        untils = [()]
        for k in range(len(LANDMARKS)):
            told = [rate for rate in all_rates() if rate[0] == k]
            longer = ((*u, n) for u in untils for n in range(u[-1] if u else 0, PATIENTS + 1))
            untils = [u for u in longer if fits_rates(Order(deaths, u), everyone, told, digits)]
        found += [Order(deaths, until) for until in untils]
    return found


@cache
def log_rank(deaths: tuple[bool, ...], tied: frozenset, members: Positions) -> float:
    """P of the log-rank test; position i is tied with i + 1 for every i in `tied`."""
    size, excess, variance, i = len(deaths), Fraction(0), Fraction(0), 0
    while i < size:
        block = 1
        while i + block - 1 in tied:
            block += 1
        if deaths[i]:
            share = Fraction(sum(m >= i for m in members), size - i)
            excess += sum(i <= m < i + block for m in members) - block * share
            if size - i > 1:
                spread = Fraction(size - i - block, size - i - 1)
                variance += block * share * (1 - share) * spread
        i += block
    return erfc(sqrt(excess**2 / variance / 2)) if variance else 1.0


def fits_p(p: float, told: str, digits: Digits) -> bool:
    """Does P fit what is published, rounded at once or through three decimals?"""
    low, high = interval(told, digits)
    forms = {Fraction(p)} | three_decimals(Fraction(p))
    return any(low <= form <= high for form in forms)


def medians(order: Order, members: Positions, ways: Ways) -> set[Positions]:
    """Every form that the ways give the median of a group: positions whose times are averaged."""
    size = len(members)
    plain = members[(size - 1) // 2 : size // 2 + 1]
    if ways.medians == ("plain",):
        return {plain}
    deaths = tuple(order.deaths[i] for i in members)
    rates = [curve(size, deaths[: k + 1])[0] for k in range(size)]
    half = Fraction(1, 2)
    reached = next(((members[k],) for k in range(size) if rates[k] <= half), None)
    below = next(((members[k],) for k in range(size) if rates[k] < half), None)
    middle = reached + below if reached and below and reached != below else reached
    forms = {"plain": plain, "reached": reached, "below": below, "middle": middle}
    return {forms[way] for way in ways.medians} - {None}
