"""Writing `data/cohort/`: the search's answer, generated, never typed."""

from pathlib import Path

import pandas as pd

from recohort.audit.conflicts import related_conflicts, survival_conflicts
from recohort.audit.conventions import tried_numbers, tried_searches
from recohort.audit.generating import generating, predictions, size_facts
from recohort.audit.known import downloads
from recohort.audit.leave_out import free_options
from recohort.audit.ledger import arithmetic_slips, ledger
from recohort.audit.loosened import loosened, month_lengths
from recohort.audit.role_proofs import role_proofs
from recohort.audit.roles import roles, with_rules
from recohort.audit.sharpness import changed_digits, sharpness
from recohort.audit.sufficient import sufficient
from recohort.cells.related import related_tables, shared_facts
from recohort.edition import corrections_frame, edition, frame_of, identifiability, patients
from recohort.folder import (
    NOTICE,
    confirmed_facts,
    read_blocks,
    read_data,
    read_survival,
    read_table,
    read_tables,
)
from recohort.pairs.table import pair_settings, write_pairs
from recohort.paper.by_block import read_options
from recohort.paper.reading import read_dictionary
from recohort.paper.rows import SHARE
from recohort.paper.tables import UNWRITTEN
from recohort.survival import Result, search_cohorts
from recohort.survival.corrections import facts_of

SLACKS = ("0", "0.05", "0.15", "0.3", None)  # percentage points; at last without limits
DAYS = ("30.4375", "30.44", "30.4", "30.5", "30", "31")  # in a month
NEAREST = 11  # the place, in order of time, of the patient whose time is nearest to five years


def write_cohort(folder, out=None) -> Result:
    """Run the search and write `patients.csv`, `identifiability.csv` and a note beside them."""
    folder = Path(folder)
    out = Path(out) if out else folder / "cohort"
    result = search_cohorts(*read_survival(folder))
    dictionary = pd.read_csv(folder / "dictionary.csv", dtype=str, keep_default_na=False)
    whole, words, conventions = read_data(folder)
    published, statements, _ = read_blocks("survival", "ages", "intervals", folder=folder)
    corrections = pd.concat(
        [
            corrections_frame(result, published, statements, dictionary),
            arithmetic_slips(whole, conventions),
        ]
    )
    frame = patients(result, published, statements, dictionary, corrections)
    cohort = _with_pairs(folder, frame)
    related = read_if_there("related_corrections", folder)
    corrections = pd.concat([corrections, related], ignore_index=True)
    data = whole, words, conventions
    shared = {} if related.empty else shared_facts(cohort, data, folder, corrections)
    for fact, table in shared.items():
        corrections.loc[corrections["fact"] == fact, ["kind", "convention"]] = (
            "excepted", f"{SHARE}={table}",
        )  # fmt: skip
    cohort |= _related(folder, cohort, data, dictionary, shared)
    frame = cohort["patients"]
    out.mkdir(parents=True, exist_ok=True)
    cells = known_cells(identifiability(result, frame), folder)
    tables = (
        cohort
        | downloads(frame, cells)
        | {
            "identifiability": cells,
            "corrections": corrections,
            "stages": result.stages,
            "ledger": ledger(
                whole,
                result,
                cohort,
                corrections,
                dictionary,
                confirmed_facts(folder),
                read_options(folder / "conventions.csv"),
            ),
        }
    )
    for name, table in tables.items():
        table.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    (out / "README.md").write_text(_readme(result), encoding="utf8")
    return result


def _with_pairs(folder, frame):
    """Patients and their table of pairs by name; patients alone where the paper has no pairs."""
    settings = pair_settings(folder)
    found = write_pairs(*read_data(folder)[:2], frame, settings) if settings else None
    return found or {"patients": frame}


def known_cells(table, folder):
    """`identifiability.csv` with what `make identify` knows of its cells."""
    keys = ["table", "row_id", "column"]
    for name in ("number_cells", "related_cells"):
        known = read_if_there(name, folder).astype(str)
        if known.empty:
            continue
        known, here = known.set_index(keys), table.set_index(keys).astype(object)
        here.update(known.loc[known.index.intersection(here.index)])
        more = known.loc[known.index.difference(here.index, sort=False)]
        table = pd.concat([here, more]).fillna("").reset_index()
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    hidden = set(unwritten(dictionary))
    kept = [name not in hidden for name in zip(table["table"], table["column"], strict=True)]
    return _measured(table[kept], dictionary)


def _measured(table, dictionary):
    """No measured cell is determined: one value to a tenth is an interval of real numbers."""
    numbers = dictionary.loc[dictionary["type"] == "number", ["table", "column"]]
    measured = pd.MultiIndex.from_frame(table[["table", "column"]]).isin(
        pd.MultiIndex.from_frame(numbers)
    )
    one = measured & (table["status"] == "determined") & (table["lowest"].astype(str) != "")
    middle = table.loc[one, "lowest"].astype(float)
    ends = {"lowest": (middle - 0.05).round(2), "highest": (middle + 0.05).round(2)}
    return table.mask(one, table.assign(status="bounded", values="", attained="lowest", **ends))


def unwritten(dictionary):
    """The (table, column) pairs that the dictionary keeps out of the files."""
    own = dictionary[dictionary["empty"] == UNWRITTEN]
    return list(zip(own["table"], own["column"], strict=True))


def _related(folder, cohort, data, dictionary, shared):
    """Patients, sessions and tumors under the corrections that `make identify` found."""
    corrections = read_if_there("related_corrections", folder)
    if corrections.empty:
        return {}
    found = related_tables(cohort, data, folder, corrections, shared)
    people = cohort["patients"].copy()
    for column in found["patients"]:
        if people[column].isna().all():
            people[column] = found["patients"][column].array
    tables = found | {"patients": people}
    shown = dictionary[dictionary["empty"] != UNWRITTEN]
    orders = {n: shown.loc[shown["table"] == n, "column"] for n in tables}
    return {n: t.reindex(columns=[c for c in orders[n] if c in t]) for n, t in tables.items()}


def read_if_there(name, folder):
    """A generated table, or an empty one where it has not been made."""
    path = Path(folder) / "cohort" / f"{name}.csv"
    return read_table(name, folder) if path.exists() else pd.DataFrame()


def write_evidence(folder, out=None) -> None:
    """Write the tables of proof: conflicts, changed digits, roles, conventions (minutes)."""
    out = Path(out) if out else Path(folder) / "cohort"
    published, statements, conventions = read_survival(folder)
    result = search_cohorts(published, statements, conventions)
    changed = changed_digits(published, statements, result, "Table 3")
    aside, people = result.corrections[0], [frame_of(result, c) for c in result.grid]
    given_up = [fact for fact in aside if fact not in result.exceptions]
    made = {}
    tables = {
        "conflicts": lambda: conflicts_frame(folder, result),
        "sensitivity": lambda: changed,
        "sharpness": lambda: sharpness(folder, result, changed),
        "roles": lambda: roles(folder, result),
        "free_options": lambda: free_options(*_given_back(made["roles"], result, folder)),
        "role_proofs": lambda: role_proofs(folder, made["roles"], people),
        "generating": lambda: generated(result),
        "loosened": lambda: loosened(result.problem, SLACKS),
        "month_lengths": lambda: month_lengths(result.problem, DAYS, NEAREST),
        "convention_numbers": lambda: tried_numbers(read_data(folder)[0], read_tables(folder)),
        "convention_searches": lambda: tried_searches(published, statements, given_up),
    }
    for name, make in tables.items():
        made[name] = make()
        made[name].to_csv(out / f"{name}.csv", index=False, lineterminator="\n")


def _given_back(table, result, folder):
    """The search with the dictionary's rules, and its facts that its others give back, in order."""
    back = set(table.loc[(table["role"] == "confirmed") & (table["cohorts"] != ""), "fact"])
    ruled = with_rules(result, read_dictionary(Path(folder) / "dictionary.csv"))
    return ruled, [fact for fact in facts_of(result.problem) if fact in back]


def generated(result: Result) -> pd.DataFrame:
    """`predictions` of a set of facts that leaves exactly the cohorts of the search."""
    problem, found = result.problem, result.cohorts
    start = generating(problem, edition(result))
    chosen = sufficient(problem, found, start, size_facts(problem))
    return predictions(problem, found, chosen)


def conflicts_frame(folder, result) -> pd.DataFrame:
    """Minimal conflicts of every block, each member with its witness.

    Columns: block, fact, member, witness.
    """
    found = [survival_conflicts(result)]
    corrections = read_if_there("related_corrections", folder)
    if not corrections.empty:
        survival = [frame_of(result, cohort) for cohort in result.grid]
        found.append(related_conflicts(survival, read_data(folder), corrections, folder))
    return pd.concat(found)


def _readme(result):
    return f"""# A cohort consistent with the paper

**{NOTICE}** The study's patient data were never published. These rows are
consistent with the numbers of *Interventional Radiology* 2022; 7: 85-92. For overall survival
they are one of {len(result.cohorts)} cohorts that a complete search found; other cells are picked
by written rules where the paper leaves them open.
No row is a person's record, and nothing here is medical advice. Please make no attempt to find
out who somebody is, and link these rows to no other source.

- `patients.csv`: one row a patient, in order of time; columns in `data/dictionary.csv`.
- `patients_marked.csv`: the same, with `determined`, `bounded` or `chosen` beside each cell.
- `patients_determined.csv`: the same with determined cells alone; all others are left empty.
- `identifiability.csv`: for each cell, whether it is the same in every solution
  (`determined`), takes some values only (`bounded`) or is picked by a stated rule (`chosen`).
- `renal_function.csv`: one row a patient measured before and after: real numbers to two decimals,
  found by a seeded search.
- `sessions.csv`, `tumors.csv`: one row an ablation session, one a treated tumor.
- `related_corrections.csv`, `number_cells.csv`, `witnesses.csv`, `related_cells.csv`,
  `related_witnesses.csv`, `blocks.csv` (`make identify`): the smallest sets to give up for
  sessions and tumors; what each cell can be, with whole columns and whole cohorts as witnesses;
  how many columns of ages there are.
- `corrections.csv`: the smallest sets of printed figures that have to be set aside.
- `ledger.csv`: each printed figure beside what this cohort, and every solution, prints.
- `conflicts.csv` (`make evidence`): for each figure set aside, a smallest set of figures
  that cannot all be true, and for each member a cohort that prints the others.
- `sensitivity.csv` (`make evidence`): every number of Table 3 changed by one unit in its
  last place, and whether the search notices.
- `sharpness.csv` (`make evidence`): the same for every exhibit, with the check that notices.
- `convention_numbers.csv`, `convention_searches.csv` (`make evidence`): each printed number
  under each combination of its own options; and whether a cohort is left when one option is held
  for every number of overall survival and all others are free.
- `loosened.csv`, `month_lengths.csv` (`make evidence`): what is left when limits may be off or are
  left out, and when a month has another length.
- `generating.csv` (`make evidence`): few facts that alone leave the same cohorts as all facts
  about survival, each with a cohort that appears without it; all others are their predictions.
- `roles.csv` (`make evidence`): each fact that the edition prints, taken out: do all the
  others lead to it again? If not, a whole cohort that prints all others.
- `free_options.csv` (`make evidence`): the facts about survival that come back, asked once more
  while every other number may be formed in any named way.
- `second_roles.csv` (`make evidence`): each fact about survival taken out once more, and all that
  `generating.csv` predicts: cohorts counted by exact fractions and a constraint solver.
- `role_proofs.csv` (`make evidence`): what a confirmed fact outside survival follows from: a few
  facts, rules and columns of survival, none of which can be spared.
- `stages.csv`: how many candidates enter and leave each stage of the search.

Written by `make cohort` (`python -m recohort search`). Do not edit.
"""
