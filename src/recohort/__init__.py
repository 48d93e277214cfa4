"""The engine: a small paper's published numbers in, every consistent cohort out.

The names in `__all__` are the whole public face. Each is loaded when it is first asked for, so
that importing the package costs nothing.
"""

from recohort.lazy import offer

NOTICE = "A cohort consistent with the printed numbers, not patient records."

HOMES = {
    "recohort.audit.ledger": "ledger",
    "recohort.check": "faults",
    "recohort.digests": "unlike_command",
    "recohort.folder": "read_data read_tables",
    "recohort.own.search": "first_cohort search_own solutions_frame",
    "recohort.own.answer": "verdict",
    "recohort.paper.files": "PublishedError",
    "recohort.paper.short_file": "read_own",
    "recohort.stages": "run_stages",
    "recohort.survival": "search_cohorts",
}
__all__, __getattr__, __dir__ = offer(__name__, HOMES)
