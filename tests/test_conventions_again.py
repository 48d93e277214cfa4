"""The main options that leave no cohort, refuted by the second route as well.

`convention_searches.csv` says for each option whether a cohort is left. Here one option of each of
seven switches is refuted by itself, from rows that depend on no switch still in question: what
fails without them fails with any option of theirs. (P values rounded once are refuted beside the
edition's other options only: where limits may be formed anyhow, they leave a cohort.)
"""

from functools import cache
from itertools import product
from math import erfc, exp, sqrt

import numpy as np
import pytest

import second_route as second
from recohort.folder import read_blocks
from recohort.paper.options import CONVENTIONS
from second_route import float_prints as prints
from thirteen.data import DATA, read_table

pytestmark = pytest.mark.xdist_group("second_route")
SEARCHES = read_table("convention_searches")
OTHER = {"interval_rounding": "unrounded", "median": "kaplan_meier", "test": "cox",
         "p_rounding": "direct", "adjustment": "joint", "sd": "sample",
         "quantile": "exclusive"}  # fmt: skip
CORRECTION = read_table("corrections").query("block == 'survival' and correction == 1")
PLAIN = second.RATES | second.DASHES | second.COUNTS
NO_RATIO = PLAIN | second.TIMES
CHOICES = read_blocks("survival", folder=DATA)[2]
EDITION = {name: CHOICES[name] for name in (*OTHER, "ties")}


@cache
def paper():
    """What each search was told: all rows but those of the correction."""
    return second.paper(*read_blocks("survival", folder=DATA)[:2], CORRECTION["fact"].tolist())


def told(statistics, **options):
    """The rows of some statistics, with options other than the edition's where they are named."""
    other = tuple(o for o in options.items() if o not in EDITION.items())
    rows = [r for r in paper().rows if r.statistic in statistics]
    return paper()._replace(rows=[r._replace(switches=other) for r in rows])


@cache
def rated(option=EDITION["interval_rounding"]):
    """The orders with a group for every level, by rates, limits and counts; each level's pairs."""
    asked, found = told(PLAIN, interval_rounding=option), {}
    every = second.orders(asked)
    for step in second.rated_levels(paper()):
        found[step] = second.pairs(asked, every, *step)
        left = {order for order, _ in found[step]}
        every = [order for order in every if order in left]
    return every, {s: [p for p in pairs if p[0] in left] for s, pairs in found.items()}


def limits_leave(option):
    """Orders and groups by rates with their limits: these depend on no other switch."""
    return bool(rated(option)[0])


def medians_leave(option):
    """The median of all patients: where its time falls among the landmarks, by rates alone."""
    (row,) = paper().rows_on({"median_survival"})
    later = tuple(float(row.printed) > landmark for landmark in paper().landmarks)
    places = {order: half_way(order, option) for order in rated()[0]}
    return any(tuple(at >= e for e in o.ended) == later for o, at in places.items())


def half_way(order, option):
    """Which patient, in order of time, stands at the median: of all, or where the curve is half."""
    n = len(order.died)
    if option == "follow_up":
        return n // 2
    left = np.cumprod([1 - died / (n - i) for i, died in enumerate(order.died)])
    return int(np.argmax(left <= 0.5 + 1e-12))


@cache
def p_pairs(**options):
    """The pairs of every level that print its P value, with the ways to tie deaths."""
    asked = told({"p_value"}, **options)
    return {step: second.tied_pairs(asked, own, *step) for step, own in rated()[1].items()}


def p_of_test_leaves(option):
    """Every level has a group that prints its P, by some way to treat ties and to round."""
    every = product(CONVENTIONS["ties"], CONVENTIONS["p_rounding"])
    return any(all(p_pairs(test=option, ties=t, p_rounding=p).values()) for t, p in every)


def whole_leaves(statistics, p_rounding=EDITION["p_rounding"], **options):
    """The solver: all columns and times together, P values by log-rank."""
    tied = p_pairs(p_rounding=p_rounding)
    return second.leaves(told(statistics, **options), rated()[0], tied)


def p_values_leave(option):
    """All but the ratio, the spread and the quartiles."""
    return whole_leaves(NO_RATIO - {"sd", "quantile"}, p_rounding=option)


def spread_leaves(option):
    """All but the ratio and the quartiles."""
    return whole_leaves(NO_RATIO - {"quantile"}, sd=option)


def quartiles_leave(option):
    """All but the ratio and the spread."""
    return whole_leaves(NO_RATIO - {"sd"}, quantile=option)


def ratios_leave(option):
    """Some hazard ratio with its limits, by groups that print rates, whatever is done with ties."""
    rows = [r for r in paper().rows if dict(r.options).get("adjusted_for")]
    ((column, _, level),) = {r.filters[0] for r in rows}
    ((other, _, value),) = {dict(r.options)["adjusted_for"].partition("=") for r in rows}
    sides = {c: (pairs, v) for (c, v), pairs in rated()[1].items()}
    every = (
        wald(order, (members, mask) if option == "joint" else (members,), ties, efron)
        for order, members in member_sets(*sides[column], level)
        for beside, mask in member_sets(*sides[other], value)
        for ties in (second.tie_patterns(order) if beside == order else ())
        for efron in (False, True)
    )
    return any(
        found and all(prints(found[r.statistic], r, r.statistic == "hazard_ratio_p") for r in rows)
        for found in every
    )


def member_sets(pairs, known, level):
    """Pairs of an order and the members of a level, where those of `known`, one of two, are had."""
    return [(o, m if known == level else tuple(not x for x in m)) for o, m in pairs]


def wald(order, covariates, ties, efron):
    """Figures of the first covariate of a Cox model (Newton's method); none without a maximum."""
    x, risk = np.array(covariates, float).T, []
    beta = np.zeros(x.shape[1])
    for dead, start in tied_deaths(order, ties):
        for k in range(len(dead)):  # one row of weights a death
            weights = (np.arange(len(x)) >= start).astype(float)
            weights[dead] *= 1 - k / len(dead) if efron else 1
            risk.append((weights, x[dead[k]]))
    for _ in range(50):
        score, information = np.zeros_like(beta), np.zeros((len(beta), len(beta)))
        for weights, own in risk:
            shares = weights * np.exp(x @ beta)
            shares /= shares.sum()
            mean = shares @ x
            score += own - mean
            information += (x.T * shares) @ x - np.outer(mean, mean)
        if np.linalg.det(information) < 1e-9 or abs(beta).max() > 15:
            return {}
        step = np.linalg.solve(information, score)
        beta = beta + np.clip(step, -1, 1)
        if abs(step).max() < 1e-12:
            break
    error = sqrt(np.linalg.inv(information)[0, 0])
    return {
        "hazard_ratio": exp(beta[0]),
        "hazard_ratio_lower": exp(beta[0] - second.NORMAL_975 * error),
        "hazard_ratio_upper": exp(beta[0] + second.NORMAL_975 * error),
        "hazard_ratio_p": erfc(abs(beta[0] / error) / sqrt(2)),
    }


def tied_deaths(order, ties):
    """Those who die at one time, and the first who is at risk then."""
    found, start = [], 0
    for i, died in enumerate(order.died):
        if died and not ties[i]:
            found.append((list(range(start, i + 1)), start))
        start = i + 1 if not (died and ties[i]) else start
    return found


LEAVE = {  # in this order: each takes for granted what those before it settle
    "interval_rounding": limits_leave,
    "median": medians_leave,
    "test": p_of_test_leaves,
    "p_rounding": p_values_leave,
    "adjustment": ratios_leave,
    "sd": spread_leaves,
    "quantile": quartiles_leave,
}


@pytest.mark.slow
@pytest.mark.parametrize("switch", LEAVE)
def test_one_option_is_refuted_and_the_other_is_not(switch):
    """The same rows in the same way: none with one option, some with the other."""
    assert LEAVE[switch](EDITION[switch])
    assert not LEAVE[switch](OTHER[switch])


def test_the_search_refutes_them_too():
    """The committed answers: no cohort under the options refuted here, whatever the others are."""
    told = SEARCHES.set_index(["switch", "option"])["status"]
    assert {told[s, o] for s, o in OTHER.items() if s != "p_rounding"} == {"none"}
    assert {told[s, o] for s, o in EDITION.items() if s != "interval_rounding"} == {"some"}
