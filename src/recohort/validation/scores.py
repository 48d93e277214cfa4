"""One measure for every method that rebuilds patients: how much of the truth one of its cohorts is.

The search lists many cohorts; its score is the mean of theirs, as of one picked blindly, with the
times that the search gives as an example, well inside what they may be. The method of Guyot and
others gives one cohort for the curve of all patients, and one for the curves of both levels of
a factor.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from recohort.validation.guyot import from_curve
from recohort.validation.printers import PROGRAMS

NEAR = 1  # month
CLOSE = np.log(1.1)  # a hazard ratio within ten percent
MOST = 20  # solutions that are scored, evenly from the list
SCORES = ("order", "death_times", "censored_times", "rows", "ratio")


def score(truth: pd.DataFrame, whole: pd.DataFrame, arms: dict) -> dict:
    """Shares of the truth in a rebuilt cohort, 0 to 1; not a number where there is none to find.

    `order`: are deaths and last visits in the true order; `death_times`, `censored_times`: those
    within a month; `rows`: patients with the right fate, a time within a month and the right
    level of the first factor; `ratio`: is the second factor's hazard ratio within ten percent.
    `whole` is the cohort rebuilt for all patients, `arms` the one for each factor.
    """
    died = truth["event"].to_numpy()
    first, second = [*list(arms)[:2], None][:2]
    return {
        "order": float(np.array_equal(whole["event"], died)),
        "death_times": _share(_matches(truth[died], whole)),
        "censored_times": _share(_matches(truth[~died], whole)),
        "rows": _share(_matches(truth, arms[first], first)),
        "ratio": np.nan if second is None else _same_ratio(truth, arms[second], second),
    }


def spaced(solutions: list) -> list:
    """`MOST` of the solutions at the most, evenly from the list."""
    places = np.linspace(0, len(solutions) - 1, min(MOST, len(solutions))).astype(int)
    return [solutions[i] for i in places]


def score_curves(truth: pd.DataFrame, factors: Iterable[str]) -> dict:
    """The score of Guyot's method, given exact curves, numbers at risk and deaths."""
    arms = {
        f: pd.concat([from_curve(some).assign(**{f: level}) for level, some in truth.groupby(f)])
        for f in factors
    }
    return score(truth, from_curve(truth), arms)


def score_search(truth: pd.DataFrame, factors: Iterable[str], cohorts: list) -> dict:
    """The mean score of the search's cohorts (frames), each of which knows all factors at once."""
    scores = [score(truth, c, dict.fromkeys(factors, c)) for c in cohorts]
    return pd.DataFrame(scores).mean().to_dict() if scores else dict.fromkeys(SCORES, np.nan)


def _same_ratio(truth, rebuilt, factor):
    models = []
    for some in (truth, rebuilt):
        events, inside = some["event"].to_numpy(bool), (some[factor] == "yes").to_numpy()
        models.append(PROGRAMS["lifelines"].cox(some["time"].to_numpy(), events, inside))
    if models[0] is None:
        return np.nan
    return float(models[1] is not None and abs(models[0][0] - models[1][0]) <= CLOSE)


def _matches(truth, rebuilt, factor=None):
    """For each true row: is there a rebuilt one for it alone: fate, time, level of the factor?"""
    columns = ["event"] + ([factor] if factor else [])
    same = np.abs(rebuilt["time"].to_numpy() - truth["time"].to_numpy()[:, None]) <= NEAR
    for column in columns:
        same &= rebuilt[column].to_numpy() == truth[column].to_numpy()[:, None]
    found = np.zeros(len(truth), bool)
    for i, here in enumerate(same):
        if here.any():
            found[i] = True
            same[:, here.argmax()] = False  # taken
    return found


def _share(flags):
    return float(flags.mean()) if len(flags) else np.nan
