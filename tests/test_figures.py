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

from recohort.paper.estimates import cox_table, kaplan_meier, log_rank
from thirteen import alt, drawing, figures, outcome_figures

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
TABLE = cox_table(TWENTY, {"First": TWENTY["group"], "Age": TWENTY["age"]})
STAGES = pd.DataFrame({"stage": ["All", "Some", "One", "None"], "candidates": [123456, 789, 1, 0]})
BEFORE, AFTER = [61.0, 90.0, 32.5, 74.0], [50.0, 93.0, 14.0, 74.0]
PAIRED = (BEFORE, AFTER, [False, True, True, False], {60: "high", 30: "low"}, "Units")
EARLY = TWENTY.assign(time=TWENTY["time"].where(~TWENTY["event"], 0.5))
RANGES = TWENTY.assign(label=TWENTY["patient_id"], lowest=0.5, highest=TWENTY["time"],
                       shown=TWENTY["time"] / 2)  # fmt: skip
FIGURES = {
    "possible": lambda: figures.figure_survival(
        TWENTY, (36,), "Free of it (%)", "Months", "last seen free", (EARLY, TWENTY)
    ),
    "paired": lambda: outcome_figures.figure_paired(*PAIRED),
    "ranges": lambda: outcome_figures.figure_ranges(RANGES, "Months"),
    "survival": lambda: figures.figure_survival(TWENTY),
    "factors": lambda: figures.figure_factors(TWENTY, FACTORS),
    "swimmers": lambda: figures.figure_swimmers(TWENTY, WORDS, MARKS),
    "forest": lambda: figures.figure_forest(TABLE),
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
    axes = drawing.plot_survival(cohort)
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
    axes = drawing.add_confidence_band(drawing.plot_survival(cohort), cohort)
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
    axes = drawing.add_censoring(drawing.plot_survival(cohort), cohort)
    (ticks,) = lines_with(axes, "|")
    assert list(ticks.get_xdata()) == sorted(set(cohort.loc[~cohort["event"], "time"]))
    level = kaplan_meier(cohort).set_index("time")["survival"]
    assert list(ticks.get_ydata()) == pytest.approx(list(100 * level[ticks.get_xdata()]))


@pytest.mark.parametrize("name", COHORTS)
def test_risk_table_is_written_under_its_months(name):
    """Three rows, in words and numbers, each number at its month, from a plain recount."""
    cohort = COHORTS[name]
    axes = drawing.add_risk_table(drawing.plot_survival(cohort), cohort)
    rows = {}
    for text in axes.texts:
        rows.setdefault(text.xyann[1], []).append((text.xy[0], text.get_text()))
    starts = [int(x) for x in axes.get_xticks()]
    ended = list(zip(cohort["time"], cohort["event"], strict=True))
    expected = [
        ("At risk", [sum(t >= s for t, _ in ended) for s in starts]),
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
    assert {"At risk", "Censored", "Events"} < set(strings(axes))
    assert "onths" in axes.get_xlabel()
    assert "%" in axes.get_title(loc="left")
    (axes,) = figures.figure_survival(TWENTY[TWENTY["time"] < 30]).axes
    assert len([t for t in strings(axes) if t.endswith("%")]) == 1  # no rate beyond follow-up


def test_another_endpoint_has_its_own_words_and_all_possible_curves():
    """Title, axis and note as asked for; the grey covers both curves and nothing beyond."""
    figure = FIGURES["possible"]()
    (axes,) = figure.axes
    assert (axes.get_title(loc="left"), axes.get_xlabel()) == ("Free of it (%)", "Months")
    assert "Upright ticks: last seen free." in "".join(text for text, _ in texts(figure))
    grey = axes.collections[1].get_paths()[0].vertices
    low, high = (kaplan_meier(cohort)["survival"] for cohort in (EARLY, TWENTY))
    assert grey[:, 1].min() == pytest.approx(100 * min(low.min(), high.min()))
    assert [0.5, 100.0] in grey.tolist()
    assert [0.5, pytest.approx(100 * low[1])] in grey.tolist()  # all events at once


def test_slopes_join_each_pair_beside_the_summaries():
    """One line a pair, falling or not told apart, sure ones filled; mean, SD and range."""
    (axes,) = FIGURES["paired"]().axes
    slopes = [line for line in axes.lines if list(line.get_xdata()) == [0, 1]][2:]  # two cuts
    pairs = list(zip(BEFORE, AFTER, strict=True))
    assert [tuple(line.get_ydata()) for line in slopes[::2]] == pairs
    colors = [to_hex(line.get_color()) for line in slopes[::2]]
    assert [color == drawing.BLUE for color in colors] == [b <= a for a, b in pairs]
    filled = [to_hex(line.get_markerfacecolor()) != "#ffffff" for line in slopes[1::2]]
    assert filled == PAIRED[2]
    means = [line.get_ydata()[0] for line in lines_with(axes, "D")]
    assert means == pytest.approx([np.mean(BEFORE), np.mean(AFTER)])
    bars = [line.get_ydata() for line in axes.lines if line.get_linewidth() == 5]
    spreads = [(bar[1] - bar[0]) / 2 for bar in bars]
    assert spreads == pytest.approx([np.std(v, ddof=1) for v in (BEFORE, AFTER)])
    assert strings(axes)[:2] == ["high", "low"]
    said = outcome_figures.describe_paired(*PAIRED)
    assert "2 fall, 2 rise or stay" in said
    assert "32.5 to 14.0 (fixed)" in said
    assert f"before {np.mean(BEFORE):.1f} ± {np.std(BEFORE, ddof=1):.1f}" in said


def test_ranges_span_what_is_possible():
    """A bar from the earliest to the latest where it happened, an arrow where it did not."""
    (axes,) = FIGURES["ranges"]().axes
    died = TWENTY[TWENTY["event"]]
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert np.array(spans) == pytest.approx(np.array([(0.5, time) for time in died["time"]]))
    rings = [line.get_xdata()[0] for line in lines_with(axes, "o")]
    assert rings == pytest.approx(list(died["time"] / 2))
    assert len(lines_with(axes, ">")) == len(TWENTY) - len(died)
    assert f"{len(died)} bars" in outcome_figures.describe_ranges(RANGES)


def test_factors_have_two_labelled_curves_each():
    """Title, P value, both curves with label and size in the curve's own colour and style."""
    panels = FIGURES["factors"]().axes
    assert [axes.get_title(loc="left").strip() for axes in panels] == list(FACTORS)
    for axes, groups in zip(panels, FACTORS.values(), strict=True):
        *labels, p = axes.texts
        assert p.get_text() == alt.p_text(log_rank(TWENTY, next(iter(groups.values()))))
        curves = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
        styles = {(line.get_linestyle(), to_hex(line.get_color())) for line in curves}
        assert len({style for style, _ in styles}) == len({color for _, color in styles}) == 2
        for curve, label, (name, group) in zip(curves, labels, groups.items(), strict=True):
            chosen = kaplan_meier(TWENTY[group])
            assert list(curve.get_ydata()) == pytest.approx(list(100 * chosen["survival"]))
            assert label.get_text() == f"{name} ({group.sum()})"
            assert label.get_color() == curve.get_color()


def test_factor_labels_keep_off_the_curves():
    """No label lies across a curve or a tick, its own or the other."""
    figure = FIGURES["factors"]()
    texts(figure)  # lays it out
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axes in figure.axes:
        for label in axes.texts:
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


def test_factors_take_given_p_values_and_insist_on_two_groups():
    """A number for each title in place of the log-rank test; three groups are an error."""
    given = dict.fromkeys(FACTORS, 0.04)
    for axes in figures.figure_factors(TWENTY, FACTORS, given).axes:
        assert strings(axes)[-1] == "P = 0.040"
    three = {"Three": {str(i): TWENTY["age"] % 3 == i for i in range(3)}}
    with pytest.raises(ValueError, match="'Three' has 3 groups, expected 2"):
        figures.figure_factors(TWENTY, three)


def test_colours_differ_in_grey():
    """Printed without colour, blue, orange and the rules are still three different greys."""
    greys = [np.dot(to_rgb(c), (0.299, 0.587, 0.114))
             for c in (drawing.BLUE, drawing.ORANGE, drawing.PALE)]  # fmt: skip
    assert min(abs(a - b) for i, a in enumerate(greys) for b in greys[:i]) > 0.1


def test_swimmers_end_in_a_shape_and_a_word():
    """In order of time: length, filled or open end, words, label, one mark a factor."""
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
    words = [f"{t:.1f} {'died' if e else 'alive'}"
             for t, e in zip(ordered["time"], ordered["event"], strict=True)]  # fmt: skip
    assert [t for t in strings(axes) if t.endswith(("died", "alive"))] == words
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
    """A point and its limits a row on a log axis, the numbers at the right, in order."""
    (axes,) = FIGURES["forest"]().axes
    assert axes.get_xscale() == "log"
    points = [line.get_xdata()[0] for line in lines_with(axes, "s")]
    assert points == list(TABLE["hazard_ratio"])
    limits = [tuple(line.get_xdata()) for line in axes.lines
              if line.get_marker() == "None" and line.get_linestyle() == "-"]  # fmt: skip
    assert limits == list(zip(TABLE["ci_lower"], TABLE["ci_upper"], strict=True))
    assert [t.get_text() for t in axes.get_yticklabels()] == list(TABLE["covariate"])
    heights = [line.get_ydata()[0] for line in lines_with(axes, "s")]
    assert list(axes.get_yticks()) == heights == sorted(set(heights))
    written = [t for t in strings(axes) if "P " in t]
    assert len(written) == len(TABLE)
    for text, row in zip(written, TABLE.itertuples(), strict=True):
        ratio, lower, upper = map(float, re.findall(r"[\d.]+", text)[:3])
        for shown, value in ((ratio, row.hazard_ratio), (lower, row.ci_lower),
                             (upper, row.ci_upper)):  # fmt: skip
            assert shown == pytest.approx(value, abs=0.005 if value < 1 else 0.05)
        assert alt.p_text(row.p_value) in text
    assert [t for t in strings(axes) if t in ("Alone", "Together")] == ["Alone", "Together"]


def test_funnel_bars_are_as_long_as_their_numbers():
    """Log scale; the bar ends at its number, which stands there in words."""
    (axes,) = FIGURES["funnel"]().axes
    assert axes.get_xscale() == "log"
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == pytest.approx([123456, 789, 1, 0.5])
    assert strings(axes) == ["All", "123,456", "Some", "789", "One", "1", "None", "0"]
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
    assert [text.split(":")[0] for text in strings(axes)] == [alt.number(plain), alt.number(level)]
    dots = [(line.get_xdata()[0], to_hex(line.get_markerfacecolor()) != "#ffffff")
            for line in lines_with(axes, "o") if line.get_ydata()[0] == 0]  # fmt: skip
    assert dots == list(zip(TWENTY["time"], TWENTY["event"], strict=True))


def test_a_median_that_is_not_reached_is_not_drawn():
    """Most alive: the plain median stands alone, and the words say so."""
    alive = TWENTY.assign(event=TWENTY["time"] < 3)
    (axes,) = figures.figure_medians(alive).axes
    assert len(strings(axes)) == 1
    assert "never reaches one half" in alt.describe_medians(alive)


@pytest.mark.parametrize("name", sorted(set(FIGURES) - {"funnel"}))
def test_rebuilt_rows_carry_the_notice(name):
    """Small, at the bottom, word for word; not cut off."""
    found = [(text, box) for text, box in texts(FIGURES[name]()) if "not patient records" in text]
    ((text, box),) = found
    assert "A cohort consistent with the printed numbers, not patient records." in text
    assert 0 <= box.y0 < 40


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


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_is_the_same_file(name, tmp_path):
    """No date, no random identifiers, outlines in place of fonts; no reference elsewhere."""
    paths = [drawing.save_figure(FIGURES[name](), tmp_path / f"{i}.svg") for i in range(2)]
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert b"<dc:date>" not in first
    assert b"<text" not in first
    assert not re.findall(rb"href=\"(?!#)", first)


def test_figures_leave_the_settings_as_they_were():
    """The house style holds while drawing, not after."""
    with rc_context({"font.size": 3}):
        figures.figure_survival(TWENTY)
        drawing.to_svg(FIGURES["funnel"]())
        assert rcParams["font.size"] == 3


def test_words_for_the_curve_are_computed():
    """Rates, times, steps and counts change with the cohort."""
    said = alt.describe_survival(TWENTY)
    assert said == (
        "Step curve of the survival of 20 patients, falling from 100%, 73.0% at 12 months, 38.6% "
        "at 36 months and 29.0% at 60 months, to 14.5% at 71.8 months, in 12 steps, with 95% "
        "limits as a band. Ticks mark 8 patients last seen alive at 0.7, 5.6, 11.9, 19.4, 26.5, "
        "38.1, 52.6 and 71.8 months. A table under the axis counts those at risk: 20 at 0 months, "
        "12 at 12 months, 5 at 36 months and 2 at 60 months."
    )
    dead = TWENTY[TWENTY["event"]]
    assert "Nobody was last seen alive." in alt.describe_survival(dead)
    assert "to 0.0% at 60.2 months" in alt.describe_survival(dead)


def test_words_for_the_other_figures_are_computed():
    """Each names what stands in it, with its numbers."""
    factors = alt.describe_factors(TWENTY, FACTORS)
    assert f"old ({(TWENTY['age'] >= 60).sum()} patients)" in factors
    assert alt.p_text(log_rank(TWENTY, TWENTY["group"])) in factors
    swimmers = alt.describe_swimmers(TWENTY, WORDS, MARKS)
    assert "X1 2.1 died, kind 1, First, Second; X2 2.8 died, kind 2;" in swimmers
    assert "20 bars" in swimmers
    forest = alt.describe_forest(TABLE)
    assert all(alt.hazard_text(row) in forest for _, row in TABLE.iterrows())
    assert "All 123,456; Some 789; One 1; None 0" in alt.describe_funnel(STAGES)
    medians = alt.describe_medians(TWENTY)
    assert f"{alt.number(TWENTY['time'].median())} months" in medians
    assert "29.9 months" in medians


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0004, "P < 0.001"), (0.001, "P = 0.001"), (0.0395, "P = 0.040"), (0.5, "P = 0.500")],
)
def test_p_values_are_written_with_three_decimals(p, text):
    """Halves go up; what would print as zero is said to be below the last place."""
    assert alt.p_text(p) == text
