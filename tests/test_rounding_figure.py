"""The explorer's JavaScript against the package: limits under every convention, printed or not."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from thirteen import read_data, read_patients
from thirteen_lessons.interactive import rounding, rounding_data
from thirteen_lessons.intervals import survival_limits
from thirteen_lessons.published_intervals import (
    CHOICES,
    OWN,
    interval,
    prints_interval,
    reproduced,
)
from tiers import first

EVERY_CHOICE = [dict(zip(CHOICES, options, strict=True)) for options in product(*CHOICES.values())]
SCRIPT = Path(__file__).parents[1] / "_ext" / "assets" / "interval.js"


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
    """Readers without scripts have the counts in a picture and in words."""
    page = rounding(read_data()[0], read_patients()).data
    count = reproduced(data["intervals"], OWN)
    assert f"linear, three decimals, cut at 0 and 100: {count};" in page
    assert "consistent with the printed numbers" in page
