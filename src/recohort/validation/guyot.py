"""Patients' times from a published curve: the algorithm of Guyot and others (2012).

A plain translation of the R code in the appendix of BMC Medical Research Methodology 12:9, names
of its variables in the comments.
"""

import numpy as np
import pandas as pd

from recohort.paper.estimates import at_risk_table

EVERY, STEP = 12, 0.1  # months
LOOPS = 1000  # the published loops have no end of their own


def from_curve(cohort: pd.DataFrame) -> pd.DataFrame:
    """Patients from the exact curve, yearly numbers at risk and the number of deaths.

    The curve is read as one would click on it: the top (one `STEP` earlier) and the foot of each
    step, the times of the numbers at risk (`EVERY` so many months) and the end of follow-up.
    """
    times, died = cohort["time"].to_numpy(), cohort["event"].to_numpy()
    feet = np.unique(times[died])
    rates = [1 - (died & (times == t)).sum() / (times >= t).sum() for t in feet]
    marks = at_risk_table(cohort, np.arange(0, times.max(), EVERY, dtype=float))
    points = np.unique([0, *np.maximum(feet - STEP, 0), *feet, *marks["start"], times.max()])
    survival = np.append(1.0, np.cumprod(rates))[np.searchsorted(feet, points, side="right")]
    return reconstruct(points, survival, marks["start"], marks["at_risk"], int(died.sum()))


def reconstruct(
    times: np.ndarray,
    survival: np.ndarray,
    risk_times: np.ndarray,
    risk_numbers: np.ndarray,
    deaths: int,
) -> pd.DataFrame:
    """Patients (`time`, `event`) behind one curve, in order of time, deaths first.

    `times` and `survival` (1 to 0) are the points read off (t.S, S), `risk_times` and
    `risk_numbers` the table below it (t.risk, n.risk), `deaths` the total (tot.events).
    """
    arm = _Arm(times, survival, risk_times, risk_numbers)
    for i in range(len(arm.n_risk) - 1):
        arm.fit_interval(i)
    arm.fit_last(deaths)
    # Where the loops end with less than no death, the published code stops; here there is none.
    died = np.repeat(arm.t, np.maximum(arm.d, 0))
    # The censored stand midway between points, the rest at the end.
    left = np.repeat((arm.t[:-1] + arm.t[1:]) / 2, np.maximum(arm.cen[:-1], 0))
    size = arm.n_risk[0]
    months = np.concatenate([died, left])[:size]
    rest = np.full(size - len(months), arm.t[-1])
    event = np.arange(size) < len(died)
    frame = pd.DataFrame({"time": np.append(months, rest), "event": event})
    return frame.sort_values(["time", "event"], ascending=[True, False], ignore_index=True)


class _Arm:
    """The arrays that the published loops share; positions count from 0."""

    def __init__(self, times, survival, risk_times, risk_numbers):
        self.t, self.s = np.asarray(times, float), np.asarray(survival, float)
        self.n_risk = np.asarray(risk_numbers).astype(int)
        self.lower = np.searchsorted(self.t, np.asarray(risk_times) - 1e-9)
        self.upper = np.append(self.lower[1:] - 1, len(self.t) - 1)
        points = len(self.t)
        self.d, self.cen = np.zeros(points, int), np.zeros(points, int)
        self.km, self.n_hat = np.ones(points), np.full(points + 1, self.n_risk[0] + 1)
        self.n_censor = np.zeros(len(self.n_risk), int)
        self.last = np.zeros(len(self.n_risk), int)  # last.i

    def walk(self, i: int, until: int) -> int:
        """Deaths and numbers at risk along interval i, the censored spread evenly up to `until`."""
        first, censored = self.lower[i], max(self.n_censor[i], 0)
        shares = np.arange(1, censored + 1) / (censored + 1)
        months = self.t[first] + shares * (self.t[until] - self.t[first])
        bins = np.searchsorted(self.t[first : until + 1], months, side="left") - 1
        self.n_censor[i], self.cen[first:until] = censored, 0
        np.add.at(self.cen, first + np.maximum(bins, 0), 1)  # hist of cen.t
        self.n_hat[first], last = self.n_risk[i], self.last[i]
        for k in range(first, self.upper[i] + 1):
            share = self.s[k] / self.km[last] if self.km[last] > 1e-12 else 1
            self.d[k] = 0 if k == 0 else np.round(self.n_hat[k] * (1 - share))
            part = self.d[k] / self.n_hat[k] if self.n_hat[k] else 0
            self.km[k] = self.km[last] * (1 - part)
            self.n_hat[k + 1] = self.n_hat[k] - self.d[k] - self.cen[k]
            if self.n_hat[k + 1] < 0:
                self.n_hat[k + 1], self.cen[k] = 0, self.n_hat[k] - self.d[k]
            last = k if self.d[k] else last
        return last

    def fit_interval(self, i: int) -> None:
        """An interval with a number at risk at its end: as many censored as that asks for."""
        begin, end, wanted = self.lower[i], self.lower[i + 1], self.n_risk[i + 1]
        part = self.s[end] / self.s[begin] if self.s[begin] > 0 else 0
        self.n_censor[i] = np.round(self.n_risk[i] * part - wanted)
        last = self.last[i]
        for _ in range(LOOPS):
            had = self.n_hat[end]
            if not (had > wanted or (had < wanted and self.n_censor[i] > 0)):
                break
            last = self.walk(i, end)
            self.n_censor[i] += self.n_hat[end] - wanted
        self.n_risk[i + 1] = min(wanted, self.n_hat[end])
        self.last[i + 1] = last

    def fit_last(self, deaths: int) -> None:
        """The last interval: censored as often as before, then as the number of deaths asks."""
        i = len(self.n_risk) - 1
        first, end = self.lower[i], self.upper[i]
        if i:
            before = self.t[self.upper[i - 1]] - self.t[0]
            rate = self.n_censor[:i].sum() * (self.t[end] - self.t[first]) / max(before, 1e-9)
            self.n_censor[i] = min(np.round(rate), self.n_risk[i])
        self.walk(i, end)
        if i and self.d[:first].sum() >= deaths:
            self.d[first:], self.cen[first:], self.n_hat[first + 1 :] = 0, 0, self.n_risk[i]
            return
        for _ in range(LOOPS):
            total = self.d.sum()
            if not (total > deaths or (total < deaths and self.n_censor[i] > 0)):
                break
            self.n_censor[i] += total - deaths
            self.walk(i, end)
