"""One made-up paper after the other: drawn, printed, rebuilt, compared; one row each."""

import signal
import threading
from contextlib import contextmanager

import numpy as np
import pandas as pd

from recohort.survival.comparisons import death_ties
from recohort.survival.kernels import cox_alone
from recohort.validation import guyot
from recohort.validation.draw import FACTORS, draw_cohort, setting_of
from recohort.validation.errors import KINDS, plant
from recohort.validation.rebuild import Bounds, bits, known_cells, rebuild, truth_passes
from recohort.validation.template import (
    AS_THE_PAPER,
    TEXTBOOK,
    Template,
    hazard_ratio,
    print_paper,
    rounded,
)

LEVELS = ("yes", "no")
SECONDS = 120  # of processor time for one rebuilding: a last resort, after the bounds of work
NEAR = 0.1 + 1e-9  # months
VARIANTS = {
    "13 patients": (13, Template()),
    "10 patients": (10, Template()),
    "15 patients": (15, Template()),
    "no intervals": (13, Template(intervals=False)),
    "no medians": (13, Template(medians=False)),
    "whole percents": (13, Template(rate_decimals=0)),
}


def conventions_of(number: int) -> tuple[str, dict]:
    """Every other paper forms its numbers as this one does, the rest by the textbook."""
    return ("textbook", TEXTBOOK) if number % 2 else ("as the paper", AS_THE_PAPER)


def paper_of(seed: int, number: int, size: int = 13, template=None) -> tuple:
    """A drawn cohort, its printed rows and its conventions."""
    cohort, (_, conventions) = draw_cohort(seed, number, size), conventions_of(number)
    factors = dict.fromkeys(FACTORS, LEVELS)
    return cohort, print_paper(cohort, factors, conventions, template), conventions


def validate_one(task) -> dict:
    """A row of `papers.csv`: `task` is (seed, number)."""
    seed, number = task
    cohort, published, conventions = paper_of(seed, number)
    found, truth = _rebuilt(published, conventions, cohort)
    row = {"number": number, **setting_of(number), "conventions": conventions_of(number)[0]}
    row |= {"deaths": int(cohort["event"].sum()), "rows": len(published)} | found[0] | truth
    ratio = hazard_ratio(cohort, cohort["bulky"] == "yes")
    row["ratio"] = "" if ratio is None else f"{ratio['ratio']:.4f}"
    return row | _by_search(found[1], cohort, ratio) | _by_guyot(cohort, ratio)


def vary_one(task) -> dict:
    """A row of `variants.csv`: `task` is (seed, number, name of the variant)."""
    seed, number, name = task
    cohort, published, conventions = paper_of(seed, number, *VARIANTS[name])
    found, truth = _rebuilt(published, conventions, cohort)
    return {"variant": name, "number": number} | found[0] | truth


def err_one(task) -> dict:
    """A row of `errors.csv`: `task` is (seed, number); the kinds of error take turns."""
    seed, number = task
    cohort, published, conventions = paper_of(seed, number)
    random = np.random.default_rng(np.random.SeedSequence([seed, number, 1]))
    kind = KINDS[number % len(KINDS)]
    changed, ids = plant(published, cohort, kind, random)
    old, new = (frame.set_index("id").loc[ids, "printed"] for frame in (published, changed))
    found, _ = _rebuilt(changed, conventions, None, Bounds(solutions=1))
    status, solutions = found[0]["status"], found[0]["solutions"]
    answer = {"complete": "noticed" if solutions == 0 else "not noticed",
              "many solutions": "not noticed"}.get(status, "not searched")  # fmt: skip
    return {"number": number, "kind": kind, "rows": " ".join(ids), "printed": " ".join(old),
            "planted": " ".join(new), "answer": answer, "status": status}  # fmt: skip


def _rebuilt(published, conventions, cohort, bounds=None):
    """What the search found, as cells, with the rebuilding itself; is the truth let through?"""
    truth = {} if cohort is None else {"truth": ""}
    try:
        with time_limit(SECONDS):
            found = rebuild(published, conventions, bounds)
            if cohort is not None:
                truth = {"truth": truth_passes(found.problem, cohort)}
    except TimeoutError:
        empty = dict.fromkeys(("orders", "candidates", "solutions"), "")
        return ({"status": "time-out"} | empty, None), truth
    candidates = "" if found.candidates is None else found.candidates
    listed = "" if found.status.endswith(("orders", "groups")) else len(found.solutions)
    cells = {"status": found.status, "orders": found.orders, "candidates": candidates}
    return (cells | {"solutions": listed}, found), truth


@contextmanager
def time_limit(seconds: int):
    """TimeoutError after so many seconds of this process's work, however busy the machine is.

    Only a process's first thread can be stopped so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _by_search(found, cohort, ratio):
    """What every solution agrees on; empty where not all solutions were listed."""
    names = "events death_times censored_times treated bulky older joined ratio".split()
    if found is None or found.status != "complete" or not found.solutions:
        return dict.fromkeys((f"search_{name}" for name in names), "")
    known, died = known_cells(found), cohort["event"].to_numpy()
    joined = known["events"] & known["treated"] & known["bulky"]
    shares = {name: known[name].mean() for name in ("events", *FACTORS)} | {
        "joined": joined.mean(), "death_times": _mean(known["times"][died]),
        "censored_times": _mean(known["times"][~died]),
    }  # fmt: skip
    row = {f"search_{name}": _share(shares.get(name)) for name in names}
    same = ratio and {rounded(r, 1) for r in _ratios(found)} == {rounded(ratio["ratio"], 1)}
    return row | {"search_ratio": "" if ratio is None else bool(same)}


def _ratios(found):
    """The hazard ratio of the second factor, which no paper prints, in every solution."""
    first = [death_ties(found.problem.size, j.pattern, set(j.counts)) for j in found.solutions]
    ties = [t[(j.ties & -j.ties).bit_length() - 1] if j.ties > 0 else 0
            for t, j in zip(first, found.solutions, strict=True)]  # fmt: skip
    patterns = [j.pattern for j in found.solutions]
    masks = [j.masks["bulky", "yes"] for j in found.solutions]
    arrays = (np.array(x, np.int64) for x in (patterns, ties, masks))
    return np.exp(cox_alone(found.problem.size, *arrays, "efron")[0])


def _by_guyot(cohort, ratio):
    """The same cohort from its exact curves: all patients, then each arm of two factors."""
    whole = from_curve(cohort)
    arms = {f: pd.concat([from_curve(cohort[cohort[f] == v]).assign(level=v) for v in LEVELS])
            for f in FACTORS[:2]}  # fmt: skip
    died = cohort["event"].to_numpy()
    row = {"guyot_deaths": int(whole["event"].sum()) == int(died.sum()),
           "guyot_events": bits(whole["event"]) == bits(died)}  # fmt: skip
    for name, event in (("death_times", True), ("censored_times", False)):
        row[f"guyot_{name}"] = _share(_found(cohort[died == event], whole))
    joined = np.all([_matches(cohort, arms[f], cohort[f]) for f in arms], axis=0)
    row["guyot_joined"] = _share(joined.mean())
    if ratio is None:
        return row | {"guyot_ratio": "", "guyot_estimate": ""}
    again = hazard_ratio(arms["bulky"], arms["bulky"]["level"] == "yes")
    same = again is not None and rounded(again["ratio"], 1) == rounded(ratio["ratio"], 1)
    return row | {"guyot_ratio": same,
                  "guyot_estimate": "" if again is None else f"{again['ratio']:.4f}"}  # fmt: skip


def from_curve(cohort: pd.DataFrame) -> pd.DataFrame:
    """Guyot's patients from the exact curve, yearly numbers at risk and the number of deaths."""
    deaths = int(cohort["event"].sum())
    return guyot.reconstruct(*guyot.read_curve(cohort), *guyot.at_risk(cohort), deaths)


def _found(truth, rebuilt):
    """Share of the true rows that a rebuilt row of the same kind matches to a tenth of a month."""
    return _mean(_matches(truth, rebuilt)) if len(truth) else float("nan")


def _matches(truth, rebuilt, levels=None):
    """For each true row: is there a rebuilt one for it alone: event, level, and time to 0.1?"""
    time, event = rebuilt["time"].to_numpy(), rebuilt["event"].to_numpy()
    same = event == truth["event"].to_numpy()[:, None]
    same &= np.abs(time - truth["time"].to_numpy()[:, None]) <= NEAR
    if levels is not None:
        same &= rebuilt["level"].to_numpy() == levels.to_numpy()[:, None]
    answer = np.zeros(len(truth), bool)
    for i, here in enumerate(same):
        if here.any():
            answer[i] = True
            same[:, here.argmax()] = False  # taken
    return answer


def _mean(values):
    return float(np.mean(values)) if len(values) else float("nan")


def _share(value):
    return "" if value is None or np.isnan(value) else f"{value:.3f}"
