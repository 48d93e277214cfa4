"""Many cohorts at once against a loop over lifelines; `bench.py` prints it in its table."""

from time import perf_counter

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

from recohort.survival.kernels import cox_alone, log_rank_p

COHORTS, SAMPLE, PATIENTS = 10_000, 100, 13
# By itself lifelines halts its Newton steps where two or three digits of the coefficient stand
TO_THE_END = {"precision": 1e-20, "r_precision": 0.0}
NOTE = f"""\
Cohorts: the loop over lifelines is timed on {SAMPLE} of them and scaled to all. The answers for
these are equal to within 1e-8; lifelines' Newton steps are taken to their end for the comparison,
and as it comes for the time."""


def seconds(run):
    """Seconds that a call takes, and what it returns."""
    start = perf_counter()
    answer = run()
    return perf_counter() - start, answer


def drawn(count, rng):
    """Random cohorts: exponential times to 0.1 month, about half of the patients dead."""
    shape = (count, PATIENTS)
    times = np.round(rng.exponential(30, shape), 1) + 0.1
    return times, rng.random(shape) < 0.5, rng.random(shape) < 0.4


def bits_of(times, events, groups):
    """Deaths, tied deaths and groups as bits by order of time, as the search's kernels take them.

    At one time deaths come before last visits.
    """
    order = np.lexsort((~events, times))
    times, events, groups = (np.take_along_axis(a, order, 1) for a in (times, events, groups))
    together = np.zeros_like(events)
    same = times[:, 1:] == times[:, :-1]
    together[:, :-1] = same & events[:, 1:] & events[:, :-1]
    return tuple(a @ (1 << np.arange(PATIENTS)) for a in (events, together, groups))


def _comparable(times, events, groups):
    """Cohorts whose Cox model has a maximum: the others lifelines only warns about."""
    with np.errstate(all="ignore"):
        good = np.isfinite(cox_alone(PATIENTS, *bits_of(times, events, groups))[0])
    return times[good], events[good], groups[good]


def cohorts() -> list[tuple]:
    """Rows of (name, our seconds, lifelines' scaled to as many), answers compared."""
    arrays = _comparable(*drawn(2 * COHORTS, np.random.default_rng(13)))
    arrays = tuple(array[:COHORTS] for array in arrays)
    assert len(arrays[0]) == COHORTS
    few = [
        pd.DataFrame({"time": t, "event": e, "group": g.astype(float)})
        for t, e, g in zip(*(array[:SAMPLE] for array in arrays), strict=True)
    ]
    ours = {
        "Log-rank P": lambda: log_rank_p(PATIENTS, *bits_of(*arrays)),
        "Cox, one covariate (Efron)": lambda: cox_alone(PATIENTS, *bits_of(*arrays), "efron")[0],
    }
    theirs = dict(zip(ours, (_lifelines_log_rank, _lifelines_cox), strict=True))
    rows = []
    for name, run in ours.items():
        own, found = min((seconds(run) for _ in range(3)), key=lambda pair: pair[0])
        loop, wanted = seconds(lambda n=name: [theirs[n](frame) for frame in few])
        if name.startswith("Cox"):  # timed as lifelines comes, compared where its steps have ended
            wanted = [_lifelines_cox(frame, **TO_THE_END) for frame in few]
        np.testing.assert_allclose(found[:SAMPLE], wanted, rtol=1e-8, atol=1e-10)
        rows.append((name, own, loop * COHORTS / SAMPLE))
    return rows


def _lifelines_log_rank(frame):
    a, b = (frame[frame["group"] == g] for g in (1, 0))
    return logrank_test(a["time"], b["time"], a["event"], b["event"]).p_value


def _lifelines_cox(frame, **options):
    fit = CoxPHFitter().fit(frame, "time", "event", fit_options=options)
    return float(fit.params_.iloc[0])


def part() -> tuple:
    """A part of the bench's table: its title, what it is compared with, and rows."""
    return f"{COHORTS:,} cohorts of {PATIENTS} at once", "a loop over lifelines", cohorts()
