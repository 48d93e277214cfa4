"""Log-rank and one-covariate Cox for many cohorts at once (NumPy), ties included.

Every function takes arrays of shape (K,), one element a cohort: `patterns` (bit i: the
i-th patient in order of time died), `ties` (bit i: deaths i and i+1 fall at one time)
and `masks` (bit i: the i-th patient belongs to the group).
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy.stats import chi2, norm

from recohort.paper.on_curves import exact_log_rank

Bits = np.ndarray  # of shape (K,): a whole number a cohort, a bit a patient
NEWTON_STEPS = 40
FARTHEST = 15  # a log hazard ratio beyond this is on its way to infinity


def risk_sets(size: int, patterns: Bits, ties: Bits, masks: Bits) -> Iterator[tuple]:
    """At each position that holds a death: its time's risk set, for all cohorts.

    Yields ``(last, deaths, group_deaths, at_risk, group_at_risk)`` per position;
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
    size: int, patterns: Bits, ties: Bits, masks: Bits, power: float = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Observed minus expected deaths of the group (Mantel 1966) and their variance, shape (K,).

    Each time weighs as much as those at risk, to some `power`: 1 after Gehan and Breslow, 1/2 after
    Tarone and Ware.
    """
    score, variance = np.zeros(len(masks)), np.zeros(len(masks))
    for last, d, d1, n, n1 in risk_sets(size, patterns, ties, masks):
        share, weight = n1 / n, n**power
        score += np.where(last, weight * (d1 - d * share), 0)
        spread = d * share * (1 - share) * (n - d) / np.maximum(n - 1, 1)
        variance += np.where(last, weight**2 * spread, 0)
    return score, variance


def log_rank_p(size: int, patterns: Bits, ties: Bits, masks: Bits, power: float = 0) -> np.ndarray:
    """Two-sided P of the (weighted) log-rank test of group against the rest, shape (K,)."""
    score, variance = log_rank_terms(size, patterns, ties, masks, power)
    with np.errstate(divide="ignore", invalid="ignore"):
        return chi2.sf(score**2 / variance, 1)


def score_p(
    size: int, patterns: Bits, ties: Bits, masks: Bits, method: str = "breslow"
) -> np.ndarray:
    """Two-sided P of the score test of a Cox model with group as its only covariate, shape (K,)."""
    others, members, weight, score = _cox_terms(size, patterns, ties, masks, method)
    share = members / (others + members)
    distance = (score - (weight * share).sum(axis=0)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return chi2.sf(distance / (weight * share * (1 - share)).sum(axis=0), 1)


def exact_log_rank_p(size: int, patterns: Bits, ties: Bits, masks: Bits) -> np.ndarray:
    """Exact P of group against the rest by observed minus expected deaths, shape (K,)."""
    order = (array.tolist() for array in (patterns, ties, masks))
    found = [
        exact_log_rank(*order_of(size, pattern, tie), (mask >> i & 1 for i in range(size)))
        for pattern, tie, mask in zip(*order, strict=True)
    ]
    return np.array(found, float)


@lru_cache(maxsize=100_000)
def order_of(size: int, pattern: int, ties: int) -> tuple[tuple, tuple]:
    """An order as times, which are places with tied deaths at one, and as who died."""
    times = tuple((~ties & ((1 << i) - 1)).bit_count() for i in range(size))
    return times, tuple(bool(pattern >> i & 1) for i in range(size))


def groups_p(size: int, pattern: int, ties: int, groups: tuple[int, ...], power: float) -> float:
    """P of the (weighted) log-rank test of several groups (bits) in one order.

    One degree of freedom less than groups; not a number where deaths do not compare them all.
    """
    many = len(groups)
    order = (np.full(many, bits) for bits in (pattern, ties))
    score, covariance = np.zeros(many), np.zeros((many, many))
    for last, d, d1, n, n1 in risk_sets(size, *order, np.array(groups)):
        share, weight = n1 / n, last * n**power
        score += weight * (d1 - d * share)
        spread = weight**2 * d * (n - d) / np.maximum(n - 1, 1)
        covariance += spread * (np.diag(share) - np.outer(share, share))
    free = covariance[1:, 1:]
    if np.linalg.matrix_rank(free) < many - 1:
        return np.nan
    return float(chi2.sf(score[1:] @ np.linalg.solve(free, score[1:]), many - 1))


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


@lru_cache(maxsize=200_000)
def cox_joint(
    size: int, pattern: int, ties: int, groups: tuple[int, ...], method: str = "breslow"
) -> tuple[np.ndarray, np.ndarray] | None:
    """Coefficients and covariance of a Cox model with several groups (bits), in one order.

    Newton's method to full convergence; None where the likelihood has no maximum.
    """
    inside = np.array([[group >> i & 1 for group in groups] for i in range(size)], float)
    at_risk = _risk_weights(size, pattern, ties, method)
    dead = inside[[i for i in range(size) if pattern >> i & 1]].sum(axis=0)
    beta = np.zeros(len(groups))
    for _ in range(NEWTON_STEPS):
        risk = np.exp(inside @ beta)
        total = at_risk @ risk
        means = at_risk @ (risk[:, None] * inside) / total[:, None]
        pulls = risk * (at_risk.T @ (1 / total))
        information = inside.T @ (pulls[:, None] * inside) - means.T @ means
        if not np.linalg.cond(information) < 1e12:
            return None
        step = np.linalg.solve(information, dead - means.sum(axis=0))
        beta = beta + np.clip(step, -1, 1)
        if np.abs(beta).max() > FARTHEST:
            return None
        if np.abs(step).max() < 1e-12:
            return beta, np.linalg.inv(information)
    return None


@lru_cache(maxsize=10_000)
def _risk_weights(size, pattern, ties, method):
    """A row a death: how much of each patient is at risk, those who die with it in part."""
    times, died = map(np.array, order_of(size, pattern, ties))
    rows = []
    for time in np.unique(times[died]):
        dying = died & (times == time)
        for step in range(dying.sum()):
            gone = step / dying.sum() if method == "efron" else 0
            rows.append((times >= time) - gone * dying)
    return np.array(rows).reshape(-1, size)
