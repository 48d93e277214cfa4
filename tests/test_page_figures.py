"""Figures that a page draws itself: what they show, that no words collide, their texts."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from handout import shown_figures
from matplotlib.colors import to_hex, to_rgb

from test_figures import lines_with, strings, texts
from thirteen.data import read_patients, read_tables
from thirteen.style import BLUE, ORANGE, to_svg

pytestmark = pytest.mark.slow
CHAPTERS = Path(__file__).parents[1] / "chapters"
FIGURES = {
    "flow": ("methods/patients-and-tumors", 0),
    "sessions": ("results/initial-results", 0),
    "ranges": ("results/progression-free-survival", 1),
    "lexis": ("lessons/01-time-event-censoring", 1),
    "risk_set": ("lessons/02-kaplan-meier-by-hand", 0),
    "limits": ("lessons/03-how-sure", 0),
    "more_limits": ("lessons/03-how-sure", 1),
}
CLOSING = 96


@cache
def shown(page):
    """The pictures of a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir((CHAPTERS / page).parent)
        return shown_figures(CHAPTERS / f"{page}.md")


def draw(name):
    """The figure of that name, as its page shows it."""
    page, place = FIGURES[name]
    return shown(page)[place].figure


def words(name):
    """Its text in words."""
    page, place = FIGURES[name]
    return shown(page)[place].words


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_off_or_lies_on_another(name):
    """Every text lies within the figure and apart from the others."""
    figure = draw(name)
    found = texts(figure)
    width, height = figure.bbox.width, figure.bbox.height
    for i, (text, box) in enumerate(found):
        assert box.x0 >= -1 and box.y0 >= -1, text  # noqa: PT018 - one condition on a corner
        assert box.x1 <= width + 1 and box.y1 <= height + 1, text  # noqa: PT018
        for other, its_box in found[:i]:
            overlap = box.intersection(box, its_box)
            assert overlap is None or min(overlap.width, overlap.height) < 2, (text, other)


@pytest.mark.parametrize("name", sorted(set(FIGURES) - {"flow"}))
def test_rebuilt_rows_carry_the_notice(name):
    """Small, at the bottom, word for word; not cut off."""
    ((text, box),) = [(t, box) for t, box in texts(draw(name)) if "not patient records" in t]
    assert "A cohort consistent with the printed numbers, not patient records." in text
    assert 0 <= box.y0 < 40


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_is_the_same_text(name):
    """Made anew: no date, no random identifiers, outlines in place of fonts."""
    page, place = FIGURES[name]
    first, second = (to_svg(shown.__wrapped__(page)[place].figure) for _ in range(2))
    assert first == second
    assert "<dc:date>" not in first
    assert "<text" not in first


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("flow", ["683 patients had renal tumors", "13 with renal metastases were included",
                  "The results count 13 patients: survival (Figures 3 and 4), 19 tumors: local",
                  "18 sessions: adverse events and 11 patients: kidney"]),
        ("sessions", ["each of 13 patients, with 18 sessions and 19 tumors: P01 session 1 (day 0)",
                      "P02 session 2 (day 75): 2.0 cm by radiofrequency"]),
        ("ranges", ["P10 being free of it", "P01: 2.7", "P04: 11.9", "P13: 12.0"]),
        ("lexis", ["made up", "96 being the closing day", "P05, alive: 96.0", "P09, died: 53.9"]),
        ("risk_set", ["13 patients", "month 24.3", "7 bars reach it: P07, P08", "P07 dies in"]),
        ("limits", ["12 months, linear: 54.0% to 99.8%", "60 months, arcsine: 6.0% to 65.9%"]),
        ("more_limits", ["12 months, exact: 46.2% to 95.0%; 12 months, bootstrap"]),
    ],
)  # fmt: skip
def test_words_say_what_is_drawn(name, parts):
    """The numbers in the alternative text are those of the cohort."""
    for part in parts:
        assert part in words(name)
    assert "nan" not in words(name)


def test_a_flow_names_every_number():
    """Boxes in order, one for each stage and part."""
    (axes,) = draw("flow").axes
    numbers = [t for t in strings(axes) if t.isdigit()]
    assert numbers == ["683", "13", "13", "19", "18", "11"]
    assert len(axes.patches) == 6


def test_sessions_are_drawn():
    """A mark a tumor in the shape of its kind; color where it is fixed; days between."""
    tables = read_tables()
    tumors, sessions = tables["tumors"], tables["sessions"]
    kinds = tumors["session_id"].map(sessions.set_index("session_id")["modality"])
    (axes,) = draw("sessions").axes
    marks = [line for shape in "os" for line in lines_with(axes, shape)]
    assert [len(line.get_xdata()) for line in marks] == [
        (kinds == "cryoablation").sum(), (kinds == "radiofrequency").sum(), 1,
    ]  # fmt: skip
    faces = [line.get_markerfacecolor() for line in marks]
    assert faces[:2] == ["none", "none"]
    assert to_hex(faces[2]) == to_hex(ORANGE)
    widths = sorted(bar.get_width() for bar in axes.patches)
    assert widths == sorted(tumors["session_id"].value_counts())
    sizes = [text for text in strings(axes) if text.endswith(" cm")]
    assert sorted(sizes) == sorted(f"{size:.1f} cm" for size in tumors["diameter_cm"])
    days = {f"{n} days" for n in sessions["days_after_first"] if n}
    assert {text for text in strings(axes) if text.endswith("days")} == days
    assert [t.get_text() for t in axes.get_yticklabels()] == sorted(
        tables["patients"]["patient_id"]
    )


def test_ranges_span_what_is_possible():
    """A bar from zero to the latest month where it happened, an arrow where it did not."""
    patients = read_patients()
    (axes,) = draw("ranges").axes
    event = patients["progression_event"]
    latest = patients["time"].clip(upper=12).mask(patients["local_progression"], 11.9)
    assert [bar.get_width() for bar in axes.patches] == list(latest.where(event, 0))
    assert {bar.get_x() for bar in axes.patches} == {0}
    (rings,) = lines_with(axes, "o")
    assert np.array(rings.get_xdata(), float)[event] == pytest.approx(
        np.array(patients.loc[event, "progression_time"])
    )
    (arrow,) = lines_with(axes, ">")
    free = patients.loc[~event, "patient_id"].item()
    assert list(arrow.get_ydata(orig=True)) == [free, free]


def test_lexis_slopes_rise_by_one_month_a_month():
    """Each starts at entry, at height zero, and ends as high as its time; the alive end at last."""
    patients = read_patients()
    (axes,) = draw("lexis").axes
    slopes = [line for line in axes.lines if line.get_alpha() == 0.7]
    assert len(slopes) == len(patients)
    for line, row in zip(slopes, patients.itertuples(), strict=True):
        start, end = line.get_xdata()
        assert end - start == pytest.approx(row.time)
        assert line.get_ydata() == pytest.approx([0, row.time])
        assert row.event or end == pytest.approx(CLOSING)
    assert [len(line.get_xdata()) for shape in "D>" for line in lines_with(axes, shape)] == [9, 4]


def test_risk_set_fills_those_still_followed():
    """As many filled bars as patients at risk, one of them orange; the rest are empty."""
    patients = read_patients()
    month = patients.loc[patients["event"], "time"].sort_values().iloc[4]
    faces = [bar.get_facecolor()[:3] for bar in draw("risk_set").axes[0].patches]
    at_risk = int((patients["time"] >= month).sum())
    assert len(faces) - faces.count((1, 1, 1)) == at_risk
    assert faces.count(to_rgb(ORANGE)) == 1
    assert faces.count(to_rgb(BLUE)) == at_risk - 1


def test_limits_stand_beside_their_rates():
    """A panel a month; a dot and an interval a formula, none where there are no limits."""
    panels = draw("more_limits").axes
    assert [axes.get_title(loc="left") for axes in panels] == [f"{m} months" for m in (12, 36, 60)]
    for axes, expected in zip(panels, (6, 5, 5), strict=True):
        (dots,), (bars,) = lines_with(axes, "o"), axes.collections
        assert np.isfinite(np.array(dots.get_xdata(), float)).sum() == expected
        drawn = [segment for segment in bars.get_segments() if np.size(segment)]
        assert np.isfinite(drawn).all(axis=(1, 2)).sum() == expected
