"""Figures of the lessons on groups, models and units: what they draw and what their texts say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from recohort.paper.estimates import kaplan_meier
from test_figures import COHORTS, texts
from thirteen.style import ORANGE
from thirteen.text import number
from thirteen_lessons import model_figures

THIRTEEN = COHORTS["thirteen"].reset_index(drop=True)
SUMS = np.repeat([-2.4, -1.0, 0.1, 1.0, 2.5], [3, 8, 12, 8, 2])
P_VALUES = pd.DataFrame({"log-rank": [0.5, 0.0006], "exact": [0.6, 0.02]}, ["age", "tumor type"])
RATIOS = np.geomspace(0.01, 1000, 501)
HILL = -((np.log(RATIOS) - np.log(10)) ** 2) / 2  # highest at a ratio of 10
SLOPE = -np.log1p(RATIOS)  # highest at the left edge
NORTH = np.geomspace(0.1, 100, 101)
MAP = np.interp(np.log(RATIOS), np.log(RATIOS), HILL) - (np.log(NORTH)[:, None] ** 2) / 2
RESIDUALS = ([2.0, 8.5, 20.0, 31.0], [0.7, 0.4, -0.6, 0.0])
ARGUMENTS = {
    "splits": (SUMS, -2.4, 1.2),
    "p_values": (P_VALUES, {"one in twenty": 0.05, "for two": 0.025}),
    "likelihood": (RATIOS, {"hill": HILL, "slope": SLOPE}, [1, 50, 10], 1.92),
    "hill": (RATIOS, NORTH, MAP, ["east", "north"], 3.0),
    "residuals": (*RESIDUALS, ("old", "young")),
    "areas": ({"all": THIRTEEN, "later": THIRTEEN[THIRTEEN["time"] > 6]}, 24),
}


def draw(name):
    """The figure of that name, from the arguments above."""
    return getattr(model_figures, f"figure_{name}")(*ARGUMENTS[name])


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
    assert f"all {number(mean)} months" in model_figures.figure_areas({"all": whole}, 24).words
    assert kaplan_meier(whole)["survival"].iloc[-1] == 0
