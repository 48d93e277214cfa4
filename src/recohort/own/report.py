"""An answer as one page to read, print and send: no other file, no network."""

from html import escape
from importlib.metadata import PackageNotFoundError, version
from string import Template

import pandas as pd

from recohort.folder import NOTICE
from recohort.own.answer import Answer
from recohort.own.curve import curve, marks_for
from recohort.paper.estimates import at_risk_table
from recohort.paper.options import ANY

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
.notice { border-left: .3rem solid #c60; padding-left: .8rem; font-weight: bold; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #8886; padding: .2rem .6rem; text-align: left; }
svg { max-width: 100%; height: auto; fill: none; stroke: currentColor; stroke-width: 1.5; }
svg text { fill: currentColor; stroke: none; font-size: 13px; }
code { overflow-wrap: anywhere; }
@media print { body { max-width: none; font-size: 10pt; } h2 { break-after: avoid; } }
</style>
</head>
<body>
<h1>$title</h1>
<p class="notice">$notice</p>
$body
</body>
</html>
""")
CAVEATS = (
    "A consistent cohort is a possibility that the numbers leave open. Only what all solutions "
    "share is knowledge, and only if the numbers are right.",
    "A solution is an order of deaths and last visits, with the landmarks between them and every "
    "factor assigned. Times are real numbers within their ends; those of the cohort shown are "
    "one choice.",
    "That there is no cohort holds for the numbers as entered and the ways of forming them that "
    "are named below. Look for a slip in the file first, then for another way, then in the paper. "
    "It says nothing of how a number came about.",
    "What has not been entered was not asked.",
)


def report(answer: Answer, cohort: pd.DataFrame | None, numbers: pd.DataFrame) -> str:
    """The page; all that comes from the file is escaped."""
    sections = {
        "": "".join(f"<p>{escape(said)}</p>" for said in answer.sentences),
        "One consistent cohort": "" if cohort is None else _cohort(answer, cohort),
        "What is determined": _shared(answer.found.shared),
        "The numbers": _table(numbers),
        "How it was searched": _searched(answer),
        "What this does not say": "<ul>"
        + "".join(f"<li>{said}</li>" for said in CAVEATS)
        + "</ul>",
    }
    body = [(f"<h2>{head}</h2>" if head else "") + text for head, text in sections.items() if text]
    title = f"Cohorts consistent with {answer.name}"
    return PAGE.substitute(title=escape(title), notice=escape(NOTICE), body="\n".join(body))


def _table(frame):
    return f'<div class="wide">{frame.to_html(index=False, border=0, na_rep="")}</div>'


def _cohort(answer, cohort):
    """The curve, the numbers at risk below it, and the patients."""
    marks = marks_for(cohort, answer.found.problem.landmarks)
    at_risk = at_risk_table(cohort, marks)
    return curve(cohort, marks) + _table(at_risk) + _table(cohort)


def _shared(shared):
    """At each place the levels that occur in some solution."""
    if not shared:
        return ""
    cells = {
        "died" if name == "event" else name: [" or ".join(sorted(map(str, own))) for own in places]
        for name, places in shared.items()
    }
    said = (
        "<p>At each place in order of time, what occurs in some solution: one entry is known.</p>"
    )
    return said + _table(
        pd.DataFrame(cells)
        .rename_axis("place")
        .reset_index()
        .assign(place=lambda f: f["place"] + 1)
    )


def _searched(answer):
    """The input, the version, the options, and the stages."""
    told = answer.told or ANY
    ways = pd.DataFrame(
        [(s, o if isinstance(o, str) else " or ".join(o)) for s, o in told.items()],
        columns=["numbers are formed by", "options"],
    )
    facts = {
        "Input": f"{answer.name}, {len(answer.published)} numbers",
        "SHA-256 of the input": answer.digest,
        "Version": f"recohort {_version()}",
        "Seconds": f"{answer.seconds:.1f}",
    }
    said = "".join(f"<p>{name}: <code>{escape(text)}</code></p>" for name, text in facts.items())
    stages = pd.DataFrame(answer.found.stages).rename(columns={0: "stage", 1: "left", 2: "seconds"})
    return said + (_table(stages) if len(stages) else "") + _conflicts(answer) + _table(ways)


def _conflicts(answer):
    """Numbers that no cohort gives together: the proof of what is to be given up."""
    sets = answer.given_up.conflicts if answer.given_up else ()
    rows = [", ".join(sorted((i.removeprefix("row_") for i in own), key=int)) for own in sets]
    said = "".join(f"<li>{text}</li>" for text in rows)
    return (
        f"<p>No cohort gives the numbers of these rows together:</p><ul>{said}</ul>" if rows else ""
    )


def _version():
    try:
        return version("thirteen")
    except PackageNotFoundError:
        return "not installed"
