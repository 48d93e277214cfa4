"""Thirteen Patients: a cohort rebuilt from printed numbers, and the paper recomputed."""

from recohort.audit.ledger import ledger
from recohort.paper.estimates import (
    at_risk_table,
    cox,
    kaplan_meier,
    log_rank,
    median_survival,
    survival_at,
)
from recohort.survival import search_cohorts
from thirteen.data import (
    NOTICE,
    read_data,
    read_patients,
    read_survival,
    read_table,
    read_tables,
    run,
)

__all__ = [
    "NOTICE",
    "at_risk_table",
    "cox",
    "kaplan_meier",
    "ledger",
    "log_rank",
    "median_survival",
    "read_data",
    "read_patients",
    "read_survival",
    "read_table",
    "read_tables",
    "run",
    "search_cohorts",
    "survival_at",
]
