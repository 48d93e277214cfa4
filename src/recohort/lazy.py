"""Names that a package offers, each imported from its module when it is first asked for."""

from collections.abc import Callable
from importlib import import_module


def offer(package: str, homes: dict[str, str]) -> tuple[list[str], Callable, Callable]:
    """`__all__`, `__getattr__` and `__dir__` of a package; `homes` has by module its names."""
    home = {name: module for module, names in homes.items() for name in names.split()}

    def load(name: str) -> object:
        """Load an offered name; AttributeError for any other."""
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(home[name]), name)

    names = sorted(home)
    return names, load, lambda: names
