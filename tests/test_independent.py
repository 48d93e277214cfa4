"""Independent code, reading only the cohort's files, prints the paper's numbers.

lifelines, NumPy and SciPy only; nothing of the package but the parsed rows of published.csv and
statements.csv, and what the ledger says of each row: its status, and the conventions to use.
"""

import math
import operator
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import product

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
from scipy.stats import rankdata, ttest_rel

from recohort.paper.reading import rows_of
from thirteen.data import DATA, read_data, read_table

NAMES = ("patients", "sessions", "tumors", "renal_function")
COHORT = {name: pd.read_csv(DATA / "cohort" / f"{name}.csv") for name in NAMES}
LEDGER = read_table("ledger").set_index("id")
SKIPPED = {"contradicted", "not_recomputable", ""}
PUBLISHED, STATEMENTS, _ = read_data()
ROWS = [
    r for r in rows_of(PUBLISHED) if LEDGER.at[r.id, "status"] not in SKIPPED
    and not (LEDGER.at[r.id, "status"] == "disputed" and LEDGER.at[r.id, "role"] == "checked")
]  # fmt: skip
GIVEN_UP = set(read_table("corrections")["fact"])
STATED = [r for r in rows_of(PUBLISHED.iloc[:0], STATEMENTS) if r.fact not in GIVEN_UP]
COMPARED = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
            ">": operator.gt, ">=": operator.ge}  # fmt: skip


def half_up(value, decimals, way=ROUND_HALF_UP):
    """Round as on paper, from nine decimals."""
    exact = Decimal(repr(round(float(value), 9)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=way)


def met(cell, sign, value):
    """Does one cell stand in the relation? An empty one does only in `!=`."""
    if pd.isna(cell):
        return sign == "!="
    if isinstance(cell, str | bool | np.bool_):
        return COMPARED[sign](str(cell), value)
    return COMPARED[sign](float(cell), float(value))


def inside(table, filters):
    """The rows of a table that meet all filters, row by row."""
    return np.array([all(_met(row, f) for f in filters) for _, row in table_rows(table)])


def table_rows(name):
    """Each row of a table."""
    return COHORT[name].iterrows()


def _met(row, condition):
    column, sign, value = condition
    other, dot, name = column.partition(".")
    if not dot:
        return met(row[column], sign, value)
    keys = [c for c in row.index if c.endswith("_id") and c in COHORT[other]]
    tied = [r for _, r in table_rows(other) if all(r[k] == row[k] for k in keys)]
    if name == "rows":
        return COMPARED[sign](len(tied), int(value))
    return any(met(r[name], sign, value) for r in tied)


def split(text):
    """A filter in one piece of text."""
    return re.fullmatch(r"([\w.]+)(!=|>=|<=|=|<|>)(.+)", text).groups()


def rate(group, months):
    """Kaplan-Meier rate and Greenwood's error by lifelines and by its definition."""
    fit = KaplanMeierFitter().fit(group["time"], group["event"])
    table = fit.event_table.loc[:months]
    d, n = table["observed"], table["at_risk"]
    value = float(fit.predict(months))
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.nansum(np.where(d > 0, d / (n * (n - d)), 0))
    return value, 0.0 if value == 0 else value * math.sqrt(total)


def cohort_of(row):
    """The whole and the group that a row is about, follow-up under the names time and event."""
    options = dict(row.options)
    table = options.get("table", "patients")
    frame, good = COHORT[table].copy(), inside(table, row.filters)
    for name in ("time", "event"):
        if f"{name}_column" in options:
            frame[name] = frame[options[f"{name}_column"]]
    whole = inside(table, [split(value) for name, value in row.options if name == "within"])
    return frame[whole], good[whole]


def values_of(row, group):
    """The numbers that a row summarizes."""
    options = dict(row.options)
    values = group[options.get("column", "time")]
    values = values + group[options["since"]] if "since" in options else values
    values = values - group[options["minus"]] if "minus" in options else values
    values = values * 100 / group[options["relative"]] if "relative" in options else values
    top, _, bottom = options.get("scale", "1").partition("/")
    return values.dropna() * float(top) / float(bottom or 1)


def recomputed(row, named):
    """The row's figure, by Methods but for the conventions `named`."""
    options = dict(row.options)
    if row.statistic == "fraction":
        return 100 * float(options["numerator"]) / float(options["denominator"])
    whole, good = cohort_of(row)
    group, times = whole[good], row.statistic.startswith("survival")
    if "share" in named:
        owners = set(group["patient_id"])
        tied = [r["patient_id"] in owners for _, r in table_rows(named["share"])]
        return 100 * sum(tied) / len(tied)
    if row.statistic in ("count", "percent", "ratio"):
        of = options.get("of")
        size = len(whole) if of is None else int(of) if of.isdigit() else len(COHORT[of])
        return {"count": good.sum(), "percent": 100 * good.sum() / size,
                "ratio": good.sum() / size}[row.statistic]  # fmt: skip
    if times:
        value, error = rate(group, float(options["at"]))
        if row.statistic == "survival":
            return 100 * value
        if named.get("interval_rounding") == "three_decimals":
            value, error = float(half_up(value, 3)), float(half_up(error, 3))
        sign = -1 if row.statistic.endswith("lower") else 1
        return 100 * min(max(value + sign * 1.96 * error, 0), 1)
    if row.statistic == "p_value":
        return _p(_test(whole, good, named), row, named)
    if row.statistic.startswith("hazard_ratio"):
        value = _cox(whole, good, row, named)[row.statistic]
        return _p(value, row, named) if row.statistic.endswith("_p") else value
    if row.statistic == "paired_p":
        return _paired(group[options["column"]], group[options["minus"]], named)
    if row.statistic == "units_lost":
        gone = group[group["time"] < float(options["at"])]
        return len(gone) + gone[options["multiple"]].sum()
    if row.statistic == "median_survival" and named.get("median") != "follow_up":
        fit = KaplanMeierFitter().fit(values_of(row, group), group["event"])
        return fit.median_survival_time_
    return _summary(row.statistic, values_of(row, group), options, named)


def _summary(statistic, values, options, named):
    if statistic == "mean":
        return values.mean()
    if statistic == "sd":
        return values.std(ddof=int(named.get("sd") != "population"))
    method = "linear" if named.get("quantile") == "inclusive" else "weibull"
    q = {"minimum": 0, "maximum": 1, "quantile": float(options.get("q", 0))}.get(statistic, 0.5)
    return np.quantile(values, q, method=method if statistic == "quantile" else "linear")


def _p(value, row, named):
    """A P value, by three decimals where fewer are printed and the convention says so."""
    short = max(0, -Decimal(row.printed).as_tuple().exponent) < 3
    return half_up(value, 3) if named.get("p_rounding") == "three_decimals" and short else value


def _test(whole, good, named):
    if named.get("test") == "log_rank":
        a, b = whole[good], whole[~good]
        return logrank_test(a["time"], b["time"], a["event"], b["event"]).p_value
    return _fit(whole[["time", "event"]].assign(group=good.astype(float)))["hazard_ratio_p"]


def _cox(whole, good, row, named):
    frame = whole[["time", "event"]].assign(group=good.astype(float))
    if "adjusted_for" in dict(row.options) and named.get("adjustment") != "alone":
        column, _, value = dict(row.options)["adjusted_for"].partition("=")
        frame["other"] = (whole[column].astype(str) == value).astype(float)
    return _fit(frame)


def _fit(frame):
    fit = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12})
    row = fit.summary.loc["group"]
    return {
        "hazard_ratio": row["exp(coef)"],
        "hazard_ratio_lower": row["exp(coef) lower 95%"],
        "hazard_ratio_upper": row["exp(coef) upper 95%"],
        "hazard_ratio_p": row["p"],
    }


def _paired(before, after, named):
    """Student's test of pairs, or Wilcoxon's with every choice of signs laid out."""
    if named.get("paired_test") != "wilcoxon":
        return ttest_rel(before, after).pvalue
    changes = (before - after).round(9)
    changes = changes[changes != 0]
    ranks = rankdata(changes.abs())
    sums = np.array([np.dot(ranks, signs) for signs in product((0, 1), repeat=len(ranks))])
    found = ranks[changes > 0].sum()
    return min(1, 2 * min((sums <= found).mean(), (sums >= found).mean()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_figure(row):
    """The printed number comes out, at its printed precision, under the conventions named."""
    if row.statistic in ("curve_at_zero", "follow_up_ended"):
        whole, good = cohort_of(row)
        assert rate(whole[good], float(dict(row.options)["at"]))[0] == 0
        return
    words = LEDGER.at[row.id, "convention"]
    named = dict(word.split("=") for word in words.split("; ") if word)
    value = recomputed(row, named)
    if row.relation != "rounds to":
        assert COMPARED[row.relation](value, float(row.printed))
        return
    decimals = max(0, -Decimal(row.printed).as_tuple().exponent)
    way = ROUND_DOWN if named.get("halves") == "cut" else ROUND_HALF_UP
    assert half_up(value, decimals, way) == Decimal(row.printed)


@pytest.mark.parametrize("row", STATED, ids=lambda row: row.id)
def test_statement(row):
    """What the paper says in words holds as well."""
    if row.statistic == "p_value":
        for test in ("log_rank", "cox"):
            assert COMPARED[row.relation](recomputed(row, {"test": test}), float(row.printed))
        return
    assert COMPARED[row.relation](recomputed(row, {}), float(row.printed))


def test_nothing_is_compared_with_itself():
    """A changed cell shows: one death turned into a censoring is noticed by many figures."""
    frame = COHORT["patients"]
    first = frame.index[frame["event"]][0]
    frame.loc[first, "event"] = False
    try:
        missed = [r for r in ROWS if r.statistic == "survival" and dict(r.options)["at"] == "12"]
        same = [half_up(recomputed(r, {}), 1) == Decimal(r.printed) for r in missed]
    finally:
        frame.loc[first, "event"] = True
    assert not all(same)
