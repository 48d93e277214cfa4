"""Lesson 6: Cox regression."""

import numpy as np
from scipy import stats

from recohort.paper.estimates import cox, log_rank
from thirteen_lessons.exercises import Task


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `time`, `event`, `tumor_2cm_or_larger`."""
    large = patients["tumor_2cm_or_larger"].astype(bool)
    model = cox(patients, large.to_frame("large")).loc["large"]
    return {
        "6.1": _lottery(4, 2, 10),
        "6.2": _ratio(model),
        "6.3": _likelihood_ratio(patients, large, model),
        "6.4": _six_covariates(),
    }


def _lottery(ratio, inside, outside):
    tickets = inside * ratio + outside
    return Task(
        right=ratio / tickets,
        mistakes={
            "That is the chance that any one of the group dies; this one patient is asked "
            "for.": inside * ratio / tickets,
            "There everybody holds one ticket: that is a hazard ratio of 1.": 1
            / (inside + outside),
            "The group's tickets are missing below the line in part: each of the two holds "
            "four.": ratio / (ratio + inside - 1 + outside),
            "Below the line stands everybody at risk, the group as well.": ratio / outside,
        },
        why="Own tickets by all tickets: one factor of the partial likelihood.",
        hint="Four tickets each in the group, one each outside.",
        decimals=3,
    )


def _ratio(model):
    return Task(
        right=model["hazard_ratio"],
        mistakes={
            "That is the coefficient, a logarithm: take exp of it.": model["coefficient"],
            "That is small against large: the other way round.": 1 / model["hazard_ratio"],
            "That is the lower limit.": model["ci_lower"],
            "That is the upper limit.": model["ci_upper"],
            "That is P.": model["p_value"],
        },
        why="Exactly where the slope is zero.",
        hint="The climb above, with the numbers at risk of the other group.",
        decimals=2,
    )


def _likelihood_ratio(patients, group, model):
    time, event = patients["time"].to_numpy(), patients["event"].to_numpy(bool)
    group = group.to_numpy()
    at_risk = time >= np.sort(time[event])[:, None]
    inside, outside = (at_risk & group).sum(axis=1), (at_risk & ~group).sum(axis=1)
    b = model["coefficient"]
    lost = (group & event).sum() * b
    lost -= np.log((inside * np.exp(b) + outside) / (inside + outside)).sum()
    return Task(
        right=stats.chi2.sf(2 * lost, 1),
        mistakes={
            "You forgot to double the height before holding it against chi-squared.": stats.chi2.sf(
                lost, 1
            ),
            "That is Wald's P: the distance in standard errors.": model["p_value"],
            "That is the score test, which is the log-rank test.": log_rank(patients, group),
            "That is chi-squared itself; P is how often chance exceeds it.": 2 * lost,
            "That is the height lost; double it, then ask chi-squared.": lost,
        },
        why="It lies between the score test and Wald's.",
        hint="scipy.stats.chi2.sf(2 * height lost, 1).",
        decimals=3,
    )


def _six_covariates():
    return Task(
        right="c",
        mistakes={
            "“Independent” is as strong as the model that holds the other five, and twelve deaths "
            "cannot hold them.": "a",
            "Deaths count, not patients: the 48 who lived on take part in no lottery's win.": "b",
            "Small studies print the largest ratios, true or not. The interval says how little is "
            "known.": "d",
        },
        why="Two deaths for each covariate; the limits are a hundredfold apart.",
    )
