"""What teachers hand out is whole: notebooks with and without solutions, figures with words."""

import ast
import builtins
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from handout import (
    handed_out,
    main,
    notebook,
    shown_figures,
    write_figures,
    write_notebooks,
)

from folding import wrongly_folded
from test_lessons import EXERCISE

PAGES = handed_out()
LESSONS = [page for page in PAGES if page.parent.name == "lessons"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The notebooks, written once."""
    out = tmp_path_factory.mktemp("handout")
    write_notebooks(out)
    return out


def code_of(book):
    """The code cells' sources, in order."""
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def words_of(book):
    """All Markdown of a notebook."""
    return "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def unknown_names(codes):
    """Names that a notebook, run from the top, would look up in vain."""
    known, missing = {*dir(builtins), "__file__"}, []
    for code in codes:
        tree = ast.parse(re.sub(r"^%.*$", "", code, flags=re.M))
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.alias)]
        stored = {n.id for n in names if not isinstance(n.ctx, ast.Load)}
        stored |= {(n.asname or n.name).split(".")[0] for n in imports}
        stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        stored |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)}
        known |= stored | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        missing += [n.id for n in names if isinstance(n.ctx, ast.Load) and n.id not in known]
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_both_notebooks_are_whole(folder, page):
    """Valid, no outputs, folded as on the site; no directive, and links lead to notebooks."""
    for kind in ("with-solutions", "without-solutions"):
        path = folder / kind / f"{page.stem}.ipynb"
        book = nbformat.read(path, as_version=4)
        nbformat.validate(book)
        assert all(not c.outputs and c.execution_count is None for c in book.cells
                   if c.cell_type == "code")  # fmt: skip
        assert wrongly_folded(book.cells) == []
        words = words_of(book)
        assert not re.search(r"\{cite\}|^:::|\]\([^)]*\.md", words, re.M)
        links = re.findall(r"\]\((?!http)([^)]+)\)", words)
        assert all((path.parent / link).exists() for link in links)
        assert unknown_names(code_of(book)) == []


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_solutions_are_in_one_and_not_in_the_other(folder, page):
    """The same cells but for the solutions; no answer is left behind, no exercise is lost."""
    full, bare = (nbformat.read(folder / kind / f"{page.stem}.ipynb", as_version=4)
                  for kind in ("with-solutions", "without-solutions"))  # fmt: skip
    assert [c for c in code_of(full) if not c.startswith("%%solution")] == code_of(bare)
    names = [name for name, _ in EXERCISE.findall(words_of(bare))]
    assert names == [name for name, _ in EXERCISE.findall(page.read_text(encoding="utf-8"))]
    for name in names:
        checks = [c for c in code_of(bare) if f'check("{name}"' in c]
        assert len(checks) == 1, name
        assert "= ..." in checks[0]
        assert sum(f'check("{name}"' in code for code in code_of(full)) == 2
    assert "worked solution" in words_of(full).lower()
    assert "worked solution" not in words_of(bare).lower()


def test_a_page_gives_the_same_notebook_twice():
    """No random ids: a teacher's second handout differs only where the lesson does."""
    assert notebook(PAGES[0], True, {"x"}) == notebook(PAGES[0], True, {"x"})


def test_what_these_tests_would_notice():
    """A name that only a solution had set is missed."""
    assert unknown_names(["x = 1", "[i for i in range(x)]"]) == []
    assert unknown_names(["import numpy as np", "print(np.pi, rate)"]) == ["rate"]


@pytest.mark.slow
def test_figures_are_saved_with_their_words(tmp_path):
    """SVG, PNG and text for each, listed."""
    page = LESSONS[1]
    rows = write_figures(tmp_path, [page])
    listed = pd.read_csv(tmp_path / "figures.csv")
    assert listed["file"].tolist() == [row["file"] for row in rows]
    source = page.read_text(encoding="utf-8")
    assert len(rows) == len(re.findall(r"^(?:show|figure_\w+)\(", source, re.M)) > 0
    for row in listed.itertuples():
        files = [tmp_path / f"{row.file}.{ending}" for ending in ("svg", "png", "txt")]
        svg, png, words = (file.read_bytes() for file in files)
        assert b"<svg" in svg
        assert png.startswith(b"\x89PNG")
        assert len(png) > 20_000
        assert words.decode().strip() == row.alternative_text
        assert len(row.alternative_text) > 80


def test_a_broken_cell_is_not_passed_over(tmp_path):
    """A page whose cell fails gives no figures."""
    page = tmp_path / "page.md"
    page.write_text("# P\n\n```{code-cell} ipython3\n1 / 0\n```\n")
    with pytest.raises(ZeroDivisionError):
        shown_figures(page)


@pytest.mark.slow
def test_the_command_writes_all(tmp_path, monkeypatch, capsys):
    """`python _ext/handout.py --out FOLDER`, with one page's figures in place of all."""
    monkeypatch.setattr("handout.CHAPTERS", tmp_path)  # no page: no figure to draw
    assert main(["--out", str(tmp_path / "out")]) == 0
    assert "notebooks" in capsys.readouterr().out
    assert len(list(Path(tmp_path / "out").glob("*/*.ipynb"))) == 2 * len(PAGES)
