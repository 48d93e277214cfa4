"""What a teacher hands out and projects: the lessons as notebooks, and every figure as a file.

python _ext/handout.py [--out FOLDER]
"""

import argparse
import ast
import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from shutil import copyfile

import jupytext
import nbformat
import pandas as pd
import yaml
from handout_data import STATIC, write_data
from handout_pack import ROOT, pack, write_helper, write_scripts
from handout_sheet import write_sheet
from lab import fold
from launch import place_of
from plain_words import CHAPTERS, plain

from thirteen.style import Picture, in_house_style, to_svg

HANDOUT = CHAPTERS.parent / "_build" / "handout"
DOTS = 300  # an inch
TEACHING = CHAPTERS / "lessons" / "teaching.md"
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n|(?::[^\n]*\n)+\n?)?(.*?)^```", re.S | re.M
)
LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)?(?:[\w-]+/)?([\w-]+)\.md(#[^)]*)?\)")
FETCH = re.compile(r"    if not found:.*?(?=    assert found)", re.S)
TOLD = " The worked solution unfolds below each exercise."


def handed_out(chapters=CHAPTERS) -> list[Path]:
    """The pages that become notebooks: the lessons, the glossary and the formulas."""
    lessons = sorted(Path(chapters).glob("lessons/[0-9][0-9]-*.md"))
    return [*lessons, *(Path(chapters) / "reference" / f"{p}.md" for p in ("glossary", "formulas"))]


def pages_with_figures() -> list[Path]:
    """The pages whose figures a teacher may want to project: lessons, Table 1 and results."""
    places = ("lessons/*-*.md", "methods/patients-and-tumors.md", "results/*.md")
    return sorted(page for place in places for page in CHAPTERS.glob(place))


def first_cell(place: str) -> str:
    """The cell that finds the helper: beside the notebook, or in the repository OWNER/NAME.

    Where `place` is empty it knows no repository, and asks for the archive.
    """
    code = (STATIC / "first_cell.py").read_text(encoding="utf-8")
    code = code.partition("\n\n")[2].strip()  # without the module's own line
    return code.replace("OWNER/NAME", place) if place else FETCH.sub("", code)


def notebook(page: Path, solutions: bool, names, place="") -> nbformat.NotebookNode:
    """A page as a notebook without outputs, with or without its worked solutions.

    `names` are the pages handed out beside it: links to them stay links, others become words.
    The same page gives the same notebook. Its first cell finds the helper wherever it is opened.
    """
    book = jupytext.reads(page.read_text(encoding="utf-8"), fmt="md:myst")
    if any(cell.cell_type == "code" for cell in book.cells):
        book.cells.insert(1, nbformat.v4.new_code_cell(first_cell(place)))
    if not solutions:
        book.cells = [c for c in book.cells if not c.source.startswith("%%solution\n")]
    for number, cell in enumerate(book.cells):
        cell["id"] = f"{page.stem}-{number}"[-64:]
        if cell.cell_type == "markdown":
            cell.source = _plain(cell.source, names).replace(TOLD, TOLD if solutions else "")
        else:
            fold(cell)
    book.metadata.pop("jupytext", None)  # a notebook of its own, paired with nothing
    return book


def write_notebooks(out, chapters=CHAPTERS, place="") -> list[Path]:
    """Write each page twice, to `with-solutions/` and `without-solutions/` in `out`."""
    pages, written = handed_out(chapters), []
    names = {page.stem for page in pages}
    for folder, solutions in (("with-solutions", True), ("without-solutions", False)):
        for page in pages:
            path = Path(out) / folder / f"{page.stem}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook(page, solutions, names, place), path)
            written.append(path)
    return written


def write_handout(out, repository="") -> Path:
    """Write everything but the figures to `out`, and all of it again as one archive beside it.

    `repository` is its public address, if it has one; the notebooks fetch the helper from there.
    """
    out = Path(out)
    write_notebooks(out, place=place_of(repository))
    write_scripts(out)
    write_data(out / "data")
    write_helper(out)
    write_sheet(out)
    copyfile(STATIC / "README.txt", out / "README.txt")
    words = TEACHING.read_text(encoding="utf-8").replace("{{ launch }}\n", "")
    names = {page.stem for page in handed_out()}
    plain = re.sub(r"\]\(([\w-]+)\.ipynb\)", r"](without-solutions/\1.ipynb)", _plain(words, names))
    (out / "teaching.md").write_text(plain, encoding="utf-8", newline="\n")
    files = [path for path in out.rglob("*") if path.is_file() and path.parent.name != "figures"]
    archive = out.with_suffix(".zip")
    pack(archive, {f"handout/{f.relative_to(out).as_posix()}": f.read_bytes() for f in files})
    return archive


def write_figures(out, pages) -> list[dict]:
    """Run the pages and save each figure that they show, as SVG, PNG and text, to `out`.

    Named after its page and place, as `02-kaplan-meier-by-hand-1.svg`. `figures.csv` lists them;
    returned are its rows: `file` (without its ending), `page`, `caption`, `alternative_text`.
    """
    rows, out = [], Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for page in pages:
        for place, picture in enumerate(shown_figures(page), 1):
            name, words = f"{page.stem}-{place}", picture.words
            for ending, text in (("svg", to_svg(picture.figure)), ("txt", words + "\n")):
                (out / f"{name}.{ending}").write_text(text, encoding="utf8", newline="\n")
            save_png(picture.figure, out / f"{name}.png")
            row = {"file": name, "page": page.stem, "caption": picture.caption}
            rows.append(row | {"alternative_text": words})
    pd.DataFrame(rows).to_csv(out / "figures.csv", index=False, lineterminator="\n")
    return rows


@in_house_style
def save_png(figure, path):
    """Write a figure as PNG, with dots enough for a screen in a lecture room."""
    figure.savefig(path, format="png", dpi=DOTS, metadata={"Software": None})


def shown_figures(page: Path) -> list[Picture]:
    """Run a page's cells in order; the pictures that they end with.

    Raises what a cell raises.
    """
    space, found = {}, []
    for code in CELL.findall(page.read_text(encoding="utf-8")):
        tree = ast.parse(re.sub(r"^%.*$", "", code, flags=re.M), page.name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with redirect_stdout(StringIO()):
            exec(compile(tree, page.name, "exec"), space)
            shown = last and eval(compile(ast.Expression(last.value), page.name, "eval"), space)
        found += [shown] if isinstance(shown, Picture) else []
    return found


def _plain(words, names):
    """Markdown that a notebook shows well anywhere: no roles, no links out of the handout."""
    words = plain(words)
    return LINK.sub(lambda m: f"[{m[1]}]({m[2]}.ipynb)" if m[2] in names else m[1], words)


def main(arguments=None) -> int:
    """Write the lessons as notebooks, and all figures as PNG and SVG; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=HANDOUT, help="folder to write to")
    out = Path(parser.parse_args(arguments).out)
    book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    archive = write_handout(out, book["sphinx"]["config"]["repository"])
    print(f"The handout (notebooks, R scripts, data, a sheet) in {out}, in one file: {archive}.")
    figures = write_figures(out / "figures", pages_with_figures())
    print(f"{len(figures)} figures in {out / 'figures'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
