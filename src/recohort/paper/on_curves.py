"""How statistics of follow-up are computed: rates, times off a curve, tests, hazard ratios.

As in `computing`, each takes (tables, row, conventions).
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from itertools import compress
from math import comb, lcm

import numpy as np
import pandas as pd

from recohort.paper import estimates
from recohort.paper.computing import quantile
from recohort.paper.limits import PATH, level_of, limits, normal_quantile
from recohort.paper.rounding import Number, as_decimal
from recohort.paper.rows import Row, Tables, cohort_of, column_of, filter_of, group_of, in_group

SAME = 1e-12  # rates this near are one
WEIGHTS = {"log_rank": None, "breslow_gehan": "wilcoxon", "tarone_ware": "tarone-ware"}


def quantile_time(tables: Tables, row: Row, conventions: dict) -> Number:
    """When half, or the share `q`, has died, by Kaplan-Meier; infinite if never.

    The printed "median survival time" may also be the plain median of follow-up.
    """
    if conventions["median"] == "follow_up" and row.statistic == "median_survival":
        return quantile(tables, row, conventions, Fraction(1, 2))
    times = [float(value) for value in column_of(tables, row)]
    group = group_of(tables, row).assign(time=times)
    return estimates.survival_quantile(group, conventions["median"], float(_share_of(row)))


def _share_of(row):
    return Fraction(dict(row.options).get("q", "1/2"))


def quantile_limit(tables: Tables, row: Row, conventions: dict) -> Number:
    """A limit of the median, or of the quantile `q`, of survival; infinite if not reached.

    The first time at which that limit of the rate is at most 1 - q (Brookmeyer and Crowley 1982).
    Where `limits_at_zero` is "none" a curve at zero has no limits.
    """
    table, left = estimates.kaplan_meier(group_of(tables, row)), 100 * (1 - _share_of(row))
    table = table[(table["survival"] > SAME) | (conventions["limits_at_zero"] == "zero")]
    path = conventions["interval_scale"], conventions["normal_quantile"], "unrounded"
    cells = table[["survival", "standard_error"]].round(12).itertuples(index=False)
    ends = [limits(*cell, path, level_of(row))[row.statistic.endswith("_upper")] for cell in cells]
    reached = table["time"][[end <= as_decimal(left) for end in ends]]
    return float(reached.iloc[0]) if len(reached) else np.inf


def reverse_median(tables: Tables, row: Row, conventions: dict) -> Number:
    """Median follow-up by the reverse Kaplan-Meier method; infinite if not reached."""
    group, ties = group_of(tables, row), conventions["reverse_ties"]
    return estimates.reverse_median_follow_up(group, conventions["median"], ties)


def area(tables: Tables, row: Row, conventions: dict) -> Number:
    """Mean survival, the area under the curve `to` a time or to the largest; or its error.

    Greenwood's: squared areas to the right of each death times d / (n (n - d)), summed; corrected,
    times m / (m - 1), of m deaths. The curve is carried on where follow-up ends before `to`.
    """
    group = group_of(tables, row)
    died = group["event"].astype(bool)
    ends = {"largest": group, "common": cohort_of(tables, row), "last_death": group[died]}
    to = float(dict(row.options).get("to", ends[conventions["mean_to"]]["time"].max()))
    table = estimates.kaplan_meier(group)
    deaths = table[(table["events"] > 0) & (table["time"] <= to)]
    steps = np.diff([0.0, *deaths["time"], to])
    pieces = np.append(1.0, deaths["survival"]) * steps
    if row.statistic == "mean_survival":
        return float(pieces.sum())
    areas = np.cumsum(pieces[::-1])[::-1][1:]  # from each death on
    n, d = deaths["at_risk"].to_numpy(), deaths["events"].to_numpy()
    hazards = np.divide(d, n * (n - d), out=np.zeros(len(n)), where=n > d)
    variance = (areas**2 * hazards).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        if conventions["mean_error"] == "corrected":
            variance *= np.divide(d.sum(), d.sum() - 1)
    return float(np.sqrt(variance))


def _at_landmark(tables, row):
    """The row in force at the landmark `at`, of the group's curve."""
    return estimates.survival_at(group_of(tables, row), float(dict(row.options)["at"]))


def landmark(tables: Tables, row: Row, conventions: dict) -> Number:
    """Kaplan-Meier rate at a landmark, Greenwood's error of it or a limit of it, in percent."""
    found = _at_landmark(tables, row)
    if row.statistic in found:
        return 100 * found[row.statistic]
    value, error = round(found["survival"], 12), round(found["standard_error"], 12)
    path = tuple(conventions[switch] for switch in PATH)
    return float(limits(value, error, path, level_of(row))[row.statistic.endswith("_upper")])


def at_risk(tables: Tables, row: Row, conventions: dict) -> Number:
    """Patients still followed at a time: those of that very time are, or are not."""
    times, at = group_of(tables, row)["time"], float(dict(row.options)["at"])
    return int((times > at).sum() if conventions["boundary"] == "after" else (times >= at).sum())


def events_by(tables: Tables, row: Row, _: dict) -> Number:
    """Deaths up to a time and at it."""
    group, at = group_of(tables, row), float(dict(row.options)["at"])
    return int((group["event"].astype(bool) & (group["time"] <= at)).sum())


def nobody_left(tables: Tables, row: Row, _: dict) -> Number:
    """1 when nobody is followed beyond the landmark and the curve is (not) at zero, or either."""
    found = _at_landmark(tables, row)
    zero = found["survival"] < 1e-12
    reason = {"curve_at_zero": zero, "follow_up_ended": not zero}.get(row.statistic, True)
    return int(found["at_risk"] == found["events"] + found["censored"] and reason)


def p_value(tables: Tables, row: Row, conventions: dict) -> Number:
    """P of a group against all other patients, or of all groups of a column together."""
    cohort, by, test = cohort_of(tables, row), dict(row.options).get("by"), conventions["test"]
    group = cohort[by].astype(str) if by else in_group(tables, row, cohort)
    if test == "exact_log_rank":
        if by:
            raise estimates.NoEstimateError("an exact test compares two groups")
        return exact_log_rank(tuple(cohort["time"]), tuple(cohort["event"].astype(bool)), group)
    if test in WEIGHTS:
        return estimates.log_rank(cohort, group, WEIGHTS[test])
    own = pd.get_dummies(group, drop_first=True) if by else group.to_frame("group")
    return estimates.cox_p(cohort, own, "wald" if test == "cox" else test, conventions["ties"])


def exact_log_rank(times: tuple, events: tuple, inside: Iterable) -> Fraction:
    """P of the permutation test that orders groups by observed minus expected deaths."""
    scores, inside = _scores(times, events), list(inside)
    return _exact_p(scores, int(sum(inside)), abs(sum(compress(scores, inside))))


@lru_cache(maxsize=100_000)
def _scores(times, events):
    """What each patient adds to observed minus expected deaths, in units that make them whole.

    1 for a death, less the sum of d / n up to the patient's own time (Nelson, Aalen).
    """
    ended, died = Counter(times), Counter(compress(times, events))
    left, hazard, taken = len(times), Fraction(0), {}
    for time in sorted(ended):
        hazard += Fraction(died[time], left)
        left, taken[time] = left - ended[time], hazard
    unit = lcm(*(hazard.denominator for hazard in taken.values()))
    return tuple(int((e - taken[t]) * unit) for t, e in zip(times, events, strict=True))


@lru_cache(maxsize=100_000)
def _exact_p(scores, chosen, distance):
    """The share of all groups of `chosen` patients whose scores add up to `distance` at the least.

    Either way from zero. Sums of one half of the patients meet those of the other (Horowitz and
    Sahni 1974).
    """
    half = len(scores) // 2
    one, other = _sums(scores[:half]), _sums(scores[half:])
    ways = 0
    for inside in range(max(0, chosen - len(other) + 1), min(half, chosen) + 1):
        here, there = one[inside], np.sort(other[chosen - inside])
        below = np.searchsorted(there, -distance - here, side="right")
        above = len(there) - np.searchsorted(there, distance - here, side="left")
        ways += int(np.where(distance > 0, below + above, len(there)).sum())
    return Fraction(ways, comb(len(scores), chosen))


def _sums(scores):
    """The sums of all choices, by how many are chosen."""
    totals, sizes = np.zeros(1, object), np.zeros(1, int)
    for score in scores:
        totals, sizes = np.append(totals, totals + score), np.append(sizes, sizes + 1)
    exact = totals if max(map(abs, totals), default=0) > 2**61 else totals.astype(np.int64)
    return [exact[sizes == size] for size in range(len(scores) + 1)]


def hazard(tables: Tables, row: Row, conventions: dict) -> Number:
    """A number of a Cox model of the group, with or without `adjusted_for`."""
    cohort = cohort_of(tables, row)
    covariates = in_group(tables, row, cohort).to_frame("group")
    other = dict(row.options).get("adjusted_for")
    if other and conventions["adjustment"] == "joint":
        alike = row._replace(filters=(filter_of(other),))
        covariates["other"] = in_group(tables, alike, cohort)
    model = estimates.cox(cohort, covariates, conventions["ties"]).iloc[0]
    if row.statistic == "hazard_ratio_p":
        return float(model["p_value"])
    z = float(normal_quantile("exact", level_of(row)))
    side = {"hazard_ratio_lower": -z, "hazard_ratio_upper": z}.get(row.statistic, 0)
    return float(np.exp(model["coefficient"] + side * model["standard_error"]))
