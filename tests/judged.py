"""Whole cohorts judged by the registry: which facts and rules do some tables not print or keep?"""

from fractions import Fraction

from recohort.folder import rows_as_formed
from recohort.paper.printed import printed_by as holds
from recohort.paper.printed import without_facts
from recohort.paper.reading import columns_of
from recohort.paper.rounding import prints_as, round_to
from recohort.paper.rules import rule_groups
from recohort.paper.statistics import DASHES, REGISTRY
from thirteen.data import DATA, read_data, read_table

PUBLISHED, STATEMENTS, CONVENTIONS = read_data()
GIVEN = read_table("corrections").astype(str)


def facts_given_up(correction, reading):
    """The corrections that a witness stands under: its own of the tumors, else the edition's.

    `reading` is the number of that of the intervals, any of which may do.
    """
    own = {"tumors": correction, "diagnosis_interval": reading}
    return GIVEN[GIVEN["correction"] == GIVEN["block"].map(own).fillna("1")]


READINGS = GIVEN.loc[GIVEN["block"] == "diagnosis_interval", "correction"].tolist()


def judged(correction, reading):
    """The rows that a witness has to print."""
    rows = list({r[1:]: r for r in rows_as_formed(PUBLISHED, STATEMENTS, DATA)}.values())
    rows = [r for r in rows if r.statistic not in DASHES]
    return without_facts(rows, facts_given_up(correction, reading))


def printed_by(row, tables):
    """Does the registry find a row printed? P values are rounded to three decimals first."""
    if row.statistic == "p_value" and row.relation == "rounds to":
        value = REGISTRY["p_value"].compute(tables, row, CONVENTIONS)
        return prints_as(Fraction(round_to(value, 3)), row.printed)
    return holds(row, tables, CONVENTIONS)


def not_printed(tables, correction, touched=None):
    """Under each reading, the facts that some tables do not print, by the registry.

    Of facts about the columns `touched` where these are given. Readings share most of their rows,
    and each row is asked once.
    """
    readings = [
        [row for row in judged(correction, r) if touched is None or touched & columns_of(row)]
        for r in READINGS
    ]
    asked = {row for rows in readings for row in rows}
    failed = {row for row in asked if not printed_by(row, tables)}
    return [{row.fact for row in rows if row in failed} for rows in readings]


EVERY_RULE = [rule for group in rule_groups(DATA) for rule in group]
CALENDAR = "until_april_2012 where modality=radiofrequency"  # says the same as two sentences


def broken(tables, correction):
    """The rules of the files that some tables break, but for the one that says what was given up.

    `correction` is that of the tumors.
    """
    given = facts_given_up(correction, "1")["fact"]
    excused = {CALENDAR} if given.str.startswith("statement.calendar.").any() else set()
    texts = [rule.text for rule in EVERY_RULE if not rule.holds(tables).all()]
    return set(texts) - excused
