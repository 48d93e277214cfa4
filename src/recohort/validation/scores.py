"""One measure for every method that rebuilds patients: how much of the truth one of its cohorts is.

The search lists many cohorts; its score is the mean of theirs, as of one picked blindly, with the
times that the search gives as an example, well inside what they may be. The method of Guyot and
others gives one cohort for the curve of all patients, and one for the curves of both levels of
a factor.
"""

import numpy as np
import pandas as pd

from recohort.validation.guyot import from_curve

NEAR = 1  # month
MOST = 20  # solutions that are scored, evenly from the list
SCORES = ("order", "death_times", "censored_times", "rows")


def score(truth: pd.DataFrame, whole: pd.DataFrame, arms: pd.DataFrame, factor: str) -> dict:
    """Shares of the truth in a rebuilt cohort, 0 to 1; not a number where there is none to find.

    `order`: are deaths and last visits in the true order; `death_times`, `censored_times`: those
    within a month; `rows`: patients with the right fate, a time within a month and the right
    level of the factor. `whole` is the cohort rebuilt for all patients, `arms` with its levels.
    """
    died = truth["event"].to_numpy()
    return {
        "order": float(np.array_equal(whole["event"], died)),
        "death_times": _share(_matches(truth[died], whole)),
        "censored_times": _share(_matches(truth[~died], whole)),
        "rows": _share(_matches(truth, arms, factor)),
    }


def spaced(solutions: list) -> list:
    """`MOST` of the solutions at the most, evenly from the list."""
    places = np.linspace(0, len(solutions) - 1, min(MOST, len(solutions))).astype(int)
    return [solutions[i] for i in places]


def score_curves(truth: pd.DataFrame, factor: str) -> dict:
    """The score of Guyot's method, given exact curves, numbers at risk and deaths."""
    levels = truth.groupby(factor)
    arms = pd.concat([from_curve(some).assign(**{factor: level}) for level, some in levels])
    return score(truth, from_curve(truth), arms, factor)


def score_search(truth: pd.DataFrame, factor: str, cohorts: list) -> dict:
    """The mean score of the search's cohorts (frames), each of which knows the factor as well."""
    scores = [score(truth, cohort, cohort, factor) for cohort in cohorts]
    return pd.DataFrame(scores).mean().to_dict() if scores else dict.fromkeys(SCORES, np.nan)


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
