"""The registry of statistics: what a printed figure or a statement may ask for.

One registry serves both files. Each statistic says which arguments it takes, which named
conventions its value depends on, how it is computed from a cohort's tables, and of what kind it
is, and says in words what it is, with an example of a line. A new one is an entry of `REGISTRY`;
its kind tells the rest:

- a *rank* (with its `quantile`), a *count* of other rows and a *patient* need nothing else: the
  search, the printer and the reader of short files go by the kind;
- a *rate* (or another *state* of a group at a landmark), a *test*, a *sum* or a *curve* (a time
  read off one) also needs its formula where the search has those of its kind:
  `survival.tables.prints_rate`, `survival.comparisons.test_ends`, `survival.terms`;
- without a kind it is computed, compared and put into the ledger, but no search uses it.
"""

from collections.abc import Iterable
from fractions import Fraction

from recohort.paper import computing, on_curves
from recohort.paper.options import CONVENTIONS, NAMED
from recohort.paper.rows import SHARE, SHARED, Row, table_of
from recohort.paper.statistic import (
    AT,
    BEYOND,
    COLUMN,
    COX,
    NO,
    QUARTER,
    RATE,
    ROWS,
    TIMED,
    UNITS,
    VALUES,
    Statistic,
    curve,
    dash,
    hazard,
    limit,
    mean,
    of_quantile,
    rank,
)

HAZARDS = {  # statistics of a Cox model, and their columns of `estimates.cox`
    "hazard_ratio": "hazard_ratio",
    "hazard_ratio_lower": "ci_lower",
    "hazard_ratio_upper": "ci_upper",
    "hazard_ratio_p": "p_value",
}
PERCENT = Statistic(
    computing.percent,
    optional=ROWS | {"of", "unit"},
    kind="count",
    says="their share of all patients, in percent",
    example=("sex=male", "53.8"),
    most=100,
)
SURVIVAL = Statistic(
    on_curves.survival,
    AT,
    RATE,
    kind="rate",
    says="Kaplan-Meier survival at a time, in percent, or with unit=share from 0 to 1",
    example=("at=24; sex=male", "61.4"),
    most=100,
    named=BEYOND,
)
P_VALUE = Statistic(
    on_curves.p_value,
    NO,
    TIMED | {"by"},
    ("test", "p_rounding", "ties"),
    "test",
    "P of a group against all others, or by=stage of all groups together; test= names the test",
    ("sex=male; test=breslow_gehan", "<0.05"),
    most=1,
)
REGISTRY = {
    "count": Statistic(
        computing.count,
        optional=ROWS,
        kind="count",
        says="patients: all, of a group, dead (event=True), after a time (time>=12)",
        example=("event=True; sex=male", "4"),
    ),
    "percent": PERCENT,
    "units_lost": Statistic(computing.units_lost, UNITS, TIMED, kind="count"),
    "ratio": Statistic(computing.ratio, frozenset({"of"}), ROWS),
    "fraction": Statistic(computing.fraction, frozenset({"numerator", "denominator"})),
    "survival": SURVIVAL,
    "survival_lower": limit(False, "37.6"),
    "survival_upper": limit(True, "99.9"),
    "standard_error": Statistic(
        on_curves.error,
        AT,
        RATE,
        kind="state",
        says="Greenwood's standard error of survival at a time, in the unit of the rate",
        example=("at=24", "15.3"),
        most=100,
        named=BEYOND,
    ),
    "at_risk": Statistic(
        on_curves.at_risk,
        AT,
        TIMED,
        ("boundary",),
        "state",
        "the number at risk at a time; boundary= says whether those of that very time are",
        ("at=24; boundary=at_or_after", "7"),
    ),
    "events_by": Statistic(
        on_curves.events_by,
        AT,
        TIMED,
        kind="state",
        says="deaths up to a time and at it",
        example=("at=24; sex=male", "3"),
    ),
    "curve_at_zero": dash(True, "a dash in place of a rate: all had died by then"),
    "follow_up_ended": dash(False, "a dash: nobody is followed so long, some were alive"),
    "nobody_followed": dash(None, "a dash of either reason: nobody is followed so long"),
    "p_value": P_VALUE,
    "hazard_ratio": hazard(
        "hazard_ratio", "hazard ratio of a group against all others (Cox), perhaps adjusted", "2.5"
    ),
    "hazard_ratio_lower": hazard("ci_lower", "its lower limit; level=90", "0.9", True),
    "hazard_ratio_upper": hazard("ci_upper", "its upper limit; level=90", "6.8", True),
    "hazard_ratio_p": hazard("p_value", "its P value (Wald)", "0.07")._replace(
        switches=(*COX, "p_rounding"), most=1
    ),
    "mean": Statistic(
        computing.mean,
        COLUMN,
        VALUES,
        kind="sum",
        says="plain mean of follow-up, dead or alive; event=True of those who died; that of a "
        "Kaplan-Meier curve is mean_survival",
        example=("column=time", "38.5"),
    ),
    "sd": Statistic(
        computing.sd,
        COLUMN,
        VALUES,
        ("sd",),
        "sum",
        "standard deviation of follow-up",
        ("column=time", "41.6"),
    ),
    "minimum": rank("0", "the shortest follow-up; event=True of those who died", "9"),
    "maximum": rank("1", "the longest follow-up", "161"),
    "median": rank("1/2", "plain median of follow-up; event=False of survivors", "28"),
    "quantile": Statistic(
        computing.quantile,
        COLUMN | {"q"},
        VALUES,
        ("quantile",),
        "rank",
        "another quantile of follow-up: q=0.25 has a quarter below it",
        ("column=time; q=0.25", "15.5"),
    ),
    "median_survival": Statistic(
        on_curves.middle_time,
        NO,
        TIMED | {"since"},
        ("median",),
        "middle",
        "median survival time, perhaps not reached; median= says by which rule",
        ("sex=male; median=kaplan_meier", "not reached"),
        never=True,
    ),
    "median_survival_lower": of_quantile(False, True, "18"),
    "median_survival_upper": of_quantile(True, True, "not reached"),
    "quantile_survival": curve(
        on_curves.quantile_time,
        "when a share has died (Kaplan-Meier): q=0.25 where survival falls to 75%",
        ("q=0.25; median=kaplan_meier", "18"),
        required=QUARTER,
    ),
    "quantile_survival_lower": of_quantile(False, False, "13"),
    "quantile_survival_upper": of_quantile(True, False, "not reached"),
    "reverse_median": curve(
        on_curves.reverse_median,
        "median follow-up by the reverse Kaplan-Meier method",
        ("reverse_ties=at_risk", "45"),
        ("median", "reverse_ties"),
    ),
    "mean_survival": mean(
        on_curves.area,
        "Kaplan-Meier mean: to the largest time, or to=36 (restricted mean)",
        ("mean_to=largest", "52.6"),
        ("mean_to",),
    ),
    "mean_survival_error": mean(
        on_curves.area_error,
        "its standard error",
        ("mean_to=largest; mean_error=greenwood", "19.8"),
        ("mean_to", "mean_error"),
    ),
    "patient": Statistic(
        computing.patient,
        frozenset({"id"}),
        TIMED,
        kind="patient",
        says="one patient, whole or in part; other ids are other patients",
        example=("id=3; time=7; event=True; sex=male", ""),
    ),
    "paired_p": Statistic(computing.paired_p, COLUMN | {"minus"}, ROWS, ("paired_test",), most=1),
}


def of_kind(*kinds: str) -> tuple[str, ...]:
    """The names of the statistics of some kinds, in the registry's order."""
    return tuple(name for name, statistic in REGISTRY.items() if statistic.kind in kinds)


COUNTS = of_kind("count")
DASHES = of_kind("dash")  # what a dash in place of a rate may say
RATES = of_kind("rate", "state", "dash")  # of a group at a landmark
TESTS = of_kind("test")
TIMES = of_kind("sum", "rank", "middle", "curve")  # in the survival search of follow-up
RANKS = of_kind("rank")
PATIENTS = of_kind("patient")
AT_RISK = "at_risk"  # of a state at a landmark, and of who ended at that very time
SQUARES = ("sd", "mean_survival_error")  # of the times, not linear
P_VALUES = tuple(name for name in TESTS if REGISTRY[name].most == 1)

ARGUMENTS = frozenset().union(*(s.required | s.optional for s in REGISTRY.values()))
NUMBERS = ("at", "q", "scale", "numerator", "denominator", "level", "to")  # that hold a number
COLUMNS = ("column", "since", "minus", "relative", "time_column", "event_column", "multiple", "by")


def takes(statistic: str) -> frozenset[str]:
    """The arguments that a statistic may be given, apart from switches."""
    return REGISTRY[statistic].required | REGISTRY[statistic].optional


def switches_of(statistic: str) -> tuple[str, ...]:
    """The switches that a line of a statistic may set for itself."""
    own = REGISTRY[statistic]
    rounded = () if own.kind in ("dash", "patient") else ("halves",)
    return (*own.switches, *own.named, *rounded)


def switched(statistic: str, options: Iterable[tuple[str, str]]) -> tuple[tuple, tuple]:
    """A line's options, parted into those of the statistic and those that set a switch."""
    names = switches_of(statistic)
    own = tuple(o for o in options if o[0] not in names)
    return own, tuple(o for o in options if o[0] in names)


def is_switch(name: str, value: str) -> bool:
    """Does `name=value` in a line set a switch?"""
    return value in NAMED.get(name, ())


def quantile_of(row: Row) -> Fraction | None:
    """Which quantile of its values a row prints; None where it is no rank."""
    statistic = REGISTRY[row.statistic]
    if statistic.kind != "rank":
        return None
    own = statistic.quantile
    return Fraction(dict(row.options)["q"]) if own is None else own


def options_of(row: Row, tables: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Every option of each switch that a number depends on, as (switch, option).

    A percentage may be of related rows of each of some `tables`.
    """
    statistic = REGISTRY[row.statistic]
    names = [*statistic.switches, *["halves"] * (row.relation == "rounds to")]
    found = [(name, option) for name in names for option in CONVENTIONS[name]]
    others = [name for name in tables if name != table_of(row)] if row.statistic in SHARED else []
    return found + [(SHARE, name) for name in others if "of" not in dict(row.options)]
