"""Is a data folder sound? The cheap part of the ledger, no search: sentences about what is not."""

from pathlib import Path

from recohort.audit.ledger import COLUMNS, METHODS, rebuilt
from recohort.digests import COHORT, PROSE, place_of, unlike_command
from recohort.edition import CORRECTIONS
from recohort.folder import read_data, read_tables, rows_as_formed
from recohort.paper.files import PublishedError, fault, in_a_sentence, text_of
from recohort.paper.options import read_options
from recohort.paper.printed import form_of, prints, without_facts
from recohort.paper.reading import read_cells, read_dictionary
from recohort.paper.rules import rule_groups
from recohort.paper.tables import UNWRITTEN

UNLIKE = "not as `recohort audit` makes it from the printed files; that command makes it again"
OTHER = "says something else than what `cohort/` was made from; `recohort audit` makes that again"


def faults(folder: Path | str) -> list[str]:
    """What is wrong in a data folder, a sentence each; none where all is sound.

    A folder without `cohort/` is sound where its printed files are.
    """
    folder = Path(folder)
    found = unreadable(folder)
    if found or not (folder / COHORT).is_dir():
        return found or _told(_as_described, folder)
    for question in (_as_described, unlike_record, unlike_ledger, unlike_dictionary, unlike_paper):
        said = _told(question, folder)
        found += said
        if said and question not in (unlike_record, unlike_ledger):
            break  # what follows reads the same files
    return found


def _as_described(folder):
    """The printed files and the rules, for the fault that reading them may raise."""
    return read_data(folder), rule_groups(folder)


def _told(question, folder):
    """The sentences of one question; what it cannot even ask is a sentence, too."""
    try:
        said = question(folder)
    except (PublishedError, OSError, ValueError) as error:
        return [in_a_sentence(error)]
    return said if isinstance(said, list) else []


def unreadable(folder: Path | str) -> list[str]:
    """Files that are missing, or that hold another encoding or other digits, a sentence each."""
    folder = Path(folder)
    if not folder.is_dir():
        return [f"{folder}: no such folder"]
    inputs = [folder / name for name in PROSE]
    missing = [path for path in inputs if not path.is_file() and path.name != "rules.csv"]
    found = [f"{path}: no such file" for path in missing]
    there = [*sorted(folder.glob("*.csv")), *sorted((folder / COHORT).glob("*.csv"))]
    return found + [said for path in there if path.is_file() for said in _told(text_of, path)]


def unlike_record(folder: Path) -> list[str]:
    """Files that are not as the command made them, and where."""
    names = unlike_command(folder)
    return [f"{n}: {OTHER}" if n in PROSE else f"{n}{place_of(folder, n)}: {UNLIKE}" for n in names]


def unlike_dictionary(folder: Path) -> list[str]:
    """Tables that are missing or without rows, and columns in another order than described."""
    dictionary = read_dictionary(folder / "dictionary.csv")
    columns = dictionary[(dictionary["block"] != "") & (dictionary["empty"] != UNWRITTEN)]
    found = []
    for table, own in columns.groupby("table", sort=False)["column"]:
        path = folder / COHORT / f"{table}.csv"
        if not path.is_file():
            found.append(f"{COHORT}/{table}.csv: missing, the dictionary describes it")
            continue
        header, *rows = path.read_text(encoding="utf8").splitlines() or [""]
        names = header.split(",")
        if names != [name for name in own if name in names]:
            found.append(f"{COHORT}/{table}.csv: columns in another order than in dictionary.csv")
        if not rows:
            found.append(f"{COHORT}/{table}.csv: no rows below the header")
    return found


def unlike_paper(folder: Path) -> list[str]:
    """Published numbers and statements that the cohort's tables do not give, facts given up aside.

    Raises PublishedError where a table breaks a rule.
    """
    tables = read_tables(folder)
    if "patients" not in tables:
        return []
    published, statements, _ = read_data(folder)
    options = METHODS | read_options(folder / "conventions.csv")[""]
    corrections = read_cells(folder / COHORT / "corrections.csv", CORRECTIONS)
    corrections = corrections[corrections["correction"] == "1"]
    places = {name: ("published.csv", line, "printed") for name, line in _lines(published)}
    places |= {name: ("statements.csv", line, "value") for name, line in _lines(statements)}
    rows, found = rows_as_formed(published, statements, folder), []
    for row in without_facts(rows, corrections):
        if not rebuilt(row, tables):
            continue
        given = form_of(row, tables, options | dict(row.switches))
        if not prints(given, row):
            place = fault(*places[row.id], repr(row.printed), f"{given}, which the cohort gives")
            found.append(f"{place} ({row.id})")
    return found


def _lines(table):
    """The id of each row with the line that it stands on in its file."""
    return zip(table["id"], range(2, len(table) + 2), strict=True)


def unlike_ledger(folder: Path) -> list[str]:
    """Published numbers that no cohort is asked for, and that were others for the ledger."""
    path = folder / COHORT / "ledger.csv"
    if not path.is_file():
        return []
    published, known = read_data(folder)[0], read_cells(path, COLUMNS)
    then = known[known["recomputed"] != known["printed"]].set_index("id")["printed"]
    return [
        fault("published.csv", line, "printed", repr(now), f"{then[name]}, as the ledger has it")
        for (name, line), now in zip(_lines(published), published["printed"], strict=True)
        if then.get(name, now) != now
    ]
