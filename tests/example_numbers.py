"""Numbers of small tables, from the patients: lifelines, statsmodels, NumPy, short formulas.

Nothing here knows the search or the package's own estimates.
"""

import math
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test, multivariate_logrank_test
from scipy.stats import chi2, norm
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight

Z = {"95": norm.ppf(0.975), "90": norm.ppf(0.95)}


def value_of(truth, example, statistic, told):
    """A number from the patients."""
    factors = {name: value for name, value in told.items() if name in truth and name != "time"}
    inside = np.ones(len(truth), bool)
    for column, value in factors.items():
        inside &= (truth[column].astype(str) == value).to_numpy()
    if statistic == "patient":
        return inside[truth["time"] == Fraction(told["time"])].any()
    if statistic.startswith(("p_value", "hazard_ratio")):
        return _test(truth, inside, statistic, told)
    if statistic == "count":
        return inside.sum()
    group = Group(truth[inside], example.scale)
    if statistic in PLAIN_NUMBERS:
        return PLAIN_NUMBERS[statistic](group.times, float(told.get("q", 0.5)))
    return ON_CURVES[statistic](group, told, example)


PLAIN_NUMBERS = {
    "mean": lambda times, _: times.mean(),
    "sd": lambda times, _: times.std(ddof=1),
    "minimum": lambda times, _: times.min(),
    "maximum": lambda times, _: times.max(),
    "median": lambda times, _: np.median(times),
    "quantile": np.quantile,
}


def _in_unit(value, told):
    return value if told.get("unit") == "share" else 100 * value


def _limit(side):
    return lambda g, told, _: _in_unit(
        g.limit(float(told["at"]), side, told.get("level", "95")), told
    )


def _at_risk(group, told, _):
    at = float(told["at"])
    after = told.get("boundary") == "after"
    return (group.times > at).sum() if after else (group.times >= at).sum()


ON_CURVES = {
    "survival": lambda g, told, _: _in_unit(g.rate(float(told["at"])), told),
    "standard_error": lambda g, told, _: _in_unit(g.error(float(told["at"])), told),
    "survival_lower": _limit(-1),
    "survival_upper": _limit(1),
    "at_risk": _at_risk,
    "events_by": lambda g, told, _: (g.died & (g.times <= float(told["at"]))).sum(),
    "nobody_followed": lambda g, told, _: (g.times <= float(told["at"])).all(),
    "median_survival": lambda g, _, example: g.quantile(0.5, example.median),
    "median_survival_lower": lambda g, *_: g.quantile_limit(0.5, -1),
    "median_survival_upper": lambda g, *_: g.quantile_limit(0.5, 1),
    "quantile_survival": lambda g, told, example: g.quantile(float(told["q"]), example.median),
    "reverse_median": lambda g, *_: g.reversed_median(),
    "mean_survival": lambda g, told, _: g.mean(float(told["to"]) if "to" in told else None)[0],
    "mean_survival_error": lambda g, *_: g.mean()[1],
}


def _test(truth, inside, statistic, told):
    """P of a test, or a number of a Cox model."""
    times, died = np.array([float(t) for t in truth["time"]]), truth["event"].to_numpy(bool)
    kind = told.get("test", "cox")
    if "by" in told:
        return multivariate_logrank_test(times, truth[told["by"]], died).p_value
    if kind in WEIGHTS:
        sides = times[inside], times[~inside], died[inside], died[~inside]
        return logrank_test(*sides, weightings=WEIGHTS[kind]).p_value
    if kind == "exact_log_rank":
        return exact_log_rank(times, died, inside)
    covariates = [inside]
    if "adjusted_for" in told:
        column, _, level = told["adjusted_for"].partition("=")
        covariates.append((truth[column] == level).to_numpy())
    fit = PHReg(times, np.column_stack(covariates).astype(float), died.astype(int),
                ties=told.get("ties", "efron")).fit()  # fmt: skip
    if kind == "likelihood_ratio":
        gain = fit.llf - PHReg(times, inside[:, None].astype(float), died.astype(int),
                               ties=told["ties"]).loglike([0.0])  # fmt: skip
        return chi2.sf(2 * gain, 1)
    return fit.pvalues[0] if statistic == "hazard_ratio_p" else math.exp(fit.params[0])


WEIGHTS = {"log_rank": None, "breslow_gehan": "wilcoxon", "tarone_ware": "tarone-ware"}


def exact_log_rank(times, died, inside):
    """The share of all groups of this size that are as far from what was expected of them."""
    left = np.array([(times >= t).sum() for t in times])
    taken = [sum(1 / left[i] for i in np.flatnonzero(died) if times[i] <= t) for t in times]
    scores = died - np.array(taken)
    far = abs(scores[inside].sum()) - 1e-9
    groups = [sum(scores[list(chosen)]) for chosen in combinations(range(len(times)), inside.sum())]
    return np.mean(np.abs(groups) >= far)


class Group:
    """Some patients, and what programs print of them."""

    def __init__(self, patients, scale):
        """`patients` with time and event; limits on a `scale`."""
        self.times = np.array([float(t) for t in patients["time"]])
        self.died = patients["event"].to_numpy(bool)
        self.scale = scale
        self.fit = KaplanMeierFitter().fit(self.times, self.died)
        self.errors = SurvfuncRight(self.times, self.died.astype(int))

    def rate(self, at):
        """Kaplan-Meier survival, 0 to 1."""
        return float(self.fit.predict(at))

    def error(self, at):
        """Greenwood's standard error."""
        before = self.errors.surv_times <= at
        return float(self.errors.surv_prob_se[before][-1]) if before.any() else 0.0

    def limit(self, at, side, level="95"):
        """A limit of the rate, side -1 or 1, cut to 0 and 1; at the rate where it has no error."""
        rate, margin = self.rate(at), Z[level] * self.error(at)
        if not margin or not 0 < rate < 1:
            return rate
        if self.scale == "log":
            return min(rate * math.exp(side * margin / rate), 1)
        if self.scale == "log_log":
            return rate ** math.exp(side * margin / (rate * math.log(rate)))
        return min(max(rate + side * margin, 0), 1)

    def quantile(self, share, rule="first"):
        """When a share has died: the first such time, or the middle of a step just there."""
        at = self._first(lambda t: round(self.rate(t), 9) <= round(1 - share, 9))
        below = self._first(lambda t: round(self.rate(t), 9) < round(1 - share, 9))
        return (at + below) / 2 if rule == "middle" and math.isfinite(below) else at

    def quantile_limit(self, share, side, level="95"):
        """Brookmeyer and Crowley's limit of a quantile."""
        return self._first(
            lambda t: self.rate(t) > 1e-9 and self.limit(t, side, level) <= 1 - share
        )

    def _first(self, test):
        return next((t for t in np.unique(self.times) if test(t)), math.inf)

    def mean(self, to=None):
        """The area under the curve up to a time, by default the largest, and Greenwood's error."""
        to = self.times.max() if to is None else to
        steps = [0, *sorted({t for t in self.times[self.died] if t < to}), to]
        parts = [self.rate(a) * (b - a) for a, b in pairwise(steps)]
        spread = 0.0
        for k, time in enumerate(steps[1:-1], start=1):
            n = (self.times >= time).sum()
            d = (self.died & (self.times == time)).sum()
            spread += sum(parts[k:]) ** 2 * d / (n * (n - d))
        return sum(parts), math.sqrt(spread)

    def reversed_median(self):
        """Median follow-up: those who died leave it."""
        other = Group(pd.DataFrame({"time": self.times, "event": ~self.died}), self.scale)
        return other.quantile(0.5)
