"""Work in a process of its own, which ends when time or memory does: what was known by then."""

import signal
import sys
from collections.abc import Callable
from functools import partial
from math import inf
from multiprocessing import get_context
from time import monotonic

from recohort.survival.found import Bounds, find
from recohort.survival.known import Found, Told
from recohort.survival.problem import Problem

try:
    import resource
except ImportError:  # Windows has none
    resource = None

INTERRUPTED = "it was interrupted"


def quiet(*_: object) -> None:
    """Say nothing."""


def find_within(
    problem: Problem,
    seconds: float = inf,
    megabytes: int | None = None,
    tell: Told = quiet,
    bounds: Bounds | None = None,
) -> Found:
    """What `find` finds in so many seconds and so much memory (None: no bound).

    `tell` is called now and then with the stage, how much of it is done, of how much, and what is
    known by then. Where a bound, or an interruption, ends the search, the last of that is
    returned; its `stopped` says why.
    """
    known = [Found("open", [], 0, None, None, [], problem)]

    def keep(*told):
        known[0] = told[-1]
        tell(*told)

    found, stopped = ended(partial(find, problem, bounds), seconds, megabytes, keep)
    return known[0]._replace(stopped=stopped) if stopped else found


def ended(
    work: Callable[[Callable], object],
    seconds: float = inf,
    megabytes: int | None = None,
    tell: Callable = quiet,
) -> tuple:
    """What `work(tell)` returns, with no word; or None, and the word that says what ended it.

    Memory is bounded where the system can (Linux). What the work raises is raised here.
    """
    process, receiver = _started(work, megabytes)
    until = monotonic() + seconds
    try:
        while receiver.poll(None if until == inf else max(0, until - monotonic())):
            word, *rest = receiver.recv()
            if word == "done":
                return rest[0], ""
            if word == "failed":
                raise rest[0]
            tell(*rest)
        return None, f"{round(seconds, 1):g} s were spent"
    except EOFError:  # the process is gone without a last word
        return None, f"{megabytes} MB were spent" if megabytes else "all memory was spent"
    except KeyboardInterrupt:
        return None, INTERRUPTED
    finally:
        process.kill()
        process.join()
        receiver.close()


def _started(work, megabytes):
    """A process that does some work, and the pipe through which it speaks."""
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, work, megabytes), daemon=True)
    process.start()
    sender.close()
    return process, receiver


def _work(sender, work, megabytes):
    """The work itself; an interruption is the parent's to deal with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if megabytes is not None and resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20, resource.RLIM_INFINITY))
    try:
        sender.send(("done", work(lambda *told: sender.send(("told", *told)))))
    except MemoryError:
        pass
    except Exception as error:
        sender.send(("failed", error))
