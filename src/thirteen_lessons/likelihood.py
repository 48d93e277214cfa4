"""The partial likelihood of a Cox model, by statsmodels: its height anywhere, not only its top.

Cohorts have the columns `time` (months) and `event` (True = died); covariates are frames with one
numeric or boolean column each. Tied deaths are treated as Breslow proposed.
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg

DROP = chi2.ppf(0.95, 1) / 2  # a coefficient this far below the top is just outside 95%
FARTHEST = 30  # a log hazard ratio where a likelihood without a top has become flat


def partial_likelihood(cohort: pd.DataFrame, covariates: pd.DataFrame) -> PHReg:
    """The model, whose `loglike`, `score` and `hessian` take one coefficient a covariate."""
    time, died = cohort["time"].to_numpy(float), cohort["event"].to_numpy(int)
    return PHReg(time, covariates.to_numpy(float), status=died, ties="breslow")


def profile_height(model: PHReg, coefficient: float) -> float:
    """Log-likelihood at the first coefficient, all that it can be with the second at its best.

    With one covariate, the height itself. Where no second coefficient is best, the height at
    `FARTHEST`, from where on nothing changes.
    """
    if model.exog.shape[1] == 1:
        return float(model.loglike(np.array([coefficient])))

    def slope(other):
        return model.score(np.array([coefficient, other]))[1]

    ends = np.array([slope(-FARTHEST), slope(FARTHEST)])
    if ends[0] > 0 > ends[1]:
        best = brentq(slope, -FARTHEST, FARTHEST, xtol=1e-13)
    else:
        best = FARTHEST if ends[1] >= 0 else -FARTHEST
    return float(model.loglike(np.array([coefficient, best])))
