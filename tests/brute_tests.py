"""P values and Cox models of very small cohorts, worked out anew.

Shares nothing with the package. `died` says who died, in order of time, `moment` when: the same
whole number for patients who die at one time. `labels` has the groups: a tuple of zeros and ones
for each covariate.
"""

import math
from functools import cache
from itertools import combinations

import numpy as np
from scipy.special import gammaincc

FARTHEST = 15  # a coefficient beyond this has no maximum
STOPPED_EARLY = 1e-3  # standard errors by which lifelines may stop before the maximum
WEIGHTS = {
    "log_rank": lambda _: 1.0,
    "breslow_gehan": lambda at_risk: float(at_risk),
    "tarone_ware": lambda at_risk: math.sqrt(at_risk),
}


def chi_square(statistic, freedom=1):
    """P of a chi-square statistic."""
    return float(gammaincc(freedom / 2, max(statistic, 0) / 2))


def risk_sets(died, moment):
    """For each time of death: who is at risk and who of them dies, as places."""
    for time in sorted({m for m, d in zip(moment, died, strict=True) if d}):
        risk = [i for i, m in enumerate(moment) if m >= time]
        yield risk, [i for i in risk if died[i] and moment[i] == time]


@cache
def weighted_log_rank(died, moment, labels, kind):
    """P of a log-rank test of all groups together, None where they are not all compared."""
    table = np.array(labels, float)
    score, spread = np.zeros(len(labels)), np.zeros((len(labels), len(labels)))
    for risk, dying in risk_sets(died, moment):
        n, d, weight = len(risk), len(dying), WEIGHTS[kind](len(risk))
        share = table[:, risk].mean(axis=1)
        score += weight * (table[:, dying].sum(axis=1) - d * share)
        more = (n - d) / (n - 1) if n > 1 else 0
        spread += weight**2 * d * more * (np.diag(share) - np.outer(share, share))
    if np.linalg.matrix_rank(spread, tol=1e-9) < len(labels):
        return None
    return chi_square(score @ np.linalg.solve(spread, score), len(labels))


@cache
def exact_log_rank(died, moment, inside):
    """The share of all groups of a size that are as far from what was expected of them."""
    taken, left = dict.fromkeys(moment, 0.0), 0.0
    for time in sorted({*moment}):
        here = [i for i, m in enumerate(moment) if m == time]
        left += sum(died[i] for i in here) / sum(m >= time for m in moment)
        taken[time] = left
    scores = [d - taken[m] for d, m in zip(died, moment, strict=True)]
    places = range(len(died))
    far = abs(sum(scores[i] for i in places if inside[i])) - 1e-9
    groups = list(combinations(places, sum(inside)))
    return sum(abs(sum(scores[i] for i in group)) >= far for group in groups) / len(groups)


class Cox:
    """A Cox model of some groups, climbed with halved steps."""

    def __init__(self, died, moment, labels, ties):
        """The likelihood's terms: for each death the weights of those at risk."""
        self.table, self.dead, self.terms = np.array(labels, float), np.array(died, bool), []
        for risk, dying in risk_sets(died, moment):
            for k in range(len(dying)):
                weights = np.zeros(len(died))
                weights[risk] = 1
                weights[dying] -= k / len(dying) if ties == "efron" else 0
                self.terms.append(weights)
        self.beta = self._climb()

    def likelihood(self, beta):
        """The logarithm of the partial likelihood."""
        risk = beta @ self.table
        gone = sum(math.log(weights @ np.exp(risk)) for weights in self.terms)
        return risk[self.dead].sum() - gone

    def slope(self, beta):
        """Its first derivative, and the negative of its second."""
        score = self.table[:, self.dead].sum(axis=1)
        information = np.zeros((len(score), len(score)))
        for weights in self.terms:
            share = weights * np.exp(beta @ self.table)
            share /= share.sum()
            mean = self.table @ share
            score = score - mean
            information = information + (self.table * share) @ self.table.T - np.outer(mean, mean)
        return score, information

    def _climb(self):
        beta = np.zeros(len(self.table))
        for _ in range(200):
            score, information = self.slope(beta)
            if np.linalg.eigvalsh(information)[0] < 1e-10:
                return None
            step = np.linalg.solve(information, score)
            step /= max(1, np.abs(step).max())
            beta = beta + step
            if np.abs(beta).max() > FARTHEST:
                return None
            if np.abs(step).max() < 1e-12:
                break
        return beta

    def number(self, statistic, z, early):
        """The least and the greatest of a cell of the first group; None without a maximum."""
        if self.beta is None:
            return None
        spread = math.sqrt(np.linalg.inv(self.slope(self.beta)[1])[0, 0])
        side, ends = {"hazard_ratio_lower": -z, "hazard_ratio_upper": z}.get(statistic, 0), []
        for shift in (-STOPPED_EARLY, STOPPED_EARLY) if early else (0,):
            moved = self.beta[0] + shift * spread
            is_p = statistic in ("p_value", "hazard_ratio_p")
            ends.append(chi_square((moved / spread) ** 2) if is_p
                        else math.exp(moved + side * spread))  # fmt: skip
        return min(ends), max(ends)

    def wald(self):
        """P of all groups together; None without a maximum."""
        if self.beta is None:
            return None
        return chi_square(self.beta @ self.slope(self.beta)[1] @ self.beta, len(self.beta))

    def score(self):
        """P of the score test."""
        score, information = self.slope(np.zeros(len(self.table)))
        if np.linalg.matrix_rank(information, tol=1e-9) < len(score):
            return None
        return chi_square(score @ np.linalg.solve(information, score), len(score))

    def likelihood_ratio(self):
        """P of the likelihood-ratio test: of one group also its limit without a maximum."""
        beta = self.beta
        if beta is None and len(self.table) > 1:
            return None
        if beta is None:
            beta = max((np.array([end]) for end in (-30.0, 30.0)), key=self.likelihood)
        gain = self.likelihood(beta) - self.likelihood(np.zeros(len(beta)))
        return chi_square(2 * gain, len(beta))


@cache
def model(*given):
    """A Cox model, remembered."""
    return Cox(*given)
