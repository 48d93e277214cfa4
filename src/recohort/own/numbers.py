"""Each number of a short file beside what a cohort gives in its place."""

from itertools import product

import pandas as pd

from recohort.own.answer import Answer
from recohort.own.checks import COUNTED
from recohort.paper.options import DEFAULTS
from recohort.paper.printed import form_of, prints
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
            changed = [f"{s}={o}" for s, o in options.items() if o != DEFAULTS[s]]
            return form, "; ".join(changed)
    return first or "", ""
