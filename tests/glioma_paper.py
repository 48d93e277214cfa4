"""The paper that `data/template.csv` holds: real patients, printed by public programs."""

import pandas as pd
from lifelines.datasets import load_g3

from recohort.paper.short_file import NEEDED
from recohort.validation.printers import PROGRAMS, Template, print_paper


def example() -> pd.DataFrame:
    """Thirteen patients with glioma, from a public data set that comes with lifelines.

    Grana and others (2002), grade III: radioimmunotherapy or not. The patients numbered up to
    seven in each arm. Columns `time` (whole months), `event`, `group`, `sex`; in order of time,
    deaths first.
    """
    everyone = load_g3()
    chosen = everyone.loc[everyone["no."] <= 7, ["time", "event", "group", "sex"]]
    return chosen.sort_values(
        ["time", "event"], ascending=[True, False], kind="stable", ignore_index=True
    )


def print_example() -> pd.DataFrame:
    """The example as a paper would print it: what `data/template.csv` holds."""
    factors = {"group": ("RIT", "Control"), "sex": ("Female", "Male")}
    template = Template(landmarks=(12, 24, 48), time_decimals=0)
    return print_paper(example(), factors, PROGRAMS["SciPy"], template)[list(NEEDED)]
