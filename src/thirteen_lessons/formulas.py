"""The lessons' formulas: limits of a rate, a likelihood, score tests, simulated studies.

Cohorts have the columns `time` (months) and `event` (True = died); covariates are frames with one
numeric or boolean column each. In arrays of many studies, or of many groups, a row is one of them
and a column a patient.
"""

import numpy as np
import pandas as pd
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg

from recohort.paper.estimates import cox
from recohort.paper.limits import limits

KINDS = ("linear", "log", "log-log", "arcsine")
DROP = chi2.ppf(0.95, 1) / 2  # a coefficient this far below the top is just outside 95%
FAR = 12.0  # log hazard ratios are looked for within these bounds: 1 to 160,000 either way
HALVINGS = 45  # of the search for the maximum of a likelihood: to eleven digits


def survival_limits(survival, greenwood, kind: str):
    """Lower and upper 95% limits of a Kaplan-Meier rate, as shares cut to 0-1.

    `greenwood` is the sum of d / (n (n - d)) over the deaths so far: the standard error of the rate
    is the rate times its root; `survival` is alike in shape. `kind` is one of `KINDS`, the formulas
    are those of R's `survfit(conf.type = ...)`. Where nobody has died, or nobody is left, there is
    no answer and the limits are the rate itself. Raises ValueError for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"survival_limits: kind={kind!r}, expected one of {', '.join(KINDS)}")
    path = kind.replace("-", "_"), "two_decimals", "unrounded"
    ends = np.vectorize(lambda *rate: tuple(map(float, limits(*rate, path))), otypes=[float] * 2)
    rates = np.asarray(survival, float)
    with np.errstate(invalid="ignore"):
        errors = np.nan_to_num(rates * np.sqrt(greenwood))
    lower, upper = ends(rates, errors)
    return lower / 100, upper / 100


def partial_likelihood(cohort: pd.DataFrame, covariates: pd.DataFrame) -> PHReg:
    """The model, whose `loglike`, `score` and `hessian` take one coefficient a covariate.

    Tied deaths are treated as Breslow proposed.
    """
    time, died = cohort["time"].to_numpy(float), cohort["event"].to_numpy(int)
    return PHReg(time, covariates.to_numpy(float), status=died, ties="breslow")


def score_test(cohort: pd.DataFrame, covariates: pd.DataFrame, clock, ties="breslow") -> pd.Series:
    """Chi-squared (one degree of freedom) for each covariate of a Cox model, by its name.

    The exact score test of proportional hazards, as R's `cox.zph` computes it since version 3: it
    tests at zero the coefficient of the covariate times `clock`, which has a value for each row of
    `cohort`. `ties` is how the model is fitted; tied deaths each meet the whole risk set here.
    Raises ValueError as `cox` does.
    """
    values = covariates.to_numpy(float)
    weight = np.exp(values @ cox(cohort, covariates, ties)["coefficient"].to_numpy())
    time, died = cohort["time"].to_numpy(), np.flatnonzero(cohort["event"])
    residuals, variances = [], []
    for who in died:
        there = time >= time[who]
        share = weight[there] / weight[there].sum()
        away = values[there] - share @ values[there]
        residuals.append(values[who] - share @ values[there])
        variances.append(away.T @ (share[:, None] * away))
    clock = np.asarray(clock, float)[died]
    clock = clock - clock.mean()
    residuals, variances = np.array(residuals), np.array(variances)
    flat, tilted, steep = (np.tensordot(clock**k, variances, axes=1) for k in (0, 1, 2))
    slope = clock @ residuals - tilted @ np.linalg.solve(flat, residuals.sum(axis=0))
    spread = np.diag(steep - tilted @ np.linalg.solve(flat, tilted))
    return pd.Series(slope**2 / spread, covariates.columns)


def score_tests_of_groups(cohort: pd.DataFrame, groups, clock) -> np.ndarray:
    """Chi-squared of models with one group each, many at once; 0 where no finite ratio fits.

    `groups` has a row a group and a column a patient; `clock` a value a patient. No ties.
    """
    time, event = cohort["time"].to_numpy(), cohort["event"].to_numpy()
    ratio = hazard_ratios(time, event, groups)[:, None]
    finite = (ratio > 0) & np.isfinite(ratio)
    ratio = np.where(finite, ratio, 1)
    died, mine, inside, outside = _in_order(time, event, groups)
    share = inside * ratio / (inside * ratio + outside)
    clock, variance = np.asarray(clock, float)[np.argsort(time)], died * share * (1 - share)
    total = np.maximum(variance.sum(axis=1, keepdims=True), 1e-12)
    away = clock - variance @ clock[:, None] / total
    spread = (variance * away**2).sum(axis=1)
    slope = (died * away * (mine - share)).sum(axis=1)
    good = finite[:, 0] & (spread > 0)
    return np.divide(slope**2, spread, out=np.zeros(len(groups)), where=good)


def simulate(rng, studies: int, group, ratio: float, rate: float, follow_up=(24, 96)):
    """Times (months) and events of `studies` studies with the same patients and the same truth.

    Everybody dies at a constant `rate` a month, those in `group` at `ratio` times that rate; each
    is followed for a time drawn evenly from `follow_up` (months), unless death comes first. `group`
    says for each patient whether the hazard is that of the group; nobody ties.
    """
    group = np.asarray(group, dtype=bool)
    shape = (studies, len(group))
    death = rng.exponential(1 / (rate * np.where(group, ratio, 1.0)), shape)
    last_visit = rng.uniform(*follow_up, shape)
    return np.minimum(death, last_visit), death <= last_visit


def log_rank_scores(time, event, group):
    """Deaths in the group beyond expectation, and their variance: two arrays, one value a study.

    The log-rank test's z is the first divided by the root of the second.
    """
    died, mine, inside, outside = _in_order(time, event, group)
    share = inside / (inside + outside)
    return (died * (mine - share)).sum(axis=1), (died * share * (1 - share)).sum(axis=1)


def hazard_ratios(time, event, group):
    """Cox's estimate of the hazard ratio for each study; 0 or infinite where there is no maximum.

    The likelihood's slope falls from end to end, so its zero is found by halving.
    """
    died, mine, inside, outside = _in_order(time, event, group)
    low, high = np.full(len(died), -FAR), np.full(len(died), FAR)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        share = inside / (inside + outside * np.exp(-middle)[:, None])
        rising = (died * (mine - share)).sum(axis=1) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    compares = died & (inside > 0) & (outside > 0)
    theirs = (compares & ~mine).any(axis=1)
    ours = (compares & mine).any(axis=1)
    return np.select([~theirs & ours, theirs & ~ours], [np.inf, 0.0], np.exp((low + high) / 2))


def _in_order(time, event, group):
    """By time: who died, who belongs to the group, and how many of either were still at risk."""
    time, event, group = np.broadcast_arrays(np.atleast_2d(time), event, group)
    order = np.argsort(time, axis=1)
    died, mine = (np.take_along_axis(np.asarray(x, bool), order, axis=1) for x in (event, group))
    inside = mine[:, ::-1].cumsum(axis=1)[:, ::-1]
    outside = np.arange(mine.shape[1], 0, -1) - inside
    return died, mine, inside, outside
