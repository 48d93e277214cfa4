"""Every cohort that is consistent with a small paper's published numbers.

Exit status: 0 found, or all is well; 1 a faulty file, told in a sentence; 2 a faulty command;
3 no cohort is consistent with the numbers; 4 open: neither found nor refuted, or ended by the
system; 130 interrupted.
"""

import argparse
import csv
import os
import signal
import sys
from math import inf
from pathlib import Path

from recohort.paper.files import PublishedError, in_a_sentence

FINE, FAULTY, COMMAND, NONE, OPEN, STOPPED = 0, 1, 2, 3, 4, 130
KEPT = "What was finished is kept; the same command goes on."
OUTCOMES = {"found": FINE, "none": NONE, "open": OPEN}


def main(arguments: list[str] | None = None) -> int:
    """Run one command, without arguments that of the command line; returns the exit status."""
    chosen = parser().parse_args(arguments)
    kept = "Nothing was written." if getattr(chosen, "published", None) else KEPT
    if arguments is None:
        _end_when_interrupted(kept)
    try:
        from recohort.check import unreadable

        needed = getattr(chosen, "published", None) is None and chosen.command != "statistics"
        if needed and (found := unreadable(chosen.data)):
            raise PublishedError("\n".join(found))
        status = COMMANDS[chosen.command](chosen)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print(f"Interrupted. {kept}", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # whoever read what is printed has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except (ArithmeticError, ChildProcessError) as error:
        print(f"Open: {error}", file=sys.stderr)
        return OPEN
    except (PublishedError, OSError) as error:
        print(in_a_sentence(error), file=sys.stderr)
        return FAULTY


def _end_when_interrupted(kept):
    """Let an interruption end the program at once: libraries swallow exceptions as they load."""

    def end(*_):
        if getattr(sys.modules.get("multiprocessing"), "active_children", list)():
            raise KeyboardInterrupt  # whoever waits for them ends them
        os.write(sys.stderr.fileno(), f"Interrupted. {kept}\n".encode())
        os._exit(STOPPED)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)


def parser() -> argparse.ArgumentParser:
    """The commands with their options."""
    plain = argparse.RawDescriptionHelpFormatter
    whole = argparse.ArgumentParser(prog="recohort", description=__doc__, formatter_class=plain)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {}
    for name, run in COMMANDS.items():
        text = (run.__doc__ or "").rstrip(".")
        made[name] = commands.add_parser(name, help=text, description=text)
        made[name].add_argument("--data", default="data", help="folder of the printed files (data)")
    _search_options(made["search"])
    audit, validate = made["audit"], made["validate"]
    audit.add_argument("--quick", action="store_true", help="only the quick stages (a minute)")
    text = "only these stages, and what they need"
    audit.add_argument("--stages", nargs="+", metavar="STAGE", help=text)
    text = "make the stages anew even where they are finished"
    audit.add_argument("--again", action="store_true", help=text)
    audit.add_argument("--list", action="store_true", help="say what each stage does, and stop")
    validate.add_argument("--out", metavar="DIR", help="folder to write to (validation/ in data)")
    validate.add_argument("--papers", type=_positive, default=308, help="how many (308)")
    validate.add_argument("--workers", type=_positive, help="processes (all cores)")
    return whole


def _search_options(command):
    command.epilog = (
        "A short file has a line a printed number; data/template.csv is one, and `python -m "
        "recohort statistics` lists all that a line can say. In --out, open report.html."
    )
    text = "a short file of your own, in the columns of data/template.csv; needs --out"
    command.add_argument("--published", metavar="CSV", help=text)
    text = "how its numbers are formed, as data/conventions.csv (any named way)"
    command.add_argument("--conventions", metavar="CSV", help=text)
    command.add_argument("--out", metavar="DIR", help="folder for the cohorts of --published")
    command.add_argument("--force", action="store_true", help="write over an answer in --out")
    text = "end the search of --published at the first cohort: can all of it be true?"
    command.add_argument("--exists", action="store_true", help=text)
    text = "end the work on --published after so many seconds, and write what is known"
    command.add_argument("--time", type=_positive, metavar="S", help=text)
    text = "end it where it wants more memory"
    command.add_argument("--memory", type=_positive, metavar="MB", help=text)


def _positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 1")
    return int(text)


def _check(chosen):
    """Hold the files of a data folder to one another and to the paper (seconds)."""
    from recohort.check import faults
    from recohort.folder import read_data, read_tables

    found = faults(chosen.data)
    if found:
        print(*found, sep="\n", file=sys.stderr)
        return FAULTY
    published, statements, _ = read_data(chosen.data)
    print(f"{len(published)} published numbers and {len(statements)} statements are well formed.")
    tables = read_tables(chosen.data)
    if tables:
        rows = ", ".join(f"{name}.csv ({len(table)} rows)" for name, table in tables.items())
        print(f"The cohort keeps every rule and gives every number kept: {rows}.")
    return FINE


def _search(chosen):
    """Find a cohort: of a data folder (a minute), or of a short file of your own."""
    if chosen.published:
        return _search_own(chosen)
    from recohort.folder import read_table
    from recohort.stages import run_stages

    run_stages(chosen.data, quick=True)
    print(read_table("stages", chosen.data).to_string(index=False))
    corrections = read_table("corrections", chosen.data)
    aside = corrections.loc[corrections["correction"] == 1, "fact"]
    print("Given up or excepted:", ", ".join(sorted(aside)) or "nothing")
    return FINE


def _search_own(chosen):
    from recohort.own.answer import Effort, answer
    from recohort.own.search import INTERRUPTED
    from recohort.own.writing import see_folder, write_answer
    from recohort.paper.short_file import read_conventions
    from recohort.progress import Progress
    from recohort.survival.found import FAR, Bounds

    if not chosen.out:
        print("search --published: name a folder to write to, --out DIR", file=sys.stderr)
        return COMMAND
    for path in filter(None, (chosen.published, chosen.conventions)):
        if not Path(path).is_file():
            raise PublishedError(f"{path}: no such file; data/template.csv is one to start from")
    see_folder(Path(chosen.out), chosen.force)
    conventions = read_conventions(chosen.conventions) if chosen.conventions else None
    bounds = (FAR if chosen.time else Bounds())._replace(first=chosen.exists)
    effort, progress = Effort(chosen.time or inf, chosen.memory, bounds=bounds), Progress()
    found = answer(chosen.published, conventions, effort, progress)
    progress("files", 0, 0)
    write_answer(found, Path(chosen.out))
    progress.write()
    print(f"{len(found.published)} published numbers read.", *found.sentences)
    return STOPPED if found.found.stopped == INTERRUPTED else OUTCOMES[found.outcome]


def _audit(chosen):
    """Make all files of cohort/ from the printed ones, stage by stage (half an hour)."""
    from recohort.edition import Work
    from recohort.stages import finished, run_stages, stages_for

    if chosen.list:
        for stage in stages_for(Work(chosen.data)):
            state = "finished" if finished(stage, Path(chosen.data)) else f"{stage.seconds} s"
            says = (stage.make.__doc__ or "").partition("\n")[0].rstrip(".")
            print(f"{stage.name:12} {state:9} {says}")
        return FINE
    report = run_stages(chosen.data, chosen.stages, chosen.quick, chosen.again)
    print(f"Made: {', '.join(report.made) or 'nothing'}. Kept: {len(report.kept)} finished stages.")
    return FINE


def _ledger(chosen):
    """Print each published number beside the recomputed one, as CSV (half a minute)."""
    from recohort.edition import Work
    from recohort.stages import ledger_of

    ledger_of(Work(chosen.data))["ledger"].to_csv(sys.stdout, index=False)
    return FINE


def _statistics(_):
    """List what a short file of your own can hold, with an example each (seconds)."""
    from recohort.paper.statistics import REGISTRY

    lines = [(name, *own.example, own.says) for name, own in REGISTRY.items() if own.says]
    csv.writer(sys.stdout).writerows([("statistic", "arguments", "printed", "note"), *lines])
    return FINE


def _validate(chosen):
    """Rebuild made-up papers of known truth; write data/validation/ (ten minutes)."""
    from recohort.audit.disclosure import disclosure_table, withheld_table
    from recohort.digests import write_beside
    from recohort.validation.papers import write_validation
    from recohort.validation.truth import write_examples

    out = Path(chosen.out or Path(chosen.data) / "validation")
    write_examples(Path(chosen.data) / "examples")
    write_validation(out, chosen.papers, chosen.workers)
    for name, make in (("disclosure", disclosure_table), ("withheld", withheld_table)):
        table = make(chosen.data).to_csv(index=False, lineterminator="\n")
        write_beside(out / f"{name}.csv", table)
    return FINE


COMMANDS = {
    run.__name__[1:]: run for run in (_check, _search, _audit, _ledger, _statistics, _validate)
}

if __name__ == "__main__":
    sys.exit(main())
