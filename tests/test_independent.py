"""Independent code, reading only patients.csv, prints the paper's survival figures.

lifelines and NumPy only; nothing of the package but the parsed rows of published.csv.
"""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test

from thirteen.cohort import DATA, read_data, read_table
from thirteen.published import rows_of

PATIENTS = pd.read_csv(DATA / "cohort" / "patients.csv")
LEDGER = read_table("ledger").set_index("id")
SKIPPED = {"contradicted", "not_recomputable", ""}
ROWS = [
    r for r in rows_of(read_data()[0]) if LEDGER.at[r.id, "status"] not in SKIPPED
    and not (LEDGER.at[r.id, "status"] == "disputed" and LEDGER.at[r.id, "role"] == "checked")
]  # fmt: skip


def half_up(value, decimals):
    """Round as on paper, from nine decimals."""
    exact = Decimal(repr(round(float(value), 9)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def inside(filters):
    """The rows that meet all filters."""
    good = np.ones(len(PATIENTS), bool)
    for column, operator, value in filters:
        same = PATIENTS[column].astype(str) == value
        good &= same if operator == "=" else ~same
    return good


def rate(group, months):
    """Kaplan-Meier rate and Greenwood's error by lifelines and by its definition."""
    fit = KaplanMeierFitter().fit(group["time"], group["event"])
    table = fit.event_table.loc[:months]
    d, n = table["observed"], table["at_risk"]
    value = float(fit.predict(months))
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.nansum(np.where(d > 0, d / (n * (n - d)), 0))
    return value, 0.0 if value == 0 else value * math.sqrt(total)


def candidates(row):
    """What the paper may have printed: by Methods, or by one of the named conventions."""
    good, options = inside(row.filters), dict(row.options)
    group = PATIENTS[good]
    if row.statistic == "count":
        return [good.sum()]
    if row.statistic == "percent":
        return [100 * good.sum() / len(PATIENTS)]
    if row.statistic == "fraction":
        return [100 * float(options["numerator"]) / float(options["denominator"])]
    if row.statistic == "survival":
        return [100 * rate(group, float(options["at"]))[0]]
    if row.statistic in ("survival_lower", "survival_upper"):
        sign = -1 if row.statistic.endswith("lower") else 1
        value, error = rate(group, float(options["at"]))
        paths = [(value, error), (float(half_up(value, 3)), float(half_up(error, 3)))]
        return [100 * min(max(v + sign * 1.96 * e, 0), 1) for v, e in paths]
    if row.statistic == "curve_at_zero":
        return [0 if rate(group, float(options["at"]))[0] == 0 else 1]
    if row.statistic == "p_value":
        a, b = PATIENTS[good], PATIENTS[~good]
        p = logrank_test(a["time"], b["time"], a["event"], b["event"]).p_value
        return [p, half_up(p, 3)]
    if row.statistic.startswith("hazard_ratio"):
        return [_cox(good)[row.statistic]]
    values = group[options.get("column", "time")]
    if "since" in options:
        values = values + group[options["since"]]
    q = {"minimum": 0, "maximum": 1, "quantile": float(options.get("q", 0))}.get(row.statistic, 0.5)
    if row.statistic == "mean":
        return [values.mean()]
    if row.statistic == "sd":
        return [values.std(ddof=0)]
    return [np.quantile(values, q)]


def _cox(good):
    frame = PATIENTS[["time", "event"]].assign(group=good.astype(float))
    fit = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12})
    row = fit.summary.iloc[0]
    return {
        "hazard_ratio": row["exp(coef)"],
        "hazard_ratio_lower": row["exp(coef) lower 95%"],
        "hazard_ratio_upper": row["exp(coef) upper 95%"],
        "hazard_ratio_p": row["p"],
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_figure(row):
    """The printed figure comes out, at its printed precision."""
    values = candidates(row)
    if row.statistic == "curve_at_zero":
        assert values == [0]
        return
    decimals = max(0, -Decimal(row.printed).as_tuple().exponent)
    assert Decimal(row.printed) in {half_up(v, decimals) for v in values}
