"""The exact score test of proportional hazards, as R's `cox.zph` computes it since version 3."""

import numpy as np
import pandas as pd

from recohort.paper.estimates import cox


def score_test(cohort: pd.DataFrame, covariates: pd.DataFrame, clock, ties="breslow") -> pd.Series:
    """Chi-squared (one degree of freedom) for each covariate of a Cox model, by its name.

    Tests at zero the coefficient of the covariate times `clock`, which has a value for each row of
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
    time, groups = cohort["time"].to_numpy(), np.asarray(groups, float)
    died = np.flatnonzero(cohort["event"])
    there = (time >= time[died][:, None]).T.astype(float)  # patients x deaths
    inside, happened, everybody = groups @ there, groups[:, died], there.sum(axis=0)
    ratio = np.ones((len(groups), 1))
    for _ in range(60):  # Newton's steps
        share = inside * ratio / (inside * ratio + everybody - inside)
        variance = share * (1 - share)
        total = np.maximum(variance.sum(axis=1), 1e-12)
        step = np.clip((happened - share).sum(axis=1) / total, -2, 2)
        ratio = np.clip(ratio * np.exp(step)[:, None], 1e-6, 1e6)
    clock = np.asarray(clock, float)[died]
    away = clock - (variance @ clock / total)[:, None]
    spread = (variance * away**2).sum(axis=1)
    finite = (ratio[:, 0] > 1e-5) & (ratio[:, 0] < 1e5) & (spread > 0)
    slope = (away * (happened - share)).sum(axis=1)
    return np.divide(slope**2, spread, out=np.zeros(len(groups)), where=finite)
