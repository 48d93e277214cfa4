"""A build that breaks cannot be green: shown on a small book with the real configuration.

The small book has one or two tiny pages, but `_config.yml`, `_ext/`, `_static/` and the command in
the Makefile are the real ones.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ahead import join_streams
from bs4 import BeautifulSoup
from house import mend, refuse_edited, tell_contact
from jupyter_cache.executors.utils import single_nb_execution
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.errors import ConfigError
from warm import WarmKernels

from recohort.digests import Made, digest_of, read_digests, write_digests

ROOT = Path(__file__).parents[1]
COMMAND = re.search(r"\.venv/bin/(jupyter-book build .+)", (ROOT / "Makefile").read_text())[1]

HEADER = "---\njupytext: {text_representation: {format_name: myst}}\nkernelspec: {name: python3}\n"

START = f"""{HEADER}---

# Start

See {{cite:t}}`kaplan1958` and $x^2$.

```{{code-cell}} ipython3
from pathlib import Path

with Path("../runs.txt").open("a") as file:
    file.write("run\\n")
```

```{{bibliography}}
```
"""

LEDGER = f"""{HEADER}---

# Ledger

{{{{ contact }}}}

```{{code-cell}} ipython3
---
mystnb: {{image: {{alt: A line}}}}
---
import matplotlib.pyplot as plt

plt.rcParams["svg.hashsalt"] = "small"
%config InlineBackend.figure_formats = ["svg"]
plt.plot([1, 2]);
```

```{{code-cell}} ipython3
import pandas as pd
from IPython.display import HTML

frame = pd.DataFrame({{"printed": [1, 2]}})
HTML(frame.to_html(classes="ledger"))
```

```{{code-cell}} ipython3
frame.style.hide()
```
"""


def write_book(folder):
    """Write the small book: the house's own files, one page, one module, one data file."""
    for name in ("_ext", "_static"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("_config.yml", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    for name in ("chapters", "src", "data"):
        (folder / name).mkdir()
    shutil.copy(ROOT / "chapters" / "references.bib", folder / "chapters")
    (folder / "chapters" / "start.md").write_text(START)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: chapters/start\n")
    (folder / "src" / "module.py").write_text("ANSWER = 42\n")
    (folder / "data" / "table.csv").write_text("answer\n42\n")
    return folder


def add_page(book, name, text=None):
    """Name a page in the table of contents, and write it if there is a text."""
    toc = book / "_toc.yml"
    start = "" if "chapters:" in toc.read_text() else "chapters:\n"
    append(toc, f"{start}  - file: chapters/{name}\n")
    if text is not None:
        (book / "chapters" / f"{name}.md").write_text(text)


def build(book, **environment):
    """Build as `make book` does; return the exit code and all that was printed."""
    program, *arguments = COMMAND.split()
    run = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        cwd=book,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout


def append(path, text):
    """Add text at the end of a file."""
    path.write_text(path.read_text() + text)


def cell(code):
    """Write a code cell as it stands in a chapter."""
    return f"\n```{{code-cell}} ipython3\n{code}\n```\n"


def pages(site):
    """List the pages of a built book; the one for lost visitors only leads on."""
    return sorted(page for page in site.rglob("*.html") if page.name != "404.html")


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    """Build the unbroken small book once, with a second page: a figure and a ledger."""
    book = write_book(tmp_path_factory.mktemp("good"))
    add_page(book, "ledger", LEDGER)
    code, output = build(book)
    assert code == 0, output
    return book


@pytest.fixture
def book(tmp_path):
    """Write a small book to be broken."""
    return write_book(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "text", "message"),
    [
        ("start", cell("1 / 0"), "ZeroDivisionError"),
        ("start", cell("import warnings\nwarnings.warn('careful')"), "stderr was found"),
        ("start", "\nSee {ref}`nowhere`.\n", "nowhere"),
        ("start", "\nSee [that page](nowhere.md).\n", "nowhere"),
        ("start", "\nSee {cite:t}`nobody1900`.\n", "nobody1900"),
        ("start", "\nIt is {glue:text}`unglued`.\n", "unglued"),
        ("orphan", "# A page that no table of contents names\n", "orphan"),
    ],
    ids=["error", "stderr", "reference", "link", "citation", "glue", "orphan"],
)
def test_broken_page_breaks_build(book, page, text, message):
    """One broken cell, reference, citation or glued number is enough to fail."""
    path = book / "chapters" / f"{page}.md"
    path.touch()
    append(path, text)
    code, output = build(book)
    assert code != 0
    assert message in output


@pytest.mark.slow
def test_missing_page_breaks_build(book):
    """A page that the table of contents names has to exist."""
    add_page(book, "missing")
    code, output = build(book)
    assert code != 0
    assert "chapters/missing" in output


@pytest.mark.slow
def test_broken_build_stays_broken(book):
    """Building again does not turn a warning green: the page is read again."""
    append(book / "chapters" / "start.md", "\nSee {ref}`nowhere`.\n")
    assert [build(book)[0] != 0 for _ in range(2)] == [True, True]


@pytest.mark.slow
def test_cells_run_again_for_code_and_data_only(book):
    """A page runs again after an edit in `src/` or `data/`, not after an edit of its prose."""
    edits = [
        ("chapters/start.md", "\nMore prose.\n", 1),
        ("src/module.py", "ANSWER = 43\n", 2),
        ("data/table.csv", "43\n", 3),
    ]
    assert build(book)[0] == 0
    for path, text, runs in edits:
        append(book / path, text)
        assert build(book)[0] == 0
        assert len((book / "runs.txt").read_text().split()) == runs, path


def edited_cohort(book):
    """Give a book a cohort of one file that was edited after the command made it."""
    (book / "data" / "cohort").mkdir()
    path, name = book / "data" / "cohort" / "patients.csv", "cohort/patients.csv"
    path.write_text("patient_id\nP01\n")
    write_digests(book / "data", {name: Made("cohort", digest_of(book / "data", name), "")})
    return path


def test_edited_data_are_refused(tmp_path, monkeypatch):
    """Data as the command made them pass; others end the build, or stand under a banner."""
    monkeypatch.delenv("EDITED", raising=False)
    (tmp_path / "data").mkdir()
    app, config = SimpleNamespace(srcdir=tmp_path), SimpleNamespace(html_theme_options={})
    refuse_edited(app, config)
    path = edited_cohort(tmp_path)
    refuse_edited(app, config)
    append(path, "P02\n")
    with pytest.raises(ConfigError, match=r"data/cohort/patients\.csv.*make book EDITED=1"):
        refuse_edited(app, config)
    assert config.html_theme_options == {}
    monkeypatch.setenv("EDITED", "1")
    refuse_edited(app, config)
    assert "data/cohort/patients.csv" in config.html_theme_options["announcement"]


@pytest.mark.slow
def test_a_book_of_edited_data_says_so_on_every_page(book):
    """`make book` ends with the file's name; with EDITED=1 each page has the banner."""
    append(edited_cohort(book), "P02\n")
    code, output = build(book, EDITED="")
    assert code != 0
    assert "data/cohort/patients.csv" in output
    code, output = build(book, EDITED="1")
    assert code == 0, output
    for page in pages(book / "_build" / "html"):
        if page.name != "index.html" or page.parent.name != "html":
            assert "Edited data: this build does not show" in page.read_text(), page


def test_the_book_is_built_with_the_switch_for_edited_data():
    """The Makefile hands EDITED on."""
    commands = " ".join((ROOT / "Makefile").read_text().replace("\\\n", " ").split())
    alone = "$(VENV) _ext/alone.py _build/html"
    assert f"EDITED=$(EDITED) {alone} .venv/bin/jupyter-book build" in commands


SLOWLY = """import sys, time, pathlib
site, log = map(pathlib.Path, sys.argv[1:])
site.mkdir()
log.open("a").write("begun "), time.sleep(0.4), log.open("a").write("ended ")
"""


def alone(site, *command):
    """Start a command as the Makefile starts a build."""
    words = [sys.executable, ROOT / "_ext" / "alone.py", site, sys.executable, *command]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_two_builds_at_once_wait(tmp_path):
    """One after the other, each from nothing; what is killed holds nobody up."""
    site, log = tmp_path / "_build" / "html", tmp_path / "log"
    working = "import sys, time; print('at work', file=sys.stderr, flush=True); time.sleep(600)"
    stuck = alone(site, "-c", working)
    assert stuck.stderr.readline() == "at work\n"
    builds = [alone(site, "-c", SLOWLY, site, log) for _ in range(3)]
    for build in builds:
        assert "Another build is at work here" in build.stderr.readline()
    assert not log.exists()
    stuck.kill()
    said = [build.communicate()[1] for build in builds]
    stuck.communicate()
    assert [build.returncode for build in builds] == [0, 0, 0], said
    assert log.read_text() == "begun ended " * 3


@pytest.mark.slow
def test_two_builds_at_once_leave_a_whole_site(book):
    """Both are green, and the pages that are left have their policies and styles."""
    program, *arguments = COMMAND.split()
    program = Path(sys.executable).parent / program
    command = [sys.executable, "_ext/alone.py", "_build/html", program, *arguments]
    running = [subprocess.Popen(command, cwd=book, stdout=subprocess.DEVNULL)]
    time.sleep(2)
    running.append(subprocess.Popen(command, cwd=book, stdout=subprocess.DEVNULL))
    assert [build.wait() for build in running] == [0, 0]
    site = book / "_build" / "html"
    for page in pages(site):
        assert "Content-Security-Policy" in page.read_text(), page
    assert (site / "_static" / "site.css").exists()


@pytest.mark.slow
def test_a_page_may_cease_to_be_a_notebook(book):
    """What an earlier build left of it neither breaks the build nor is handed out."""
    add_page(book, "prose", f"{HEADER}---\n\n# Prose\n" + cell("42"))
    handed_out = book / "_build" / "html" / "_sources" / "chapters" / "prose.ipynb"
    assert build(book)[0] == 0
    assert handed_out.exists()
    (book / "chapters" / "prose.md").write_text("# Prose\n")
    shutil.rmtree(book / "_build" / "html")  # as `make book` does first
    assert build(book)[0] == 0
    assert not handed_out.exists()


@pytest.mark.slow
@pytest.mark.xdist_group("good")
def test_two_builds_are_equal(good, tmp_path):
    """Another folder, another moment, and every file of the site is the same byte for byte."""
    folder = tmp_path / "elsewhere, with spaces"
    folder.mkdir()
    other = write_book(folder)
    add_page(other, "ledger", LEDGER)
    assert build(other)[0] == 0
    first, second = (
        {
            path.relative_to(site).as_posix(): path.read_bytes()
            for path in site.rglob("*")
            if path.is_file()
        }
        for site in (good / "_build" / "html", other / "_build" / "html")
    )
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.slow
@pytest.mark.xdist_group("good")
def test_pages_ask_the_network_for_nothing(good):
    """No script, style, image, font or frame comes from another place."""
    site = good / "_build" / "html"
    remote = r"(?:https?:)?//"
    in_html = re.compile(
        rf"<(?:script|img|iframe|source|embed|video)\b[^>]*\bsrc=[\"']?{remote}"
        rf"|<(?:link|image|use|object)\b[^>]*\b(?:href|data)=[\"']?{remote}"
    )
    in_css = re.compile(rf"(?:url\(|@import)\s*[\"']?{remote}")
    found = [page.name for page in pages(site) if in_html.search(page.read_text())]
    found += [
        path.name
        for path in [*pages(site), *site.rglob("*.css"), *site.rglob("*.svg")]
        if in_css.search(path.read_text())
    ]
    assert found == []


@pytest.mark.slow
@pytest.mark.xdist_group("good")
def test_every_page_says_what_it_is(good):
    """The paper's reference and the two caveats stand on each page, whoever wrote it."""
    for page in pages(good / "_build" / "html"):
        text = " ".join(re.sub(r"<[^>]+>", " ", page.read_text()).split())
        if page.parent.name == "html" and page.name == "index.html":
            continue  # leads on to the start page
        assert "2022; 7: 85–92" in text, page
        assert "a cohort consistent with the printed numbers, not patient records" in text, page
        assert "nothing here is medical advice" in text, page


@pytest.mark.slow
@pytest.mark.xdist_group("good")
def test_scripts_stand_only_where_they_are_used(good):
    """The ledger's script is on the ledger's page, MathJax where there are formulas."""
    site = good / "_build" / "html"
    start = (site / "chapters" / "start.html").read_text()
    ledger = (site / "chapters" / "ledger.html").read_text()
    assert ("ledger.js" in start, "ledger.js" in ledger) == (False, True)
    assert ("tex-chtml.js" in start, "tex-chtml.js" in ledger) == (True, False)
    search = (site / "search.html").read_text()
    for name in ("number-index.js", "numbers.js"):
        assert (name in search, name in start + ledger) == (True, False)
        assert (site / "_static" / name).exists()
    assert (site / "_static" / "mathjax" / "tex-chtml.js").exists()
    assert not re.search(r"fontawesome\.js|thebe", start + ledger)


@pytest.mark.slow
@pytest.mark.xdist_group("good")
def test_theme_is_mended(good):
    """The faults that the theme leaves in each page are gone."""
    for page in pages(good / "_build" / "html"):
        html = page.read_text()
        assert "<th></th>" not in html
        assert "doc-biblioentry" not in html
        assert not re.search(r'search-button-field[^>]*aria-label="Search"', html)


@pytest.mark.parametrize("before", ["", "<div>\n", "<div>\n<style scoped>\n.a {}\n</style>\n"])
def test_what_scrolls_is_named(before):
    """A table as pandas and statsmodels write it and as Markdown does, a figure of many words."""
    shown = '<div class="output text_html">'
    assert 'role="group" aria-label="Table"' in mend(f"{shown}{before}<table>")
    assert "aria-label" in mend('<div class="pst-scrollable-table-container"><table>')
    assert 'aria-label="Figure"' in mend(f'{shown}<figure class="align-default scrolls">')
    assert "aria-label" not in mend(f'{shown}<figure class="align-default">')


@pytest.mark.slow
@pytest.mark.xdist_group("good")
def test_a_notebook_to_take_away_says_what_the_page_says(good):
    """The words that the configuration puts into a page stand in its notebook, too."""
    notebook = good / "_build" / "html" / "_sources" / "chapters" / "ledger.ipynb"
    prose = "".join(prose_of(notebook))
    assert "this copy has no maintainer" in prose
    assert "{" not in prose


def prose_of(notebook):
    """The sources of its cells of text."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "no maintainer"),
        (" a@b.org ", "(mailto:a@b.org)"),
        ("https://b.org/x", "(https://b.org/x)"),
    ],
)
def test_the_contact_is_told_as_configured(address, said):
    """An address becomes a link; where there is none, the pages promise nobody."""
    config = SimpleNamespace(contact=address, myst_substitutions={"kept": "1"})
    tell_contact(None, config)
    assert said in config.myst_substitutions["contact"]
    assert config.myst_substitutions["kept"] == "1"
    assert ("Write to" in config.myst_substitutions["contact"]) == bool(address)


def test_pages_take_the_contact_from_the_configuration():
    """The page on corrections says the configured address, Start leads there; the key is one."""
    assert re.findall(r"^ +contact: (.*)$", (ROOT / "_config.yml").read_text(), re.M)[1:] == []
    page = ROOT / "chapters" / "reference" / "rebuild-cite-change.md"
    assert "{{ contact }}" in page.read_text()
    assert "(reference/rebuild-cite-change.md#correct)" in (ROOT / "chapters/start.md").read_text()


def test_readme_leads_somewhere():
    """Every link of the README leads to a file, every chapter in it stands in the contents."""
    readme = (ROOT / "README.md").read_text()
    links = re.findall(r"(?<!!)\[[^]]*\]\(([^)]+)\)", readme)
    contents = (ROOT / "_toc.yml").read_text()
    inside = [link for link in links if not link.startswith("https:")]
    assert [link for link in inside if not (ROOT / link).exists()] == []
    chapters = [link.removesuffix(".md") for link in links if link.startswith("chapters/")]
    assert [chapter for chapter in chapters if chapter not in contents] == []


def test_what_a_cell_prints_in_a_row_is_one():
    """The kernel cuts its printing in two now and then; no page or notebook shows it."""
    parts = [new_output("stream", name="stdout", text=text) for text in ("286", " ways")]
    picture = new_output("display_data", data={"text/plain": "x"})
    later = new_output("stream", name="stdout", text="end")
    texts = [output.get("text") for output in join_streams([*parts, picture, later])]
    assert texts == ["286 ways", None, "end"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_warm_kernel_runs_a_page_as_a_cold_one(tmp_path):
    """The same outputs, folder and backend, nothing left over from the page before."""
    cells = (
        "import os, sys; print(os.getcwd(), sys.path)",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.get_backend()",
        "'left' in globals(), 'thirteen' in globals()",
        "left = 1; import warnings; warnings.warn('seen')",
        "1 / 0",
        "never",
    )

    def run(**settings):
        notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
        result = single_nb_execution(
            notebook, cwd=str(tmp_path), timeout=60, allow_errors=False, **settings
        )
        text = re.sub(r"ipykernel_\d+|0x[0-9a-f]+|'id': '\w+'", "", str(notebook.cells))
        return type(result.err), re.sub(r"/\d+\.py", "", text)

    with WarmKernels() as kernels:
        runs = []
        for _ in range(2):
            with kernels.kernel(tmp_path) as manager:
                runs.append(run(km=manager))
    assert all(words in runs[0][1] for words in ("ZeroDivisionError", "UserWarning: seen"))
    assert runs == [run()] * 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_a_warm_kernel_that_dies_is_noticed(tmp_path):
    """Nobody waits for the time-out of a page whose kernel is gone."""
    notebook = new_notebook(cells=[new_code_cell("import os; os._exit(1)")])
    settings = {"cwd": str(tmp_path), "timeout": 30, "allow_errors": False}
    with WarmKernels(["ipykernel.ipkernel"]) as kernels, kernels.kernel(tmp_path) as manager:
        settings["km"] = manager
        with pytest.raises(DeadKernelError):
            single_nb_execution(notebook, **settings)


@pytest.mark.slow
def test_a_configured_address_is_on_the_pages(book):
    """Links to the source and to report an error, with their icons; canonical address, preview."""
    repository, base = "https://github.com/someone/a-book", "https://example.org/book"
    config = (book / "_config.yml").read_text()
    config = config.replace(' repository: ""\n', f' repository: "{repository}/"\n')
    config = config.replace(' site_address: ""\n', f' site_address: "{base}/"\n')
    (book / "_config.yml").write_text(config)
    code, output = build(book)
    assert code == 0, output
    site = book / "_build" / "html"
    page = BeautifulSoup((site / "chapters" / "start.html").read_text(), "html.parser")
    links = {tag["href"] for tag in page.select(".article-header-buttons a[href]")}
    assert {repository, f"{repository}/edit/main/chapters/start.md"} <= links
    assert (book / "chapters" / "start.md").exists()
    assert any(link.startswith(f"{repository}/issues/new?title=") for link in links)
    address = f"{base}/chapters/start.html"
    assert [tag["href"] for tag in page.select("link[rel=canonical]")] == [address]
    told = {tag["property"]: tag["content"] for tag in page.select("meta[property^='og:']")}
    assert told["og:url"] == address
    assert (site / told["og:image"].removeprefix(f"{base}/")).read_bytes().startswith(b"\x89PNG")
    assert f"<loc>{address}</loc>" in (site / "sitemap.xml").read_text()
    assert f"Sitemap: {base}/sitemap.xml" in (site / "robots.txt").read_text()
    assert 'href="/book/chapters/start.html"' in (site / "404.html").read_text()
    style = (site / "_static" / "site.css").read_text()
    shown = {name for tag in page.select(".article-header-buttons i") for name in tag["class"]}
    assert "fa-github" in shown
    brands = re.search(r"@font-face\{[^}]*Brands[^}]*url\(([^)]+)\)", style)
    assert (site / "_static" / brands[1]).exists()


def test_binder_builds_what_the_readme_builds():
    """The lock, the Python that it was made for, the package itself, and notebooks on a click."""
    binder = ROOT / ".binder"
    assert (binder / "requirements.txt").read_text() == "-r ../requirements.txt\n"
    assert (binder / "runtime.txt").read_text() == "python-3.11\n"
    assert "pip install --no-deps --editable ." in (binder / "postBuild").read_text()
    assert "JUPYTER_CONFIG_PATH" in (binder / "start").read_text()
    assert all((binder / name).stat().st_mode & 0o100 for name in ("postBuild", "start"))


def test_the_workflow_trusts_no_name_that_can_be_moved():
    """Each action by its commit, the version beside it; three Pythons; advisories and links."""
    text = (ROOT / ".github" / "workflows" / "site.yml").read_text()
    used = re.findall(r"uses: (.*)", text)
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action
    jobs = yaml.safe_load(text)["jobs"]
    assert jobs["everyday"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    asked = " ".join(step.get("run", "") for step in jobs["outside"]["steps"])
    for lock in ROOT.glob("requirements*.txt"):
        assert re.search(rf"pip-audit==[\d.]+ --require-hashes --disable-pip -r {lock.name}", asked)
    assert "make links" in asked
    assert "--builder linkcheck" in (ROOT / "Makefile").read_text()


def test_the_newest_packages_are_tried_weekly():
    """Tests and book without the pins; what they break holds no publication up."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "site.yml").read_text())["jobs"]
    assert jobs["newest"]["if"] == "github.event_name == 'schedule'"
    assert jobs["newest"]["continue-on-error"]
    assert "newest" not in jobs["publish"]["needs"]
    assert jobs["newest"]["steps"][-1]["run"] == "make newest test book PYTHON=python"
    sed = re.search(r"sed '(s/==.*)' requirements.in", (ROOT / "Makefile").read_text())[1]
    words = ["sed", sed, ROOT / "requirements.in"]
    named = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert "\nnumpy\n" in named
    assert "==" not in named


def test_the_manifest_names_what_is_made():
    """Each output with the command that makes it; those of `data/` are there, and recorded."""
    told = yaml.safe_load((ROOT / "codecheck.yml").read_text())
    recorded = read_digests(ROOT / "data")
    for output in told["manifest"]:
        name, command = output["file"], output["comment"].partition(":")[0]
        assert re.fullmatch("make (cohort|audit|validate|book)", command), name
        assert re.search(rf"(?m)^{command.removeprefix('make ')}:", (ROOT / "Makefile").read_text())
        made = {"cohort": "cohort/", "audit": "cohort/"}.get(command.removeprefix("make "))
        assert not made or name.removeprefix("data/") in recorded, name
        if name.startswith("data/"):
            assert (ROOT / name).is_file(), name
        else:
            page = re.fullmatch(r"_build/html/_\w+/([\w-]+)-(?:figure|table)-\d\.\w+", name)[1]
            assert list((ROOT / "chapters").rglob(f"{page}.md")), name


def test_each_dependency_has_its_reason():
    """Beside its pin; what no page uses is not in the lock."""
    for path in ROOT.glob("requirements*.in"):
        pins = re.findall(r"(?m)^[\w-]+==.*$", path.read_text())
        assert pins
        assert [pin for pin in pins if not re.search(r" # \w", pin)] == [], path.name
    locked = (ROOT / "requirements.txt").read_text()
    assert not re.search("(?m)^(sphinx-exercise|sphinx-proof)==", locked)
