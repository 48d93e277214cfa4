"""Writing `data/cohort/`: the search's answer, generated, never typed."""

from pathlib import Path

import pandas as pd

from recohort.audit.generating import generating, predictions, size_facts
from recohort.audit.sensitivity import changed_digits
from recohort.audit.sufficient import sufficient
from recohort.paper.reading import read_dictionary
from recohort.survival import Result, proofs, search_cohorts
from thirteen.cohort import (
    DATA,
    NOTICE,
    confirmed_facts,
    corrections_frame,
    edition,
    frame_of,
    identifiability,
    patients,
    read_blocks,
    read_data,
    read_survival,
    read_table,
    read_tables,
)
from thirteen.conventions import tried_numbers, tried_searches
from thirteen.identify import pair_settings
from thirteen.known import downloads
from thirteen.ledger import arithmetic_slips, ledger
from thirteen.pair_conflicts import pair_conflict
from thirteen.pair_sample import pair_sample
from thirteen.pair_table import flags_of, pair_rows, write_pairs
from thirteen.related import related_tables
from thirteen.related_conflicts import related_conflicts
from thirteen.role_proofs import role_proofs
from thirteen.roles import roles
from thirteen.sharpness import sharpness
from thirteen.tables import UNWRITTEN

CONFLICTS = "block fact member witness".split()


def write_cohort(folder=DATA, out=None) -> Result:
    """Run the search and write `patients.csv`, `identifiability.csv` and a note beside them."""
    folder = Path(folder)
    out = Path(out) if out else folder / "cohort"
    result = search_cohorts(*read_survival(folder))
    dictionary = pd.read_csv(folder / "dictionary.csv", dtype=str, keep_default_na=False)
    whole, words, conventions = read_data(folder)
    published, statements, _ = read_blocks("survival", "ages", "intervals", folder=folder)
    corrections = pd.concat(
        [corrections_frame(result, published, statements), arithmetic_slips(whole, conventions)]
    )
    frame = patients(result, published, statements, dictionary, corrections)
    frame, pairs, exceptions = _pairs(folder, frame, dictionary)
    corrections = pd.concat([corrections, exceptions])
    cohort = {"patients": frame} | pairs
    cohort |= _related(folder, cohort, (whole, words, conventions), dictionary)
    frame = cohort["patients"]
    corrections = pd.concat([corrections, read_if_there("related_corrections", folder)])
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
            ),
        }
    )
    for name, table in tables.items():
        table.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    (out / "README.md").write_text(_readme(result), encoding="utf8")
    return result


def _pairs(folder, frame, dictionary):
    """Patients and the table of pairs, with its corrections; nothing more where none is known.

    The corrections are those of `pair_corrections.csv` (`make identify`); the edition keeps
    the first of them.
    """
    if not (folder / "cohort" / "pair_corrections.csv").exists():
        return frame, {}, pd.DataFrame()
    published, statements, conventions = read_data(folder)
    settings = pair_settings(dictionary, conventions)
    corrections = read_table("pair_corrections", folder)
    found = write_pairs(published, statements, frame, settings, corrections.head(1))
    people = found.pop("patients")
    numbered = corrections.assign(block="renal", correction=range(1, len(corrections) + 1))
    return people, found, numbered


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
        table = pd.concat([here, more]).reset_index()
    hidden = set(unwritten(read_dictionary(Path(folder) / "dictionary.csv")))
    return table[[name not in hidden for name in zip(table["table"], table["column"], strict=True)]]


def unwritten(dictionary):
    """The (table, column) pairs that the dictionary keeps out of the files."""
    own = dictionary[dictionary["empty"] == UNWRITTEN]
    return list(zip(own["table"], own["column"], strict=True))


def _related(folder, cohort, data, dictionary):
    """Patients, sessions and tumors under the corrections that `make identify` found."""
    corrections = read_if_there("related_corrections", folder)
    if corrections.empty:
        return {}
    found = related_tables(cohort, *data, folder, corrections)
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


def write_evidence(folder=DATA, out=None) -> None:
    """Write the tables of proof: conflicts, changed digits, roles, conventions (minutes)."""
    out = Path(out) if out else Path(folder) / "cohort"
    published, statements, conventions = read_survival(folder)
    result = search_cohorts(published, statements, conventions)
    changed = changed_digits(published, statements, result, "Table 3")
    aside, people = result.corrections[0], [frame_of(result, c) for c in result.cohorts]
    made = {}
    tables = {
        "conflicts": lambda: conflicts_frame(folder, result),
        "sensitivity": lambda: changed,
        "sharpness": lambda: sharpness(folder, result, changed),
        "roles": lambda: roles(folder, result),
        "role_proofs": lambda: role_proofs(folder, made["roles"], people),
        "generating": lambda: generated(result),
        "pair_sample": lambda: pair_sample(folder),
        "convention_numbers": lambda: tried_numbers(read_data(folder)[0], read_tables(folder)),
        "convention_searches": lambda: tried_searches(published, statements, conventions, aside),
    }
    for name, make in tables.items():
        made[name] = make()
        made[name].to_csv(out / f"{name}.csv", index=False, lineterminator="\n")


def generated(result: Result) -> pd.DataFrame:
    """`predictions` of a set of facts that leaves exactly the cohorts of the search."""
    problem, found = result.problem, result.cohorts
    start = generating(problem, edition(result)).facts
    chosen = sufficient(problem, found, start, size_facts(problem))
    return predictions(problem, found, chosen)


def conflicts_frame(folder, result) -> pd.DataFrame:
    """Minimal conflicts of every block, each member with its witness.

    Columns: block, fact, member, witness.
    """
    found = [proofs(result).assign(block="survival")[CONFLICTS]]
    corrections = read_if_there("related_corrections", folder)
    if not corrections.empty:
        survival = [frame_of(result, cohort) for cohort in result.cohorts]
        found.append(related_conflicts(survival, read_data(folder), corrections, folder))
    exceptions = read_if_there("pair_corrections", folder)
    if not exceptions.empty:
        one = _pair_conflict(exceptions["fact"].iloc[0], folder)
        given_up = [fact for fact in exceptions["fact"] if fact in set(one["member"])]
        found += [one.assign(fact=fact) for fact in given_up]  # each is a member of the same
    return pd.concat(found)


def _pair_conflict(fact, folder):
    """`pair_conflict` with the edition's patients: who was measured, and who is of the part."""
    published, statements, conventions = read_data(folder)
    settings = pair_settings(read_dictionary(Path(folder) / "dictionary.csv"), conventions)
    rows, tables = pair_rows(published, statements, settings[2]), read_tables(folder)
    return pair_conflict(fact, rows, flags_of(rows, tables, settings[2]), settings)


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
- `renal_function.csv`: one row a patient measured before and after, built by a written rule.
- `sessions.csv`, `tumors.csv`: one row an ablation session, one a treated tumor.
- `related_corrections.csv`, `pair_corrections.csv`, `pair_facts.csv`, `number_cells.csv`,
  `witnesses.csv`, `related_cells.csv`, `related_witnesses.csv`, `blocks.csv` (`make identify`):
  the smallest sets to give up for sessions and tumors, and for the pairs; for each fact about
  the pairs whether giving it up mends them, and how that is known; what each cell can be, with
  whole columns and whole cohorts as witnesses; how many solutions each block has.
- `corrections.csv`: the smallest sets of printed figures that have to be set aside.
- `ledger.csv`: each printed figure beside what this cohort, and every solution, prints.
- `conflicts.csv` (`make evidence`): for each figure set aside, a smallest set of figures
  that cannot all be true, and for each member a cohort that prints the others.
- `sensitivity.csv` (`make evidence`): every number of Table 3 changed by one unit in its
  last place, and whether the search notices.
- `sharpness.csv` (`make evidence`): the same for every exhibit, with the check that notices.
- `convention_numbers.csv`, `convention_searches.csv` (`make evidence`): each printed number
  under each combination of its conventions; for each combination, whether a cohort is left.
- `generating.csv` (`make evidence`): few facts that alone leave the same cohorts as all facts
  about survival, each with a cohort that appears without it; all others are their predictions.
- `roles.csv` (`make evidence`): each fact that the edition prints, taken out: do all the
  others lead to it again? If not, a whole cohort that prints all others.
- `second_roles.csv` (`make evidence`): each fact about survival taken out once more, and all that
  `generating.csv` predicts: cohorts counted by exact fractions and a constraint solver.
- `role_proofs.csv` (`make evidence`): what a confirmed fact outside survival follows from: a few
  facts, rules and columns of survival, none of which can be spared.
- `pair_sample.csv` (`make evidence`): every neighbor of the edition's table of pairs that
  prints all figures, with what the tests say of it.
- `stages.csv`: how many candidates enter and leave each stage of the search.

Written by `make cohort` (`python -m thirteen search`). Do not edit.
"""
