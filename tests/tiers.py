"""Two tiers of tests: for every day, and the long ones, which are marked `slow`."""

import pytest


def first(count, values):
    """Parameters of which the first `count` run every day and the others with the long tests."""
    slow = [pytest.param(value, marks=pytest.mark.slow) for value in values[count:]]
    return [*values[:count], *slow]
