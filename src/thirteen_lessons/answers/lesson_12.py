"""Lesson 12: on to larger data, the patients with lung cancer that come with lifelines."""

import numpy as np
from lifelines.datasets import load_lung

from recohort.paper.estimates import cox, median_survival

MONTH = 365.25 / 12  # days
NAMES = ["sex", "age", "ph.ecog"]


def answers(_patients) -> dict:
    """By exercise; the cohort is not needed here."""
    raw = load_lung()
    lung = raw.assign(event=raw["status"] == 1, time=raw["time"] / MONTH)
    died = int(lung["event"].sum())
    return {
        "12.1": {"right": died, "alive": len(lung) - died, "nobody": 0, "everybody": len(lung)},
        "12.2": _median(lung),
        "12.3": _ratio(lung, raw.columns),
    }


def _median(lung):
    women, men = (lung[lung["sex"] == sex] for sex in (2, 1))
    months = median_survival(women)
    return {
        "right": months,
        "days": months * MONTH,
        "men": median_survival(men),
        "everybody": median_survival(lung),
        "plain": women["time"].median(),
        "turned": median_survival(women.assign(event=~women["event"])),
        "short": months * MONTH / 28,
    }


def _ratio(lung, columns):
    def of(frame, names=NAMES):
        return cox(frame, frame[names].astype(float), ties="efron")["hazard_ratio"]

    complete = lung.dropna(subset=NAMES)
    whole = of(complete)
    return {
        "right": whole["sex"],
        "turned": 1 / whole["sex"],
        "coefficient": np.log(whole["sex"]),
        "alone": of(lung, ["sex"])["sex"],
        "complete": of(lung.dropna(subset=columns))["sex"],
        "no_status": of(lung, ["sex", "age"])["sex"],
        "event": of(complete.assign(event=~complete["event"]))["sex"],
        "status": whole["ph.ecog"],
    }
