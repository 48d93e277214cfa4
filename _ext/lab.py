"""Fill the folder that `make lab` opens: a copy, so that nothing done there reaches the site.

    python _ext/lab.py FOLDER [--fresh]

A folder that is there stays as it is. Cells that the site does not show at first are folded, and
what only Sphinx understands is put in plain words; sentences that compute stay as they are.
"""

import argparse
import shutil
from pathlib import Path

import jupytext
from jupytext.config import load_jupytext_config
from plain_words import plain

ROOT = Path(__file__).parents[1]
TAKEN = ("chapters", "data", "src", "_static", "jupytext.toml", "welcome.md", ".jupyter")
LEFT = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints")
FOLDED = {"hide-input", "hide-cell", "remove-input"}  # tags of what the site shows later, if at all


def fold(cell):
    """Fold a cell of code, in place, that the site does not show at first."""
    if FOLDED & {*cell.metadata.get("tags", ())}:
        cell.metadata.setdefault("jupyter", {})["source_hidden"] = True


def as_notebook(page, at=None):
    """A page's text as JupyterLab gets it; `at` is its place in the book, where it is a copy."""
    at = at or page
    text = page.read_text(encoding="utf-8")
    if "{code-cell}" not in text:
        return plain(text, at)
    settings = load_jupytext_config(str(page))
    notebook = jupytext.reads(text, fmt="md:myst", config=settings)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, at)
        else:
            fold(cell)
    return jupytext.writes(notebook, fmt="md:myst", config=settings)


def fill(folder, fresh=False):
    """Copy the book into a folder; True unless one is there and stays.

    `fresh` moves it out of the way, to `FOLDER.old`, in place of what lies there.
    """
    folder = Path(folder).resolve()
    if folder.exists() and not fresh:
        return False
    draft, old = (folder.with_name(folder.name + end) for end in (".part", ".old"))
    for left in (draft, old) if folder.exists() else (draft,):
        shutil.rmtree(left, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in TAKEN:
        source, target = ROOT / name, draft / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, target, **({"ignore": LEFT} if source.is_dir() else {}))
    for page in [*draft.glob("chapters/**/*.md"), draft / "welcome.md"]:
        at = ROOT / page.relative_to(draft)
        page.write_text(as_notebook(page, at), encoding="utf-8", newline="\n")
    if folder.exists():
        folder.replace(old)
    draft.replace(folder)
    return True


def main():
    """Fill the folder, and say what happened in one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--fresh", action="store_true", help="begin anew")
    chosen = parser.parse_args()
    if fill(chosen.folder, chosen.fresh):
        print(f"The book is copied to {chosen.folder}/. Change what you like; the site stays.")
    else:
        print(f"{chosen.folder}/ is as you left it. To begin anew: make lab FRESH=1")


if __name__ == "__main__":
    main()
