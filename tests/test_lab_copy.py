"""What `make lab` opens: a copy in plain words, kept from start to start."""

import re

import jupytext
import pytest
from lab import ROOT, as_notebook, fill

from folding import wrongly_folded

PAGES = sorted(p for p in (ROOT / "chapters").rglob("*.md") if "/." not in p.as_posix())
ROLE = re.compile(r"\{(?!eval\})[\w:-]+\}`|^:{3,}|^`{3,}\{", re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nothing_that_only_the_site_understands_is_left(page):
    """No role but the one that JupyterLab evaluates, no directive, no label."""
    notebook = jupytext.reads(as_notebook(page), fmt="md:myst")
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    shown = re.sub(r"^(`{3,})(?![`{])[^\n]*\n.*?^\1[ \t]*$", "", prose, flags=re.M | re.S)
    assert ROLE.findall(re.sub(r"(?<!`)(`{2,})(?!`).+?\1", "", shown)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page):
    """Labels, which only the site knows, have become the page that has them."""
    links = re.findall(r"\]\(([^)#?]+)(?:[#?][^)]*)?\)", as_notebook(page))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_cells_are_folded_that_the_site_does_not_show_at_first(page):
    """And no others."""
    assert wrongly_folded(jupytext.reads(as_notebook(page), fmt="md:myst").cells) == []


@pytest.mark.slow
def test_a_copy_is_kept_until_a_fresh_one_is_asked_for(tmp_path):
    """The last one is moved aside, not lost."""
    folder = tmp_path / "lab"
    assert fill(folder)
    mine = folder / "data" / "cohort" / "patients.csv"
    mine.write_text("mine")
    assert not fill(folder)
    assert mine.read_text() == "mine"
    assert fill(folder, fresh=True)
    assert mine.read_text() == (ROOT / "data" / "cohort" / "patients.csv").read_text()
    assert (tmp_path / "lab.old" / "data" / "cohort" / "patients.csv").read_text() == "mine"
    assert {p.name for p in tmp_path.iterdir()} == {"lab", "lab.old"}
