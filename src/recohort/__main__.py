"""Work from a terminal: `recohort search | evidence | identify | ledger | ...`."""

import argparse
import sys
from pathlib import Path

from recohort.audit.identify import write_identify
from recohort.audit.ledger import ledger
from recohort.folder import confirmed_facts, read_data, read_table, read_tables, run
from recohort.paper.by_block import read_options
from recohort.paper.faults import PublishedError
from recohort.paper.reading import read_dictionary
from recohort.write import write_cohort, write_evidence


def main(arguments=None) -> int:
    """Run one command; returns the exit status (1 when a file is faulty)."""
    parser = argparse.ArgumentParser(prog="recohort", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    texts = {
        "search": "find all cohorts that print the numbers; write patients.csv and its companions",
        "evidence": "prove conflicts, leave out each fact, try every digit and convention (long)",
        "identify": "count the blocks of numbers; what each cell can be (minutes)",
        "validate": "rebuild made-up papers of known truth; write data/validation/ (long)",
        "ledger": "print the ledger, one line a printed figure, as CSV",
        "check": "read and check the printed figures, the statements and the cohort's files",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--data", default="data", help="folder of the input files (data)")
        if name in ("search", "evidence", "identify"):
            command.add_argument("--out", help="folder to write to (cohort/ in the data folder)")
        if name == "search":
            help_text = "a paper of your own, in the columns of data/template.csv; needs --out"
            command.add_argument("--published", metavar="CSV", help=help_text)
            help_text = "how its figures are formed, as data/conventions.csv (any named way)"
            command.add_argument("--conventions", metavar="CSV", help=help_text)
        if name == "validate":
            command.add_argument("--out", help="folder to write to (validation/ in data)")
            command.add_argument("--papers", type=int, default=308, help="how many (308)")
            command.add_argument("--workers", type=int, help="processes (all cores)")
    chosen = parser.parse_args(arguments)
    try:
        run_it = {
            "search": _search,
            "evidence": _evidence,
            "identify": _identify,
            "validate": _validate,
            "ledger": _ledger,
            "check": _check,
        }
        return run_it[chosen.command](chosen)
    except PublishedError as error:
        print(error, file=sys.stderr)
        return 1


def _search(chosen):
    if chosen.published:
        return _search_own(chosen)
    result = write_cohort(chosen.data, chosen.out)
    print(result.stages.to_string(index=False))
    print("set aside:", ", ".join(sorted(result.corrections[0])))
    return 0


def _search_own(chosen):
    from recohort.own_paper import write_own
    from recohort.paper.short_file import read_conventions

    if not chosen.out:
        raise PublishedError("search --published: name a folder to write to, --out DIR")
    for path in filter(None, (chosen.published, chosen.conventions)):
        if not Path(path).is_file():
            raise PublishedError(f"{path}: no such file; data/template.csv is one to start from")
    conventions = read_conventions(chosen.conventions) if chosen.conventions else None
    print(write_own(chosen.published, chosen.out, conventions))
    return 0


def _validate(chosen):
    from recohort.audit.disclosure import disclosure_table, withheld_table
    from recohort.validation.run import write_validation

    out = Path(chosen.out or Path(chosen.data) / "validation")
    write_validation(out, chosen.papers, chosen.workers)
    for name, make in (("disclosure", disclosure_table), ("withheld", withheld_table)):
        make(chosen.data).to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    return 0


def _evidence(chosen):
    write_evidence(chosen.data, chosen.out)
    return 0


def _identify(chosen):
    write_identify(chosen.data, chosen.out)
    return 0


def _ledger(chosen):
    published, _, _ = read_data(chosen.data)
    tables, corrections = read_tables(chosen.data), read_table("corrections", chosen.data)
    dictionary = read_dictionary(Path(chosen.data) / "dictionary.csv")
    result, confirmed = run(chosen.data), confirmed_facts(chosen.data)
    options = read_options(Path(chosen.data) / "conventions.csv")
    table = ledger(published, result, tables, corrections, dictionary, confirmed, options)
    table.to_csv(sys.stdout, index=False)
    return 0


def _check(chosen):
    published, statements, _ = read_data(chosen.data)
    tables = read_tables(chosen.data)
    print(f"{len(published)} printed figures and {len(statements)} statements are well formed.")
    rows = ", ".join(f"{name}.csv ({len(table)} rows)" for name, table in tables.items())
    if tables:
        print(f"The cohort keeps every rule: {rows}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
