"""Small published tables of known truth: where they come from, how printed, what comes back."""

import io
import math
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from lifelines import datasets

from example_numbers import Group, value_of
from example_tables import EXAMPLES, FOLDER, print_table
from recohort.validation.truth import read_truth

AGES = {"labels": ["under30", "30to39", "from40"]}
OF_LIFELINES = {
    "05-glioma": lambda: datasets.load_g3()[["time", "event", "group"]],
    "06-leukemia-6-mp": lambda: _named(datasets.load_leukemia().query("Rx == 0"), "t", "status"),
    "07-leukemia-placebo": lambda: _named(datasets.load_leukemia().query("Rx == 1"), "t", "status"),
    "08-larynx-stage-four": lambda: _named(
        datasets.load_larynx().query("Stage_IV == 1"), "time", "death",
        age=lambda f: np.where(f["age"] >= 70, "from70", "under70"),
    ),
    "09-larynx-stage-two": lambda: _named(
        datasets.load_larynx().query("Stage_II == 1"), "time", "death"
    ),
    "10-psychiatric-women": lambda: _named(
        datasets.load_psychiatric_patients().query("sex == 2"), "T", "C",
        age=lambda f: pd.cut(f["Age"], [0, 29, 39, 99], **AGES).astype(str),
    ),
    "11-lymphoma-stage-three": lambda: _named(
        datasets.load_lymphoma().query("Stage_group == 1"), "Time", "Censor"
    ),
}  # fmt: skip
OF_R = {  # R expressions: times, events, and factors as they are coded there
    "01-aml-maintained": 'with(aml[aml$x == "Maintained", ], data.frame(time, event = status))',
    "02-aml-nonmaintained": 'with(aml[aml$x != "Maintained", ], data.frame(time, event = status))',
    "03-ovarian-first-arm": "with(ovarian[ovarian$rx == 1, ], data.frame(time = futime, "
    'event = fustat, residual = ifelse(resid.ds == 2, "yes", "no")))',
    "04-ovarian-second-arm": "with(ovarian[ovarian$rx == 2, ], data.frame(days = futime, "
    "event = fustat, ecog = ecog.ps))",
    "12-adenocarcinoma": 'with(veteran[veteran$celltype == "adeno" & veteran$trt == 1, ], '
    'data.frame(time, event = status, karnofsky = ifelse(karno <= 50, "low", "high")))',
    "13-large-cell": 'with(veteran[veteran$celltype == "large" & veteran$trt == 2, ], '
    'data.frame(time, event = status, prior = ifelse(prior > 0, "yes", "no"), '
    'age = ifelse(age >= 65, "from65", "under65")))',
    "14-lung-one-hospital": "with(lung[which(lung$inst == 5), ], data.frame(days = time, "
    'event = status == 2, sex = ifelse(sex == 1, "male", "female")))',
    "15-biliary-cirrhosis": "with(pbc[which(pbc$stage == 1 & !is.na(pbc$trt)), ], data.frame("
    'days = time, event = status == 2, drug = ifelse(trt == 1, "penicillamine", "placebo")))',
}
SCALES = {"linear": "plain", "log": "log", "log_log": "log-log"}
NEEDS_R = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not here")


def _named(frame, time, event, **factors):
    return pd.DataFrame({"time": frame[time], "event": frame[event] == 1}).assign(
        **{name: make(frame) for name, make in factors.items()}
    )


def by_r(code):
    """A data frame that R's survival package makes."""
    said = subprocess.run(
        ["Rscript", "-e", f"library(survival); write.csv({code}, stdout(), row.names = FALSE)"],
        capture_output=True,
        check=True,
        text=True,
    )
    return pd.read_csv(io.StringIO(said.stdout))


def as_rows(frame):
    """Patients as sorted rows of text."""
    frame = frame.assign(event=frame["event"].astype(bool))
    return sorted(map(tuple, frame.astype(str).to_numpy().tolist()))


def test_every_example_has_its_files():
    """A table, its patients and a word on their source; each from a library or from R."""
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == {*EXAMPLES}
    assert {*EXAMPLES} == {*OF_LIFELINES, *OF_R}
    for name in EXAMPLES:
        files = {path.name for path in (FOLDER / name).iterdir()}
        assert files == {"published.csv", "truth.csv", "source.md"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_table_is_printed_from_its_patients(name):
    """By lifelines, statsmodels, NumPy and short formulas: the file is what they print."""
    written = pd.read_csv(FOLDER / name / "published.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(written, print_table(name))


@pytest.mark.parametrize("name", OF_LIFELINES)
def test_patients_are_those_of_lifelines(name):
    """Not typed: the same rows."""
    written = pd.read_csv(FOLDER / name / "truth.csv")
    assert as_rows(written) == as_rows(OF_LIFELINES[name]().astype({"time": written["time"].dtype}))


@NEEDS_R
@pytest.mark.slow
def test_patients_are_those_of_r():
    """Where R is installed: the same rows."""
    for name, code in OF_R.items():
        assert as_rows(pd.read_csv(FOLDER / name / "truth.csv")) == as_rows(by_r(code)), name


@NEEDS_R
@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_r_prints_the_same(name):
    """Rates, errors, limits, medians with theirs, means with errors: R's survival package."""
    truth, scale = read_truth(FOLDER / name), EXAMPLES[name].scale
    group = Group(truth, scale)
    times = np.unique(group.times)[:-1]
    columns = [",".join(map(repr, map(float, column))) for column in (group.times, group.died)]
    fit = f'survfit(Surv(c({columns[0]}), c({columns[1]})) ~ 1, conf.type = "{SCALES[scale]}")'
    marks = ",".join(map(repr, map(float, times)))
    said = by_r(
        f"""{{f <- {fit}; s <- summary(f, times = c({marks}))
        t <- summary(f, rmean = "individual")$table
        x <- t[c("median", "0.95LCL", "0.95UCL", "rmean", "se(rmean)")]
        data.frame(value = c(s$surv, s$std.err, s$lower, s$upper, x))}}"""
    )["value"].to_numpy()
    limits = [[group.limit(t, side) for t in times] for side in (-1, 1)]
    ours = [[group.rate(t) for t in times], [group.error(t) for t in times], *limits]
    cut = 4 * len(times)
    np.testing.assert_allclose(np.nan_to_num(said[:cut]), np.ravel(ours), atol=1e-9)
    ends = [group.quantile(0.5, "middle"), *(group.quantile_limit(0.5, side) for side in (-1, 1))]
    finite = [value if math.isfinite(value) else np.nan for value in ends]
    np.testing.assert_allclose(said[cut:], [*finite, *group.mean()], rtol=1e-9)


P_OF_R = {  # what R says of lines: (example, statistic, arguments) and the expression
    ("03-ovarian-first-arm", "p_value", "residual=yes; test=log_rank"): "p(residual)",
    ("04-ovarian-second-arm", "p_value", "ecog=1; test=log_rank"): "p(ecog)",
    ("10-psychiatric-women", "p_value", "by=age; test=log_rank"): "p(age)",
    ("12-adenocarcinoma", "p_value", "karnofsky=low; test=log_rank"): "p(karnofsky)",
    (
        "13-large-cell",
        "hazard_ratio",
        "prior=yes; adjusted_for=age=from65; adjustment=joint; ties=efron",
    ): 'exp(coef(coxph(Surv(time, event) ~ I(prior == "yes") + I(age == "from65")))[1])',
    ("14-lung-one-hospital", "p_value", "sex=male; test=likelihood_ratio; ties=efron"): (
        'summary(coxph(Surv(days, event) ~ I(sex == "male")))$logtest["pvalue"]'
    ),
}


@NEEDS_R
@pytest.mark.slow
@pytest.mark.parametrize("line", P_OF_R, ids=lambda line: line[0])
def test_r_tests_the_same(line):
    """P values, and an adjusted hazard ratio, of R."""
    name, statistic, arguments = line
    assert line[1:] in [(s, a) for s, a, _ in EXAMPLES[name].lines]
    told = dict(piece.split("=", 1) for piece in arguments.split("; "))
    ours = value_of(read_truth(FOLDER / name), EXAMPLES[name], statistic, told)
    time = "days" if "days" in pd.read_csv(FOLDER / name / "truth.csv") else "time"
    said = by_r(
        f"""{{d <- read.csv("{FOLDER / name / "truth.csv"}"); d$event <- d$event == "True"
        attach(d, warn.conflicts = FALSE)
        p <- function(g) pchisq(survdiff(Surv({time}, event) ~ g)$chisq,
                                length(unique(g)) - 1, lower.tail = FALSE)
        data.frame(value = {P_OF_R[line]})}}"""
    )
    np.testing.assert_allclose(ours, said["value"].iloc[0], rtol=1e-6)
