"""One printed figure under two options of a convention, side by side."""

import pandas as pd

from recohort.audit.ledger import printed_form
from recohort.paper.options import CONVENTIONS
from recohort.paper.reading import columns_of, rows_of
from recohort.paper.statistics import REGISTRY


def options_compared(published, cohort, conventions: dict, switch: str) -> pd.DataFrame:
    """Figures about a cohort's frame that print differently under the options of `switch`.

    One row a figure. Columns: `id`, `fact`, `printed`, then what each option prints.
    """
    found = []
    for row in rows_of(published):
        known = all(t == "patients" and c in [*cohort, "rows"] for t, c in columns_of(row))
        if switch not in REGISTRY[row.statistic].switches or not known:
            continue
        forms = []
        for option in CONVENTIONS[switch]:
            chosen = conventions | {switch: option}
            value = REGISTRY[row.statistic].compute({"patients": cohort}, row, chosen)
            forms.append(printed_form(value, row, chosen))
        if len(set(forms)) > 1:
            found.append((row.id, row.fact, row.printed, *forms))
    return pd.DataFrame(found, columns=["id", "fact", "printed", *CONVENTIONS[switch]])
