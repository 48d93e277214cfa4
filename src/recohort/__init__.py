"""The engine: a small paper's published numbers in, every consistent cohort out.

The names in `__all__` are the whole public face. Each is loaded when it is first asked for, so
that importing the package costs nothing.
"""

from importlib import import_module

_HOMES = {
    "PublishedError": "recohort.paper.faults",
    "faults": "recohort.check",
    "first_cohort": "recohort.own_paper",
    "ledger": "recohort.audit.ledger",
    "read_data": "recohort.folder",
    "read_own": "recohort.paper.short_file",
    "read_tables": "recohort.folder",
    "run_stages": "recohort.resume",
    "search_cohorts": "recohort.survival",
    "search_own": "recohort.own_paper",
    "solutions_frame": "recohort.own_paper",
    "unlike_command": "recohort.digests",
    "verdict": "recohort.own_paper",
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
