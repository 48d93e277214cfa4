"""What the pages on survival compute in sight, against other programs and the engine."""

import re
from pathlib import Path

import numpy as np
import pytest

from recohort.paper.estimates import cox, log_rank
from test_bench import every_split

CHAPTERS = Path(__file__).parents[1] / "chapters"
CELL = re.compile(r"^```\{code-cell\} ipython3\n(?!:tags:)(.*?)^```", re.M | re.S)
FIRTH = {  # firthmodels 0.8.2: ratio, profile 95% CI and likelihood-ratio P, the first covariate's
    "lung cancer alone": (15.377145, 2.389680, 163.637000, 0.00450373),
    "beside tumor size": (6.190709, 0.762907, 99.600587, 0.09008014),
}


def names_of(page):
    """The names that a page's visible cells leave behind."""
    names = {}
    for code in CELL.findall((CHAPTERS / page).read_text(encoding="utf-8")):
        exec(code, names)
    return names


@pytest.fixture(scope="module")
def page():
    """Overall survival."""
    return names_of("results/overall-survival.md")


@pytest.fixture(scope="module")
def methods():
    """Statistical analyses."""
    return names_of("methods/statistical-analyses.md")


def test_firth_and_its_profile_interval_agree_with_another_program(methods):
    """Estimate, both ends and P, alone and beside size."""
    for name, expected in FIRTH.items():
        assert list(methods["firth"].loc[name]) == pytest.approx(expected, rel=1e-4)


def test_the_penalized_likelihood_is_that_of_the_same_cox_model(methods, page):
    """Without its penalty it has its top where lifelines' model with both factors has."""
    estimates = methods["both"].fit().params
    assert np.exp(estimates) == pytest.approx(page["both"]["exp(coef)"].to_numpy(), rel=1e-5)


def test_exact_p_by_both_orderings_is_the_engines(page):
    """Every factor; the page lists the groups as rows, the engine as bits."""
    patients = page["patients"]
    for column, group in patients[page["columns"]].isin([True, "female"]).items():
        expected = [log_rank(patients, group), *every_split(patients, group)]
        assert list(page["p"][column]) == pytest.approx(expected), column


def test_hazard_ratios_are_those_of_the_converged_model(page):
    """At full convergence lifelines and statsmodels agree to the sixth digit."""
    patients = page["patients"]
    both = cox(patients, patients[["nsclc", "tumor_2cm_or_larger"]])
    names = {"hazard_ratio": "exp(coef)", "ci_upper": "exp(coef) upper 95%"}
    for own, theirs in names.items():
        assert np.allclose(both[own], page["both"][theirs], rtol=2e-5)


def test_a_patient_left_out_leaves_twelve(page):
    """One row a patient; P as from the test on the others."""
    left_out, patients = page["left_out"], page["patients"]
    assert list(left_out.index) == list(patients["patient_id"])
    rest = patients[patients["patient_id"] != "P04"]
    p, exact = log_rank(rest, rest["nsclc"]), every_split(rest, rest["nsclc"])[0]
    assert left_out.at["P04", "P, NSCLC"] == pytest.approx(p)
    assert left_out.at["P04", "exact P, NSCLC"] == pytest.approx(exact)
