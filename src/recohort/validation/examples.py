"""What the search makes of the published tables of known truth in `data/examples/`."""

from fractions import Fraction
from pathlib import Path

import pandas as pd

from recohort.own.search import rebuild
from recohort.paper.short_file import read_own
from recohort.validation.truth import truth_passes

MONTH = Fraction("30.4375")  # days


def read_truth(example: Path) -> pd.DataFrame:
    """The patients behind a table, in order of time: `time` (exact), `event`, factors as text.

    Days in the file are months of 30.4375 days in the paper.
    """
    truth = pd.read_csv(example / "truth.csv", dtype=str)
    unit = MONTH if "days" in truth else 1
    truth.insert(0, "time", [Fraction(t) / unit for t in truth.pop(truth.columns[0])])
    return truth.assign(event=truth["event"] == "True")


def example_one(example: Path) -> dict:
    """A row of `results.csv`: a table, what came back, and whether the truth is among it.

    `deaths`, and each factor: at how many places in order of time all solutions agree.
    """
    published, truth = read_own(example / "published.csv"), read_truth(example)
    found = rebuild(published)
    shared = {
        name: sum(len(levels) == 1 for levels in cells)
        for name, cells in (found.shared or {}).items()
    }
    return {
        "example": example.name,
        "patients": len(truth),
        "figures": len(published),
        "status": found.status,
        "least": found.least,
        "most": found.most,
        "truth": truth_passes(found.problem, truth),
        "deaths": shared.pop("event", ""),
        "factors": "; ".join(f"{name} {number}" for name, number in shared.items()),
    }


def examples_table(folder: str | Path) -> pd.DataFrame:
    """One row a table of a folder, in order of their numbers."""
    found = sorted(path.parent for path in Path(folder).glob("*/published.csv"))
    return pd.DataFrame([example_one(example) for example in found])
