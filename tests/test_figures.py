"""What the figures draw: curves, ticks, counts, labels, the notice; and their texts in words."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context, rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from recohort.paper.estimates import kaplan_meier
from thirteen import figures, style
from thirteen.curves import figure_survival
from thirteen.text import number, p_text

REFERENCE = Path(__file__).parent / "reference"
COHORTS = dict(list(pd.read_csv(REFERENCE / "cohorts.csv").groupby("cohort")))
TWENTY = COHORTS["twenty"].assign(patient_id=[f"X{i}" for i in range(20)])
FACTORS = {
    "First": {"in it": TWENTY["group"], "not in it": ~TWENTY["group"]},
    "Age": {"old": TWENTY["age"] >= 60, "young": TWENTY["age"] < 60},
    "Second": {"yes": TWENTY["second"], "no": ~TWENTY["second"]},
}
MARKS = {"First": TWENTY["group"], "Second": TWENTY["second"]}
WORDS = pd.Series([f"kind {i}" for i in range(20)], TWENTY.index)
LARGE = {title: FACTORS[title] for title in ("First", "Second")}
NAMED = TWENTY.assign(sex=np.where(TWENTY["group"], "female", "male"), nsclc=TWENTY["second"])
ENDS = ("exp(coef) lower 95%", "exp(coef)", "exp(coef) upper 95%", "p")
RATIOS = {
    "Alone": {("sex", "female"): pd.Series((0.4, 1.52, 12.25, 0.0395), ENDS)},
    "Together": {
        ("sex", "female"): pd.Series((0.001, 0.25, 3.0, 0.0004), ENDS),
        ("nsclc", True): pd.Series((1.2, 19.63, 196.16, 0.011), ENDS),
    },
}
STAGES = pd.DataFrame({"stage": ["All", "Some", "One", "None"], "candidates": [123456, 789, 1, 0]})
EARLY = TWENTY.assign(time=TWENTY["time"].where(~TWENTY["event"], 0.5))
HIGH = TWENTY.assign(event=TWENTY.index == 3)  # few events, so that the inset has room
FIGURES = {
    "possible": lambda: figure_survival(
        TWENTY,
        (36,),
        "Free of it (%)",
        "Months",
        "last seen free",
        possible=(EARLY, TWENTY),
        known=(24, 40),
    ),
    "survival": lambda: figure_survival(TWENTY),
    "factors": lambda: figure_survival(TWENTY, by=FACTORS, notes={"Age": "P = 0.04"}),
    "large": lambda: figure_survival(TWENTY, by=LARGE, notes={"First": "P = 0.04"}),
    "zoomed": lambda: figure_survival(HIGH, by={"": FACTORS["First"]}, zoom=70),
    "swimmers": lambda: figures.figure_swimmers(TWENTY, WORDS, MARKS),
    "forest": lambda: figures.figure_forest(NAMED, RATIOS),
    "funnel": lambda: figures.figure_funnel(STAGES),
    "medians": lambda: figures.figure_medians(TWENTY),
}


def texts(figure):
    """Every text with words in it that is drawn, tick labels included, with its box in pixels."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    ticks = [label for axes in figure.axes for label in tick_labels(axes)]
    every = {
        label
        for axes in figure.axes
        for label in axes.get_xticklabels(which="both") + axes.get_yticklabels(which="both")
    }
    shown = [t for t in figure.findobj(Text) if t not in every] + ticks
    return [(t.get_text(), t.get_window_extent(renderer)) for t in shown
            if t.get_visible() and t.get_text().strip()]  # fmt: skip


def tick_labels(axes):
    """The tick labels that are drawn: those within the limits of an axis that is on."""
    if not axes.axison:
        return []
    found = []
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        low, high = sorted(limits)
        drawn = [t for t in axis.get_major_ticks() if t.label1.get_visible()]
        found += [t.label1 for t in drawn if low - 1e-9 <= t.get_loc() <= high + 1e-9]
    return found


def lines_with(axes, marker):
    """Lines drawn with a marker."""
    return [line for line in axes.lines if line.get_marker() == marker]


def strings(axes):
    """The texts placed on axes, in the order drawn."""
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("name", COHORTS)
def test_curve_steps_down_at_each_death(name):
    """Flat to the next time, then down; in percent; the axis in whole years."""
    cohort = COHORTS[name]
    axes = style.plot_survival(cohort)
    (line,) = axes.lines
    curve = kaplan_meier(cohort)
    assert line.get_drawstyle() == "steps-post"
    assert list(line.get_xdata()) == list(curve["time"])
    assert list(line.get_ydata()) == pytest.approx(list(100 * curve["survival"]))
    steps = len(set(np.round(line.get_ydata(), 9))) - 1
    assert steps == cohort.loc[cohort["event"], "time"].nunique()
    ticks = list(axes.get_xticks())
    assert ticks == list(range(0, int(ticks[-1]) + 1, 12))
    assert ticks[-1] - 12 < cohort["time"].max() <= ticks[-1] == axes.get_xlim()[1]


@pytest.mark.parametrize("name", COHORTS)
def test_band_is_the_limits(name):
    """From each step to the next the shade runs between the limits of the former."""
    cohort = COHORTS[name]
    axes = style.add_confidence_band(style.plot_survival(cohort), cohort)
    (band,) = axes.collections
    corners = {tuple(np.round(corner, 6)) for corner in band.get_paths()[0].vertices}
    curve = kaplan_meier(cohort)
    expected = {
        (time, round(100 * limit, 6))
        for row, ends in zip(curve.itertuples(), curve["time"].shift(-1), strict=True)
        for time in (row.time, row.time if np.isnan(ends) else ends)
        for limit in (row.ci_lower, row.ci_upper)
    }
    assert corners == expected


@pytest.mark.parametrize("name", COHORTS)
def test_ticks_stand_where_patients_were_last_seen(name):
    """One a time with a censoring, on the curve; none where somebody only died."""
    cohort = COHORTS[name]
    axes = style.add_censoring(style.plot_survival(cohort), cohort)
    (ticks,) = lines_with(axes, "|")
    assert list(ticks.get_xdata()) == sorted(set(cohort.loc[~cohort["event"], "time"]))
    level = kaplan_meier(cohort).set_index("time")["survival"]
    assert list(ticks.get_ydata()) == pytest.approx(list(100 * level[ticks.get_xdata()]))


@pytest.mark.parametrize("name", COHORTS)
def test_risk_table_is_written_under_its_months(name):
    """Three rows, in words and numbers, each number at its month, from a plain recount."""
    cohort = COHORTS[name]
    axes = style.add_risk_table(style.plot_survival(cohort), cohort)
    rows = {}
    for text in axes.texts:
        rows.setdefault(text.xyann[1], []).append((text.xy[0], text.get_text()))
    starts = [int(x) for x in axes.get_xticks()]
    ended = list(zip(cohort["time"], cohort["event"], strict=True))
    expected = [
        ("No. at risk", [sum(t >= s for t, _ in ended) for s in starts]),
        ("Censored", [sum(t < s and not e for t, e in ended) for s in starts]),
        ("Events", [sum(t < s and e for t, e in ended) for s in starts]),
    ]
    for drop, (label, counts) in zip(sorted(rows, reverse=True), expected, strict=True):
        assert rows[drop][0][1] == label
        assert rows[drop][1:] == [(s, str(n)) for s, n in zip(starts, counts, strict=True)]


def test_survival_figure_has_all_its_parts():
    """Curve, band, ticks, rates at the months asked for, risk table, axis titles."""
    (axes,) = FIGURES["survival"]().axes
    rates = 100 * kaplan_meier(TWENTY).set_index("time")["survival"]
    expected = [f"{rates.loc[:m].iloc[-1]:.1f}%" for m in (12, 36, 60)]
    assert [t for t in strings(axes) if t.endswith("%")] == expected
    assert len(axes.collections) == len(lines_with(axes, "|")) == 1
    assert {"No. at risk", "Censored", "Events"} < set(strings(axes))
    assert "onths" in axes.get_xlabel()
    assert "%" in axes.get_title(loc="left")
    (axes,) = figure_survival(TWENTY[TWENTY["time"] < 30]).axes
    assert len([t for t in strings(axes) if t.endswith("%")]) == 1  # no rate beyond follow-up


def test_another_endpoint_has_its_own_words_and_all_possible_curves():
    """Title, axis and note as asked for; the grey covers both curves and nothing beyond."""
    figure = FIGURES["possible"]()
    (axes,) = figure.axes
    assert (axes.get_title(loc="left"), axes.get_xlabel()) == ("Free of it (%)", "Months")
    assert "Ticks: last seen free." in "".join(text for text, _ in texts(figure))
    (grey,) = axes.collections  # no band of limits around a course that is not known
    corners = grey.get_paths()[0].vertices
    low, high = (kaplan_meier(cohort)["survival"] for cohort in (EARLY, TWENTY))
    assert corners[:, 1].min() == pytest.approx(100 * min(low.min(), high.min()))
    assert [0.5, 100.0] in corners.tolist()
    assert [0.5, pytest.approx(100 * low[1])] in corners.tolist()  # all events at once


def test_a_curve_is_dashed_where_it_is_not_known():
    """The whole curve dashed and grey, with a solid stretch over it between the two months."""
    (axes,) = FIGURES["possible"]().axes
    dashed, solid = sorted(
        (line for line in axes.lines if line.get_drawstyle() == "steps-post"),
        key=lambda line: min(line.get_xdata()),
    )
    assert (dashed.get_linestyle(), solid.get_linestyle()) == ("--", "-")
    assert (min(solid.get_xdata()), max(solid.get_xdata())) == (24, 40)
    assert set(dashed.get_xdata()) == {0, *TWENTY["time"]}
    (ticks,) = lines_with(axes, "|")
    assert ticks.get_color() == style.GREY  # chosen as well
    level = 100 * kaplan_meier(TWENTY).set_index("time")["survival"]
    for line in (dashed, solid):
        expected = [level.loc[:month].iloc[-1] for month in line.get_xdata()]
        assert list(line.get_ydata()) == pytest.approx(expected)


def slanted(axes):
    """What stands in italics on the axes, in order."""
    return [text.get_text() for text in axes.texts if text.get_style() == "italic"]


@pytest.mark.slow
def test_what_is_chosen_stands_in_italics():
    """Labels and times of patients, and numbers at risk after the last month that is known."""
    (axes,) = figures.figure_swimmers(TWENTY, WORDS, chosen=({"X1"}, {"X2"})).axes
    time = number(TWENTY.set_index("patient_id").at["X2", "time"])
    assert sorted(slanted(axes)) == sorted([time, "kind 1"])
    (axes,) = FIGURES["possible"]().axes
    later = sum(month > 40 for month in axes.get_xticks())
    assert later > 0
    assert len(slanted(axes)) == 3 * later
    known = {"in it": 24}
    (axes,) = figure_survival(TWENTY, by={"": FACTORS["First"]}, known=known).axes
    assert len(slanted(axes)) == sum(month > 24 for month in axes.get_xticks()) > 0
    for name in ("survival", "large", "swimmers"):
        assert [slanted(axes) for axes in FIGURES[name]().axes] == [[]] * len(FIGURES[name]().axes)


def test_a_curve_is_solid_where_no_month_is_said():
    """All that is possible may be shaded beside a curve that is known from end to end."""
    (axes,) = figure_survival(TWENTY, possible=(EARLY, TWENTY)).axes
    (solid,) = [line for line in axes.lines if line.get_linestyle() == "-"]
    assert {0, *TWENTY["time"]} == set(solid.get_xdata())


@pytest.mark.parametrize(("name", "factors"), [("factors", FACTORS), ("large", LARGE)])
def test_factors_have_two_labelled_curves_each(name, factors):
    """Title, note, both curves with label and size in the curve's own colour and style."""
    panels = FIGURES[name]().axes
    for axes, (title, parts) in zip(panels, factors.items(), strict=True):
        assert axes.get_title(loc="left").startswith(title)
        note = {"factors": "Age", "large": "First"}[name] == title
        assert ("P = 0.04" in strings(axes)) == note
        curves = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
        styles = {(line.get_linestyle(), to_hex(line.get_color())) for line in curves}
        assert len({style for style, _ in styles}) == len({color for _, color in styles}) == 2
        labels = [text for text in axes.texts if text.get_text().endswith(")")]
        for curve, label, (word, group) in zip(curves, labels, parts.items(), strict=True):
            chosen = kaplan_meier(TWENTY[group])
            assert list(curve.get_ydata()) == pytest.approx(list(100 * chosen["survival"]))
            assert label.get_text() == f"{word} ({group.sum()})"
            assert label.get_color() == curve.get_color()


@pytest.mark.parametrize(("name", "factors"), [("factors", FACTORS), ("large", LARGE)])
def test_numbers_at_risk_stand_under_each_panel(name, factors):
    """A row a group in its color, each number from a plain recount."""
    for axes, parts in zip(FIGURES[name]().axes, factors.values(), strict=True):
        counts = [text for text in axes.texts if text.get_text().isdigit()]
        months = list(axes.get_xticks())
        expected = [(TWENTY.loc[own, "time"] >= m).sum() for own in parts.values() for m in months]
        assert [int(text.get_text()) for text in counts] == expected
        assert [text.xy[0] for text in counts] == months * 2
        assert len({text.get_color() for text in counts}) == 2


def test_an_inset_shows_the_same_curves_near_the_top():
    """Same steps on an axis that begins higher, within axes that begin at zero."""
    (axes,) = FIGURES["zoomed"]().axes
    (small,) = axes.child_axes
    steps = [[line.get_ydata().tolist() for line in part.lines
              if line.get_drawstyle() == "steps-post"] for part in (axes, small)]  # fmt: skip
    assert steps[0] == steps[1]
    assert (axes.get_ylim()[0], small.get_ylim()[0]) == (0, 70)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["factors", "large"])
def test_factor_labels_keep_off_the_curves(name):
    """No label lies across a curve or a tick, its own or the other."""
    figure = FIGURES[name]()
    texts(figure)  # lays it out
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axes in figure.axes:
        for label in (text for text in axes.texts if text.get_text().endswith(")")):
            box = label.get_window_extent(renderer)
            for line in axes.lines:
                x, y = line.get_xdata(), line.get_ydata()
                if line.get_drawstyle() == "steps-post":
                    x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
                    path = np.column_stack([np.linspace(a[:-1], a[1:], 60).T.ravel()
                                            for a in (x, y)])  # fmt: skip
                else:
                    path = np.column_stack([x, y])
                points = axes.transData.transform(path)
                if line.get_marker() == "|":
                    half = line.get_markersize() / 2 * figure.dpi / 72
                    reach = [np.zeros(2), (0, half), (0, -half)]
                    points = np.concatenate([points + step for step in reach])
                assert not any(box.contains(*point) for point in points), label.get_text()


def test_factors_are_named_by_their_columns_and_have_two_groups():
    """Labels come from `labels.csv`, notes go by column; three groups are an error."""
    shown = figure_survival(NAMED, by=["sex"], notes={"sex": "one note"})
    assert {"one note", "Men", "Women"} < set(strings(shown.axes[0]))
    assert shown.axes[0].get_title(loc="left").startswith("Sex")
    three = {"Three": {str(i): TWENTY["age"] % 3 == i for i in range(3)}}
    with pytest.raises(ValueError, match="'Three' has 3 groups, expected 2"):
        figure_survival(TWENTY, by=three)


def test_colours_differ_in_grey():
    """Printed without colour, blue, orange and the rules are still three different greys."""
    greys = [np.dot(to_rgb(c), (0.299, 0.587, 0.114))
             for c in (style.BLUE, style.ORANGE, style.PALE)]  # fmt: skip
    assert min(abs(a - b) for i, a in enumerate(greys) for b in greys[:i]) > 0.1


def test_swimmers_end_in_a_shape_and_a_time():
    """In order of time: length, filled or open end, label, one mark a factor."""
    shuffled = TWENTY.sample(frac=1, random_state=3)
    words, *marks = (x.sample(frac=1, random_state=5) for x in (WORDS, *MARKS.values()))
    shown = figures.figure_swimmers(shuffled, words, dict(zip(MARKS, marks, strict=True)))
    (axes,) = shown.axes
    ordered = TWENTY.sort_values("time")
    assert [t.get_text() for t in axes.get_yticklabels()] == list(ordered["patient_id"])
    assert [bar.get_width() for bar in axes.patches] == list(ordered["time"])
    ends = [line for line in axes.lines if line.get_marker() in "D>" and len(line.get_xdata()) == 1]
    assert [line.get_xdata()[0] for line in ends] == list(ordered["time"])
    assert [line.get_marker() == "D" for line in ends] == list(ordered["event"])
    assert [to_hex(line.get_markerfacecolor()) != "#ffffff" for line in ends] == [*ordered["event"]]
    times = [f"{time:.1f}" for time in ordered["time"]]
    assert [t for t in strings(axes) if t.replace(".", "").isdigit()] == times
    assert [t for t in strings(axes) if t.startswith("kind")] == list(WORDS[ordered.index])
    squares = [(x, round(y)) for line in lines_with(axes, "s")
               for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]  # fmt: skip
    columns = sorted({x for x, _ in squares})
    for x, mark in zip(columns, MARKS.values(), strict=True):
        assert [y for at, y in squares if at == x] == list(np.flatnonzero(mark[ordered.index]))
    assert [t for t in strings(axes) if t in MARKS] == list(MARKS)


def test_swimmers_need_neither_labels_nor_marks():
    """The plain plot: bars, ends and words; two shapes in the key, not three."""
    (axes,) = figures.figure_swimmers(TWENTY).axes
    assert len(axes.patches) == 20
    assert len(axes.get_legend().get_texts()) == 2
    assert not lines_with(axes, "s")


def test_forest_draws_and_writes_each_ratio():
    """A point and its 95% CI a row on a log axis; beside it counts, ratio and P, in order."""
    left, axes, right = FIGURES["forest"]().axes
    rows = [row for fits in RATIOS.values() for row in fits.values()]
    assert axes.get_xscale() == "log"
    assert [line.get_xdata()[0] for line in lines_with(axes, "s")] == [r["exp(coef)"] for r in rows]
    intervals = [tuple(line.get_xdata()) for line in axes.lines
                 if line.get_marker() == "None" and line.get_linestyle() == "-"]  # fmt: skip
    assert intervals == [(row[ENDS[0]], row[ENDS[2]]) for row in rows]
    heights = [line.get_ydata()[0] for line in lines_with(axes, "s")]
    assert heights == [1, 3, 4]  # below their headings
    women = NAMED["sex"] == "female"
    counts = [f"{own.sum()} / {NAMED.loc[own, 'event'].sum()}"
              for own in (women, women, NAMED["nsclc"])]  # fmt: skip
    assert [t for t in strings(left) if " / " in t][:-1] == counts
    assert {"Alone", "Together", "women vs men", "NSCLC vs all others"} < set(strings(left))
    assert strings(right)[:-2] == [
        "1.5 (0.40–12.3)", "0.040", "0.25 (0.00–3.0)", "< 0.001", "19.6 (1.2–196.2)", "0.011",
    ]  # fmt: skip


def test_funnel_bars_are_as_long_as_their_numbers():
    """Log scale; the bar ends at its number, which stands there in words."""
    (axes,) = FIGURES["funnel"]().axes
    assert axes.get_xscale() == "log"
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == pytest.approx([123456, 789, 1, 1])  # no bar for one or none
    assert strings(axes) == ["123,456", "789", "1", "0", "All", "Some", "One", "None"]
    names = [text.get_position()[1] for text in axes.texts[4:]]
    assert names == pytest.approx([-0.2, 0.8, 1.8, 2.8])  # each above its bar
    heights = [bar.get_y() for bar in axes.patches]
    assert heights == sorted(heights)
    assert axes.yaxis_inverted()


def test_medians_stand_at_their_months():
    """The plain median of times as a line across, the Kaplan-Meier one where the curve is 50."""
    (axes,) = FIGURES["medians"]().axes
    plain, level = TWENTY["time"].median(), 29.9
    (across,) = axes.collections
    assert across.get_segments()[0][:, 0].tolist() == [plain, plain]
    (dotted,) = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert dotted.get_xydata().tolist() == [[0, 50], [level, 50], [level, 0]]
    assert [text.split(":")[0] for text in strings(axes)] == [
        number(plain),
        number(level),
    ]
    dots = [(line.get_xdata()[0], to_hex(line.get_markerfacecolor()) != "#ffffff")
            for line in lines_with(axes, "o") if line.get_ydata()[0] == 0]  # fmt: skip
    assert dots == list(zip(TWENTY["time"], TWENTY["event"], strict=True))


def test_a_median_that_is_not_reached_is_not_drawn():
    """Most alive: the plain median stands alone, and the words say so."""
    alive = TWENTY.assign(event=TWENTY["time"] < 3)
    (axes,) = figures.figure_medians(alive).axes
    assert len(strings(axes)) == 1
    assert "never reaches one half" in figures.figure_medians(alive).words


@pytest.mark.parametrize("name", sorted(set(FIGURES) - {"funnel"}))
def test_rebuilt_rows_carry_the_notice(name):
    """Small, at the bottom, word for word; not cut off."""
    found = [(text, box) for text, box in texts(FIGURES[name]()) if "not patient records" in text]
    ((text, box),) = found
    assert "A cohort consistent with the printed numbers, not patient records." in text
    assert 0 <= box.y0 < 40


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_off_or_lies_on_another(name):
    """Every text lies within the figure and apart from the others."""
    figure = FIGURES[name]()
    found = texts(figure)
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in found:
        assert box.x0 >= -1 and box.y0 >= -1, text  # noqa: PT018 - one condition on a corner
        assert box.x1 <= width + 1 and box.y1 <= height + 1, text  # noqa: PT018
    for i, (text, box) in enumerate(found):
        for other, its_box in found[:i]:
            overlap = box.intersection(box, its_box)
            assert overlap is None or min(overlap.width, overlap.height) < 2, (text, other)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_is_the_same_text(name):
    """No date, no random identifiers, outlines in place of fonts; no reference elsewhere."""
    first, second = (style.to_svg(FIGURES[name]()) for _ in range(2))
    assert first == second
    assert "<dc:date>" not in first
    assert "<text" not in first
    assert not re.findall(r"href=\"(?!#)", first)


def test_figures_leave_the_settings_as_they_were():
    """The house style holds while drawing, not after."""
    with rc_context({"font.size": 3}):
        figure_survival(TWENTY)
        style.to_svg(FIGURES["funnel"]())
        assert rcParams["font.size"] == 3


def test_words_for_the_curve_are_computed():
    """Rates, times, steps and counts change with the cohort."""
    assert figure_survival(TWENTY).words == (
        "Step curve of the survival of 20 patients, falling from 100%, 73.0% at 12 months, 38.6% "
        "at 36 months and 29.0% at 60 months, to 14.5% at 71.8 months, in 12 steps. Ticks mark "
        "8 patients last seen alive at 0.7, 5.6, 11.9, 19.4, 26.5, 38.1, 52.6 and 71.8 months. "
        "A table under the axis counts those at risk: 20 at 0 months, 12 at 12 months, 5 at "
        "36 months and 2 at 60 months."
    )
    dead = figure_survival(TWENTY[TWENTY["event"]]).words
    assert "Nobody was last seen alive." in dead
    assert "to 0.0% at 60.2 months" in dead


def test_words_for_the_other_figures_are_computed():
    """Each names what stands in it, with its numbers."""
    factors = FIGURES["factors"]().words
    assert f"old ({(TWENTY['age'] >= 60).sum()} patients)" in factors
    swimmers = figures.figure_swimmers(TWENTY, WORDS, MARKS).words
    assert "X1 2.1 died, kind 1, First, Second; X2 2.8 died, kind 2;" in swimmers
    assert "20 bars" in swimmers
    forest = FIGURES["forest"]().words
    assert "Alone: Sex, women vs men: 1.5 (0.40–12.3), P = 0.040; Together:" in forest
    assert forest.endswith("Tumor origin, NSCLC vs all others: 19.6 (1.2–196.2), P = 0.011.")
    assert "All 123,456; Some 789; One 1; None 0" in figures.figure_funnel(STAGES).words
    medians = figures.figure_medians(TWENTY).words
    assert f"{number(TWENTY['time'].median())} months" in medians
    assert "29.9 months" in medians


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0004, "P < 0.001"), (0.001, "P = 0.001"), (0.0395, "P = 0.040"), (0.5, "P = 0.500")],
)
def test_p_values_are_written_with_three_decimals(p, words):
    """Halves go up; what would print as zero is said to be below the last place."""
    assert p_text(p) == words
