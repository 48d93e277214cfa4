"""Lesson 6: Cox regression."""

import numpy as np
from scipy import stats

from recohort.paper.estimates import cox, log_rank
from thirteen_lessons.formulas import partial_likelihood

RATIO, INSIDE, OUTSIDE = 4, 2, 10  # the lottery of the first exercise


def answers(patients) -> dict:
    """By exercise; `patients` has `time`, `event`, `tumor_2cm_or_larger`."""
    large = patients[["tumor_2cm_or_larger"]]
    model = cox(patients, large).iloc[0]
    likelihood = partial_likelihood(patients, large)
    tickets, climb = INSIDE * RATIO + OUTSIDE, [0.0]
    for _ in range(2):  # Newton's first two steps
        at = climb[-1:]
        climb.append((climb[-1] - likelihood.score(at) / likelihood.hessian(at)).item())
    return {
        "6.1": {
            "right": RATIO / tickets,
            "group": INSIDE * RATIO / tickets,
            "equal": 1 / (INSIDE + OUTSIDE),
            "in_part": RATIO / (RATIO + INSIDE - 1 + OUTSIDE),
            "outside": RATIO / OUTSIDE,
        },
        "6.2": {
            "right": model["hazard_ratio"],
            "coefficient": model["coefficient"],
            "first_step": np.exp(climb[1]),
            "second_step": np.exp(climb[2]),
            "turned": 1 / model["hazard_ratio"],
            "lower": model["ci_lower"],
            "upper": model["ci_upper"],
            "p_value": model["p_value"],
        },
        "6.3": _likelihood_ratio(patients, large, model),
    }


def _likelihood_ratio(patients, large, model):
    height = partial_likelihood(patients, large).loglike
    lost = height([model["coefficient"]]) - height([0.0])
    return {
        "right": stats.chi2.sf(2 * lost, 1),
        "single": stats.chi2.sf(lost, 1),
        "wald": model["p_value"],
        "score": log_rank(patients, large.iloc[:, 0]),
        "chi_squared": 2 * lost,
        "height": lost,
    }
