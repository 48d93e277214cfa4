"""A cohort printed as a paper would: rows of `published.csv`, by lifelines, NumPy and SciPy alone.

Nothing here knows the search or its kernels, nor the package's own estimates.
"""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from scipy.stats import CensoredData, logrank, norm

from recohort.paper.reading import PUBLISHED_COLUMNS

# How a paper forms its numbers: as this one does (but for Efron's ties, which lifelines has),
# and by the textbook.
AS_THE_PAPER = {
    "halves": "up", "interval_rounding": "three_decimals", "median": "follow_up",
    "test": "log_rank", "p_rounding": "three_decimals", "adjustment": "alone", "ties": "efron",
    "sd": "population", "quantile": "inclusive", "paired_test": "wilcoxon",
}  # fmt: skip
TEXTBOOK = AS_THE_PAPER | {
    "interval_rounding": "unrounded", "median": "kaplan_meier", "p_rounding": "direct",
    "sd": "sample",
}  # fmt: skip


class Template(NamedTuple):
    """What a paper prints; the fields left as they are give the tables of this one."""

    landmarks: tuple = (12, 36, 60)  # months
    rate_decimals: int = 1  # of rates and limits in percent
    time_decimals: int = 1  # of months
    intervals: bool = True
    medians: bool = True
    tests: bool = True


def print_paper(cohort: pd.DataFrame, factors: dict, conventions: dict, template=None):
    """The rows of `published.csv` for a cohort, every cell a string.

    `cohort` has `time` (months), `event` and a column for each factor; `factors` maps each
    column to its levels. A hazard ratio is printed for the first level of the first factor,
    where its model has a maximum. A dash stands where nobody is followed beyond a landmark.
    """
    template = template or Template()
    rows = [
        _row("n", "count", "", len(cohort)),
        _row("deaths", "count", "event=True", int(cohort["event"].sum())),
        *_follow_up(cohort["time"], conventions, template),
        *_curve("all", cohort, "", conventions, template),
    ]
    for number, (column, levels) in enumerate(factors.items()):
        for level in levels:
            inside, where = cohort[column].astype(str) == level, f"{column}={level}"
            rows.append(_row(f"n.{where}", "count", where, int(inside.sum())))
            rows.append(_row(f"n.{where}", "percent", where, rounded(100 * inside.mean(), 1)))
            rows += _curve(where, cohort[inside], where, conventions, template)
        if template.tests:
            inside = cohort[column].astype(str) == levels[0]
            rows += _tests(cohort, inside, f"{column}={levels[0]}", conventions, number == 0)
    return pd.DataFrame(rows, columns=PUBLISHED_COLUMNS, dtype=str)


def rounded(value: float, decimals: int) -> str:
    """A number with `decimals`, halves up; a hair is added, so that a half is one however held."""
    return f"{np.floor(float(value) * 10**decimals + 0.5 + 1e-9) / 10**decimals:.{decimals}f}"


def hazard_ratio(cohort: pd.DataFrame, inside) -> dict | None:
    """A Cox model by lifelines (Efron), a group against the rest; None where it has no maximum.

    Keys: `ratio`, `lower`, `upper` (Wald, 95%), `p`.
    """
    frame = cohort[["time", "event"]].assign(inside=np.asarray(inside, float))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fit = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12})
        except (ConvergenceWarning, ConvergenceError):
            return None
    beta, error = fit.params_["inside"], fit.standard_errors_["inside"]
    if not abs(beta) < 8 or not error < 8:  # on its way to infinity
        return None
    z = norm.ppf(0.975)
    return {"ratio": np.exp(beta), "lower": np.exp(beta - z * error),
            "upper": np.exp(beta + z * error), "p": 2 * norm.sf(abs(beta / error))}  # fmt: skip


def _row(fact, statistic, arguments, printed):
    kind = "dash" if printed == "-" else "number"
    name = f"{fact}.{statistic}"
    return [name, fact, "Table", "", name, kind, str(printed), "", statistic, arguments, ""]


def _follow_up(times, conventions, template):
    method = {"exclusive": "weibull", "inclusive": "linear"}[conventions["quantile"]]
    yield from (
        _row(f"time.{name}", statistic, arguments, rounded(value, template.time_decimals))
        for name, statistic, arguments, value in (
            ("mean", "mean", "column=time", times.mean()),
            ("sd", "sd", "column=time", np.std(times, ddof=conventions["sd"] == "sample")),
            ("minimum", "minimum", "column=time", times.min()),
            ("maximum", "maximum", "column=time", times.max()),
            ("median", "median", "column=time", np.median(times)),
            ("lower", "quantile", "column=time; q=0.25", np.quantile(times, 0.25, method=method)),
            ("upper", "quantile", "column=time; q=0.75", np.quantile(times, 0.75, method=method)),
        )
    )


def _curve(name, group, where, conventions, template):
    """Rates with linear Greenwood limits at each landmark, then the "median survival time"."""
    fit = KaplanMeierFitter().fit(group["time"], group["event"])
    died, at_risk = fit.event_table["observed"], fit.event_table["at_risk"]
    with np.errstate(divide="ignore"):
        greenwood = (died / (at_risk * (at_risk - died))).replace(np.inf, 0).cumsum()
    for months in template.landmarks:
        fact, arguments = f"os.{name}.{months}", "; ".join(filter(None, (f"at={months}", where)))
        rate = float(fit.predict(months))
        if (group["time"] <= months).all():
            yield _row(fact, "curve_at_zero" if rate < 1e-9 else "follow_up_ended", arguments, "-")
            continue
        error = rate * np.sqrt(greenwood[greenwood.index <= months].iloc[-1])
        for part, value in zip(("", "_lower", "_upper"), _limits(rate, error, conventions),
                               strict=True):  # fmt: skip
            if template.intervals or not part:
                printed = rounded(100 * value, template.rate_decimals)
                yield _row(fact, f"survival{part}", arguments, printed)
    if template.medians:
        median = _median(group, fit, conventions)
        if median is not None:
            printed = rounded(median, template.time_decimals)
            yield _row(f"mst.{name}", "median_survival", where, printed)


def _limits(rate, error, conventions):
    value = rate
    if conventions["interval_rounding"] == "three_decimals":
        value, error = (float(rounded(x, 3)) for x in (rate, error))
    return rate, max(value - 1.96 * error, 0), min(value + 1.96 * error, 1)


def _median(group, fit, conventions):
    if conventions["median"] == "follow_up":
        return np.median(group["time"])
    curve = fit.survival_function_["KM_estimate"].round(10)
    return curve.index[curve <= 0.5][0] if (curve <= 0.5).any() else None


def _tests(cohort, inside, where, conventions, with_ratio):
    one, other = cohort[inside], cohort[~inside]
    sides = (
        CensoredData(g["time"][g["event"]], right=g["time"][~g["event"]]) for g in (one, other)
    )
    yield _row(f"p.{where}", "p_value", where, _p(logrank(*sides).pvalue, conventions))
    model = hazard_ratio(cohort, inside) if with_ratio else None
    if model:
        for part, key in (("", "ratio"), ("_lower", "lower"), ("_upper", "upper")):
            yield _row(f"hr.{where}", f"hazard_ratio{part}", where, rounded(model[key], 1))
        yield _row(f"hr.{where}", "hazard_ratio_p", where, _p(model["p"], conventions))


def _p(value, conventions):
    """Two decimals, three below 0.01."""
    if value < 0.01:
        return rounded(value, 3)
    return rounded(rounded(value, 3) if conventions["p_rounding"] == "three_decimals" else value, 2)
