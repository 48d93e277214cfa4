"""Each number of a short file beside what a cohort gives in its place."""

import re
from itertools import product

import pandas as pd

from recohort.own.answer import Answer
from recohort.own.checks import COUNTED
from recohort.paper.options import DEFAULTS
from recohort.paper.printed import form_of, prints
from recohort.paper.reading import parse_arguments
from recohort.paper.rows import Row
from recohort.paper.statistics import switches_of
from recohort.survival.problem import settings

COLUMNS = ["row", "statistic", "arguments", "printed", "cohort", "formed_by", "without_it"]


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
            without = _many(answer.without[row.fact])
        number = line.id.removeprefix("row_")
        lines.append([number, line.statistic, line.arguments, line.printed, given, ways, without])
    return pd.DataFrame(lines, columns=COLUMNS)


def levels_together(table: pd.DataFrame) -> pd.DataFrame:
    """The same table; levels of a factor of which only counts are printed stand in one line."""
    lines = [(line.row, line.statistic, line.arguments) for line in table.itertuples()]
    counted = [_only_counted(statistic, arguments) for _, statistic, arguments in lines]
    others = [text for (*_, text), factor in zip(lines, counted, strict=True) if not factor]
    named = set(re.findall(r"\w+", " ".join(others)))
    keys = [
        f"{statistic} {factor}" if factor and factor not in named else row
        for (row, statistic, _), factor in zip(lines, counted, strict=True)
    ]
    return table.groupby(pd.Index(keys), sort=False).agg(_together)


def _only_counted(statistic, arguments):
    """The factor of which a line counts one level and nothing else; none in other lines."""
    filters, options = parse_arguments(arguments)
    if statistic in COUNTED and len(filters) == 1 and not options:
        column, operator, _ = filters[0]
        return column if operator == "=" and column not in ("time", "event") else ""
    return ""


def _together(cells):
    """Some cells as one; what is the same in all of them once, a factor's name as well."""
    name = f"{cells.iloc[0].partition('=')[0]}="
    if cells.name == "arguments" and len(cells) > 1:
        return name + ", ".join(cell.removeprefix(name) for cell in cells)
    once = cells.unique() if cells.name not in ("printed", "cohort") else cells
    return ", ".join(filter(None, once))


def _many(found):
    if found.most == found.least:
        return str(found.least)
    return f"{found.least}+" if found.least else "open"


def formed(row: Row, cohort: pd.DataFrame, problem) -> tuple[str, str]:
    """What a cohort gives in a row's place, and the options by which it does.

    The first options that give the printed number, those of a textbook first; where none does,
    what these give.
    """
    allowed = settings(problem, row)
    switches = switches_of(row.statistic)
    first = None
    for chosen in product(*(allowed[name] for name in switches)):
        options = DEFAULTS | dict(zip(switches, chosen, strict=True))
        form = form_of(row, {"patients": cohort}, options)
        first = first or form
        if prints(form, row):
            changed = [
                f"{s}={o}" for s, o in zip(switches, chosen, strict=True) if o != DEFAULTS[s]
            ]
            return form, "; ".join(changed)
    return first or "", ""
