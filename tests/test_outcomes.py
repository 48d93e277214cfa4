"""Change of kidney function."""

import pandas as pd
import pytest

from thirteen import changes


def test_changes_are_exact_and_positive_where_function_falls():
    """Before minus after, and the same in percent of the value before."""
    renal = pd.DataFrame({"egfr_before": [50.3, 80.0], "egfr_after": [50.2, 84.0]})
    found = changes(renal)
    assert list(found["change"]) == [0.1, -4.0]
    assert list(found["percent"]) == [pytest.approx(100 / 503), -5.0]
