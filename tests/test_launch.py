"""Lessons on a server: links to Colab and Binder, the branch that Colab reads, the first cell."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
import yaml
from bs4 import BeautifulSoup
from handout import first_cell, notebook, write_notebooks
from handout_pack import pack, write_helper
from launch import BRANCH, menu, offer_launch, place_of, tell_launch

from test_build import HEADER, add_page, build, cell, write_book
from test_lessons import LESSONS

ROOT = Path(__file__).parents[1]
ADDRESS = "https://github.com/someone/a-book"
AWAY = """import sys
sys.meta_path = [m for m in sys.meta_path if "editable" not in repr(m).lower()]
sys.path = [p for p in sys.path if not p.endswith("/src")]
"""
COLAB = "https://colab.research.google.com/github/someone/a-book/blob/notebooks/"
RAW = "https://raw.githubusercontent.com/someone/a-book/"
ELSEWHERE = ["", "https://example.org/someone/a-book"]


def said_by(address):
    """What the teachers' page says where the repository has this address."""
    config = SimpleNamespace(repository=address, myst_substitutions={"kept": "1"})
    tell_launch(None, config)
    assert config.myst_substitutions["kept"] == "1"
    return config.myst_substitutions["launch"]


def links_above(pagename, address):
    """Names and addresses in the menu above a page."""
    context = {"header_buttons": []}
    app = SimpleNamespace(config=SimpleNamespace(repository=address))
    offer_launch(app, pagename, "page.html", context, None)
    groups = [group for group in context["header_buttons"] if group["label"] == "launch-buttons"]
    return {button["text"]: button["url"] for group in groups for button in group["buttons"]}


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_each_lesson_opens_in_colab_and_on_binder(page):
    """Its own notebook on the branch, its own page on Binder; without an address, nowhere."""
    name = f"chapters/lessons/{page.stem}"
    links = links_above(name, ADDRESS + "/")
    assert links["Colab"] == f"{COLAB}{page.stem}.ipynb"
    binder = "https://mybinder.org/v2/gh/someone/a-book/HEAD?urlpath=lab/tree/"
    assert links["Binder"] == f"{binder}{name}.md"
    assert [links_above(name, address) for address in ELSEWHERE] == [{}, {}]


@pytest.mark.parametrize("name", ["chapters/start", "chapters/lessons/teaching", "genindex"])
def test_other_pages_have_no_such_menu(name):
    """They are no notebook of the handout."""
    assert menu(place_of(ADDRESS), name) is None


def test_teachers_are_told_where_lessons_run():
    """One click where there is an address; else that there is none. Uploading is said always."""
    told = said_by(ADDRESS)
    assert all(words in told for words in ("rocket", "Colab", "/v2/gh/someone/a-book/HEAD"))
    assert all("no server that runs" in said_by(address) for address in ELSEWHERE)
    lessons = ROOT / "chapters" / "lessons"
    for page in ("teaching.md", "handout/README.txt"):
        said = " ".join((lessons / page).read_text(encoding="utf-8").split())
        colab = said[said.index("Google Colab") :]
        words = ("File, Upload notebook", "in the panel Files", "thirteen.zip", "first cell")
        assert all(word in colab for word in words), page
        assert "no link can lead there" not in said


@pytest.mark.slow
def test_built_lessons_have_the_links(tmp_path):
    """In the theme's one menu, on lessons alone; gone without the address; nothing is loaded."""
    book = write_book(tmp_path)
    (book / "chapters" / "lessons").mkdir()
    add_page(book, "lessons/01-first", f"{HEADER}---\n\n# First\n" + cell("42"))
    path = book / "_config.yml"
    text = path.read_text()
    for address, count in ((ADDRESS, 1), ("", 0)):
        path.write_text(text.replace('repository: ""', f'repository: "{address}"'))
        code, output = build(book)
        assert code == 0, output
        site = book / "_build" / "html" / "chapters"
        lesson, start = (
            BeautifulSoup((site / name).read_text(), "html.parser")
            for name in ("lessons/01-first.html", "start.html")
        )
        menus = lesson.select(".article-header-buttons .dropdown-launch-buttons")
        assert len(menus) == count
        found = [link["href"] for menu in menus for link in menu.select("a")]
        assert [x for x in found if "colab" in x] == [f"{COLAB}01-first.ipynb"] * count
        assert not start.select(".dropdown-launch-buttons")
        loaded = lesson.select("script[src], img[src], iframe[src], link[rel=stylesheet]")
        assert not [tag for tag in loaded if "//" in (tag.get("src") or tag["href"])]


def test_a_notebook_knows_the_branch_only_where_there_is_an_address():
    """Without one, its first cell names no server at all."""
    with_address, without = first_cell(place_of(ADDRESS)), first_cell("")
    assert f"{RAW}{BRANCH}/thirteen.zip" in with_address
    assert not re.search("OWNER|NAME", with_address)
    assert not re.search("http|urlopen", without)
    assert "assert found" in without
    assert notebook(LESSONS[0], False, {}).cells[1].source == without
    assert notebook(LESSONS[0], False, {}, "someone/a-book").cells[1].source == with_address


@pytest.fixture
def server(tmp_path):
    """A server of the branch's files: its folder and its address."""
    folder = tmp_path / "served"
    (folder / BRANCH).mkdir(parents=True)
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    handler.func.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield folder / BRANCH, f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


def run_cell(code, folder, at):
    """Run the first cell where no helper is, with a server in place of GitHub's."""
    code = code.replace(RAW, at) + "\nimport thirteen; print(thirteen.__file__)"
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", AWAY + code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "MPLBACKEND": "agg", "HOME": str(folder)},
    )


def test_the_first_cell_fetches_the_helper(tmp_path, server):
    """From the branch where an address is known; what lies beside the notebook comes first."""
    (served, at), away = server, tmp_path / "away"
    archive, knowing = write_helper(served), first_cell(place_of(ADDRESS))
    done = run_cell(knowing, away, at)
    assert done.returncode == 0, done.stderr
    assert "thirteen_helper" in done.stdout
    assert (away / "thirteen.zip").read_bytes() == archive.read_bytes()
    archive.unlink()
    again = run_cell(knowing, away, at)
    assert (again.returncode, again.stdout) == (0, done.stdout)
    done = run_cell(first_cell(""), tmp_path / "unknown", at)
    assert "Put thirteen.zip, from the handout, beside this notebook" in done.stderr


def test_a_branch_that_does_not_answer_is_told(tmp_path, server):
    """With its address, the reason and what to do; no half of an archive is left behind."""
    done = run_cell(first_cell(place_of(ADDRESS)), tmp_path / "away", server[1])
    assert done.returncode != 0
    assert f"{server[1]}{BRANCH}/thirteen.zip: HTTP Error 404" in done.stdout
    assert "Put thirteen.zip, from the handout, beside this notebook" in done.stderr
    assert not list((tmp_path / "away").glob("*.zip"))


def publishing():
    """The workflow's job that publishes the notebooks."""
    text = (ROOT / ".github" / "workflows" / "site.yml").read_text()
    return yaml.safe_load(text)["jobs"]["notebooks"]


def test_only_the_job_that_publishes_notebooks_may_write():
    """From the main branch, after tests and build, with no other right, and no code of ours."""
    text = (ROOT / ".github" / "workflows" / "site.yml").read_text()
    assert re.findall(r"([\w-]+): write", text) == ["pages", "id-token", "contents"]
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    job = publishing()
    assert job["permissions"] == {"contents": "write"}
    assert job["if"] == "github.ref == 'refs/heads/main'"
    assert job["needs"] == ["everyday", "build"]
    assert all(step.get("uses", "actions/download-artifact@").startswith(
        "actions/download-artifact@") for step in job["steps"])  # fmt: skip
    assert not re.search("python|make ", str(job))


@pytest.mark.skipif(not shutil.which("unzip"), reason="unzip is not installed")
def test_the_workflow_publishes_what_the_links_lead_to(tmp_path):
    """Its step runs here: each lesson's notebook and the helper, nothing else, as one commit."""
    made, site, work = (tmp_path / name for name in ("handout", "site", "work"))
    write_notebooks(made, place=place_of(ADDRESS))
    write_helper(made)
    (made / "README.txt").write_text("not for the branch")
    site.mkdir()
    work.mkdir()
    files = [path for path in made.rglob("*") if path.is_file()]
    names = {f"handout/{path.relative_to(made).as_posix()}": path.read_bytes() for path in files}
    pack(site / "handout.zip", names)
    remote = tmp_path / "someone" / "a-book"
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    step = publishing()["steps"][-1]
    assert all(word in step["name"] for word in ("without-solutions", "thirteen.zip", BRANCH))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "TOKEN": "secret",
        "GITHUB_SHA": "abc123",
        "GITHUB_REPOSITORY": "someone/a-book",
        "GIT_CONFIG_COUNT": "1",  # a folder in place of GitHub
        "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://x-access-token:secret@github.com/",
    }
    for _ in range(2):  # again over what is there
        shutil.rmtree(work)
        work.mkdir()
        with tarfile.open(work / "artifact.tar", "w") as archive:
            archive.add(site, ".")
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        subprocess.run(command, cwd=work, env=environment, check=True)

    def git(*words):
        command = ["git", "-C", remote, *words]
        return subprocess.run(command, capture_output=True, check=True).stdout

    published = git("ls-tree", "-r", "--name-only", BRANCH).decode().split()
    assert published == sorted(p.name for p in [
        *made.glob("without-solutions/*.ipynb"), made / "thirteen.zip"])  # fmt: skip
    assert git("rev-list", "--count", BRANCH).split() == [b"1"]
    for page in LESSONS:
        name = links_above(f"chapters/lessons/{page.stem}", ADDRESS)["Colab"].removeprefix(COLAB)
        source = git("show", f"{BRANCH}:{name}")
        assert b"%%solution" not in source
        assert f"{RAW}{BRANCH}/thirteen.zip".encode() in source
