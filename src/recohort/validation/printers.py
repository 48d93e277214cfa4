"""A cohort printed as a paper would, by programs that papers are written with.

One template of numbers; what stands in it is computed by lifelines, statsmodels, SciPy, or as R's
survival package does by default (where R is installed, a test compares). Nothing here knows the
search, its kernels, or the package's own estimates. `OPTIONS` names what each program does.
"""

import statistics
import warnings
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from lifelines.statistics import logrank_test
from scipy.stats import CensoredData, chi2, ecdf, logrank, norm
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight

from recohort.paper.options import TEXTBOOK
from recohort.paper.reading import PUBLISHED_COLUMNS

Z = norm.ppf(0.975)
HALF = 1.5e-8  # R's tolerance for a curve at one half
NO_MAXIMUM = 8  # a coefficient or its error on its way to infinity


class Curve(NamedTuple):
    """A survival curve: times of its steps, and what stands from each of them on."""

    times: np.ndarray
    rates: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    median: float  # not a number where the program gives none


class Template(NamedTuple):
    """What a paper prints."""

    landmarks: tuple = (12, 36, 60)  # months
    rate_decimals: int = 1  # of rates and limits in percent
    time_decimals: int = 1  # of months
    ratio_decimals: int = 1


class Program(NamedTuple):
    """What one program does for each part of the template."""

    curve: Callable  # (times, events) to a Curve
    p_value: Callable  # (times, events, inside) to P, None where there is none
    cox: Callable  # (times, events, inside) to coefficient, error and P, or None
    spread: int  # what is taken from n in the divisor of a standard deviation
    quartiles: Callable
    printed: Callable  # (value, decimals) to a string


def half_up(value: float, decimals: int) -> str:
    """A number as a spreadsheet shows it: halves up, of the 15 digits that it holds."""
    unit = Decimal(1).scaleb(-decimals)
    return str(Decimal(f"{float(value):.15g}").quantize(unit, rounding=ROUND_HALF_UP))


def _half_even(value: float, decimals: int) -> str:
    """A number by NumPy's round."""
    return f"{np.round(float(value), decimals):.{decimals}f}"


def print_paper(
    cohort: pd.DataFrame, factors: dict, does: Program, template: Template | None = None
) -> pd.DataFrame:
    """The rows of `published.csv` for a cohort, every cell a string.

    `cohort` has `time` (months), `event` and a column for each factor; `factors` maps each
    column to its levels; `does` is one of `PROGRAMS`, or a mixture. Nothing is printed where
    nobody is followed beyond a landmark, a median is not reached, or a model has no maximum.
    """
    template = template or Template()
    rows = [
        _row("n", "count", "", len(cohort)),
        _row("n.deaths", "count", "event=True", int(cohort["event"].sum())),
        *_follow_up(cohort["time"].to_numpy(), does, template),
        *_curve("all", cohort, "", does, template),
    ]
    for number, (column, levels) in enumerate(factors.items()):
        for level in levels:
            inside, where = cohort[column].astype(str) == level, f"{column}={level}"
            rows.append(_row(f"n.{where}", "count", where, int(inside.sum())))
            share = does.printed(100 * inside.mean(), template.rate_decimals)
            rows.append(_row(f"n.{where}", "percent", where, share))
            rows += _curve(where, cohort[inside], where, does, template)
        inside = (cohort[column].astype(str) == levels[0]).to_numpy()
        rows += _tests(cohort, inside, f"{column}={levels[0]}", does, number == 0, template)
    return pd.DataFrame(rows, columns=PUBLISHED_COLUMNS, dtype=str)


def _row(fact, statistic, arguments, printed):
    name = f"{fact}.{statistic}"
    return [name, fact, "Table", "", name, "number", str(printed), "", statistic, arguments, ""]


def _follow_up(times, does, template):
    lower, upper = does.quartiles(times)
    for name, statistic, more, value in (
        ("mean", "mean", "", np.mean(times)),
        ("sd", "sd", "", np.std(times, ddof=does.spread)),
        ("minimum", "minimum", "", min(times)),
        ("maximum", "maximum", "", max(times)),
        ("median", "median", "", np.median(times)),
        ("lower", "quantile", "; q=0.25", lower),
        ("upper", "quantile", "; q=0.75", upper),
    ):
        printed = does.printed(value, template.time_decimals)
        yield _row(f"time.{name}", statistic, f"column=time{more}", printed)


def _curve(name, group, where, does, template):
    curve = does.curve(group["time"].to_numpy(), group["event"].to_numpy())
    for months in template.landmarks:
        if (group["time"] <= months).all():
            continue
        fact, arguments = f"os.{name}.{months}", "; ".join(filter(None, (f"at={months}", where)))
        place = np.searchsorted(curve.times, months, side="right") - 1
        for part in ("rates", "lower", "upper"):
            value = getattr(curve, part)[place] if place >= 0 else 1.0
            if np.isfinite(value):
                statistic = "survival" if part == "rates" else f"survival_{part}"
                printed = does.printed(100 * value, template.rate_decimals)
                yield _row(fact, statistic, arguments, printed)
    if np.isfinite(curve.median):
        printed = does.printed(curve.median, template.time_decimals)
        yield _row(f"mst.{name}", "median_survival", where, printed)


def _tests(cohort, inside, where, does, with_ratio, template):
    data = cohort["time"].to_numpy(), cohort["event"].to_numpy(), inside
    p = does.p_value(*data)
    if p is not None:
        yield from _p(f"p.{where}", "p_value", where, p, does)
    model = does.cox(*data) if with_ratio else None
    if model is None:
        return
    beta, error, p = model
    for part, value in (("", beta), ("_lower", beta - Z * error), ("_upper", beta + Z * error)):
        printed = does.printed(np.exp(value), template.ratio_decimals)
        yield _row(f"hr.{where}", f"hazard_ratio{part}", where, printed)
    yield from _p(f"hr.{where}", "hazard_ratio_p", where, p, does)


def _p(fact, statistic, where, value, does):
    """Two decimals, three below 0.01; below 0.001 a paper prints no number."""
    if value >= 0.001:
        yield _row(fact, statistic, where, does.printed(value, 3 if value < 0.01 else 2))


def _by_lifelines(times, events):
    fit = KaplanMeierFitter().fit(times, events)
    limits = fit.confidence_interval_survival_function_.to_numpy()
    rates = fit.survival_function_["KM_estimate"]
    return Curve(rates.index.to_numpy(), rates.to_numpy(), *limits.T, fit.median_survival_time_)


def _by_statsmodels(times, events):
    """Rate and standard error are the program's; the limits are theirs, as one adds them."""
    fit = SurvfuncRight(times, events.astype(int))
    rates, margin = fit.surv_prob, Z * fit.surv_prob_se
    lower, upper = np.maximum(rates - margin, 0), np.minimum(rates + margin, 1)
    return Curve(fit.surv_times, rates, lower, upper, fit.quantile(0.5))


def _by_r(times, events):
    """R's survfit: limits on the log scale; the median in the middle of a step at one half."""
    fit = SurvfuncRight(times, events.astype(int))
    steps, died, at_risk = fit.surv_times, fit.n_events, fit.n_risk
    rates = np.cumprod(1 - died / at_risk)  # as R multiplies them, to the last bit
    with np.errstate(divide="ignore"):
        margin = Z * np.sqrt(np.cumsum(died / (at_risk * (at_risk - died))))
    margin[rates == 0] = np.nan
    below = steps[rates < 0.5 + HALF]
    middle = below[:2] if (np.abs(rates - 0.5) < HALF).any() else below[:1]
    median = middle.mean() if len(middle) else np.nan
    lower, upper = rates * np.exp(-margin), np.minimum(rates * np.exp(margin), 1)
    return Curve(steps, rates, lower, upper, median)


def _by_scipy(times, events, method="linear"):
    found = ecdf(CensoredData(times[events], right=times[~events])).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # limits that are not defined
        limits = found.confidence_interval(method=method)
    times, rates = found.quantiles, found.probabilities
    median = times[rates <= 0.5][0] if (rates <= 0.5).any() else np.nan
    return Curve(times, rates, limits.low.probabilities, limits.high.probabilities, median)


def _finite(beta, error, p):
    """A model's coefficient, standard error and P, or None where it has no maximum."""
    good = abs(beta) < NO_MAXIMUM and 0 < error < NO_MAXIMUM
    return (float(beta), float(error), float(p)) if good else None


def _cox_by_lifelines(times, events, inside):
    frame = pd.DataFrame({"time": times, "event": events, "inside": inside.astype(float)})
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fit = CoxPHFitter().fit(frame, "time", "event")
        except (ConvergenceWarning, ConvergenceError):
            return None
    return _finite(*fit.summary.loc["inside", ["coef", "se(coef)", "p"]])


def _cox_by_statsmodels(times, events, inside, ties="breslow"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = PHReg(times, inside.astype(float), status=events.astype(int), ties=ties).fit()
        return _finite(fit.params[0], fit.bse[0], fit.pvalues[0])


def _log_rank_by_lifelines(times, events, inside):
    out = ~inside
    return logrank_test(times[inside], times[out], events[inside], events[out]).p_value


def _log_rank_by_scipy(times, events, inside):
    sides = (CensoredData(times[s & events], right=times[s & ~events]) for s in (inside, ~inside))
    return logrank(*sides).pvalue


def _likelihood_ratio(times, events, inside):
    model = _EFRON(times, events, inside)
    if model is None:
        return None
    cox = PHReg(times, inside.astype(float), status=events.astype(int), ties="efron")
    gain = cox.loglike(np.array([model[0]])) - cox.loglike(np.zeros(1))
    return chi2.sf(2 * gain, 1)


def _wald_by_statsmodels(*data):
    model = _cox_by_statsmodels(*data)
    return model and model[2]


def _quarters_of_python(times):
    return statistics.quantiles(times.tolist(), n=4)[::2]


_formatted = "{:.{}f}".format  # Python's format, which is C's and so R's sprintf
_quarters = partial(np.quantile, q=[0.25, 0.75])
_EFRON = partial(_cox_by_statsmodels, ties="efron")
_R = Program(_by_r, _log_rank_by_scipy, _EFRON, 1, _quarters, _formatted)
_LIFELINES = Program(
    _by_lifelines, _log_rank_by_lifelines, _cox_by_lifelines, 1, _quarters, _formatted
)
_STATSMODELS = Program(
    _by_statsmodels, _wald_by_statsmodels, _cox_by_statsmodels, 0, _quarters_of_python, _half_even
)
_SCIPY = Program(_by_scipy, _log_rank_by_scipy, _EFRON, 1, _quarters, half_up)
PROGRAMS = {
    "lifelines": _LIFELINES,
    "statsmodels": _STATSMODELS,
    "SciPy": _SCIPY,
    "SciPy, log-log": _SCIPY._replace(curve=partial(_by_scipy, method="log-log"), spread=0),
    "R": _R,
    "R, likelihood ratio": _R._replace(p_value=_likelihood_ratio, printed=half_up),
}
# What each program does, in the search's words, where it is not the textbook's. Floating point
# decides which way a half goes, and on which side of one half a curve stands: either may be.
OPTIONS = {name: dict(TEXTBOOK) for name in PROGRAMS}
for _line in pd.read_csv(Path(__file__).with_name("programs.csv")).itertuples():
    OPTIONS[_line.program][_line.switch] = tuple(_line.options.split())
