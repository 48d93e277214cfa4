"""Draw the README's picture, `_static/cohort.svg`."""

from pathlib import Path

from thirteen.data import read_patients
from thirteen.figures import figure_swimmers
from thirteen.style import to_svg

PLACE = Path(__file__).resolve().parents[1] / "_static" / "cohort.svg"


def picture() -> str:
    """The cohort's swimmer plot as SVG, each bar with the type of the primary tumor."""
    return to_svg(figure_swimmers(read_patients(), "pathology"))


if __name__ == "__main__":
    PLACE.write_text(picture(), encoding="utf-8")
