"""Survival estimates as tidy frames, from lifelines, statsmodels and SciPy.

Every function takes a frame with the columns `time` (months) and `event` (True = died). Where
both fall at one time, deaths come before censorings: who is censored then was still at risk.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pandas as pd
from lifelines.statistics import multivariate_logrank_test
from scipy.optimize import minimize
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg, PHRegResults
from statsmodels.duration.survfunc import SurvfuncRight

from recohort.paper.limits import QUANTILES

Z = float(QUANTILES["two_decimals"])  # of limits that are done by hand
CLOSE = 1e-10  # the last Newton step, relative to the coefficient, at convergence


class NoEstimateError(ValueError):
    """There is no such estimate: nobody in the group, nobody died, a likelihood has no maximum."""


def kaplan_meier(cohort: pd.DataFrame) -> pd.DataFrame:
    """Kaplan-Meier estimate (statsmodels), one row a distinct time, the first at time 0.

    Columns: `time` (months), `at_risk` (just before it), `events`, `censored`, `survival`,
    `standard_error` (Greenwood; 0 where the curve is at zero), `ci_lower` and `ci_upper`
    (linear, 95%, cut to 0-1). Raises ValueError for an empty cohort, a time that is missing or
    negative, an event that is neither True nor False.
    """
    cohort = _checked(cohort, "kaplan_meier")
    return _curve(tuple(cohort["time"]), tuple(cohort["event"])).copy()


@lru_cache(maxsize=1000)
def _curve(times, events):
    cohort = pd.DataFrame({"time": times, "event": events})
    counts = cohort.groupby("time")["event"].agg(events="sum", ended="size")
    start = pd.DataFrame({"events": 0, "ended": 0}, index=pd.Index([0.0], name="time"))
    table = pd.concat([start, counts]).reset_index()
    table["at_risk"] = len(cohort) - table["ended"].cumsum().shift(fill_value=0)
    table["censored"] = table["ended"] - table["events"]
    curve = SurvfuncRight(cohort["time"], cohort["event"].astype(int))
    steps = np.searchsorted(curve.surv_times, table["time"], side="right")
    steps[0] = 0  # before anybody could die, at time 0 as well
    table["survival"] = np.append(1.0, curve.surv_prob)[steps]
    table["standard_error"] = np.nan_to_num(np.append(0.0, curve.surv_prob_se)[steps])
    table["ci_lower"] = (table["survival"] - Z * table["standard_error"]).clip(lower=0)
    table["ci_upper"] = (table["survival"] + Z * table["standard_error"]).clip(upper=1)
    order = "time at_risk events censored survival standard_error ci_lower ci_upper"
    return table[order.split()]


def survival_at(cohort: pd.DataFrame, months: float) -> pd.Series:
    """The row of `kaplan_meier` in force at `months`; deaths at that very time are counted."""
    table = kaplan_meier(cohort)
    return table[table["time"] <= months].iloc[-1]


def median_survival(cohort: pd.DataFrame) -> float:
    """Kaplan-Meier median: the first month with survival at most one half (infinite if none)."""
    return survival_quantile(cohort, "kaplan_meier")


def survival_quantile(cohort: pd.DataFrame, median: str, q: float = 0.5) -> float:
    """When a share `q` has died (infinite if never), as programs have it where a step lies there.

    ``"kaplan_meier"``: where survival first is at most 1 - q; ``"kaplan_meier_below"``: below
    it; ``"kaplan_meier_midpoint"``: halfway to the next death from a step at it (the step's
    own time where nobody dies later), as R's survfit does.
    """
    return _read_off(kaplan_meier(cohort), median, q)


def _read_off(table, median, q=0.5):
    """The time that a rule, as of `survival_quantile`, reads off a curve."""
    at = table.loc[table["survival"] <= 1 - q + 1e-12, "time"]
    below = table.loc[table["survival"] < 1 - q - 1e-12, "time"]
    first, after = (float(s.iloc[0]) if len(s) else np.inf for s in (at, below))
    if median == "kaplan_meier_midpoint":
        return (first + after) / 2 if np.isfinite(after) else first
    return after if median == "kaplan_meier_below" else first


def median_follow_up(cohort: pd.DataFrame) -> float:
    """Plain median of `time` in months, alive or dead."""
    return float(_checked(cohort, "median_follow_up")["time"].median())


def reverse_median_follow_up(
    cohort: pd.DataFrame, median: str = "kaplan_meier", ties: str = "deaths_first"
) -> float:
    """Median follow-up in months by the reverse Kaplan-Meier estimate (infinite if none).

    Censoring is the event and death ends the waiting for it. Who dies at the time of a censoring
    is no longer at risk of being censored; with `ties="at_risk"` they still are, as where event
    and censoring are exchanged in R or lifelines. `median` as in `survival_quantile`.
    """
    cohort = _checked(cohort, "reverse_median_follow_up")
    turned = cohort.assign(event=~cohort["event"])
    before = cohort["event"] & (ties == "deaths_first")
    turned["time"] = 2 * cohort["time"].rank(method="dense") - before
    table, times = kaplan_meier(turned), dict(zip(turned["time"], cohort["time"], strict=True))
    return _read_off(table.assign(time=table["time"].map(times)), median)


def at_risk_table(cohort: pd.DataFrame, starts: Iterable[float]) -> pd.DataFrame:
    """At risk, and censored and events so far, at the start of each interval (KMunicate).

    A patient is at risk at `start` (months) when `time >= start`; those who ended before it are
    counted under `censored` or `events`, so that the three always add up to the cohort.
    """
    cohort = _checked(cohort, "at_risk_table")
    time, event = cohort["time"], cohort["event"]
    ended = [(start, time < start) for start in starts]
    rows = [(start, (~e).sum(), (e & ~event).sum(), (e & event).sum()) for start, e in ended]
    return pd.DataFrame(rows, columns=["start", "at_risk", "censored", "events"])


def log_rank(cohort: pd.DataFrame, group: pd.Series, weights: str | None = None) -> float:
    """P of the log-rank test of two or more groups (lifelines); `group` names each patient's.

    `weights` may be ``"wilcoxon"`` (Breslow and Gehan) or ``"tarone-ware"``. Raises ValueError when
    no deaths with somebody left alive compare all groups: an empty group, for instance. There
    lifelines would say 1.
    """
    cohort, group = _checked(cohort, "log_rank"), np.asarray(group)
    # all of several groups have to be at risk at the first death, and someone left alive after it
    first = cohort.loc[cohort["event"], "time"].min()
    at_risk, died = cohort["time"] >= first, cohort["event"] & (cohort["time"] == first)
    every = {*group}
    if len(every) < 2 or every != {*group[at_risk]} or not (at_risk & ~died).any():
        raise NoEstimateError("log_rank: no deaths compare all groups")
    test = multivariate_logrank_test(cohort["time"], group, cohort["event"], weightings=weights)
    return float(test.p_value)


def cox_p(cohort: pd.DataFrame, covariates: pd.DataFrame, test: str, ties: str) -> float:
    """P of all covariates of a Cox model together: one degree of freedom each.

    `test` is ``"wald"``, ``"score"`` or ``"likelihood_ratio"``. Raises ValueError as `cox` does,
    but for a missing maximum, which a score test does not need.
    """
    model = _model(cohort, covariates, ties)
    start = np.zeros(covariates.shape[1])
    if test == "score":
        score = model.score(start)
        return float(chi2.sf(score @ np.linalg.solve(-model.hessian(start), score), len(start)))
    fit = _maximum(model, covariates.columns)
    if test == "wald":
        distance = fit.params @ np.linalg.solve(fit.cov_params(), fit.params)
    else:
        distance = 2 * (model.loglike(fit.params) - model.loglike(start))
    return float(chi2.sf(distance, len(start)))


def cox(cohort: pd.DataFrame, covariates: pd.DataFrame, ties: str = "breslow") -> pd.DataFrame:
    """Cox model (statsmodels), converged to rounding error; one row a covariate.

    `covariates` has one numeric or boolean column each, in the rows' order; `ties` is
    ``"breslow"`` (as SPSS does) or ``"efron"``. Columns: `hazard_ratio`, `ci_lower`, `ci_upper`
    (Wald, 95%), `p_value` (Wald), `coefficient`, `standard_error`.
    Raises ValueError when there is no answer: nobody died, a covariate is missing, constant or
    collinear, or the likelihood has no maximum (all deaths on one side of a covariate, say).
    """
    fit = _maximum(_model(cohort, covariates, ties), covariates.columns)
    lower, upper = np.exp(fit.conf_int()).T
    return pd.DataFrame(
        {
            "hazard_ratio": np.exp(fit.params),
            "ci_lower": lower,
            "ci_upper": upper,
            "p_value": fit.pvalues,
            "coefficient": fit.params,
            "standard_error": fit.bse,
        },
        index=pd.Index(covariates.columns, name="covariate"),
    )


def _maximum(model, names):
    """Climb from zero (SciPy), then by Newton's method until the step is rounding error."""
    start = np.zeros(len(names))
    climb = minimize(
        lambda b: -model.loglike(b),
        start,
        method="trust-exact",
        tol=1e-6,
        jac=lambda b: -model.score(b),
        hess=lambda b: -model.hessian(b),
    )
    params = climb.x
    for _ in range(8):
        information = -model.hessian(params)
        if not np.linalg.cond(information) < 1e14:
            break
        step = np.linalg.solve(information, model.score(params))
        params = params + step
        if (np.abs(step) <= CLOSE * np.maximum(np.abs(params), 1)).all():
            return PHRegResults(model, params, np.linalg.inv(information))
    separated = " and ".join(map(str, names))
    raise NoEstimateError(f"cox: the likelihood has no maximum; the deaths separate {separated}")


def _model(cohort, covariates, ties):
    """A Cox model (statsmodels, which would answer as well where it is not defined)."""
    cohort, values = _checked(cohort, "cox"), covariates.to_numpy(float)
    if ties not in ("breslow", "efron"):
        raise ValueError(f"cox: ties={ties!r}, expected 'breslow' or 'efron'")
    if len(values) != len(cohort):
        raise ValueError(f"cox: {len(values)} rows of covariates for {len(cohort)} patients")
    if not cohort["event"].any():
        raise NoEstimateError("cox: nobody died")
    if not np.isfinite(values).all():
        raise ValueError("cox: a covariate is missing for some patient")
    first_death = cohort.loc[cohort["event"], "time"].min()
    at_risk = values[cohort["time"] >= first_death]
    design = np.column_stack([np.ones(len(at_risk)), at_risk])
    if np.linalg.matrix_rank(design) < max(design.shape[1], 2):
        raise NoEstimateError("cox: a covariate is constant or collinear among those at risk")
    time, status = cohort["time"].to_numpy(), cohort["event"].to_numpy(int)
    centred = values - values.mean(axis=0)  # the same model, less rounding error
    return PHReg(time, centred, status=status, ties=ties)


def _checked(cohort, caller):
    """`time` as float and `event` as bool, or a ValueError that says what is wrong."""
    if cohort.empty:
        raise NoEstimateError(f"{caller}: the cohort has no rows")
    time, event = cohort["time"].astype(float), cohort["event"]
    if not (np.isfinite(time) & (time >= 0)).all():
        raise ValueError(f"{caller}: a time is missing, infinite or negative")
    if not event.isin([True, False]).all():
        raise ValueError(f"{caller}: an event is neither True nor False")
    return pd.DataFrame({"time": time, "event": event.astype(bool)})
