"""What a search of a short file comes to, in sentences."""

from recohort.paper.options import ANY, DEFAULTS
from recohort.paper.statistics import COUNTS, RATES
from recohort.survival.known import ORDERS, TESTED, Found
from recohort.survival.orders import group_exists
from recohort.survival.problem import about, group_sizes, steps_of

OPEN = "Open: no cohort was found, and none ruled out."
ADD = "Numbers that narrow them down: limits, the number of deaths, medians, quartiles."


def outcome(found: Found) -> str:
    """What a search comes to: "found", "none" where no cohort is consistent, or "open"."""
    if found.least:
        return "found"
    return "none" if found.status == "complete" else "open"


def verdict(found: Found) -> str:
    """What the search says, and what to try next."""
    stopped = f"The search stopped: {found.stopped}."
    if not found.least:
        return _nothing(found) if found.status == "complete" else f"{OPEN} {stopped} {ADD}"
    said = (
        "1 order with groups is" if found.least == 1 else f"{found.least:,} orders with groups are"
    )
    said += " consistent with all these numbers"
    if found.status == "complete":
        return f"{said}."
    listed = f"{len(found.solutions):,} of them are written, as examples."
    if found.status == "counted":
        return f"{said}; {listed}{_shared(found)} {ADD}"
    most = "" if found.most is None else f", and at most {found.most:,}"
    return f"At least {said}{most}; {listed} {stopped} {ADD}"


def _shared(found):
    """What all solutions share, by cell."""
    if found.shared is None:
        return ""
    known = {
        name: [str(place) for place, levels in enumerate(cells, 1) if len(levels) == 1]
        for name, cells in found.shared.items()
    }
    said = [
        f"{'who died' if name == 'event' else name} at {', '.join(places)}"
        for name, places in known.items()
        if places
    ]
    places = "places in order of time"
    return f" All of them share ({places}): {'; '.join(said) or 'no cell'}."


def _nothing(found):
    """What the search says where no cohort is consistent."""
    told = found.problem.conventions != tuple((DEFAULTS | ANY).items())
    ways = "under the conventions told" if told else "however each is formed, by any named option"
    return (
        f"No cohort is consistent with all these numbers, with times as real numbers and {ways}: "
        f"{_lost(found)}. Look there first, in the file, then in the paper"
        + ("; then leave the conventions open (without --conventions)." if told else ".")
    )


def _lost(found):
    """Where a search that found nothing lost its last candidate."""
    for column, level in steps_of(found.problem):
        if not group_sizes(found.problem, column, level):
            return f"the counts and percentages of {column!r} do not agree"
        if not group_exists(about(found.problem, (column, level), COUNTS + RATES), column, level):
            return f"no group prints the rates of {column}={level}, or those of all others"
    if not found.left(ORDERS):
        what = "survival rates, limits or single times of all patients"
        return f"no order of deaths prints the {what}"
    if not found.left(TESTED):
        what = "rates of a group, or its P value or hazard ratio, beside them"
        return f"no order of deaths prints the {what}"
    return "orders and groups fit the rates and tests, but none of them the times as printed"
