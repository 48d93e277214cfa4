"""`python -m thirteen.picture`: draw the README's picture, `_static/cohort.svg`."""

from pathlib import Path

from thirteen.data import labels, read_patients
from thirteen.figures import figure_swimmers
from thirteen.style import to_svg

PLACE = Path(__file__).resolve().parents[2] / "_static" / "cohort.svg"


def picture() -> str:
    """The cohort's swimmer plot as SVG, each bar with the type of the primary tumor."""
    patients = read_patients()
    return to_svg(figure_swimmers(patients, patients["pathology"].map(labels("pathology"))))


if __name__ == "__main__":
    PLACE.write_text(picture(), encoding="utf-8")
