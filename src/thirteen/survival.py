"""Survival estimates as tidy frames, from lifelines, statsmodels and SciPy.

Every function takes a frame with the columns `time` (months) and `event` (True = died).
"""

import numpy as np
import pandas as pd
from lifelines.statistics import logrank_test
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight

Z = 1.96  # the paper's limits are done by hand with it


def kaplan_meier(cohort: pd.DataFrame) -> pd.DataFrame:
    """Kaplan-Meier estimate (statsmodels), one row a distinct time, the first at time 0.

    Columns: `time` (months), `at_risk` (just before it), `events`, `censored`, `survival`,
    `standard_error` (Greenwood), `ci_lower` and `ci_upper` (linear, 95%, cut to 0-1).
    Raises ValueError for an empty cohort.
    """
    if cohort.empty:
        raise ValueError("kaplan_meier: the cohort has no rows")
    curve = _survfunc(cohort)
    counts = cohort.groupby("time")["event"].agg(events="sum", ended="size")
    table = counts.assign(censored=counts["ended"] - counts["events"]).drop(columns="ended")
    table["at_risk"] = len(cohort) - counts["ended"].cumsum().shift(fill_value=0)
    table["survival"], table["standard_error"] = _at(curve, table.index, 1.0), _errors(curve, table)
    start = pd.DataFrame(
        {"events": 0, "censored": 0, "at_risk": len(cohort), "survival": 1.0, "standard_error": 0.0},
        index=pd.Index([0.0], name="time"),
    )
    table = pd.concat([start, table]).reset_index()
    table["ci_lower"] = (table["survival"] - Z * table["standard_error"]).clip(lower=0)
    table["ci_upper"] = (table["survival"] + Z * table["standard_error"]).clip(upper=1)
    order = "time at_risk events censored survival standard_error ci_lower ci_upper".split()
    return table[order].astype({"at_risk": int, "events": int, "censored": int})


def survival_at(cohort: pd.DataFrame, months: float) -> pd.Series:
    """The row of `kaplan_meier` in force at `months`; deaths at that very time are counted."""
    table = kaplan_meier(cohort)
    return table[table["time"] <= months].iloc[-1]


def median_survival(cohort: pd.DataFrame) -> float:
    """Kaplan-Meier median: the first time with survival at most one half (infinite if none)."""
    table = kaplan_meier(cohort)
    below = table.loc[table["survival"] <= 0.5 + 1e-12, "time"]
    return float(below.iloc[0]) if len(below) else np.inf


def at_risk_table(cohort: pd.DataFrame, starts) -> pd.DataFrame:
    """At risk, and censored and events so far, at the start of each interval (KMunicate).

    A patient is at risk at `start` when `time >= start`; those who ended before it are
    counted under `censored` or `events`, so that the three always add up to the cohort.
    """
    rows = [
        {
            "start": start,
            "at_risk": int((cohort["time"] >= start).sum()),
            "censored": int(((cohort["time"] < start) & ~cohort["event"]).sum()),
            "events": int(((cohort["time"] < start) & cohort["event"]).sum()),
        }
        for start in starts
    ]
    return pd.DataFrame(rows)


def log_rank(cohort: pd.DataFrame, group) -> float:
    """Two-sided P of the log-rank test (lifelines); `group` is a boolean series."""
    inside, outside = cohort[group], cohort[~group]
    test = logrank_test(inside["time"], outside["time"], inside["event"], outside["event"])
    return float(test.p_value)


def cox(cohort: pd.DataFrame, covariates: pd.DataFrame, ties: str = "breslow") -> pd.DataFrame:
    """Cox model (statsmodels), converged to a gradient below 1e-10; one row a covariate.

    `covariates` has one numeric or boolean column each. Columns: `hazard_ratio`,
    `ci_lower`, `ci_upper` (Wald, 95%), `p_value` (Wald), `coefficient`, `standard_error`.
    Raises ValueError when the likelihood has no maximum (a group without deaths, say).
    """
    model = PHReg(cohort["time"], covariates.astype(float), status=cohort["event"], ties=ties)
    fit = _climb(model)
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


def _climb(model):
    """Fit by Newton's method; statsmodels stops early unless asked for more."""
    fit = model.fit(method="newton", maxiter=200, tol=1e-14, disp=0)
    if not (np.abs(model.score(fit.params)) < 1e-8).all() or np.abs(fit.params).max() > 15:
        raise ValueError("cox: the partial likelihood has no maximum for these covariates")
    return fit


def _survfunc(cohort):
    return SurvfuncRight(cohort["time"].to_numpy(float), cohort["event"].to_numpy(int))


def _at(curve, times, start, values=None):
    """A step function of the curve, read at `times`."""
    values = curve.surv_prob if values is None else values
    steps = np.concatenate([[start], values])
    return steps[np.searchsorted(curve.surv_times, times, side="right")]


def _errors(curve, table):
    """Greenwood's standard error; zero where the curve has reached zero."""
    return np.nan_to_num(_at(curve, table.index, 0.0, curve.surv_prob_se))
