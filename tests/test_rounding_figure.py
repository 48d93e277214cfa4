"""The explorer's JavaScript against the package: limits under every convention, printed or not."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from recohort.paper.rounding import as_decimal, decimals_of, round_to, square_root
from thirteen import read_data, read_patients
from thirteen_lessons.formulas import survival_limits
from thirteen_lessons.interactive import CHOICES, rounding, rounding_data
from tiers import first

OWN = {name: options[0] for name, options in CHOICES.items()}
EVERY_CHOICE = [dict(zip(CHOICES, options, strict=True)) for options in product(*CHOICES.values())]
SCRIPT = Path(__file__).parents[1] / "_ext" / "assets" / "interval.js"


def interval(deaths, choice: dict) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Rate, standard error (Greenwood 1926) and 95% limits in percent, not rounded at the end.

    The linear formula is computed exactly (60 digits), the logarithms in floating point. Where the
    curve is at zero or has not fallen, both limits equal the rate.
    """
    rate, greenwood = Fraction(1), Fraction(0)
    for at_risk, died in deaths:
        rate *= Fraction(at_risk - died, at_risk)
        greenwood += Fraction(died, at_risk * (at_risk - died)) if died < at_risk else 0
    value = as_decimal(rate)
    error = value * square_root(greenwood)
    if choice["path"] == "three decimals":
        value, error = (round_to(x, 3, choice["halves"]) for x in (value, error))
    lower, upper = _limits(value, error, Decimal(choice["factor"]), choice["formula"])
    if choice["clip"] == "cut at 0 and 100":
        lower, upper = max(lower, Decimal(0)), min(upper, Decimal(1))
    return 100 * value, 100 * error, 100 * lower, 100 * upper


def _limits(value, error, factor, formula):
    """Limits of a rate by its formula, as shares of one."""
    if value == 0 or error == 0:
        return value, value
    if formula == "linear":
        return value - factor * error, value + factor * error
    wide = float(factor * error / value)
    if formula == "log":
        return as_decimal(float(value) * exp(-wide)), as_decimal(float(value) * exp(wide))
    wide /= abs(log(value))
    return as_decimal(float(value) ** exp(wide)), as_decimal(float(value) ** exp(-wide))


def prints_interval(deaths, printed, choice: dict) -> list:
    """For each of rate and both limits: does it print so? None where nothing is printed."""
    rate, _, lower, upper = interval(deaths, choice)
    return [
        None if text is None else round_to(x, decimals_of(text), choice["halves"]) == Decimal(text)
        for x, text in zip((rate, lower, upper), printed, strict=True)
    ]


@pytest.fixture(scope="module")
def engine():
    """The script in an engine of its own."""
    racer = MiniRacer()
    racer.eval(SCRIPT.read_text(encoding="utf-8"))
    return racer


@pytest.fixture(scope="module")
def data():
    """The choices and intervals of the page."""
    return rounding_data(read_data()[0], read_patients())


def deaths_of(seed):
    """Random deaths of a small group, some at one time."""
    random = np.random.default_rng(seed)
    left, deaths = int(random.integers(2, 14)), []
    while left > 0 and random.random() < 0.8:
        died = int(min(left, random.integers(1, 3)))
        deaths.append((left, died))
        left -= died + int(random.integers(0, 2))
    return deaths


@pytest.mark.parametrize("seed", first(30, range(200)))
def test_limits(engine, seed):
    """Rate, error and limits are the package's under each of all conventions."""
    deaths, choices = deaths_of(seed), EVERY_CHOICE
    asked = json.dumps([[deaths, choice] for choice in choices])
    found = json.loads(engine.eval(f"JSON.stringify({asked}.map((x) => interval.of(...x)))"))
    expected = [[float(x) for x in interval(deaths, choice)] for choice in choices]
    assert np.array(found) == pytest.approx(np.array(expected), abs=1e-9, rel=1e-9)


def test_printed_digits(engine, data):
    """Which rates and limits print so, under every convention, is exactly the package's word."""
    asked = json.dumps([[each, choice] for each in data["intervals"] for choice in EVERY_CHOICE])
    found = json.loads(engine.eval(f"JSON.stringify({asked}.map((x) => interval.prints(...x)))"))
    expected = [
        prints_interval(each["deaths"], each["printed"], choice)
        for each in data["intervals"]
        for choice in EVERY_CHOICE
    ]
    assert found == expected


@pytest.mark.parametrize("seed", range(0, 200, 10))
@pytest.mark.parametrize("formula", ["linear", "log", "log-log"])
def test_formulas_are_those_of_the_lessons(seed, formula):
    """Cut and unrounded, the limits are those that are checked against R elsewhere."""
    deaths = deaths_of(seed)
    rate, error, lower, upper = interval(deaths, OWN | {"formula": formula, "path": "unrounded"})
    greenwood = float(error / rate) ** 2 if rate else 0.0
    expected = survival_limits(float(rate) / 100, greenwood, formula)
    assert [float(lower), float(upper)] == pytest.approx([100 * x for x in expected], abs=1e-9)


def test_page_carries_intervals_and_a_picture(data):
    """Readers without scripts have counts of limits in a picture and in words."""
    page = rounding(read_data()[0], read_patients()).data
    limits = sum(text is not None for each in data["intervals"] for text in each["printed"][1:])
    found = [prints_interval(each["deaths"], each["printed"], OWN) for each in data["intervals"]]
    good = sum(word is True for words in found for word in words[1:])
    told = re.search(r"of (\d+) printed limits agree\. linear, three decimals: (\d+);", page)
    more = int(told[1]) - limits  # of local control and progression
    assert 0 < more < 20
    assert good <= int(told[2]) <= good + more
    assert "consistent with the printed numbers" in page
