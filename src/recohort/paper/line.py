"""One line of a short file, checked: what it would mean otherwise than it says is refused."""

import re
from fractions import Fraction
from pathlib import Path

from recohort.paper.files import PublishedError, fault, one_of, require
from recohort.paper.options import NAMED
from recohort.paper.reading import DASH, SIGNS, parse_arguments
from recohort.paper.rows import CUTS, NEVER
from recohort.paper.statistics import COUNTS, DASHES, PATIENTS, REGISTRY, TESTS, switches_of

EXAMPLES = {"at": "at=12", "q": "q=0.25", "column": "column=time", "id": "id=3"}
NUMBERS_OF = tuple(name for name in COUNTS if not REGISTRY[name].required)
USED = tuple(name for name, own in REGISTRY.items() if own.says)
WHOLE = ("count", "at_risk", "events_by")  # whole numbers of patients
BY_EVENT = ("sum", "rank")  # kinds of times, also of those who died, or of survivors
OPTIONS_USED = ("at", "q", "column", "adjusted_for", "by", "level", "unit", "to", "id")
LIMITS = {100: "a percentage, 0 to 100", 1: "a P value, 0 to 1"}  # of the registry's `most`
NEVERS = (NEVER, "nr", "na", "ne", "not estimable", "∞", "inf", "infinity")
ERRORS = {"survival": "standard_error", "mean": "sd", "mean_survival": "mean_survival_error"}
RANGES = {  # above what, below what, and what is expected
    "at": (0, 10**6, "a time above 0 in the unit of the paper's times: at=12"),
    "to": (0, 10**6, "a time above 0 in the unit of the paper's times: to=36"),
    "q": (0, 1, "a share between 0 and 1: q=0.25"),
    "level": (50, 100, "the level of the limits in percent, above 50: level=90"),
}
NUMBER = "[0-9]+(?:[.][0-9]+)?"
ONE_NUMBER = (
    "one number as printed, such as 83.3, 0.08, <0.001 or >60: digits and a point, no word, no "
    "sign and no %; 54.0 is not 54"
)


def checked_line(
    path: str | Path, line: int, statistic: str, arguments: str, printed: str, size: int
) -> list[str]:
    """A checked row of `published.csv`, for so many patients; PublishedError says what is not."""
    require(statistic in USED, path, line, "statistic", statistic, one_of(USED))
    kind, written = _kind_of(path, line, statistic, printed)
    try:
        filters, given = parse_arguments(arguments)
    except ValueError as error:
        expected = "pieces such as at=12; sex=male (a name is one word)"
        raise PublishedError(fault(path, line, "arguments", f"{error}", expected)) from None

    def check(good, found, expected):
        require(good, path, line, "arguments", found or arguments, expected)

    _check_options(check, statistic, given)
    _check_values(check, statistic, dict(given))
    _check_groups(check, statistic, filters, dict(given))
    if kind in ("number", "bound"):
        number = written.lstrip("".join(SIGNS))
        wrong = _wrong_number(statistic, arguments, dict(given), number, size)
        require(not wrong, path, line, "printed", printed, wrong)
    fact = ".".join((statistic.removesuffix("_lower").removesuffix("_upper"), arguments))
    told = [arguments] if arguments else []  # never more loosely than a line reads
    if "adjusted_for" in dict(given) and "adjustment" not in dict(given):
        told.append("adjustment=joint")
    if statistic in DASHES and "dash" not in dict(given):
        told.append("dash=as_said")
    return [f"row_{line}", fact, "", "", "", kind, written, "", statistic, "; ".join(told), ""]


def _kind_of(path, line, statistic, printed):
    """What a printed cell is, if it can stand there, and the form in which it is kept."""
    never = [name for name in USED if REGISTRY[name].never]
    if statistic in PATIENTS:
        expected = "nothing: what is known of a patient stands in the arguments"
        require(not printed, path, line, "printed", printed, expected)
        return "patient", printed
    if printed in DASH:
        expected = (
            "curve_at_zero or follow_up_ended for a dash, or nobody_followed for one of either"
        )
        if statistic in never:
            expected = f"{NEVER} in the column printed, if it is not; else no line"
        require(statistic in DASHES, path, line, "statistic", statistic, expected)
        return "dash", printed
    expected = "a dash (-) in the column printed"
    require(statistic not in DASHES, path, line, "statistic", statistic, expected)
    if printed.lower() in NEVERS:
        expected = f"a number; not reached may be {', '.join(never)}"
        require(statistic in never, path, line, "printed", printed, expected)
        return "word", NEVER
    bound = re.fullmatch(rf"(<=|>=|[<>≤≥])\s*({NUMBER})", printed)
    if bound:
        return "bound", {"<=": "≤", ">=": "≥"}.get(bound[1], bound[1]) + bound[2]
    return "number", printed


def _wrong_number(statistic, arguments, options, printed, size):
    """What should stand in place of a printed number that cannot be; None if it can."""
    if not re.fullmatch(NUMBER, printed):
        return _mended(statistic, arguments, printed) or ONE_NUMBER
    if statistic in WHOLE and not (printed.isdigit() and int(printed) <= size):
        return f"a whole number, {size} at the most: there are {size} patients"
    value, own = float(printed), REGISTRY[statistic]
    if value > own.most:
        return LIMITS[own.most]
    if "unit" not in own.takes:
        return None
    if options.get("unit") == "share":
        return "a share, 0 to 1" if value > 1 else None
    decimals = len(printed.partition(".")[2])
    rare = decimals < 2 and statistic.startswith("survival_")  # a limit may well be 0.9%
    if "unit" in options or not 0 < value <= 1 or rare:
        return None
    shown = f"{float(Fraction(printed) * 100):.{max(decimals - 2, 0)}f}"
    return f"a percentage; if it is a share, {shown} or unit=share; if not, unit=percent"


def _mended(statistic, arguments, printed):
    """How to enter what stands there, where that can be told."""
    if match := re.fullmatch(rf"({NUMBER})\s*(?:±|\+/?-)\s*({NUMBER})", printed):
        other = ERRORS.get(statistic)
        lines = f"{statistic},{arguments},{match[1]} and {other},{arguments},{match[2]}"
        return f"two lines, {lines}" if other else None
    if match := re.fullmatch(
        rf"({NUMBER})\s*[(\[]({NUMBER})\s*[-–,;to ]+\s*({NUMBER})[)\]]", printed
    ):
        if f"{statistic}_lower" not in REGISTRY:
            return None
        sides = zip(("", "_lower", "_upper"), match.groups(), strict=True)
        return "three lines, " + ", ".join(f"{statistic}{s},{arguments},{n}" for s, n in sides)
    if re.fullmatch("[0-9]+,[0-9]+", printed):
        point, whole = printed.replace(",", "."), printed.replace(",", "")
        more = f", or {whole} for thousands" if re.fullmatch("[0-9]{1,3},[0-9]{3}", printed) else ""
        return f"digits and a point, no comma: {point}{more}"
    pointed = re.sub("(?<=[0-9]),(?=[0-9])", ".", printed)
    return None if pointed == printed else _mended(statistic, arguments, pointed)


def _check_options(check, statistic, given):
    """Options that are there and can be, each once; of a missing one nothing is found."""
    named = [name for name, _ in given]
    for name in sorted(REGISTRY[statistic].required - set(named)):
        check(False, "", f"{name}=..., for instance {EXAMPLES[name]}")
    taken = [name for name in OPTIONS_USED if name in REGISTRY[statistic].takes]
    more = [*taken, *switches_of(statistic)]
    for name, value in given:
        own = "" if name in REGISTRY[statistic].takes else f"; a factor is not called {name}"
        check(name in more, f"{name}={value}", f"of options only {', '.join(more)}{own}")
    for name, value in given:
        check(named.count(name) == 1, f"{name}={value}", f"{name} once")


def _check_values(check, statistic, options):
    for name, (least, most, expected) in RANGES.items():
        value = options.get(name)
        good = value is None or (_number(value, above=least) and float(value) < most)
        check(good, f"{name}={value}", expected)
    column, unit = options.get("column", "time"), options.get("unit", "share")
    expected = "column=time; of other columns than follow-up the search uses only groups"
    check(column == "time", f"column={column}", expected)
    check(unit in ("share", "percent"), f"unit={unit}", "unit=share or unit=percent")
    good = options.get("median") != "follow_up" or statistic == "median_survival"
    check(good, "median=follow_up", "a rule for a curve, such as median=kaplan_meier")
    good = "by" not in options or options.get("test") != "exact_log_rank"
    check(good, "test=exact_log_rank", "two groups: sex=male; test=exact_log_rank")


def _check_groups(check, statistic, filters, options):
    """Filters that the search uses, and as many of them as it can."""
    groups = [f for f in filters if f[0] not in ("time", "event")]
    loose, by = statistic in NUMBERS_OF + PATIENTS, "by" in options
    for column, operator, value in filters:
        expected = _wrong_filter(statistic, column, operator, value, loose)
        check(not expected, f"{column}{operator}{value}", expected)
    other = options.get("adjusted_for", "")
    column, _, level = other.partition("=")
    good = not other or (level and column not in {name for name, _, _ in groups})
    check(good, f"adjusted_for={other}", "another factor: adjusted_for=stage=II")
    good = filters or statistic not in PATIENTS
    check(good, "", "what is known of the patient: id=3; time=7; event=True")
    check(not (by and filters), "", "by= alone: all groups of the column are compared")
    good = groups or by or statistic not in TESTS
    check(good, "", "the group that is compared with all others, such as sex=male")
    good = len(groups) < 2 or loose
    check(good, "", "one group at a time; only counts and percentages may name several")


def _wrong_filter(statistic, column, operator, value, loose):
    if column in NAMED and column in switches_of(statistic) and value not in NAMED[column]:
        return f"{column}= {one_of(NAMED[column])}"
    alien = column == "time" or (column == "event" and REGISTRY[statistic].kind not in BY_EVENT)
    if alien and not loose:
        return "time and event in counts and percentages only"
    if column == "time":
        exact = operator == "=" and statistic in PATIENTS
        good = (operator in CUTS or exact) and _number(value)
        equal = " or of one patient time=7" if statistic in PATIENTS else ""
        return None if good else f"a number after >=, >, <= or <: time>=12{equal}"
    if column == "event":
        good = operator == "=" and value in ("True", "False")
        return None if good else "event=True for the dead, event=False for the others"
    if operator not in ("=", "!="):
        return f"a group by its name, such as {column}=yes or {column}!=yes"
    return None


def _number(text, above=-1):
    return re.fullmatch(NUMBER, text) is not None and float(text) > above
