"""The lessons' figures: what they draw, that no words collide, and what their texts say."""

import numpy as np
import pytest

from test_figures import COHORTS, texts
from thirteen_lessons import lesson_figures

THIRTEEN = COHORTS["thirteen"].reset_index(drop=True)
THIRTEEN = THIRTEEN.assign(patient_id=[f"P{i + 1:02d}" for i in range(13)])
CURVES = {"as it is": THIRTEEN, "turned round": THIRTEEN.assign(event=~THIRTEEN["event"])}
RATIOS = np.geomspace(0.01, 1000, 501)
HILL = -((np.log(RATIOS) - np.log(10)) ** 2) / 2  # highest at a ratio of 10
SLOPE = -np.log1p(RATIOS)  # highest at the left edge
ARGUMENTS = {
    "curves": (CURVES,),
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
        ("curves", ["2 step curves", "as it is: from 100%", "turned round: from 100%"]),
        ("likelihood", ["hill is highest at a hazard ratio of 10.0 and", "slope keeps rising",
                        "from 1.4 to 70.8", "1.0, 50.0 and 10.0"]),
    ],
)  # fmt: skip
def test_words_say_what_is_drawn(name, parts):
    """The numbers in the alternative text are those of the arguments."""
    for part in parts:
        assert part in words(name)
