"""The lessons' figures: what they draw, that no words collide, and what their texts say."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from test_figures import COHORTS, texts
from thirteen.style import BLUE, ORANGE
from thirteen_lessons import lesson_figures

THIRTEEN = COHORTS["thirteen"].reset_index(drop=True)
THIRTEEN = THIRTEEN.assign(patient_id=[f"P{i + 1:02d}" for i in range(13)])
CLOSING = 120
ENTRY = np.where(THIRTEEN["event"], 0.5, 1) * (CLOSING - THIRTEEN["time"])
DEATH = THIRTEEN.loc[THIRTEEN["event"], "time"].sort_values().iloc[4]
CURVES = {"as it is": THIRTEEN, "turned round": THIRTEEN.assign(event=~THIRTEEN["event"])}
LIMITS = {"one": ([0.2, 0.1], [0.9, 0.8]), "two": ([0.3, np.nan], [1.1, np.nan])}
RATIOS = np.geomspace(0.01, 1000, 501)
HILL = -((np.log(RATIOS) - np.log(10)) ** 2) / 2  # highest at a ratio of 10
SLOPE = -np.log1p(RATIOS)  # highest at the left edge
ARGUMENTS = {
    "lexis": (THIRTEEN, ENTRY, CLOSING),
    "risk_set": (THIRTEEN, DEATH),
    "curves": (CURVES,),
    "limits": (LIMITS, (12, 36), (0.7, 0.4)),
    "likelihood": (RATIOS, {"hill": HILL, "slope": SLOPE}, [1, 50, 10], 1.92),
}


def draw(name):
    """The figure of that name, from the arguments above."""
    return getattr(lesson_figures, f"figure_{name}")(*ARGUMENTS[name])


def words(name):
    """Its text in words."""
    return draw(name).words


@pytest.mark.parametrize("name", ARGUMENTS)
def test_no_words_leave_the_figure(name):
    """Every text that is drawn stands within the figure's edges."""
    figure = draw(name)
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in texts(figure):
        assert box.x0 >= -1, text
        assert box.x1 <= width + 1, text
        assert box.y0 >= -1, text
        assert box.y1 <= height + 1, text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("lexis", ["13 slopes", "made up", "month 120"]),
        ("risk_set", ["13 bars", f"month {DEATH}"]),
        ("curves", ["2 step curves", "as it is: from 100%", "turned round: from 100%"]),
        ("limits", ["At 12 months, rate 70.0%: one 20.0% to 90.0% and two 30.0% to 110.0%.",
                    "At 36 months, rate 40.0%: one 10.0% to 80.0%."]),
        ("likelihood", ["hill is highest at a hazard ratio of 10.0 and", "slope keeps rising",
                        "from 1.4 to 70.8", "1.0, 50.0 and 10.0"]),
    ],
)  # fmt: skip
def test_words_say_what_is_drawn(name, parts):
    """The numbers in the alternative text are those of the arguments."""
    for part in parts:
        assert part in words(name)


def test_lexis_slopes_rise_by_one_month_a_month():
    """Each starts at entry, at height zero, and ends as high as its time."""
    slopes = [line for line in draw("lexis").axes[0].lines if len(line.get_xdata()) == 2]
    found = [line for line in slopes if line.get_ydata()[0] == 0 and line.get_ydata()[1] > 1]
    assert len(found) == len(THIRTEEN)
    for line, start, time in zip(found, ENTRY, THIRTEEN["time"], strict=True):
        assert line.get_xdata() == pytest.approx([start, start + time])
        assert line.get_ydata() == pytest.approx([0, time])


def test_risk_set_fills_those_still_followed():
    """As many filled bars as patients at risk, one of them orange; the rest are empty."""
    bars = draw("risk_set").axes[0].patches
    colors = ["white" if bar.get_facecolor()[:3] == (1, 1, 1) else "full" for bar in bars]
    at_risk = int((THIRTEEN["time"] >= DEATH).sum())
    assert colors.count("full") == at_risk
    assert f"{at_risk} at risk" in words("risk_set")
    faces = [bar.get_facecolor()[:3] for bar in bars]
    assert faces.count(to_rgb(ORANGE)) == 1
    assert faces.count(to_rgb(BLUE)) == at_risk - 1
