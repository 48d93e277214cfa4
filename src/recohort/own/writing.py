"""The files of an answer: whole or not at all, nothing of an earlier one beside them."""

from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from recohort import NOTICE
from recohort.digests import write_beside
from recohort.own.answer import Answer
from recohort.own.report import report
from recohort.own.search import INTERRUPTED, ended, first_cohort, solutions_frame
from recohort.paper.files import PublishedError, is_number
from recohort.paper.options import DEFAULTS
from recohort.paper.printed import form_of, prints
from recohort.paper.rows import Row
from recohort.paper.statistics import switches_of
from recohort.survival.problem import Problem, chosen_settings

NAMES = ("patients.csv", "solutions.csv", "report.csv", "report.html", "README.md")
COLUMNS = ["row", "statistic", "arguments", "printed", "cohort", "formed_by", "without_it"]
RUN = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs a cell that begins so
SAYS = {
    "patients.csv": "one cohort, the first that was found",
    "solutions.csv": "the solutions that are listed, a row a patient in order of time; the time "
    "lies between `earliest` and `latest` (empty: no end)",
    "report.csv": "each number, what the cohort gives in its place, how many solutions without it",
    "report.html": "all of this to read and to send",
}


def see_folder(out: Path, force: bool = False) -> None:
    """Raise PublishedError or OSError where an answer could not be written to a folder.

    It may not be a link, nor hold links or files of an answer's names; `force` allows the files.
    """
    if out.is_symlink():
        raise PublishedError(f"{out}: a link, which is not followed; name the folder itself")
    for path in (out / name for name in NAMES):
        if path.is_symlink() or path.is_dir():
            raise PublishedError(f"{path}: a link or a folder, which is not written over")
        if path.exists() and not force:
            raise PublishedError(f"{path}: there already; --force writes over it")
    near = next(p for p in (out, *out.absolute().parents) if p.exists())
    if not near.is_dir():
        raise PublishedError(f"{near}: not a folder; name another one to write to")
    try:
        TemporaryDirectory(dir=near).cleanup()
    except OSError:
        raise PublishedError(f"{near}: nothing can be written here; name another folder") from None


def write_answer(answer: Answer, out: Path) -> None:
    """Write an answer's files in place of those of an earlier one."""
    texts, stopped = ended(partial(texts_of, answer))
    if stopped == INTERRUPTED:
        raise KeyboardInterrupt
    if stopped:
        raise ChildProcessError(f"the answer is not written: {stopped}")
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out, prefix=".") as beside:
        for name, text in texts.items():
            write_beside(Path(beside) / name, text)
        for name in NAMES:
            (out / name).unlink(missing_ok=True)
        for name in texts:
            (Path(beside) / name).replace(out / name)


def texts_of(answer: Answer, *_: object) -> dict[str, str]:
    """The files of an answer by name."""
    frames, cohort = {}, None
    if answer.found.solutions:
        cohort = first_cohort(answer.found)
        solutions = solutions_frame(answer.found, answer.times)
        frames = {"patients.csv": cohort, "solutions.csv": solutions}
    frames["report.csv"] = numbers_table(answer, cohort)
    texts = {name: as_csv(frame) for name, frame in frames.items()}
    texts["report.html"] = report(answer, frames)
    files = "".join(f"- `{name}`: {SAYS[name]}\n" for name in texts)
    said = escape("\n\n".join(answer.sentences), quote=False)
    notice = "" if cohort is None else f"**{NOTICE}**\n\n"
    source = f"From `{answer.name}`, SHA-256 `{answer.digest}`."
    return texts | {"README.md": f"{notice}{said}\n\n{source}\n\n{files}"}


def numbers_table(answer: Answer, cohort: pd.DataFrame | None) -> pd.DataFrame:
    """One row a line: what the cohort gives, by which options, and how many solutions without it.

    `without_it` counts the solutions that there are without the number (a rate together with its
    limits): `+` after a least number, `open` where none is known, empty where that was not asked.
    """
    by_id = {row.id: row for row in answer.found.problem.rows}
    lines = []
    for line in answer.published.itertuples():
        given, ways, without = "", "", ""
        row = by_id.get(line.id)  # a line that is there twice stands for itself alone
        if row is not None and cohort is not None:
            given, ways = formed(row, cohort, answer.found.problem)
        if row is not None and row.fact in answer.without:
            own = answer.without[row.fact]
            without = f"{own.least}+" if own.least else "open"
            without = str(own.least) if own.most == own.least else without
        number = line.id.removeprefix("row_")
        lines.append([number, line.statistic, line.arguments, line.printed, given, ways, without])
    return pd.DataFrame(lines, columns=COLUMNS)


def formed(row: Row, cohort: pd.DataFrame, problem: Problem) -> tuple[str, str]:
    """What a cohort gives in a row's place, and the options by which it does.

    The first options that give the printed number, those of a textbook first; where none does,
    what these give.
    """
    first = None
    for chosen in chosen_settings(problem, row, switches_of(row.statistic)):
        options = DEFAULTS | chosen
        form = form_of(row, {"patients": cohort}, options)
        first = first or form
        if prints(form, row):
            changed = [f"{s}={o}" for s, o in options.items() if o != DEFAULTS[s]]
            return form, "; ".join(changed)
    return first or "", ""


def as_csv(frame: pd.DataFrame) -> str:
    """A table as CSV; a cell that a spreadsheet would run has an apostrophe before it."""

    def defused(cell):
        runs = isinstance(cell, str) and cell.startswith(RUN) and not is_number(cell)
        return f"'{cell}" if runs else cell

    return frame.map(defused).to_csv(index=False, lineterminator="\n")
