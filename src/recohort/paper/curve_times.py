"""Times read off a Kaplan-Meier curve: limits of quantiles, means with their errors."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from recohort.paper.estimates import kaplan_meier
from recohort.paper.limits import NINETY_FIVE, limits

SAME = 1e-12  # rates this near are one


def quantile_limits(
    cohort: pd.DataFrame,
    path: tuple[str, str, str],
    q: Fraction = Fraction(1, 2),
    level: Fraction = NINETY_FIVE,
    at_zero: str = "zero",
) -> tuple[float, float]:
    """Limits of a quantile of survival (Brookmeyer and Crowley 1982), each infinite if not reached.

    The first times at which the lower and the upper limit of the rate are at most 1 - q; `path`
    and `level` are those of `limits.limits`. With `at_zero` "none" a curve at zero has no limits.
    """
    table, left = kaplan_meier(cohort), 100 * Decimal((1 - q).numerator) / (1 - q).denominator
    table = table[(table["survival"] > SAME) | (at_zero == "zero")]
    cells = table[["survival", "standard_error"]].round(12).itertuples(index=False)
    ends = [limits(rate, error, path, level) for rate, error in cells]
    found = []
    for side in (0, 1):
        reached = table["time"][[end[side] <= left for end in ends]]
        found.append(float(reached.iloc[0]) if len(reached) else np.inf)
    return found[0], found[1]


def mean_survival(
    cohort: pd.DataFrame, to: float, correct: bool = False, last_death: bool = False
) -> tuple[float, float]:
    """Area under the curve up to a time, and its standard error.

    Greenwood's: squared areas to the right of each death times d / (n (n - d)), summed; `correct`
    for m / (m - 1), of m deaths. The curve is carried on where follow-up ends before `to`; with
    `last_death` the area ends there.
    """
    table = kaplan_meier(cohort)
    deaths = table[(table["events"] > 0) & (table["time"] <= to)]
    if last_death:
        to = float(deaths["time"].iloc[-1]) if len(deaths) else np.nan
    starts = np.append(0.0, deaths["time"])
    pieces = np.append(1.0, deaths["survival"]) * np.diff(np.append(starts, to))
    areas = np.cumsum(pieces[::-1])[::-1][1:]  # from each death on
    n, d = deaths["at_risk"].to_numpy(), deaths["events"].to_numpy()
    hazards = np.divide(d, n * (n - d), out=np.zeros(len(n)), where=n > d)
    variance = (areas**2 * hazards).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        variance *= np.divide(d.sum(), d.sum() - 1) if correct else 1
    return float(pieces.sum()), float(np.sqrt(variance))
