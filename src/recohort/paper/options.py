"""The named ways in which programs and authors form a number, each with its source.

They stand in `options.csv`; an option without a source is none. The first of each switch is what
Methods states, or the default of a textbook; another one that textbooks have is marked. Those of
which a number may be only where a line of a paper or its conventions name them are marked, too. A
paper's conventions give each switch one option, or several of which any may hold.
"""

import csv
from pathlib import Path

from recohort.paper.files import one_of, read_lines, require


def lines_beside(name: str) -> list[dict[str, str]]:
    """The lines of a table in this folder."""
    with Path(__file__).with_name(name).open(encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


NAMED: dict[str, dict[str, str]] = {}
OPTIONS: dict[str, dict[str, str]] = {}  # those of which any number may be
TEXTBOOK: dict = {}  # what a textbook does, where a paper of one's own says nothing else
for _line in lines_beside("options.csv"):
    _switch, _option = _line["switch"], _line["option"]
    NAMED.setdefault(_switch, {})[_option] = _line["source"]
    if not _line["by_name"]:
        OPTIONS.setdefault(_switch, {})[_option] = _line["source"]
    if _line["textbook"] or _switch not in TEXTBOOK:
        TEXTBOOK[_switch] = _option

CONVENTIONS = {switch: tuple(options) for switch, options in OPTIONS.items()}
DEFAULTS = {switch: options[0] for switch, options in CONVENTIONS.items()}
ANY = CONVENTIONS  # conventions under which every number may be formed in any way listed here


def settings_of(conventions: dict) -> dict[str, tuple[str, ...]]:
    """The options that each switch allows, by a paper's conventions; a default where none is said.

    Raises ValueError for a switch or an option that is not named above.
    """
    found: dict[str, tuple[str, ...]] = {}
    for switch, chosen in (DEFAULTS | dict(conventions)).items():
        allowed = (chosen,) if isinstance(chosen, str) else tuple(chosen)
        unknown = [o for o in allowed if o not in NAMED.get(switch, ())]
        if unknown or not allowed:
            expected = ", ".join(NAMED.get(switch, NAMED))
            raise ValueError(f"{switch}={chosen}: expected one of {expected}")
        found[switch] = allowed
    return found


def read_options(
    path: str | Path, base: dict = DEFAULTS, known: dict = CONVENTIONS, loose: bool = False
) -> dict[str, dict]:
    """The options of each block that has its own, and under "" those of the whole paper.

    What the file does not name is as Methods states it, or as in `base`. A block takes what it does
    not name from the whole paper; `loose` is that of `read_lines`. Raises PublishedError at the
    first name that is not `known`.
    """
    own = {"": dict(base)}
    for line, row in read_lines(path, ["convention", "option"], ["block", "meaning"], loose):
        allowed = {"convention": known, "option": known.get(row["convention"], ())}
        for column, names in allowed.items():
            require(row[column] in names, path, line, column, row[column], one_of(names))
        own.setdefault(row.get("block", ""), {})[row["convention"]] = row["option"]
    return {block: own[""] | named for block, named in own.items()}
