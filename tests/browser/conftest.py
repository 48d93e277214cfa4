"""What the browser tests share: the built site, one visit of all its pages, a browser for more.

`make test-browser` runs them. `--site=FOLDER` names another built site, `--only` visits some pages
(`--only ledger,lessons/01`), `--every-chapter` runs all chapters in JupyterLab instead of two.
"""

import asyncio
from pathlib import Path

import pytest
import visit

ROOT = Path(__file__).parents[2]


def pytest_addoption(parser):
    """Where the site is, and how much of JupyterLab to try."""
    parser.addoption("--site", default=str(ROOT / "_build" / "html"), help="a built site")
    parser.addoption("--only", default="", help="visit only pages whose path has this in it")
    parser.addoption("--every-chapter", action="store_true", help="run each chapter in JupyterLab")


def pytest_configure(config):
    """Nothing can be tested without a browser and a site: say so, and fail."""
    if visit.find_browser() is None:
        pytest.exit("No Chromium found. On Debian: apt-get install chromium", returncode=2)
    if not (Path(config.getoption("--site")) / "_headers").exists():
        pytest.exit("Nothing built yet: make book", returncode=2)


@pytest.fixture(scope="session")
def site(pytestconfig):
    """The folder of the built site."""
    return Path(pytestconfig.getoption("--site")).resolve()


@pytest.fixture(scope="session")
def origin(site):
    """The address at which the site is served, with the headers that the build wrote."""
    with visit.served(site) as address:
        yield address


@pytest.fixture(scope="session")
def seen(site, origin, pytestconfig):
    """What was seen on each page over http, by its path; and from the disk."""
    only = pytestconfig.getoption("--only").split(",")
    names = [name for name in visit.pages(site) if any(part in name for part in only)]
    return asyncio.run(visit.visit_all(site, origin, names))


@pytest.fixture
def measured(record_property):
    """Tell a time in milliseconds beside what it should stay under: `measured(what, time, limit)`.

    Only ten times as much is a failure: a busy machine is no defect of the book.
    """

    def tell(what, time, limit):
        record_property(what, f"{time:.1f} ms (should be under {limit} ms)")
        assert time < 10 * limit, what

    return tell


def pytest_terminal_summary(terminalreporter):
    """List what was measured."""
    reports = [r for ending in ("passed", "failed") for r in terminalreporter.getreports(ending)]
    found = [f"{what}: {time}" for r in reports for what, time in r.user_properties]
    if found:
        terminalreporter.section("measured")
        terminalreporter.write_line("\n".join(found))


@pytest.fixture
def on_page(origin):
    """Do something on one page in a fresh window: `on_page(name, doing, **options)`."""

    async def run(name, doing, options):
        async with visit.browser() as started:
            context = await started.new_context(**options)
            page = await context.new_page()
            await visit.settle(page, f"{origin}/{name}")
            return await doing(page)

    return lambda name, doing, **options: asyncio.run(run(name, doing, options))
