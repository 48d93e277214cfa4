"""What breaks a page without a word from Sphinx ends the build."""

import os

import pytest
import strict
from sphinx.errors import ExtensionError

PAGE = """<html><body><article><h2 id="here">A</h2><a href="other.html#there">x</a>
<a href="#here">y</a><a href="https://example.org/nowhere">z</a><a href="other.html#q=1">v</a>
<a href="data.csv#top">w</a>
<img src="p.svg" alt="A curve."><span class="math">\\(\\frac{a}{b}\\)</span>
<code>[^1]</code></article></body></html>"""


@pytest.fixture
def site(tmp_path):
    """Two pages and a picture."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "page.html").write_text(PAGE)
    (tmp_path / "chapters" / "other.html").write_text('<article><p id="there"></p></article>')
    (tmp_path / "chapters" / "p.svg").write_text("<svg/>")
    (tmp_path / "chapters" / "data.csv").write_text("a\n")
    (tmp_path / "_static" / "mathjax").mkdir(parents=True)
    (tmp_path / strict.MATHJAX).write_text('{frac:["Frac"],"left":["Left"],hat:"05E"}')
    return tmp_path


def test_a_sound_site_passes(site):
    """Other sites' addresses and the ledger's views are not asked."""
    strict.check_site(site)


SHOWN = '<div class="cell_output"><pre>&lt;matplotlib.lines.Line2D&gt;</pre></div>'


@pytest.mark.parametrize(
    ("sound", "broken", "said"),
    [
        ("other.html#there", "nowhere.html", "leads nowhere: nowhere.html"),
        ("other.html#there", "other.html#gone", "leads nowhere: other.html#gone"),
        ("#here", "#gone", "leads nowhere: #gone"),
        ('src="p.svg"', 'src="q.svg"', "leads nowhere: q.svg"),
        ('alt="A curve."', 'alt=""', "a picture without words: p.svg"),
        ('alt="A curve."', 'alt="chapters/p.svg"', "a picture without words: p.svg"),
        ("<code>[^1]</code>", "It is so[^1].", "a footnote that is not defined"),
        ("<code>", "<script>let x;</script><code>", "a script or handler of its own: <script>"),
        ("<code>", '<p onclick="x()">y</p><code>', "a script or handler of its own: <p onclick"),
        (
            "<code>",
            SHOWN + "<code>",
            "an object shown by its name in memory: <matplotlib.lines.Line2D",
        ),
        (
            "<code>",
            SHOWN.replace("&lt;matplotlib.lines.Line2D&gt;", "Text(0, 1, 'one')") + "<code>",
            "an object shown by its name in memory: Text(0, 1, 'one')",
        ),
        ("\\frac{a}{b}", "\\frac{a}{b", "a formula with 2 { and 1 }"),
        ("\\frac{a}{b}", "\\fracc{a}{b}", "a formula with \\fracc, which is no command"),
    ],
)
def test_a_broken_site_does_not(site, sound, broken, said):
    """Each is named with its page."""
    page = site / "chapters" / "page.html"
    page.write_text(PAGE.replace(sound, broken))
    with pytest.raises(ExtensionError, match=r"page\.html") as caught:
        strict.check_site(site)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (":tags: [raises-exception]\n\n", "1 / 0", "raises-exception"),
        (":tags: [remove-stderr]\n\n", "1", "remove-stderr"),
        ("---\ntags: [hide-input, skip-execution]\n---\n", "1", "skip-execution"),
        ("", "!false", "shell command"),
        ("", "%%bash\nfalse", "shell command"),
        ("", "x = 1\n  !ls", "shell command"),
    ],
)
def test_cells_that_may_fail_unseen_are_refused(options, code, said):
    """Tags that hide errors, and shells."""
    (fault,) = strict.faults_of_source(f"# A\n\n```{{code-cell}} ipython3\n{options}{code}\n```\n")
    assert said in fault


def test_plain_cells_pass():
    """An exclamation mark alone is no shell."""
    cell = "```{code-cell} ipython3\n:tags: [hide-input]\n\nassert 1 != 2\n```\n"
    assert strict.faults_of_source(cell) == []


def test_the_shell_does_not_choose_how_figures_are_drawn(monkeypatch):
    """Whatever it says, kernels of the build draw into the page."""
    monkeypatch.setenv("MPLBACKEND", "qtagg")
    strict.steady_kernels()
    assert os.environ["MPLBACKEND"] == "module://matplotlib_inline.backend_inline"
