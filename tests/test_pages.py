"""The chapters keep the book's promises: short cells, computed numbers, described figures."""

import ast
import re
from pathlib import Path

import jupytext
import pytest
from jupytext.config import load_jupytext_config

ROOT = Path(__file__).parents[1]
PAGES = sorted(p for p in (ROOT / "chapters").rglob("*.md") if "/." not in p.as_posix())
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```", re.S | re.M)
SHOWS = re.compile(r"\b(?:show|figure_\w+)\(|\.(?:plot|savefig)\(")


def cells(page):
    """The code of each cell of a page, without its options."""
    found = CELL.findall(page.read_text(encoding="utf-8"))
    return [re.sub(r"\A(?:---\n.*?^---\n|(?::[^\n]*\n)+)", "", c, flags=re.S | re.M) for c in found]


def statements(tree):
    """The logical lines of code: a call spread over several lines is one."""
    return sum(isinstance(node, ast.stmt) for node in ast.walk(tree))


def prose(text):
    """A page's own words: no header, code, targets of links, glue, references or arguments."""
    text = re.sub(r"\A---\n.*?^---\n", "", text, flags=re.S | re.M)
    text = re.sub(r"^(`{3,}|:{3,})[^\n]*\n.*?^\1[ \t]*$", "", text, flags=re.S | re.M)
    text = re.sub(r"\{[\w:]+\}`[^`]*`|`[^`]*`", "", text)
    return re.sub(r"\]\([^)]*\)|\$[^$]*\$|^%.*$|https?://\S+", "", text, flags=re.M)


def typed_numbers(text):
    """Decimal numbers in the prose; `3.11` of a Python version is not one of the study's."""
    names = r"^### Exercise [\d.]+|Python [\d., or]+|\bCC BY [\d.]+|\bversion [\d.]+"
    plain = re.sub(names, "", prose(text), flags=re.M)
    return re.findall(r"\d+\.\d+", plain)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
class TestPage:
    """What holds for each chapter."""

    def test_cells_and_their_functions_are_short(self, page):
        """Eight logical lines of code at most, and as many in a function, which counts as one."""
        for code in cells(page):
            tree = ast.parse(re.sub(r"^[%!].*$", "", code, flags=re.M))
            kinds = (ast.AsyncFunctionDef, ast.ClassDef)
            assert not any(isinstance(node, kinds) for node in ast.walk(tree)), code
            functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
            inside = [statements(node) - 1 for node in functions]  # without its `def`
            assert max(inside, default=0) <= 8, code
            assert statements(tree) - sum(inside) <= 8, code

    def test_decimal_numbers_are_computed(self, page):
        """A result in a sentence is an expression, so that it cannot grow old."""
        assert typed_numbers(page.read_text(encoding="utf-8")) == []

    def test_expressions_in_sentences_are_short(self, page):
        """They read like words: what takes more is worked out in a cell and has a name."""
        text = page.read_text(encoding="utf-8")
        assert [e for e in re.findall(r"\{eval\}`([^`]*)`", text) if len(e) > 66] == []

    def test_it_opens_with_text(self, page):
        """A reader meets a title and two sentences or so before any code."""
        opening = prose(CELL.split(page.read_text(encoding="utf-8"), maxsplit=1)[0])
        assert re.match(r"\s*(?:\([\w-]+\)=\s*)?# \S", opening)
        body = opening.split("\n", 2 if opening.startswith("\n") else 1)[-1]
        assert len(re.findall(r"\w+", body)) >= 12

    def test_saving_it_as_a_notebook_changes_nothing(self, page):
        """Whoever opens a chapter in JupyterLab, runs and saves it has no changes but their own."""
        text = page.read_text(encoding="utf-8")
        if "{code-cell}" in text:
            settings = load_jupytext_config(str(page))
            notebook = jupytext.reads(text, fmt="md:myst", config=settings)
            assert jupytext.writes(notebook, fmt="md:myst", config=settings) == text

    def test_figures_have_alternative_texts(self, page):
        """A cell that shows a figure passes words for it, or names them in its options."""
        raw = CELL.findall(page.read_text(encoding="utf-8"))
        for options, code in zip(raw, cells(page), strict=True):
            tree = ast.parse(re.sub(r"^[%!].*$", "", code, flags=re.M))
            calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
            named = (getattr(c.func, "id", getattr(c.func, "attr", "")) for c in calls)
            shown = [c for c, name in zip(calls, named, strict=True) if name == "show"]
            assert all(len(c.args) + len(c.keywords) >= 2 for c in shown), code
            last = code.strip().splitlines()[-1] if code.strip() else ""
            if SHOWS.search(last) and not re.match(r"(?:tp\.)?(?:show\(|figure)", last):
                assert "alt" in options, code


LIBRARY = re.compile(
    r"KaplanMeierFitter|AalenJohansenFitter|CoxPHFitter|logrank_test|PHReg|SurvfuncRight"
    r"|(?:stats|sns|sm|pd)\.\w+\(|binomtest|fisher_exact|ttest_\w+|wilcoxon|permutation_test"
    r"|\.(?:groupby|describe|value_counts|pivot_table|agg|crosstab)\("
)
READ = [p for p in PAGES if p.parent.name != "lessons"]  # the course has cells of its own kind


def is_layout(options):
    """Does the site show the cell only when all code is asked for?"""
    return "hide-input" in options or "remove" in options


def visible(page):
    """The code of the cells that a page shows at first."""
    raw = CELL.findall(page.read_text(encoding="utf-8"))
    return [c for o, c in zip(raw, cells(page), strict=True) if not is_layout(o[: len(o) - len(c)])]


def names_of_helper(page):
    """The names of the helper that a page uses, in cells and in sentences."""
    return set(re.findall(r"\btp\.(\w+)", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", READ, ids=lambda page: page.stem)
class TestReadPage:
    """What holds for each chapter that is read rather than worked through."""

    def test_it_has_few_cells_and_few_names(self, page):
        """Twelve cells and six names of the helper at most; nothing of the engine but on its page.

        Names of the data's folder and of the notice are no functions to learn.
        """
        assert len(cells(page)) <= 12
        assert len(names_of_helper(page) - {"DATA", "NOTICE"}) <= 6
        text = page.read_text(encoding="utf-8")
        imported = set(re.findall(r"^(?:from|import) (recohort|thirteen\w*)", text, re.M))
        allowed = {"thirteen", "thirteen_lessons"}
        assert imported <= allowed | ({"recohort"} if page.stem == "your-own-paper" else set())
        assert not re.search(r"^from thirteen(?:\.\w+)? import", text, re.M)  # it is `tp`

    def test_its_first_visible_cell_shows_something(self, page):
        """It reads, estimates and ends with what a reader is to see, rather than with imports."""
        for code in visible(page)[:1]:
            assert isinstance(ast.parse(code).body[-1], ast.Expr), code

    def test_its_visible_cells_have_eight_lines_at_most(self, page):
        """As they stand on the page, none of them cut off there; blank lines are not counted."""
        for code in visible(page):
            lines = [line for line in code.splitlines() if line.strip()]
            assert len(lines) <= 8, code
            assert max(map(len, lines)) <= 92, code


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.parent.name == "results"], ids=lambda page: page.stem
)
def test_a_chapter_of_results_shows_its_analysis(page):
    """A box at its head, three visible cells that call libraries by name, a line to the ledger."""
    assert sum(bool(LIBRARY.search(code)) for code in visible(page)) >= 3
    code = cells(page)
    assert any("tp.compare(" in c for c in code[:4])
    assert "tp.against(" in code[-1]


def test_seaborn_draws_at_least_five_figures():
    """In cells that are seen."""
    drawn = [c for page in PAGES for c in visible(page) if re.search(r"\bsns\.\w+plot\(", c)]
    assert len(drawn) >= 5


def test_numbers_in_sentences_are_expressions():
    """None is glued under a name any more."""
    assert [p.stem for p in PAGES if "{glue:" in p.read_text(encoding="utf-8")] == []


def test_the_book_is_short():
    """Forty-four pages at most, each once in the table of contents."""
    listed = re.findall(r"^\s*(?:- file|root): (\S+)", (ROOT / "_toc.yml").read_text(), re.M)
    assert sorted(listed) == sorted(p.relative_to(ROOT).with_suffix("").as_posix() for p in PAGES)
    assert len(listed) <= 44


def test_the_rules_notice_what_they_forbid(tmp_path):
    """A typed decimal is found in prose, and only there."""
    text = "# T\n\nIt is 19.6, {eval}`x1.5` and `2.5` [a](b1.5.md).\n\n```{code-cell}\n3.5\n```\n"
    assert typed_numbers(text) == ["19.6"]
    page = tmp_path / "page.md"
    page.write_text("```{code-cell} ipython3\n:tags: [hide-input]\nx = 1\n```\n")
    assert cells(page) == ["x = 1\n"]
