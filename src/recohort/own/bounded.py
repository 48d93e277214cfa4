"""A search in a process of its own, which ends when time or memory does: what was known by then."""

import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from time import monotonic

from recohort.survival.found import Bounds, find
from recohort.survival.known import Found
from recohort.survival.problem import Problem

try:
    import resource
except ImportError:  # Windows has none
    resource = None

INTERRUPTED = "an interruption"
Told = Callable[[str, int, int, Found], None]


def find_within(
    problem: Problem,
    seconds: float | None = None,
    megabytes: int | None = None,
    tell: Told = lambda *_: None,
    bounds: Bounds | None = None,
) -> Found:
    """What `find` finds in so many seconds and so much memory; None sets no bound.

    `tell` is called now and then with the stage, how much of it is done, of how much, and what is
    known by then. Where a bound, or an interruption, ends the search, the last of that is
    returned; its `stopped` says why. Memory is bounded where the system can (Linux).
    """
    context = get_context("fork") if sys.platform == "linux" else get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    work = context.Process(target=_work, args=(sender, problem, bounds, megabytes), daemon=True)
    work.start()
    sender.close()
    known = [Found("open", [], 0, None, None, [], problem)]
    try:
        return _listen(receiver, None if seconds is None else monotonic() + seconds, tell, known)
    except TimeoutError:
        stopped = f"{seconds:g} s"
    except EOFError:  # the process is gone without a last word
        stopped = f"{megabytes} MB" if megabytes else "the memory there is"
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    finally:
        work.kill()
        work.join()
        receiver.close()
    return known[-1]._replace(stopped=stopped)


def _listen(receiver, until, tell, known):
    """What the search found; on the way, all that it tells is kept in `known`."""
    while True:
        if not receiver.poll(None if until is None else max(0, until - monotonic())):
            raise TimeoutError
        word, *rest = receiver.recv()
        if word == "found":
            return rest[0]
        if word == "failed":
            raise rest[0]
        known[:] = rest[-1:]
        tell(*rest)


def _work(sender, problem, bounds, megabytes):
    """The search itself; an interruption is the parent's to deal with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if megabytes is not None and resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20, resource.RLIM_INFINITY))
    try:
        sender.send(("found", find(problem, bounds, lambda *told: sender.send(("told", *told)))))
    except MemoryError:
        pass
    except Exception as error:
        sender.send(("failed", error))
