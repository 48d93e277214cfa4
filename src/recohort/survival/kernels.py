"""Log-rank and one-covariate Cox for many cohorts at once (NumPy), ties included.

Every function takes arrays of shape (K,), one element a cohort: `patterns` (bit i: the
i-th patient in order of time died), `ties` (bit i: deaths i and i+1 fall at one time)
and `masks` (bit i: the i-th patient belongs to the group).
"""

from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2, norm

Bits = np.ndarray  # of shape (K,): a whole number a cohort, a bit a patient
NEWTON_STEPS = 40
FARTHEST = 15  # a log hazard ratio beyond this is on its way to infinity


def risk_sets(size: int, patterns: Bits, ties: Bits, masks: Bits) -> Iterator[tuple]:
    """At each position that holds a death: its time's risk set, for all cohorts.

    Yields ``(last, deaths, group_deaths, at_risk, group_at_risk, died)`` per position;
    `last` marks the final death of a tied time, where the other counts are complete.
    """
    deaths = group_deaths = at_risk = group_at_risk = np.zeros(len(masks))
    tied = np.zeros(len(masks), bool)
    for i in range(size):
        died = patterns >> i & 1 == 1
        at_risk = np.where(tied, at_risk, size - i)
        group_at_risk = np.where(tied, group_at_risk, np.bitwise_count(masks >> i))
        deaths = np.where(tied, deaths, 0) + died
        group_deaths = np.where(tied, group_deaths, 0) + (died & (masks >> i & 1 == 1))
        tied = ties >> i & 1 == 1
        yield died & ~tied, deaths, group_deaths, at_risk, group_at_risk


def log_rank_terms(
    size: int, patterns: Bits, ties: Bits, masks: Bits
) -> tuple[np.ndarray, np.ndarray]:
    """Observed minus expected deaths of the group (Mantel 1966) and their variance, shape (K,)."""
    score, variance = np.zeros(len(masks)), np.zeros(len(masks))
    for last, d, d1, n, n1 in risk_sets(size, patterns, ties, masks):
        share = n1 / n
        score += np.where(last, d1 - d * share, 0)
        variance += np.where(last, d * share * (1 - share) * (n - d) / np.maximum(n - 1, 1), 0)
    return score, variance


def log_rank_p(size: int, patterns: Bits, ties: Bits, masks: Bits) -> np.ndarray:
    """Two-sided P of the log-rank test of group against the rest, shape (K,)."""
    score, variance = log_rank_terms(size, patterns, ties, masks)
    with np.errstate(divide="ignore", invalid="ignore"):
        return chi2.sf(score**2 / variance, 1)


def cox_alone(
    size: int, patterns: Bits, ties: Bits, masks: Bits, method: str = "breslow"
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficient and standard error of a Cox model with group as its only covariate.

    Newton's method to full convergence; `method` for ties is ``"breslow"`` or ``"efron"``.
    Both are NaN where the likelihood has no maximum.
    """
    beta, information = _climb(_cox_terms(size, patterns, ties, masks, method))
    with np.errstate(divide="ignore"):
        error = 1 / np.sqrt(information)
    runaway = (np.abs(beta) > FARTHEST) | (information <= 0)
    return np.where(runaway, np.nan, beta), np.where(runaway, np.nan, error)


def likelihood_ratio_p(
    size: int, patterns: Bits, ties: Bits, masks: Bits, method: str = "breslow"
) -> np.ndarray:
    """Two-sided P of the likelihood-ratio test of a Cox model with group as its only covariate.

    Where the likelihood has no maximum it still has a limit, which programs print.
    """
    terms = _cox_terms(size, patterns, ties, masks, method)
    beta, _ = _climb(terms)
    others, members, weight, score = terms
    gain = beta * score
    gain -= (weight * np.log((others + members * np.exp(beta)) / (others + members))).sum(axis=0)
    return chi2.sf(2 * np.maximum(gain, 0), 1)


def _climb(terms):
    """Newton's method to full convergence: coefficients (held within 30) and information."""
    beta, information = np.zeros(len(terms[3])), np.zeros(len(terms[3]))
    going = np.arange(len(beta))  # those that still move
    for _ in range(NEWTON_STEPS):
        others, members, weight, score0 = (term[..., going] for term in terms)
        share = members * np.exp(beta[going])
        share /= others + share
        score = score0 - (weight * share).sum(axis=0)
        information[going] = (weight * share * (1 - share)).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.nan_to_num(score / information[going])
        before = beta[going]
        beta[going] = np.clip(before + np.clip(step, -1, 1), -30, 30)
        going = going[(np.abs(step) >= 1e-13) & (beta[going] != before)]
        if not len(going):
            break
    return beta, information


def wald_p(beta: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Two-sided Wald P of coefficients with standard errors."""
    return 2 * norm.sf(np.abs(beta / error))


def _cox_terms(size, patterns, ties, masks, method):
    """One row a death (at most `size`): risk-set sizes outside and inside the group, weight."""
    others, members, weight, score = [], [], [], np.zeros(len(masks))
    for last, d, d1, n, n1 in risk_sets(size, patterns, ties, masks):
        score += np.where(last, d1, 0)
        for step in range(size):  # the step-th of d tied deaths
            here = last & (step < d)
            if not here.any():
                break
            gone = step / np.maximum(d, 1) if method == "efron" else 0
            inside = n1 - gone * d1
            others.append(np.where(here, n - gone * d - inside, 1))
            members.append(np.where(here, inside, 0))
            weight.append(here.astype(float))
    return np.array(others), np.array(members), np.array(weight), score
