"""Every analysis over every cohort that prints the paper: what is the same in all, what varies."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from recohort.edition import frame_of
from recohort.paper.estimates import Z, cox, median_survival, survival_at
from recohort.paper.reading import rows_of
from recohort.paper.rows import filter_of
from recohort.survival import many
from recohort.survival.cohorts import cohorts, ties_in
from recohort.survival.problem import Problem, mask_of
from recohort.survival.questions import question
from recohort.survival.reals import ends
from recohort.witness import witness_tables
from thirteen.data import DATA, kept_problem
from thirteen.outcomes import by_patient, cumulative_incidence, endpoint, with_death

RESULTS = "result group unit value".split()


def listed_cohorts(folder=DATA) -> tuple[Problem, list]:
    """`kept_problem` and all its cohorts: the same as `run` finds, each for all its real times."""
    problem = kept_problem(folder)
    return problem, list(cohorts(problem, every_word=True))


def frames(problem: Problem, found) -> list[pd.DataFrame]:
    """Each cohort as a frame, a row a patient in order of time."""
    return [frame_of(SimpleNamespace(problem=problem), cohort) for cohort in found]


def arrays_of(problem: Problem, found, group=None) -> many.Ranked:
    """Cohorts of the search as arrays (K, n); `group` is a filter, by default everyone."""
    places = np.arange(problem.size)
    times = np.array([cohort.times for cohort in found])
    events = np.array([cohort.pattern for cohort in found])[:, None] >> places & 1 == 1
    if group is None:
        return many.ranked(times, events)
    masks = np.array([mask_of(problem, group, dict(cohort.masks)) for cohort in found])
    return many.ranked(times, events, masks[:, None] >> places & 1 == 1)


def time_ends(problem: Problem, found) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest that each time of each cohort can be, shape (K, n).

    Ends that are only approached count as well; spreads are not asked.
    """
    asked = [question(problem, c.pattern, c.counts, dict(c.masks), ties_in(c)) for c in found]
    known = {q: [(float(e.lowest), float(e.highest)) for e in ends(q)] for q in set(asked)}
    return tuple(np.array([known[q] for q in asked]).transpose(2, 0, 1))


def factors_of(published) -> tuple[list, tuple]:
    """Filters of the factors that have a printed P value, and the pair of one joint model."""
    rows = rows_of(published)
    factors = [r.filters[0] for r in rows if r.statistic == "p_value"]
    both = [(r.filters[0], filter_of(dict(r.options)["adjusted_for"])) for r in rows
            if "adjusted_for" in dict(r.options)]  # fmt: skip
    return list(dict.fromkeys(factors)), both[0]


def every_result(published, problem: Problem, found) -> pd.DataFrame:
    """Long frame: one row a result and cohort, two for a median: at its lowest and highest times.

    `group` is empty for all patients. Rates in percent; hazard ratios against all others.
    """
    rows, ends_of_times = {}, time_ends(problem, found)
    everyone = arrays_of(problem, found)
    for month in problem.landmarks:
        rows["rate", f"at={month}", "%"] = 100 * many.rates_at(everyone, float(month))[0]
    rows["median survival", "", "months"] = _at_both(many.medians, everyone, ends_of_times)
    rows["median of times", "", "months"] = np.median(ends_of_times, axis=2).ravel()
    factors, pair = factors_of(published)
    for group in factors:
        name, own = "".join(group), arrays_of(problem, found, group)
        rest = many.Ranked(own.times, own.events, ~own.groups)
        beta, error = many.cox(own)
        medians = (_at_both(many.medians, part, ends_of_times) for part in (own, rest))
        for what, values in zip(("", " of the others"), medians, strict=True):
            rows[f"median survival{what}", name, "months"] = values
        rows["log-rank P", name, ""] = many.log_rank(own)
        rows["exact P, difference", name, ""] = many.exact_p(own)
        rows["exact P, chi-squared", name, ""] = many.exact_p(own, "chi_squared")
        rows["hazard ratio alone", name, ""] = np.exp(beta)
        rows["lower limit, alone", name, ""] = np.exp(beta - Z * error)
    for name, ratio, lower in _together(problem, found, pair):
        rows["hazard ratio together", name, ""] = ratio
        rows["lower limit, together", name, ""] = lower
    return pd.concat(
        [pd.DataFrame(dict(zip(RESULTS, (*key, values), strict=True)))
         for key, values in rows.items()], ignore_index=True
    )  # fmt: skip


def _at_both(measure, cohorts, ends_of_times):
    """A measure that moves with every time, at the lowest and at the highest times, shape (2K,)."""
    return np.concatenate([measure(cohorts._replace(times=times)) for times in ends_of_times])


def _together(problem, found, pair):
    """Hazard ratios of two factors in one model: name, ratio and lower limit, shape (K,).

    A Cox model knows times by their order alone, so that cohorts of one order, the same ties
    and the same two groups are fitted once (statsmodels).
    """
    groups = [arrays_of(problem, found, group) for group in pair]
    bits = np.stack([*many.bits_of(groups[0]), many.bits_of(groups[1])[2]], axis=1)
    _, first, back = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    fits = []
    for k in first:
        frame = pd.DataFrame({"time": groups[0].times[k], "event": groups[0].events[k]})
        both = pd.DataFrame({"".join(f): g.groups[k] for f, g in zip(pair, groups, strict=True)})
        fits.append(cox(frame, both)[["hazard_ratio", "ci_lower"]])
    back = back.ravel()
    return [
        (name, *(np.array([fit.loc[name, cell] for fit in fits])[back] for cell in fits[0]))
        for name in fits[0].index
    ]


def sampled_results(tables: dict, witnesses: pd.DataFrame, correction: str) -> pd.DataFrame:
    """`followed_results` of the edition's tables and of each witness under its correction.

    `witnesses` is `related_witnesses.csv`: whole cohorts that print all figures, and together
    show each value that a cell of these tables can have. Long frame as of `every_result`.
    """
    own = witnesses[witnesses["correction"].astype(str) == correction]
    every = [tables, *(witness_tables(rows, tables) for _, rows in own.groupby("witness"))]
    rows = [(result, "", unit, value) for cohort in every
            for (result, unit), value in followed_results(cohort).items()]  # fmt: skip
    return pd.DataFrame(rows, columns=RESULTS)


def followed_results(tables: dict, months=(12, 36)) -> dict:
    """Local control and progression of one cohort: {(result, unit): value}; rates in percent.

    By Kaplan-Meier; local progression before death is the cumulative incidence of Aalen and
    Johansen by the last of `months`.
    """
    patients, tumors = tables["patients"], tables["tumors"]
    died = tumors["patient_id"].map(patients.set_index("patient_id")["event"]).astype(bool)
    local = endpoint(tumors, "local_time", "local_event")
    free = endpoint(patients, "progression_time", "progression_event")
    curves = {
        "local control by tumor": local,
        "local control by patient": by_patient(tumors),
        "free of progression": free,
        "alive and free of progression": with_death(patients),
    }
    found = {(f"{name}, at {m} months", "%"): 100 * survival_at(curve, m)["survival"]
             for name, curve in curves.items() for m in months}  # fmt: skip
    found["local progression before death", "%"] = 100 * cumulative_incidence(
        local, died, months[-1]
    )
    for name in list(curves)[2:]:
        found[f"{name}, median", "months"] = median_survival(curves[name])
    for m in months:
        followed = int((local["time"] >= m).sum())
        found[f"tumors followed for {m} months without local progression", "tumors"] = followed
    return found


def spans(results: pd.DataFrame) -> pd.DataFrame:
    """Each result over all cohorts: how many values (to nine decimals), lowest and highest."""
    rounded = results.assign(value=results["value"].round(9))
    keys = ["result", "group", "unit"]
    return rounded.groupby(keys, sort=False)["value"].agg(
        values="nunique", lowest="min", highest="max"
    ).reset_index()  # fmt: skip
