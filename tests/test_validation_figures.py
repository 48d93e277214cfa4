"""The validation's pictures show their tables, and say so in words."""

import pandas as pd

from thirteen.validation_figures import (
    classes_of,
    describe_recovered,
    describe_solutions,
    figure_recovered,
    figure_solutions,
    recovered,
)

METHODS = [f"{m}_{w}" for m in ("search", "guyot") for w in
           ("events", "death_times", "censored_times", "joined", "ratio")]  # fmt: skip
PAPERS = pd.DataFrame(
    [
        ["complete", "1", *"1.000 0.500 0.400 1.000 True True 1.000 0.2 0.5 False".split()],
        ["complete", "4", *"0.800 0.300 0.200 0.600 - False 1.000 0.4 0.7 -".split()],
        ["many orders", "", *"- - - - - True 1.000 0.0 0.1 True".split()],
    ],
    columns=["status", "solutions", *METHODS],
).replace("-", "")


def test_bars_count_papers():
    """One paper in each class; what was not listed has a bar of its own."""
    assert classes_of(PAPERS).tolist() == [1, 0, 1, 0, 0, 0, 1]
    axes = figure_solutions(PAPERS).axes[0]
    assert [bar.get_height() for bar in axes.patches] == classes_of(PAPERS).tolist()
    assert "3–5: 1" in describe_solutions(PAPERS)


def test_recovered_takes_the_papers_that_both_did():
    """The third paper is nobody's; an empty cell counts for neither method."""
    table = recovered(PAPERS).set_index("what")
    assert table["search"].round(3).tolist() == [0.5, 0.4, 0.3, 0.8, 1.0]
    assert table["guyot"].round(3).tolist() == [0.5, 1.0, 0.3, 0.6, 0.0]
    assert table["every"].round(3).tolist() == [0.667, 1.0, 0.2, 0.433, 0.5]  # of all three papers
    lines = figure_recovered(recovered(PAPERS)).axes[0].lines
    assert [round(x) for x in lines[0].get_xdata()] == [50, 40, 30, 80, 100]
    assert "search 40.0%, Guyot 100.0%" in describe_recovered(recovered(PAPERS))
