"""Sentences that compute: ``{eval}`expression``` in the prose of a page.

In JupyterLab an extension of it evaluates these where they stand. A page of the site has no kernel
any more once it is read, so before each piece of prose a cell that nobody sees is executed with
the page; it stores the values of the piece's expressions, and the role looks them up. An
expression that fails, or gives neither words nor a number, fails the page like any cell.
"""

import re
from ast import literal_eval
from collections import Counter
from hashlib import sha256

import nbformat
from docutils import nodes
from myst_nb.core import read
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.util.docutils import SphinxRole

MARK = "inline"  # the tag of the cells that nobody sees
ROLE = re.compile(r"\{eval\}`([^`]+)`")
FENCE = re.compile(r"^(`{3,}|~{3,})([^\n]*)\n(.*?)^\1[ \t]*$", re.M | re.S)
STORE = (
    "def _keep(name, value):\n"
    "    import numbers, myst_nb\n"
    "    if isinstance(value, bool) or not isinstance(value, str | numbers.Number):\n"
    "        raise TypeError(f'an expression in a sentence gave {type(value).__name__}')\n"
    "    myst_nb.glue(name, str(value), display=False)\n"
)


def expressions(prose):
    """List the expressions of a piece of prose in order; code that is shown has none."""
    shown = FENCE.sub(lambda f: f[3] if f[2].startswith("{") else "", prose)
    return ROLE.findall(shown)


def name_of(expression, occurrence):
    """Name the value of an expression where it occurs for the n-th time on a page."""
    return f"inline-{sha256(expression.encode()).hexdigest()[:12]}-{occurrence}"


def with_values(notebook):
    """Put a cell that stores them before each Markdown cell with expressions, in place."""
    cells, lines, seen, keep = [], [], Counter(), _free_name(notebook)
    source_map = notebook.metadata.get("source_map") or [0] * len(notebook.cells)
    for cell, line in zip(notebook.cells, source_map, strict=True):
        found = expressions(cell.source) if cell.cell_type == "markdown" else []
        if found:
            cells.append(_storing(found, seen, keep))
            lines.append(line)
        cells.append(cell)
        lines.append(line)
    notebook.cells = cells
    if "source_map" in notebook.metadata:
        notebook.metadata["source_map"] = lines
    return notebook


def _free_name(notebook):
    """Name the function that stores, while a cell runs, as nothing on the page is named."""
    words, name = "\n".join(cell.source for cell in notebook.cells), "_keep"
    while name in words:
        name += "_"
    return name


def _storing(found, seen, keep):
    source = STORE.replace("_keep", keep)
    for expression in found:
        seen[expression] += 1
        source += f"{keep}({name_of(expression, seen[expression])!r}, {expression})\n"
    tags = {"tags": ["remove-cell", MARK]}
    return nbformat.v4.new_code_cell(source + f"del {keep}", metadata=tags)


def is_storing(cell):
    """Is this one of the cells that nobody sees?"""
    return MARK in cell.metadata.get("tags", ())


def read_with_values(text, *args, _read=read.read_myst_markdown_notebook, **kwargs):
    """Read a page as MyST-NB does, with the cells that store its values."""
    return with_values(_read(text, *args, **kwargs))


class Inline(SphinxRole):
    """The value of an expression, as text where it stands."""

    def run(self):
        """Look the value up; a missing one is a warning, which ends a strict build."""
        seen = self.env.temp_data.setdefault("inline_values", Counter())
        seen[self.text] += 1
        try:
            name = name_of(self.text, seen[self.text])
            value = retrieve_glue_data(self.inliner.document, name)
        except RetrievalError:
            said = f"nothing was stored for the expression {self.text!r}"
            return [], [self.inliner.reporter.warning(said, line=self.lineno)]
        return [nodes.Text(plain(value.data["text/plain"]))], []


def plain(shown):
    """The words of a stored value: IPython shows a string with quotes."""
    return literal_eval(shown)


def fill_in(prose, glued, seen):
    """Write the values into a piece of prose, for a notebook that is taken away.

    `seen` counts how often each expression has occurred on the page so far.
    """

    def value(found):
        seen[found[1]] += 1
        output = glued.get(name_of(found[1], seen[found[1]]))
        return plain(output["data"]["text/plain"]) if output else found[0]

    return ROLE.sub(value, prose)


def setup(app):
    """Let MyST-NB read pages so, and take the role's place."""
    read.read_myst_markdown_notebook = read_with_values
    app.add_role("eval", Inline(), override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
