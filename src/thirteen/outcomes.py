"""Outcomes other than survival: counts with exact limits, kidney function, units of analysis.

Tidy frames in, numbers and frames out; the columns are those of the cohort's tables.
"""

from fractions import Fraction

import numpy as np
import pandas as pd
from scipy.stats import binomtest, t

from recohort.paper.estimates import kaplan_meier
from recohort.paper.rounding import printed_bounds


def exact_interval(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's limits of a share of `k` in `n`: ``exact_interval(0, 10)[1]``.

    Raises ValueError unless 0 <= k <= n and n > 0.
    """
    if not (0 <= k <= n and n > 0):
        raise ValueError(f"exact_interval: {k} of {n} is no share")
    limits = binomtest(k, n).proportion_ci(level, method="exact")
    return float(limits.low), float(limits.high)


def changes(renal: pd.DataFrame) -> pd.DataFrame:
    """`renal_function` with `change` (before minus after) and `percent` of the value before.

    Differences are exact to the last printed decimal; both are positive where function fell.
    """
    pairs = zip(renal["egfr_before"], renal["egfr_after"], strict=True)
    exact = [(Fraction(str(a)), Fraction(str(a)) - Fraction(str(b))) for a, b in pairs]
    change = [float(change) for _, change in exact]
    return renal.assign(change=change, percent=[float(100 * c / a) for a, c in exact])


def t_test_span(mean: str, sd: str, n: int) -> tuple[float, float]:
    """Lowest and highest P of a t test of `n` differences whose mean and SD (by n - 1) print so.

    Whatever the differences were: P depends on nothing else.
    """
    (m_low, m_high), (s_low, s_high) = (map(float, printed_bounds(x)) for x in (mean, sd))
    high, low = (2 * t.sf(np.sqrt(n) * m / s, n - 1) for m, s in ((m_low, s_high), (m_high, s_low)))
    return float(low), float(high)


def endpoint(frame: pd.DataFrame, time: str, event: str) -> pd.DataFrame:
    """The frame with two of its columns as `time` and `event`."""
    return frame.assign(time=frame[time].astype(float), event=frame[event].astype(bool))


def with_death(patients: pd.DataFrame) -> pd.DataFrame:
    """Progression-free survival in which a death without progression is an event as well."""
    time = patients["progression_time"].where(patients["progression_event"], patients["time"])
    return patients.assign(time=time, event=patients["progression_event"] | patients["event"])


def by_patient(tumors: pd.DataFrame) -> pd.DataFrame:
    """Local control with the patient as unit: the first progression, else the longest follow-up.

    One row a patient with `patient_id`, `time` (months from the tumor's own ablation), `event`.
    """
    rows = []
    for patient, own in tumors.groupby("patient_id"):
        event = bool(own["local_event"].any())
        times = own.loc[own["local_event"], "local_time"] if event else own["local_time"]
        rows.append((patient, float(times.min() if event else times.max()), event))
    return pd.DataFrame(rows, columns=["patient_id", "time", "event"])


def cumulative_incidence(cohort: pd.DataFrame, competing, months: float) -> float:
    """Share with the event by `months` when a competing event ends the waiting (Aalen, Johansen).

    `competing` is a boolean series: rows without the event that end in the other one.
    """
    event, other = cohort["event"].astype(bool), np.asarray(competing, dtype=bool)
    both = kaplan_meier(cohort.assign(event=event | other)).set_index("time")
    before, total = both["survival"].shift(fill_value=1.0), 0.0
    for time in sorted(set(cohort.loc[event & (cohort["time"] <= months), "time"])):
        total += before[time] * (event & (cohort["time"] == time)).sum() / both["at_risk"][time]
    return float(total)
