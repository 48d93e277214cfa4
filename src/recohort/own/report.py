"""An answer as one page to read, print and send: no other file, no network."""

from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd

from recohort import NOTICE
from recohort.own.answer import Answer
from recohort.own.checks import COUNTED
from recohort.own.search import OTHER
from recohort.paper.estimates import at_risk_table, kaplan_meier
from recohort.paper.options import ANY, NAMED
from recohort.paper.statistics import switches_of

PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf8"))
SOLUTION = (
    "A solution, an order with groups, says who died and who was last seen alive, one patient "
    "after the other in order of time, between which of the paper's times each of them ended, and "
    "in which groups they are. Times themselves are real numbers, each within bounds."
)
DETERMINED = (
    "At each place in order of time, what occurs in some solution. One entry is the same in all; "
    "an empty latest has no end."
)
OPEN = "Only counts are entered of {}: any may make up these groups; who they are is not listed."
NUMBERS = (
    "Each number as published, and what the cohort shown gives in its place, by which options "
    "where they are not a textbook's. The last column counts the solutions without this "
    "number, + for at least so many: the more, the more it contributed. It is empty where that was "
    "not asked. Counts of a factor's groups stand in one line."
)
ENTERED = "As entered. Counts of a factor's groups stand in one line."
HEADS = {"printed": "published", "cohort": "recomputed", "without_it": "solutions without it"}
YES = {True: "yes", False: "no"}
STAGES = {"name": "stage", "left": "candidates left"}
WIDTH, HEIGHT, LEFT, TOP = 640, 260, 44, 14  # pixels; the margins left and above
MARKS = 8  # times on the axis, at the most


def report(answer: Answer, frames: dict[str, pd.DataFrame]) -> str:
    """The page; `frames` has the tables of the answer by file. What the file says is escaped."""
    cohort, solutions = frames.get("patients.csv"), frames.get("solutions.csv")
    numbers, explained = levels_together(frames["report.csv"]).rename(columns=HEADS), NUMBERS
    if cohort is None:
        numbers, explained = numbers.loc[:, :"published"], ENTERED
    said = [*answer.sentences, *[SOLUTION] * (cohort is not None)]
    sections = {
        "": "".join(f"<p>{escape(sentence)}</p>" for sentence in said),
        "One consistent cohort": "" if cohort is None else _cohort(answer, cohort),
        "What is determined": _shared(answer, solutions),
        "The numbers": f"<p>{explained}</p>{_table(numbers)}",
        "How it was searched": _searched(answer),
    }
    body = [(f"<h2>{head}</h2>" if head else "") + text for head, text in sections.items() if text]
    title = f"Which cohorts are consistent with {answer.name}?"
    notice = "" if cohort is None else f'<p class="notice">{escape(NOTICE)}</p>'
    return PAGE.substitute(title=escape(title), notice=notice, body="\n".join(body))


def levels_together(table: pd.DataFrame) -> pd.DataFrame:
    """The same table; the lines that count the groups of a factor are one."""
    factor = table["arguments"].str.extract(r"^(\w+)=[^;]*$")[0]
    counted = table["statistic"].isin(COUNTED) & factor.notna() & (factor != "event")
    keys = table["row"].where(~counted, table["statistic"] + " " + factor)
    return table.groupby(keys.to_numpy(), sort=False).agg(_together)


def _together(cells):
    """Some cells as one; a factor's name is told once, and what is the same in all of them."""
    name = f"{cells.iloc[0].partition('=')[0]}="
    if cells.name == "arguments":
        return " / ".join([cells.iloc[0], *(cell.removeprefix(name) for cell in cells[1:])])
    every = cells.name in ("printed", "cohort") or cells.nunique() > 1
    return " / ".join(cell for cell in (cells if every else cells[:1]) if cell)


def _table(frame, head=""):
    if frame.empty:
        return ""
    named = frame.rename(columns=lambda name: str(name).replace("_", " "))
    said = f"<h3>{head}</h3>" if head else ""
    return f'{said}<div class="wide">{named.to_html(index=False, border=0, na_rep="")}</div>'


def _cohort(answer, cohort):
    """The curve, the numbers at risk below it, and the patients."""
    landmarks, last = answer.found.problem.landmarks, float(cohort["time"].max())
    marks = [0.0, *map(float, landmarks)] if landmarks else [0.0, last / 2, last]
    marks = marks[:: -(-len(marks) // MARKS)]
    at_risk = _table(at_risk_table(cohort, marks), "Numbers at risk")
    shown = cohort.assign(event=cohort["event"].map(YES)).rename(columns={"event": "died"})
    drawn = f'<div class="wide">{curve(cohort, marks)}</div>'
    return drawn + at_risk + _table(shown, "Patients, with times of one choice")


def curve(cohort: pd.DataFrame, marks: list[float]) -> str:
    """The curve as SVG: a step a death, a tick a censored patient; survival in percent."""
    end = max([float(cohort["time"].max()), *marks]) or 1.0

    def at(time: float, survival: float) -> tuple[float, float]:
        return LEFT + time / end * (WIDTH - 2 * LEFT), TOP + (1 - survival) * (HEIGHT - 4 * TOP)

    table = kaplan_meier(cohort)
    times, rates = table["time"].to_numpy(), table["survival"].to_numpy()
    lost = cohort.loc[~cohort["event"].astype(bool), "time"].to_numpy()
    then = rates[np.searchsorted(times, lost, side="right") - 1]
    steps = "".join(f"H{x:.1f}V{y:.1f}" for x, y in map(at, times, rates))
    start, floor = at(0, 1), at(0, 0)
    parts = [f'<path d="M{start[0]:.1f} {start[1]:.1f}{steps}"/>']
    parts += [f'<path d="M{floor[0]:.1f} {start[1]:.1f}V{floor[1]:.1f}H{at(end, 0)[0]:.1f}"/>']
    parts += [f'<path d="M{x:.1f} {y - 5:.1f}v10"/>' for x, y in map(at, lost, then)]
    for mark in marks:
        x, y = at(mark, 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{mark:g}</text>')
    for share in (0, 0.5, 1):
        x, y = at(0, share)
        parts.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    label = "Kaplan-Meier curve; each death, and each patient no longer followed, in the table"
    return f'<svg {size} role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _shared(answer, solutions):
    """At each place the levels that occur in some solution, and between which times it lies."""
    found = answer.found
    if not found.shared or solutions is None:
        return ""
    cells = {
        "died" if name == "event" else name: [" or ".join(_names(own)) for own in places]
        for name, places in found.shared.items()
    }
    table = pd.DataFrame({"place": range(1, found.problem.size + 1), **cells})
    if len(answer.times) == found.most:
        by_place = solutions.groupby("patient")
        table["earliest"] = by_place["earliest"].min().round(2).to_numpy()
        latest = by_place["latest"].agg(lambda own: "" if "" in {*own} else round(max(own), 2))
        table["latest"] = latest.to_numpy()
    others = [name for name, _ in found.problem.columns if name not in found.shared]
    left = f"<p>{escape(OPEN.format(' and '.join(others)))}</p>" if others else ""
    return f"<p>{DETERMINED}</p>{_table(table)}{left}"


def _names(levels):
    return sorted(OTHER if level is None else YES.get(level, level) for level in levels)


def _searched(answer):
    """The input, the version, the stages, the options."""
    try:
        own = version("thirteen")
    except PackageNotFoundError:
        own = "not installed"
    facts = {
        "Input": f"{answer.name}, {len(answer.published)} numbers",
        "SHA-256 of the input": answer.digest,
        "Version": f"recohort {own}",
        "Seconds": f"{answer.seconds:.1f}",
    }
    said = "".join(f"<p>{name}: <code>{escape(text)}</code></p>" for name, text in facts.items())
    stages = pd.DataFrame(answer.found.stages).round(1).rename(columns=STAGES)
    used = {s for row in answer.found.problem.rows for s in switches_of(row.statistic)}
    told, ways = answer.told or ANY, []
    for switch in (s for s in told if s in used):  # what no number entered depends on is not told
        options = (told[switch],) if isinstance(told[switch], str) else told[switch]
        ways += [(switch, option, NAMED[switch][option]) for option in options]
    formed = pd.DataFrame(ways, columns=["numbers are formed by", "option", "which is"])
    # The proof of what is to be given up: each line's rows cannot all be.
    sets = answer.given_up.conflicts if answer.given_up else ()
    rows = [", ".join(sorted((i.removeprefix("row_") for i in own), key=int)) for own in sets]
    conflicts = _table(pd.DataFrame({"rows": rows}), "Numbers that no cohort gives together")
    return said + _table(stages, "Stages") + conflicts + _table(formed, "Options")
