"""Who may import whom, and how long a file, a function and all of the code may be.

What does not yet keep a rule stands below by name. A name that keeps it by now fails as well and is
struck out: the lists only shrink.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
FLOORS = ("recohort", "thirteen", "thirteen_lessons", "pages")  # a floor imports those below it
MOST_LINES = 16_734  # of all Python files in `src`; lowered as the code gets smaller
MODULE, FUNCTION = 300, 30  # lines at most
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n|(?::[^\n]*\n)+\n?)?(.*?)^```", re.S | re.M
)

# One's own paper is searched by the engine itself, and the page shows how.
SHOWS_THE_ENGINE = {"chapters/evidence/your-own-paper"}
USES_THE_ENGINE = set()
# Imports that close a circle of rooms: without them no room leads back to itself.
CLOSES_A_CIRCLE = set()
PRIVATE = set()  # of (file, private name that it imports from another)
LONG_MODULES = set()
LONG_FUNCTIONS = set()


def modules_in(src):
    """Each module's name with its file; a package has the name of its folder."""
    found = {}
    for path in sorted(src.rglob("*.py")):
        parts = path.relative_to(src).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def parsed(path):
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree):
    """Full names of all that is imported, wherever in the file: modules, and names in them."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name the whole way"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def arrows_in(src):
    """All (module, module that it imports) among the modules of a folder."""
    modules, found = modules_in(src), set()
    for name, path in modules.items():
        for target in imported(parsed(path)):
            home = target if target in modules else target.rpartition(".")[0]
            found |= {(name, home)} if home in modules and home != name else set()
    return found


def room(module):
    """A folder of the engine, one of its own files, or another package as a whole."""
    package, *rest = module.split(".")
    return ".".join([package, *rest[:1]]) if package == FLOORS[0] else package


def rooms_of(arrows):
    """Arrows between rooms."""
    return {(room(a), room(b)) for a, b in arrows if room(a) != room(b)}


def ahead_of(name, arrows):
    """All that a name leads to, over any number of arrows."""
    found, new = set(), {name}
    while new:
        new = {b for a, b in arrows if a in new} - found
        found |= new
    return found


def circle(arrows):
    """Those from which a way leads back to themselves."""
    return {name for name, _ in arrows if name in ahead_of(name, arrows)}


def upward(arrows):
    """Arrows from a package to one above it."""
    floor = {name: i for i, name in enumerate(FLOORS)}
    return {(a, b) for a, b in arrows if floor[a.partition(".")[0]] < floor[b.partition(".")[0]]}


def private_imports(paths, root):
    """(file, name) of each private name that a file imports from one of the packages."""
    return {
        (path.relative_to(root).as_posix(), name.rpartition(".")[2])
        for path in paths
        for name in imported(parsed(path))
        if name.partition(".")[0] in FLOORS and re.search(r"\._(?!_)", name)
    }


def long_functions(src):
    """Functions and methods above the limit, by module and name."""
    return {
        f"{module}.{node.name}"
        for module, path in modules_in(src).items()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION
    }


def lines_of(path):
    """How many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())


def packages_of_page(page):
    """Which of the packages a page's cells import."""
    code = "\n".join(CELL.findall(page.read_text(encoding="utf-8")))
    tree = ast.parse(re.sub(r"^%.*$", "", code, flags=re.M))
    return {name.partition(".")[0] for name in imported(tree)} & {*FLOORS}


def same(found, listed):
    """Fail with what is new and what can be struck from the list."""
    new, done = sorted(found - listed), sorted(listed - found)
    assert not new, f"against the rule: {new}"
    assert not done, f"keeps the rule by now, so strike it from the list: {done}"


def test_no_package_imports_one_above_it():
    """The engine knows no paper, and the helper no course."""
    assert not upward(arrows_in(SRC))


def test_no_module_leads_back_to_itself():
    """No circle, imports inside functions included."""
    assert not circle(arrows_in(SRC))


def test_no_room_leads_back_to_itself():
    """Without the listed imports there is no circle; with any one of them there is."""
    arrows = arrows_in(SRC)
    assert arrows >= CLOSES_A_CIRCLE, f"strike: {sorted(CLOSES_A_CIRCLE - arrows)}"
    down = arrows - CLOSES_A_CIRCLE
    assert not circle(rooms_of(down)), sorted(circle(rooms_of(down)))
    for arrow in CLOSES_A_CIRCLE:
        assert circle(rooms_of({*down, arrow})), f"strike: {arrow}"


def test_pages_import_the_helper_and_the_course():
    """The engine is shown where a reader searches a paper of one's own."""
    pages = {
        page.relative_to(ROOT).with_suffix("").as_posix(): packages_of_page(page)
        for page in [ROOT / "welcome.md", *sorted((ROOT / "chapters").rglob("*.md"))]
    }
    found = {name for name, packages in pages.items() if FLOORS[0] in packages}
    assert found >= SHOWS_THE_ENGINE
    same(found - SHOWS_THE_ENGINE, USES_THE_ENGINE)


def test_no_private_name_crosses_files():
    """What begins with an underscore is its file's own business, in the tests as well."""
    folders = ("src", "tests", "benchmarks", "_ext")
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    same(private_imports(paths, ROOT), PRIVATE)


def test_modules_and_functions_are_short():
    """A module of 300 lines and a function of 30 at most, docstrings counted."""
    found = {name for name, path in modules_in(SRC).items() if lines_of(path) > MODULE}
    same(found, LONG_MODULES)
    same(long_functions(SRC), LONG_FUNCTIONS)


def test_the_code_keeps_its_budget():
    """All lines of `src` together."""
    assert sum(map(lines_of, modules_in(SRC).values())) <= MOST_LINES


@pytest.fixture
def house(tmp_path):
    """A small house that breaks each rule once."""
    files = {
        "recohort/__init__.py": "",
        "recohort/paper/__init__.py": "",
        "recohort/paper/reading.py": "def f():\n    from recohort.cells import rules\n",
        "recohort/cells/__init__.py": "",
        "recohort/cells/rules.py": "from recohort.paper.words import _one\n",
        "recohort/paper/words.py": "_one = 1\n",
        "recohort/alone.py": "import thirteen.data\n",
        "thirteen/__init__.py": "",
        "thirteen/data.py": "from thirteen import text\n",
        "thirteen/text.py": "from thirteen.data import a\n\n\ndef long():\n" + "    a\n" * 30,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_broken_rules_are_found(house):
    """An arrow up, both kinds of circle, a private name and a long function."""
    arrows = arrows_in(house)
    assert upward(arrows) == {("recohort.alone", "thirteen.data")}
    assert {"thirteen.data", "thirteen.text"} <= circle(arrows)
    assert not {"recohort.cells.rules", "recohort.paper.reading"} & circle(arrows)
    assert circle(rooms_of(arrows)) == {"recohort.paper", "recohort.cells"}
    names = private_imports(sorted(house.rglob("*.py")), house)
    assert names == {("recohort/cells/rules.py", "_one")}
    assert long_functions(house) == {"thirteen.text.long"}


def test_a_page_that_imports_the_engine_is_found(tmp_path):
    """In a cell, not in a block that is only shown."""
    page = tmp_path / "page.md"
    shown = "```python\nfrom recohort import survival\n```\n"
    page.write_text(
        shown + "```{code-cell} ipython3\n%matplotlib inline\nimport thirteen as tp\n```\n"
    )
    assert packages_of_page(page) == {"thirteen"}
    page.write_text(shown + "```{code-cell} ipython3\n:tags: [a]\n\nfrom recohort import x\n```\n")
    assert packages_of_page(page) == {"recohort"}


@pytest.mark.parametrize(("found", "word"), [({"a", "b"}, "against"), (set(), "strike")])
def test_a_list_says_what_is_new_and_what_is_done(found, word):
    """Both ends of a list bite."""
    with pytest.raises(AssertionError, match=word):
        same(found, {"a"})
