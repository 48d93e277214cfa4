"""Chapters as notebooks in a real JupyterLab: a double click opens, and every cell runs.

Two chapters by default, all with `--every-chapter`.
"""

import asyncio
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

ROOT = Path(__file__).parents[2]
SOME = ["chapters/results/overall-survival.md", "chapters/lessons/01-time-event-censoring.md"]
ERRORS = '.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"], .jp-mod-error'
BUSY = "() => !!document.querySelector('.jp-Notebook .jp-InputPrompt')"


def notebooks():
    """Every chapter that has cells; not the copies that JupyterLab keeps in hidden folders."""
    paths = sorted(
        p for p in (ROOT / "chapters").rglob("*.md") if "/." not in str(p.relative_to(ROOT))
    )
    return [p.relative_to(ROOT).as_posix() for p in paths if "{code-cell}" in p.read_text()]


def pytest_generate_tests(metafunc):
    """Open two chapters, or all."""
    if "chapter" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-chapter")
        metafunc.parametrize("chapter", notebooks() if every else SOME)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab as `make lab` starts it, but without a window and a password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {
        "JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),  # nobody's own settings
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=", "--ServerApp.allow_root=True"]
    log = (home / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], cwd=ROOT, env=environment,
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
    yield address
    server.terminate()
    server.wait(20)
    log.close()


def in_lab(lab, doing):
    """Open JupyterLab at its first page and do something; also what it asked of other places."""

    async def run():
        async with visit.browser() as started:
            page = await started.new_page(viewport={"width": 1300, "height": 900})
            asked = []
            page.on("request", lambda request: asked.append(request.url))
            await page.goto(lab, wait_until="load")
            await page.wait_for_selector(".jp-Notebook", timeout=90_000)
            found = await doing(page)
            away = [u for u in asked if not re.match(rf"{lab}|ws://127|data:|blob:", u)]
            return found, away

    return asyncio.run(run())


async def in_front(page, name):
    """Wait until a notebook is in front and its kernel at rest: what is run earlier is lost."""
    tabs = ".lm-DockPanel-tabBar .lm-TabBar-tab.jp-mod-current"
    tab = page.locator(tabs, has_text=name)
    await tab.wait_for(timeout=60_000)
    panel = f'[id="{await tab.get_attribute("data-id")}"]'
    await page.wait_for_selector(f"{panel} .jp-Cell", timeout=60_000)
    idle = f'{panel} .jp-Notebook-ExecutionIndicator[data-status="idle"]'
    await page.wait_for_selector(idle, state="attached", timeout=60_000)
    return panel


async def run_all(page, panel):
    """Run the notebook in front; the number of cells that failed, once none is busy."""
    await page.locator(".lm-MenuBar-item", has_text="Run").click()
    await page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    await page.wait_for_function(
        """panel => document.querySelector(panel + ' .jp-Notebook-ExecutionIndicator')
           ?.getAttribute('data-status') === 'busy'""",
        arg=panel,
        timeout=60_000,
    )
    await page.wait_for_function(
        """panel => document.querySelector(panel + ' .jp-Notebook-ExecutionIndicator')
           ?.getAttribute('data-status') === 'idle'""",
        arg=panel,
        timeout=180_000,
    )
    return await page.locator(f'{panel} [data-mime-type="application/vnd.jupyter.error"]').count()


def test_lab_opens_at_the_welcome_notebook(lab):
    """It is there without a click, as a notebook, and it runs."""

    async def welcome(page):
        panel = await in_front(page, "welcome.md")
        title = await page.locator(f"{panel} h1").first.inner_text()
        return title, await run_all(page, panel)

    (title, failed), away = in_lab(lab, welcome)
    assert title.startswith("Welcome")
    assert failed == 0
    assert away == []


def test_a_double_click_opens_a_chapter_that_runs(lab, chapter):
    """From the list of files, as a reader does it."""

    async def open_and_run(page):
        for name in chapter.split("/"):
            row = page.locator(".jp-DirListing-item", has_text=name)
            await row.first.dblclick()
        return await run_all(page, await in_front(page, chapter.split("/")[-1]))

    failed, away = in_lab(lab, open_and_run)
    assert failed == 0
    assert away == []
