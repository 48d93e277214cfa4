"""What the search makes of the small published tables: the truth is among it, each time."""

import pandas as pd
import pytest

from example_tables import EXAMPLES, FOLDER
from recohort.validation.truth import example_one
from tiers import first

QUICK = ["07-leukemia-placebo", "12-adenocarcinoma", "14-lung-one-hospital"]
OTHERS = [name for name in EXAMPLES if name not in QUICK]


@pytest.fixture(scope="module")
def results():
    """The committed table, every cell as written."""
    return pd.read_csv(FOLDER / "results.csv", dtype=str, keep_default_na=False)


def test_the_truth_is_among_the_solutions_of_every_table(results):
    """All of them, and none is left open."""
    assert results["example"].tolist() == sorted(EXAMPLES)
    assert set(results["truth"]) == {"True"}
    assert set(results["status"]) <= {"complete", "counted"}


@pytest.mark.parametrize("name", first(len(QUICK), [*QUICK, *OTHERS]))
def test_a_table_comes_back_so_again(results, name):
    """The same row, searched anew."""
    row = {key: str(value) for key, value in example_one(FOLDER / name).items()}
    assert row == results.set_index("example", drop=False).loc[name].to_dict()
