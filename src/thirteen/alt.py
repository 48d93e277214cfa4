"""What each figure shows, in words and computed numbers: its alternative text."""

from decimal import Decimal

import numpy as np
import pandas as pd

from recohort.paper.estimates import (
    at_risk_table,
    kaplan_meier,
    log_rank,
    median_follow_up,
    median_survival,
    survival_at,
)
from recohort.paper.rounding import round_to


def number(value: float, decimals: int = 1) -> str:
    """A finite number with `decimals`, halves up."""
    return str(round_to(repr(round(float(value), 12)), decimals))  # 39.65 is a half, not 39.6499


def p_text(p: float) -> str:
    """A P value with three decimals: ``"P = 0.040"``, ``"P < 0.001"``."""
    return "P < 0.001" if p < 0.001 else f"P = {number(p, 3)}"


def months_text(months: float) -> str:
    """A time in months: ``"24.3 months"``; ``"not reached"`` when infinite."""
    return f"{number(months)} months" if np.isfinite(months) else "not reached"


def listed(parts) -> str:
    """Words in a row: ``"a"``, ``"a and b"``, ``"a, b and c"``; ``"none"``."""
    *first, last = [*parts] or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


def counted(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun: ``"1 patient"``, ``"2 patients"``."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def large(count: int) -> str:
    """A whole number in full up to a billion, beyond that as ``"2.9 × 10²⁹"``."""
    if count < 10**9:
        return f"{int(count):,}"
    digits, power = f"{Decimal(int(count)):.1e}".split("e+")
    return f"{digits} × 10{power.translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def describe_curve(cohort: pd.DataFrame, months=()) -> str:
    """The course of one curve: its steps, rates at `months` reached by follow-up, its end."""
    last = kaplan_meier(cohort).iloc[-1]
    followed = [m for m in months if m <= cohort["time"].max()]
    rates = [f"{number(100 * survival_at(cohort, m)['survival'])}% at {m} months" for m in followed]
    via = f", {listed(rates)}," if rates else ""
    steps = counted(cohort.loc[cohort["event"], "time"].nunique(), "step")
    end = f"{number(100 * last['survival'])}% at {months_text(last['time'])}"
    return f"from 100%{via} to {end}, in {steps}"


def describe_survival(
    cohort: pd.DataFrame,
    months=(12, 36, 60),
    what: str = "survival",
    unit: str = "patient",
    seen: str = "last seen alive",
) -> str:
    """Alternative text of `figure_survival`; `months` and `seen` as given there."""
    ended = [number(t) for t in sorted(cohort.loc[~cohort["event"].astype(bool), "time"])]
    who = f"{counted(len(ended), unit)} {seen} at {listed(ended)} months"
    table = at_risk_table(cohort, [0, *(m for m in months if m <= cohort["time"].max())])
    at_risk = [f"{row.at_risk} at {row.start} months" for row in table.itertuples()]
    return (
        f"Step curve of the {what} of {counted(len(cohort), unit)}, falling "
        f"{describe_curve(cohort, months)}, with 95% limits as a band. "
        f"{f'Ticks mark {who}' if ended else f'Nobody was {seen}'}. "
        f"A table under the axis counts those at risk: {listed(at_risk)}."
    )


def describe_factors(cohort: pd.DataFrame, factors: dict, p_values: dict | None = None) -> str:
    """Alternative text of `figure_factors`, with the same arguments."""
    panels = []
    for title, groups in factors.items():
        p = log_rank(cohort, next(iter(groups.values()))) if p_values is None else p_values[title]
        ends = []
        for label, group in groups.items():
            chosen = cohort[np.asarray(group, dtype=bool)]
            end = kaplan_meier(chosen).iloc[-1]
            rate = f"{number(100 * end['survival'])}% at {number(end['time'])} months"
            ends.append(f"{label} ({len(chosen)} patients) down to {rate}")
        panels.append(f"{title}: {listed(ends)}, {p_text(p)}.")
    return f"{counted(len(factors), 'panel')} of two survival curves each. " + " ".join(panels)


def describe_swimmers(cohort: pd.DataFrame, labels=None, marks: dict | None = None) -> str:
    """Alternative text of `figure_swimmers`, with the same arguments."""
    ordered = cohort.sort_values("time", kind="stable")
    rows = []
    for index, row in ordered.iterrows():
        words = [number(row["time"]) + (" died" if row["event"] else " alive")]
        words += [] if labels is None else [str(labels[index])]
        words += [title for title, mark in (marks or {}).items() if mark[index]]
        rows.append(f"{row['patient_id']} {', '.join(words)}")
    return (
        f"{len(rows)} bars in order of time, in months from the first ablation to death "
        f"({int(cohort['event'].sum())}) or last visit: {'; '.join(rows)}."
    )


def hazard_text(row) -> str:
    """A hazard ratio with its limits, one decimal; two where it is below one."""
    cells = (row["hazard_ratio"], row["ci_lower"], row["ci_upper"])
    ratio, lower, upper = (number(x, 2 if x < 1 else 1) for x in cells)
    return f"{ratio} ({lower}–{upper})"


def describe_forest(table: pd.DataFrame) -> str:
    """Alternative text of `figure_forest`, from the same table."""
    rows = [
        f"{row['covariate']} {row['model']} {hazard_text(row)}, {p_text(row['p_value'])}"
        for _, row in table.iterrows()
    ]
    return f"Hazard ratios with 95% limits on a log axis: {'; '.join(rows)}."


def describe_funnel(stages: pd.DataFrame) -> str:
    """Alternative text of `figure_funnel`, from the same frame."""
    rows = [f"{row.stage} {large(row.candidates)}" for row in stages.itertuples()]
    return f"Bars on a log scale, one a stage of the search: {'; '.join(rows)}."


def describe_medians(cohort: pd.DataFrame) -> str:
    """Alternative text of `figure_medians`."""
    plain, level = median_follow_up(cohort), median_survival(cohort)
    reached = f"reaches one half at {months_text(level)}"
    return (
        f"The survival curve of {counted(len(cohort), 'patient')} with two medians. "
        f"Half of the patients, alive or dead, were followed up to {months_text(plain)}, where the "
        f"curve still stands at {number(100 * survival_at(cohort, plain)['survival'])}%; "
        f"the curve {reached if np.isfinite(level) else 'never reaches one half'}."
    )
