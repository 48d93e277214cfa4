"""A made-up paper: a cohort drawn from a seed, printed by lifelines, NumPy and SciPy alone.

Nothing here knows the search; the cohort that is drawn is the truth that it has to find.
"""

import csv
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceWarning
from lifelines.statistics import logrank_test

from recohort.paper.reading import (
    DICTIONARY_COLUMNS,
    PUBLISHED_COLUMNS,
    STATEMENT_COLUMNS,
    read_published,
    read_statements,
)

LANDMARKS = (6, 18)  # months
LEVELS = {"arm": ["surgery", "drug"], "grade": ["low", "middle", "high"], "smoker": ["no", "yes"]}
DEFAULTS = {
    "halves": "up", "interval_rounding": "unrounded", "median": "kaplan_meier", "test": "log_rank",
    "p_rounding": "direct", "adjustment": "alone", "ties": "efron", "sd": "sample",
    "quantile": "exclusive",
}  # fmt: skip


class MadeUp(NamedTuple):
    """A drawn cohort, sorted by time with deaths first, and both files as read."""

    truth: pd.DataFrame
    published: pd.DataFrame
    statements: pd.DataFrame
    conventions: dict


def made_up(folder: Path, seed: int, size: int, tied: bool = False, **conventions) -> MadeUp:
    """Draw a cohort, print it into `folder`, and read it with the package's readers."""
    conventions = DEFAULTS | conventions
    truth = draw(seed, size, tied)
    rows = list(printed(truth, conventions))
    write(folder / "dictionary.csv", DICTIONARY_COLUMNS, list(described()))
    write(folder / "published.csv", PUBLISHED_COLUMNS, rows)
    write(folder / "statements.csv", STATEMENT_COLUMNS, list(stated(truth)))
    published = read_published(folder / "published.csv")
    statements = read_statements(folder / "statements.csv")
    return MadeUp(truth, published, statements, conventions)


def draw(seed: int, size: int, tied: bool) -> pd.DataFrame:
    """Whole-number times, distinct or with deaths tied; every level of a column is taken."""
    random = np.random.default_rng(seed)
    times = np.sort(random.choice(np.arange(1, 30), size, replace=False))
    event = random.random(size) < 0.6
    event[[0, -1]] = True, False
    if tied:  # the third and fourth die together, and one of them with someone censored
        times[3:5], event[2:5] = times[2], (True, True, False)
    frame = pd.DataFrame({"time": times, "event": event})
    for column, levels in LEVELS.items():
        cells = [*levels, *levels, *random.choice(levels, size - 2 * len(levels))]
        frame[column] = random.permutation(cells)
    return frame.sort_values(
        ["time", "event"], ascending=[True, False], kind="stable", ignore_index=True
    )


def printed(cohort, conventions, all_figures=False):
    """Rows of `published.csv`: sizes, deaths, times, rates with limits, medians, tests.

    With `all_figures`, rates stand beside dashes, as a paper might have printed either.
    """
    yield _row("n", "count", "", len(cohort))
    yield _row("deaths", "count", "event=True", cohort["event"].sum())
    for statistic, value in _follow_up(cohort["time"], conventions).items():
        name, _, q = statistic.partition(" ")
        yield _row(f"time.{name}.{q}", name, f"column=time; {q}", _half_up(value, 0))
    yield from _rates("all", cohort, "", conventions, all_figures)
    for column, levels in LEVELS.items():
        for level in levels:
            inside, group = cohort[column] == level, f"{column}={level}"
            yield _row(f"n.{level}", "count", group, inside.sum())
            yield _row(f"n.{level}", "percent", group, _half_up(100 * inside.mean(), 1))
            yield from _rates(level, cohort[inside], group, conventions, all_figures)
            if len(levels) > 2 or level == levels[0]:
                yield from _tests(level, cohort, inside, group, conventions)


def stated(cohort):
    """Rows of `statements.csv`: counts over two columns, and over a column and time."""
    both = (cohort["arm"] == "drug") & (cohort["grade"] == "high")
    late = (cohort["arm"] == "drug") & (cohort["time"] >= 12)
    dead = (cohort["smoker"] == "yes") & cohort["event"]
    for name, arguments, relation, mask in (
        ("high.drug", "arm=drug; grade=high", "=", both),
        ("late.drug", "arm=drug; time>=12", ">=", late),
        ("dead.smokers", "smoker=yes; event=True", "<=", dead),
    ):
        yield [name, "Text", name, "count", arguments, relation, mask.sum()]


def described():
    """Rows of `dictionary.csv`: what the readers let the other two files name."""
    values = {"event": ["True", "False"]} | LEVELS
    for column, kind in {"patient_id": "text", "time": "number", "event": "boolean"}.items():
        yield _described(column, kind, values.get(column, []))
    for column, levels in LEVELS.items():
        yield _described(column, "category", levels)


def _described(column, kind, levels):
    key = "yes" if column == "patient_id" else ""
    return ["patients", column, kind, "", " ".join(levels), column, "survival", key, *[""] * 4]


def write(path, columns, rows):
    """One of the two files."""
    with Path(path).open("w", encoding="utf8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def _row(fact, statistic, arguments, value):
    kind = "dash" if value == "-" else "number"
    name = f"{fact}.{statistic}"
    return [name, fact, "Table", "", name, kind, value, "", statistic, arguments, ""]


def _follow_up(times, conventions):
    method = {"exclusive": "weibull", "inclusive": "linear"}[conventions["quantile"]]
    return {
        "minimum": times.min(), "maximum": times.max(), "mean": times.mean(),
        "median": times.median(), "sd": np.std(times, ddof=conventions["sd"] == "sample"),
        "quantile q=0.25": np.quantile(times, 0.25, method=method),
        "quantile q=0.75": np.quantile(times, 0.75, method=method),
    }  # fmt: skip


def _rates(name, group, where, conventions, all_figures):
    fit = KaplanMeierFitter().fit(group["time"], group["event"])
    table = fit.event_table
    d, n = table["observed"], table["at_risk"]
    with np.errstate(divide="ignore"):
        greenwood = (d / (n * (n - d))).replace(np.inf, 0).cumsum()
    for months in LANDMARKS:
        rate = float(fit.predict(months))
        error = rate * np.sqrt(greenwood[greenwood.index <= months].iloc[-1])
        if (group["time"] <= months).all():
            statistic = "curve_at_zero" if rate < 1e-9 else "follow_up_ended"
            yield _row(f"os.{name}.{months}", statistic, f"at={months}; {where}", "-")
            if not all_figures:
                continue
        value = rate
        if conventions["interval_rounding"] == "three_decimals":
            value, error = (float(_half_up(x, 3)) for x in (rate, error))
        lower, upper = max(value - 1.96 * error, 0), min(value + 1.96 * error, 1)
        for part, x in (("", rate), ("_lower", lower), ("_upper", upper)):
            arguments = f"at={months}; {where}"
            yield _row(f"os.{name}.{months}", f"survival{part}", arguments, _half_up(100 * x, 1))
    curve = fit.survival_function_["KM_estimate"].round(10)
    median = group["time"].median() if conventions["median"] == "follow_up" else None
    if median is None and (curve <= 0.5).any():
        median = curve.index[curve <= 0.5][0]
    if median is not None:
        yield _row(f"mst.{name}", "median_survival", where, _half_up(median, 0))


def _tests(level, cohort, inside, group, conventions):
    decimals = 2 if conventions["p_rounding"] == "three_decimals" else 3
    model = _cox(cohort, inside)
    if conventions["test"] == "log_rank":
        sides = cohort[inside], cohort[~inside]
        p = logrank_test(*(s["time"] for s in sides), *(s["event"] for s in sides)).p_value
    else:
        p = model["p"] if model else None
    if p is not None:
        yield _row(f"p.{level}", "p_value", group, _p(p, decimals, conventions))
    if model:
        for statistic, cell in (("", "exp(coef)"), ("_lower", "exp(coef) lower 95%"),
                                ("_upper", "exp(coef) upper 95%")):  # fmt: skip
            value = _half_up(model[cell], 2)
            yield _row(f"hr.{level}", f"hazard_ratio{statistic}", group, value)
        yield _row(f"hr.{level}", "hazard_ratio_p", group, _p(model["p"], decimals, conventions))


def _p(value, decimals, conventions):
    if conventions["p_rounding"] == "three_decimals":
        value = float(_half_up(value, 3))
    return _half_up(value, decimals)


def _cox(cohort, inside):
    """Summary of lifelines' Cox model (Efron's ties), or None where a side has no usable deaths."""
    dead = cohort["event"]
    if not (dead & inside).any() or not (dead & ~inside).any():
        return None
    frame = cohort[["time", "event"]].assign(inside=inside.astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fit = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12})
        except ConvergenceWarning:
            return None
    return fit.summary.loc["inside"].to_dict()


def _half_up(value, decimals):
    """A float as printed; a hair is added so that 0.5 goes up however it is held."""
    return f"{np.floor(float(value) * 10**decimals + 0.5 + 1e-9) / 10**decimals:.{decimals}f}"
