"""Sentences that compute: stored while the page is executed, looked up while it is read."""

import inline
import jupytext
import myst_nb
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3 (ipykernel)
  language: python
---

# A page

```{code-cell} ipython3
n = 13
```

There are {eval}`n` rows, {eval}`f"it's {n / 2}"`; {eval}`n` again.

```{note}
In a box, {eval}`n + 1`.
```

```text
{eval}`not_here`
```

```{code-cell} ipython3
n = n - 1
```

Without one, {eval}`n`.
"""


def notebook(text=PAGE):
    """The page with the cells that store its values."""
    return inline.with_values(jupytext.reads(text, fmt="md:myst"))


def executed(book):
    """What the page's cells have stored, by name."""
    NotebookClient(book, timeout=60).execute()
    outputs = [o for cell in book.cells for o in cell.get("outputs", ())]
    kept = [o for o in outputs if "scrapbook" in o.metadata]
    for output in kept:  # as MyST-NB hands them on
        output["data"] = {kind.split("record/")[-1]: v for kind, v in output["data"].items()}
    return {output["metadata"]["scrapbook"]["name"]: output for output in kept}


def test_values_are_those_of_the_place_where_they_stand():
    """The same expression further down has another value."""
    book = notebook()
    stored, seen = executed(book), inline.Counter()
    prose = [cell.source for cell in book.cells if cell.cell_type == "markdown"]
    first, last = (inline.fill_in(words, stored, seen) for words in (prose[1], prose[-1]))
    assert first.startswith("There are 13 rows, it's 6.5; 13 again.")
    assert last == "Without one, 12."


def test_code_that_is_shown_is_left_alone():
    """What stands in a block of code is no expression of the page."""
    assert inline.expressions(PAGE) == ["n", 'f"it\'s {n / 2}"', "n", "n + 1", "n"]


def test_a_page_without_expressions_stays_as_it_is():
    """No cell is added where nothing is to be stored."""
    book = jupytext.reads(PAGE.replace("{eval}", ""), fmt="md:myst")
    assert inline.with_values(nbformat.from_dict(book)).cells == book.cells


@pytest.mark.parametrize(
    ("expression", "said"),
    [("m", "NameError"), ("n > 1", "gave bool"), ("[n]", "gave list"), ("None", "gave NoneType")],
)
def test_an_expression_that_fails_fails_the_page(expression, said):
    """It neither leaves a gap nor shows what no sentence can hold."""
    with pytest.raises(CellExecutionError, match=said):
        executed(notebook(PAGE.replace("{eval}`n` rows", f"{{eval}}`{expression}` rows")))


def test_sentences_leave_the_names_of_a_page_alone(monkeypatch):
    """None is new, changed or gone, not even one that the cells nobody sees use themselves."""
    kept, own = {}, ("_keep", "name", "value", "numbers", "myst_nb", "n")
    monkeypatch.setattr(myst_nb, "glue", lambda name, value, **_: kept.update({name: value}))
    given = "\n".join(f"{name} = ['{name}']" for name in own)
    said = " ".join(f"{{eval}}`{name}[0]`" for name in own)
    book = notebook(PAGE.replace("n = 13", given).partition("There are")[0] + said)
    space = {}
    for cell in book.cells:
        if cell.cell_type == "code":
            before = dict(space)
            exec(cell.source, space)
            if inline.is_storing(cell):
                assert space == before
    assert {*kept.values()} == {*own}
