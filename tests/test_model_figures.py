"""Figures of the lessons on groups, models and small studies: what they draw, what they say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

import thirteen_lessons as course
from recohort.paper.estimates import kaplan_meier
from test_figures import COHORTS, texts
from thirteen.style import ORANGE
from thirteen.text import number

THIRTEEN = COHORTS["thirteen"].reset_index(drop=True)
SUMS = np.repeat([-2.4, -1.0, 0.1, 1.0, 2.5], [3, 8, 12, 8, 2])
P_VALUES = pd.DataFrame({"log-rank": [0.5, 0.0006], "exact": [0.6, 0.02]}, ["age", "tumor type"])
RATIOS = np.geomspace(0.01, 1000, 501)
HILL = -((np.log(RATIOS) - np.log(10)) ** 2) / 2  # highest at a ratio of 10
SLOPE = -np.log1p(RATIOS)  # highest at the left edge
NORTH = np.geomspace(0.1, 100, 101)
MAP = np.interp(np.log(RATIOS), np.log(RATIOS), HILL) - (np.log(NORTH)[:, None] ** 2) / 2
POWER = pd.DataFrame({"size": ["few", "few", "many", "many"], "ratio": [2, 4, 2, 4],
                      "formula": [0.3, 0.9, 0.85, 1], "simulated": [0.25, np.nan] * 2})  # fmt: skip
FRACTIONS = pd.DataFrame({"k": [1, 2], "n": [3, 3], "printed": ["33.3", "67.7"],
                          "computed": [100 / 3, 200 / 3], "fits": [True, False]})  # fmt: skip
RESIDUALS = ([2.0, 8.5, 20.0, 31.0], [0.7, 0.4, -0.6, 0.0])
ARGUMENTS = {
    "splits": (SUMS, -2.4, 1.2),
    "p_values": (P_VALUES, {"one in twenty": 0.05, "for two": 0.025}),
    "likelihood": (RATIOS, {"hill": HILL, "slope": SLOPE}, [1, 50, 10], 1.92),
    "hill": (RATIOS, NORTH, MAP, ["east", "north"], 3.0),
    "residuals": (*RESIDUALS, ("old", "young")),
    "areas": ({"all": THIRTEEN, "later": THIRTEEN[THIRTEEN["time"] > 6]}, 24),
    "replicas": ([0, 0.5, 1, 2, 4, 9, np.inf], np.arange(7) > 3, 2),
    "power": (POWER,),
    "samples": (THIRTEEN, [THIRTEEN.iloc[::2], THIRTEEN.iloc[1::2]], "Alive (%)"),
    "fractions": (FRACTIONS,),
}


def draw(name):
    """The figure of that name, from the arguments above."""
    return getattr(course, f"figure_{name}")(*ARGUMENTS[name])


@pytest.mark.parametrize("name", ARGUMENTS)
def test_no_words_leave_the_figure(name):
    """Every text that is drawn stands within the figure's edges."""
    figure = draw(name)
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in texts(figure):
        assert -1 <= box.x0 <= box.x1 <= width + 1, text
        assert -1 <= box.y0 <= box.y1 <= height + 1, text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("splits", ["33 splits", "from -2.4 to 2.5", "5 splits are as far"]),
        ("p_values", ["tumor type: log-rank 0.001 and exact 0.020", "one in twenty (0.050)"]),
        ("likelihood", ["hill is highest at a hazard ratio of 10.00", "slope keeps rising",
                        "from 1.4 to 70.8", "1.0, 50.0 and 10.0"]),
        ("hill", ["near 10.0 for east and 1.0 for north"]),
        ("residuals", ["4 deaths", "0.70 at 2.0", "Above zero: old", "falls"]),
        ("areas", ["up to month 24", "all "]),
        ("replicas", ["7 simulated studies", "estimate is 2.0", "3 are filled", "them is 4.0"]),
        ("power", ["few: the line reaches 80% at a ratio of 4.0; simulated 25% at 2",
                   "many: the line reaches 80% at a ratio of 2.0"]),
        ("samples", ["The curve of 13 patients", "Around it 2 curves of 7 patients each"]),
        ("fractions", ["2 dots", "1 lie at zero", "2 of 3 printed as 67.7% instead of 66.7%"]),
    ],
)  # fmt: skip
def test_words_say_what_is_drawn(name, parts):
    """The numbers in the alternative text are those of the arguments."""
    words = draw(name).words
    for part in parts:
        assert part in words


def test_every_split_is_in_one_bar():
    """Blue and orange bars hold all splits, the orange ones those as far out as the study's."""
    bars = draw("splits").axes[0].patches
    orange = [bar for bar in bars if bar.get_facecolor()[:3] == to_rgb(ORANGE)]
    assert sum(bar.get_height() for bar in orange) == (np.abs(SUMS) >= 2.4).sum()
    assert sum(bar.get_height() for bar in bars) == len(SUMS)


def test_the_area_is_the_mean_of_complete_times():
    """Where nobody is censored, the area up to a month is the mean of the times cut off there."""
    whole = THIRTEEN.assign(event=True)
    mean = whole["time"].clip(upper=24).mean()
    assert f"all {number(mean)} months" in course.figure_areas({"all": whole}, 24).words
    assert kaplan_meier(whole)["survival"].iloc[-1] == 0


def test_every_study_is_in_one_bar_and_the_significant_ones_are_filled():
    """Those without a finite ratio as well, beyond the others."""
    bars = draw("replicas").axes[0].patches
    orange = [bar for bar in bars if bar.get_facecolor()[:3] == to_rgb(ORANGE)]
    assert sum(bar.get_height() for bar in bars) == 7
    assert sum(bar.get_height() for bar in orange) == 3
    places = [bar.get_x() for bar in bars if bar.get_height()]
    assert min(places) < np.log2(0.5) - 1
    assert max(places) > np.log2(9) + 1
