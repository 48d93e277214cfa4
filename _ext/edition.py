"""What the pages say of this edition itself: how to cite it, its versions, where its files are.

Pages ask by name, ``{{ citation }}``; `CITATION.cff` and `_config.yml` are the only sources.
"""

import hashlib
import importlib.metadata
import platform
import re
import subprocess
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import yaml
from launch import place_of

SHOWN = ("numpy", "pandas", "scipy", "lifelines", "statsmodels", "ortools", "z3-solver", "sphinx")
TABLES = "tables.zip"
PDF = "thirteen-patients.pdf"


def commit(folder):
    """Name the commit that a folder is at, with a plus sign if files differ; empty without Git."""
    asked = ["rev-parse --show-toplevel", "rev-parse --short=9 HEAD", "status --porcelain -uno"]
    options = {"cwd": folder, "capture_output": True, "text": True, "check": True}
    try:
        answers = [subprocess.run(["git", *words.split()], **options) for words in asked]
    except (OSError, subprocess.CalledProcessError):
        return ""
    top, head, changed = [answer.stdout.strip() for answer in answers]
    return (head + "+" * bool(changed)) if Path(top) == Path(folder).resolve() else ""


def stamp(folder):
    """Say which edition this is; the version stands in `CITATION.cff`, where citations read it."""
    path = Path(folder) / "CITATION.cff"
    found = re.search(r"(?m)^version: *(\S+)", path.read_text()) if path.exists() else None
    at = commit(folder)
    words = [f"Version {found[1]}" if found else "", f"commit {at}" if at else ""]
    words = ", ".join(filter(None, words))
    return f'<p class="edition-stamp">{words}.</p>' if words else ""


def cited(folder, year):
    """The edition as APA, BibTeX and RIS have it, in Markdown."""
    told = yaml.safe_load((Path(folder) / "CITATION.cff").read_text(encoding="utf-8"))
    names = [author.get("name") or _family_first(author) for author in told["authors"]]
    title, version = told["title"], told["version"]
    apa = f"{' & '.join(names)} ({year}). *{title}* (Version {version}) [Computer software]."
    authors = " and ".join(f"{{{name}}}" for name in names)
    bibtex = [
        "@software{thirteen_patients,",
        f"  author  = {{{authors}}},",
        f"  title   = {{{{{title}}}}},",
        f"  version = {{{version}}},",
        f"  year    = {{{year}}}",
        "}",
    ]
    ris = ["TY  - COMP", *(f"AU  - {name}" for name in names), f"TI  - {title}"]
    ris += [f"ET  - {version}", f"PY  - {year}", "ER  - "]
    blocks = ["\n".join(["```text", *lines, "```"]) for lines in (bibtex, ris)]
    return "\n\n".join([apa, "BibTeX:", blocks[0], "RIS:", blocks[1]])


def _family_first(author):
    return f"{author['family-names']}, {author['given-names']}"


def digest_of_data(folder):
    """One digest of all tables of `data/`, by name and content."""
    digest = hashlib.sha256()
    for path in sorted((Path(folder) / "data").rglob("*.csv")):
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]  # enough to compare by eye, and no wider than a phone


def versions(folder, stamp):
    """Version, commit, digest of the data and the packages that computed the pages."""
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in SHOWN)
    words = re.sub(r"<[^>]+>", "", stamp) or "No version."
    return (
        f"{words} SHA-256 of the tables in `data/`: `{digest_of_data(folder)}`. "
        f"Computed with Python {platform.python_version()}, {packages}."
    )


def printed_book(base):
    """Where the PDF is: beside the site where that has an address, else how to make it."""
    if base:
        return f"[The whole book as a PDF]({base}/{PDF})."
    return "`make pdf` prints the whole book into one PDF."


def pack_tables(folder, site):
    """Write all tables into one archive: those of the pages, and those of `data/`."""
    files = {path.name: path for path in sorted((site / "_downloads").glob("*.csv"))}
    files = {f"pages/{name}": path for name, path in files.items()}
    for path in sorted((Path(folder) / "data").rglob("*.csv")):
        files[path.relative_to(folder).as_posix()] = path
    with ZipFile(site / TABLES, "w", ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.writestr(ZipInfo(name), path.read_bytes(), ZIP_DEFLATED)


def hosted(repository):
    """Options of the theme that lead from each page to its source and to a report of an error."""
    if not place_of(repository):
        return {}
    return {
        "repository_url": repository.strip().rstrip("/"),
        "repository_branch": "main",
        "path_to_docs": "",
        "use_edit_page_button": True,
        "use_issues_button": True,
        "use_repository_button": True,
    }


def tell_edition(app, config):
    """Let pages say ``{{ citation }}``, ``{{ versions }}`` and ``{{ pdf }}``; link to sources."""
    told = {"pdf": printed_book(config.site_address.strip().rstrip("/"))}
    if (Path(app.srcdir) / "CITATION.cff").is_file():
        told["citation"] = cited(app.srcdir, config.copyright)
        told["versions"] = versions(app.srcdir, stamp(app.srcdir))
    config.myst_substitutions = {**config.myst_substitutions, **told}
    config.html_theme_options.update(hosted(config.repository))
