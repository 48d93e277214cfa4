"""What an answer adds in words: a number that may be meant otherwise, a rate that is carried on."""

from collections.abc import Iterator

from recohort.own.checks import in_words
from recohort.survival.known import Found
from recohort.survival.printing import carried
from recohort.survival.problem import Problem

MEAN = (
    "read as a plain mean of follow-up, dead or alive. A mean survival time, as SPSS and R print "
    "it with a Kaplan-Meier curve, is another number where not all died: enter it as mean_survival"
)
CARRIED = (
    "nobody is followed any more at that time, and the rate is the last one carried on, as some "
    "programs print it; if this paper's does not, say so: beyond=followed"
)


def remarks(found: Found) -> list[str]:
    """Sentences that begin with the rows of the file, as those of a contradiction do."""
    return [*_plain_means(found.problem), *_carried_on(found)]


def _plain_means(problem: Problem) -> Iterator[str]:
    dead = [r.printed for r in problem.rows if r.filters == (("event", "=", "True"),)]
    rows = [r for r in problem.rows if r.statistic == "mean" and "event" not in dict(r.options)]
    if rows and str(problem.size) not in dead:
        yield f"{in_words(rows)}: {MEAN}."


def _carried_on(found: Found) -> Iterator[str]:
    each = [carried(found.problem, joint) for joint in found.solutions]
    first = {row.fact: row for rows in each for row in reversed(rows)}
    if first:
        many = f"in {sum(map(bool, each))} of {len(each)} solutions listed"
        yield f"{in_words(list(first.values()))}: {many} {CARRIED}."
