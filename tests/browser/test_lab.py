"""Chapters as notebooks in a real JupyterLab: a double click opens, and every cell runs.

Two chapters by default, all with `--every-chapter`.
"""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import visit
from lab import fill

ROOT = Path(__file__).parents[2]
SOME = ["chapters/results/overall-survival.md", "chapters/lessons/01-time-event-censoring.md"]
LONGEST = 240  # seconds that a chapter may take, on a busy machine
CURRENT = ".lm-DockPanel-tabBar .lm-TabBar-tab.jp-mod-current"
AT_REST = """async name => (await (await fetch('/api/sessions')).json())
  .some(session => session.path.endsWith(name) && session.kernel.execution_state === 'idle')"""
# A kernel of each notebook once opened would go on, and slow the next.
SHUT_ALL = """async () => {
  const headers = {'X-XSRFToken': document.cookie.match(/_xsrf=([^;]*)/)[1]};
  for (const session of await (await fetch('/api/sessions')).json())
    await fetch('/api/sessions/' + session.id, {method: 'DELETE', headers}); }"""


def notebooks():
    """Every chapter that has cells; not the copies that JupyterLab keeps in hidden folders."""
    paths = sorted(
        p for p in (ROOT / "chapters").rglob("*.md") if "/." not in str(p.relative_to(ROOT))
    )
    return [p.relative_to(ROOT).as_posix() for p in paths if "{code-cell}" in p.read_text()]


def cells_of(chapter):
    """How many cells of code a chapter has."""
    return len(re.findall(r"^```{code-cell}", (ROOT / chapter).read_text(), re.M))


def pytest_generate_tests(metafunc):
    """Open two chapters, or all."""
    if "chapter" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-chapter")
        metafunc.parametrize("chapter", notebooks() if every else SOME)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab as `make lab` starts it, but without a window; its address, the book it opens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    book = home / "lab"
    fill(book)
    settings = home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    every_cell = {"windowingMode": "none"}  # also those out of sight are in the page
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps(every_cell))
    environment = os.environ | {
        "PYTHONPATH": str(book / "src"),
        "JUPYTER_CONFIG_PATH": str(book / ".jupyter"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),  # nobody's own settings
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=", "--ServerApp.allow_root=True"]
    log = (home / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], cwd=book, env=environment,
        stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=1).close()
            break
        except OSError:
            assert server.poll() is None, (home / "log").read_text()
            time.sleep(0.25)
    yield address, book
    server.terminate()
    server.wait(20)
    log.close()


def in_lab(address, doing, at=""):
    """Open JupyterLab and do something; also what it asked of other places."""

    async def run():
        async with visit.browser() as started:
            page = await started.new_page(viewport={"width": 1300, "height": 900})
            asked = []
            page.on("request", lambda request: asked.append(request.url))
            await page.goto(f"{address}{at}", wait_until="load")
            await page.wait_for_selector(".jp-DirListing-item", timeout=90_000)
            found = await doing(page)
            await page.evaluate(SHUT_ALL)
            away = [u for u in asked if not re.match(rf"{address}|ws://127|data:|blob:", u)]
            return found, away

    return asyncio.run(run())


async def in_front(page, name):
    """Wait until a notebook is in front and its kernel at rest: what is run earlier is lost."""
    tab = page.locator(CURRENT, has_text=name)
    await tab.wait_for(timeout=60_000)
    panel = f'[id="{await tab.get_attribute("data-id")}"]'
    await page.wait_for_selector(f"{panel} .jp-Cell", timeout=60_000)
    # What is shown at first is rest, too: before a kernel is there, which then loses what it was
    # asked. The server knows better.
    for _ in range(LONGEST):
        if await page.evaluate(AT_REST, name):
            break
        await page.wait_for_timeout(1000)
    return panel


def answers(page):
    """What kernels say from now on: a list that fills with the ending of each cell that was run.

    Cells out of sight are not in the page, so that the answers themselves are read.
    """
    endings = []

    def note(frame):
        frame = frame if isinstance(frame, bytes) else frame.encode()
        if re.search(rb'"msg_type":\s*"execute_reply"', frame):
            endings.append(re.search(rb'"status":\s*"(\w+)"', frame)[1].decode())

    page.on("websocket", lambda socket: socket.on("framereceived", note))
    return endings


async def run_all(page, endings, cells):
    """Run the notebook in front; how its cells ended, each "ok" if all is well."""
    await _click_run_all(page)
    for second in range(LONGEST):
        if len(endings) >= cells:
            break
        if second % 30 == 29 and not endings and await page.evaluate(AT_REST, ""):
            await _click_run_all(page)  # the last click was lost while the kernel started
        await page.wait_for_timeout(1000)
    return endings


async def _click_run_all(page):
    await page.locator(".lm-MenuBar-item", has_text="Run").click()
    await page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()


def test_lab_opens_at_the_welcome_notebook(lab):
    """It is there without a click, as a notebook, and it runs."""

    async def welcome(page):
        endings = answers(page)
        panel = await in_front(page, "welcome.md")
        title = await page.locator(f"{panel} h1").first.inner_text()
        return title, await run_all(page, endings, cells_of("welcome.md"))

    (title, endings), away = in_lab(lab[0], welcome)
    assert title.startswith("Welcome")
    assert endings == ["ok"] * cells_of("welcome.md")
    assert away == []


RAW = r"\{(glue:text|cite|eval|download|ref|term)\}|^[`:]{3,}|^\([\w-]+\)="


def prose_of(panel):
    """The text of all prose of a notebook, as it is shown."""
    return f"""() => [...document.querySelectorAll('{panel} .jp-MarkdownCell')]
      .map(cell => cell.innerText).join('\\n\\n')"""


async def opened(page, chapter):
    """Open a chapter from the list of files, as a reader does, and run it; endings and prose."""
    endings = answers(page)
    for name in chapter.split("/"):
        row = page.locator(".jp-DirListing-item", has_text=name)
        await row.first.dblclick()
    panel = await in_front(page, chapter.split("/")[-1])
    await run_all(page, endings, cells_of(chapter))
    await page.wait_for_timeout(2000)  # sentences follow the cells
    prose = await page.evaluate(prose_of(panel.replace("'", '"')))
    await page.locator(f"{panel} .jp-Notebook").press("Control+s")
    await page.wait_for_selector(f"{CURRENT}:not(.jp-mod-dirty)", timeout=60_000)
    return endings[: cells_of(chapter)], prose


def test_a_double_click_opens_a_chapter_that_runs(lab, chapter):
    """Every cell runs, every sentence reads, and the site's own files stay as they are."""
    # Reset: JupyterLab would open again, behind this one, what was open before.
    before = (ROOT / chapter).read_bytes()
    (endings, prose), away = in_lab(lab[0], lambda page: opened(page, chapter), at="/lab?reset")
    assert endings == ["ok"] * cells_of(chapter)
    assert re.findall(RAW, prose, re.M) == []
    assert (ROOT / chapter).read_bytes() == before
    assert away == []


def test_a_changed_row_changes_the_sentence(lab):
    """Half a month less of one patient: a death falls into the first year, and the prose says so.

    On the first *Run All*.
    """
    address, book = lab
    patients = book / "data" / "cohort" / "patients.csv"
    kept = patients.read_text()
    row = next(line for line in kept.splitlines() if line.startswith("P04,"))
    patients.write_text(kept.replace(row, row.replace(",12.5,", ",12.0,")))
    try:
        (endings, prose), _ = in_lab(address, lambda page: opened(page, SOME[0]), at="/lab?reset")
    finally:
        patients.write_text(kept)
    assert set(endings) == {"ok"}
    (rate,) = re.findall(r"estimated survival is ([\d.]+)% at one year", prose)
    assert rate == "69.2"
