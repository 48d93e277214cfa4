"""The validation's tables and picture show what their rows say, and say it in words."""

import numpy as np
import pandas as pd
from scipy.stats import beta

from thirteen.validation_figures import (
    ANSWERS,
    SCORES,
    answers,
    describe_answers,
    figure_answers,
    recovered,
    shares,
    with_limits,
)

PAPERS = pd.DataFrame(
    [
        ["5", "complete", "some", *"1 0.5 0.4 1 1".split(), *"1 1 0.2 0.5 0".split()],
        ["5", "many solutions", "some", *"0 0.3 0.2 0.6 -".split(), *"0 1 0.4 0.7 -".split()],
        ["6", "many orders", "open", *"-----", *"1 1 0 0.1 1".split()],
        ["6", "complete", "none", *"-----", *"1 1 0 0.1 1".split()],
    ],
    columns=[
        "size",
        "status",
        "answer",
        *(f"{m}_{s}" for m in ("search", "curve") for s in SCORES),
    ],
).replace("-", "")


def test_limits_are_those_of_clopper_and_pearson():
    """By the beta distribution, written down again; none of none has no limits."""
    low, high = beta.ppf(0.025, 2, 7), beta.ppf(0.975, 3, 6)
    assert with_limits(2, 8) == f"2 of 8 ({100 * low:.1f}% to {100 * high:.1f}%)"
    assert with_limits(0, 8).startswith("0 of 8 (0.0% to ")
    assert with_limits(0, 0) == "–"


def test_shares_count_each_group():
    """One row a group, one column a test."""
    table = shares(
        {"all": PAPERS, "five": PAPERS[:2]}, called_impossible=lambda p: p["answer"] == "none"
    )
    assert table["Papers"].tolist() == ["all", "five"]
    assert [cell.split(" (")[0] for cell in table["Called impossible"]] == ["1 of 4", "0 of 2"]


def test_bars_count_papers():
    """One paper in each class."""
    counts = answers(PAPERS)
    assert counts.loc[5].tolist() == [1, 1, 0, 0]
    assert counts.loc[6].tolist() == [0, 0, 1, 1]
    heights = [bar.get_height() for bar in figure_answers(PAPERS).axes[0].patches]
    assert heights == counts.to_numpy().T.ravel().tolist()
    assert f"6 patients: 1 {ANSWERS[2]}, 1 {ANSWERS[3]}" in describe_answers(PAPERS)


def test_recovered_takes_the_papers_in_which_a_cohort_was_found():
    """The last two papers are nobody's; an empty cell counts for neither method."""
    table = recovered(PAPERS).set_index("what")
    np.testing.assert_allclose(table["search"], [0.5, 0.4, 0.3, 0.8, 1.0])
    np.testing.assert_allclose(table["curve"], [0.5, 1.0, 0.3, 0.6, 0.0])
    np.testing.assert_allclose(table["every"], [0.75, 1.0, 0.15, 0.35, 2 / 3])
