"""A search in a process of its own: bounds that hold, and what is known when they end it."""

import os
import signal
import time
from threading import Timer

import numpy as np
import pytest

from recohort.own import search
from recohort.own.search import INTERRUPTED, find_within
from recohort.survival.found import find
from test_walk import Paper, problem

QUICK = problem(Paper(3).rows)


def swallowing(megabytes):
    """A search that says one thing and takes so much memory."""

    def search(asked, _bounds, tell):
        known = find(asked)
        tell("solutions", 1, 2, known._replace(status="bounded"))
        taken = [np.empty(2**17) for _ in range(megabytes)]
        return known._replace(least=len(taken))

    return search


def endless(asked, _bounds, tell):
    """A search that says one thing and never ends."""
    tell("solutions", 1, 2, find(asked)._replace(status="bounded"))
    while True:
        time.sleep(0.01)


def broken(*_):
    """A search with a fault in it."""
    raise ValueError("a fault")


def test_within_bounds_all_is_found():
    """The very answer of a search without a process; times of stages aside."""
    own = find_within(QUICK, seconds=60, megabytes=2000)
    assert own._replace(stages=[]) == find(QUICK)._replace(stages=[])


def test_time_ends_a_search(monkeypatch):
    """With what was known by then; the process is gone."""
    monkeypatch.setattr(search, "find", endless)
    told, start = [], time.monotonic()
    found = find_within(QUICK, seconds=0.5, tell=lambda *some: told.append(some[:3]))
    assert time.monotonic() - start < 5
    assert (found.status, found.stopped) == ("bounded", "0.5 s were spent")
    assert told == [("solutions", 1, 2)]


def test_memory_ends_a_search(monkeypatch):
    """Twice the memory is refused, and enough is not."""
    monkeypatch.setattr(search, "find", swallowing(1500))
    assert find_within(QUICK, megabytes=1000).stopped == "1000 MB were spent"
    assert find_within(QUICK, megabytes=1000).status == "bounded"
    assert find_within(QUICK, megabytes=4000).least == 1500


def test_a_lost_process_is_no_answer(monkeypatch):
    """A library that aborts takes its own process with it, not what was known."""

    def aborts(asked, _bounds, tell):
        tell("solutions", 1, 2, find(asked)._replace(status="bounded"))
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(search, "find", aborts)
    found = find_within(QUICK)
    assert (found.status, found.stopped) == ("bounded", "all memory was spent")


def test_an_interruption_says_what_is_known(monkeypatch):
    """Ctrl-C ends the search, not the answer; it comes when the search is at work."""

    def interrupted(asked, bounds, tell):
        def told(*some):
            tell(*some)
            Timer(0.2, os.kill, (os.getppid(), signal.SIGINT)).start()

        endless(asked, bounds, told)

    monkeypatch.setattr(search, "find", interrupted)
    found = find_within(QUICK)
    assert (found.status, found.stopped) == ("bounded", INTERRUPTED)


def test_a_fault_is_raised_where_it_was_asked_for(monkeypatch):
    """Not swallowed as a bound."""
    monkeypatch.setattr(search, "find", broken)
    with pytest.raises(ValueError, match="a fault"):
        find_within(QUICK)
