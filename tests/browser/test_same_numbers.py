"""What the figures compute, in the browser that shows them, against the package on random states.

The questions are those that `make test` asks of the scripts alone in an engine without a page
(hundreds of random states each, to 1e-9). Here the answers come from the built pages themselves:
their scripts under their policy, and for the search the page's own data.
"""

from types import SimpleNamespace

import pytest
import visit
from playwright.sync_api import sync_playwright

from test_bench import test_curve_and_medians, test_other_limits, test_p_values
from test_hill import test_hill, test_score_test_is_the_log_rank_test
from test_rounding_figure import data, test_limits, test_printed_digits
from test_sieve import problem, test_all_rows_lead_to_what_the_search_has, test_counts

# The fixtures and tests that are asked again; their names are all that pytest needs.
__all__ = [
    "data", "problem",
    "test_all_rows_lead_to_what_the_search_has", "test_counts", "test_curve_and_medians",
    "test_hill", "test_limits", "test_other_limits", "test_p_values", "test_printed_digits",
    "test_score_test_is_the_log_rank_test",
]  # fmt: skip

PAGES = {
    "test_bench": "chapters/lessons/bench.html",
    "test_hill": "chapters/lessons/hill.html",
    "test_rounding_figure": "chapters/evidence/conventions.html",
    "test_sieve": "chapters/evidence/rebuilding.html",
}
SPACE = """() => { const data = document.querySelector("figure.touch [type='application/json']");
  globalThis.here = candidates.space(JSON.parse(data.textContent)); }"""


@pytest.fixture(scope="module")
def engines(origin):
    """Each figure's page, opened once."""
    with sync_playwright() as driver:
        path = visit.find_browser()
        started = driver.chromium.launch(executable_path=path, args=visit.OPTIONS)
        opened = {}
        for module, name in PAGES.items():
            page = started.new_page()
            page.goto(f"{origin}/{name}", wait_until="load")
            opened[module] = SimpleNamespace(eval=page.evaluate)
            if module == "test_sieve":
                page.evaluate(SPACE)
        yield opened
        started.close()


@pytest.fixture
def engine(engines, request):
    """The page of the figure that a test was written for."""
    return engines[request.function.__module__]
