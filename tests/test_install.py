"""A plain `pip install .` is enough: the packages import, the commands run in any folder."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = "pyproject.toml README.md LICENSE".split()
NOTEBOOKS = "IPython myst_nb jupytext nbformat".split()


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of an empty environment, with the package and what it declares."""
    folder = tmp_path_factory.mktemp("plain")
    source = folder / "source"
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in SOURCES:
        shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    own = folder / "venv" / "bin" / "python"
    pip = [own, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    reached = [*pip, "download", "--no-deps", "--dest", folder / "wheels", "setuptools"]
    if subprocess.run(reached, check=False, capture_output=True).returncode:
        pytest.skip("no package index within reach")
    subprocess.run([*pip, "install", source], check=True)
    return own


def run(python, folder, *arguments):
    """Run the interpreter in a folder; its exit status and what it said."""
    done = subprocess.run(
        [python, "-I", *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.xdist_group("plain_install")
def test_the_packages_can_be_imported(python, tmp_path):
    """Every module of the engine, and the helper; no notebook package is there."""
    walk = (
        "import importlib, pkgutil, recohort\n"
        "for module in pkgutil.walk_packages(recohort.__path__, 'recohort.'):\n"
        "    importlib.import_module(module.name)\n"
        "for name in recohort.__all__:\n"
        "    getattr(recohort, name)\n"
    )
    assert run(python, tmp_path, "-c", walk) == (0, "")
    code, said = run(python, tmp_path, "-c", "import thirteen; print(len(thirteen.__all__))")
    assert code == 0, said
    for name in NOTEBOOKS:
        assert run(python, tmp_path, "-c", f"import {name}")[0] == 1


@pytest.mark.slow
@pytest.mark.xdist_group("plain_install")
def test_the_commands_run_in_any_folder(python, tmp_path):
    """Help, a search of the template, the check of a folder elsewhere, and a missing one."""
    code, said = run(python, tmp_path, "-m", "recohort", "--help")
    assert (code, "3 no cohort is consistent" in said) == (0, True)
    template, out = ROOT / "data" / "template.csv", tmp_path / "mine"
    asked = ["search", "--published", template, "--out", out]
    code, said = run(python, tmp_path, "-m", "recohort", *asked)
    assert code == 0, said
    names = {"patients.csv", "solutions.csv", "report.csv", "report.html", "README.md"}
    assert {path.name for path in out.iterdir()} == names
    code, said = run(python, tmp_path, "-m", "recohort", "check", "--data", ROOT / "data")
    assert code == 0, said
    code, said = run(python, tmp_path, "-m", "recohort", "check")
    assert (code, said) == (1, "data: no such folder\n")
