"""Work that ends after so many seconds, or where it wants more memory than it is given."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

try:
    import resource
except ImportError:  # Windows has none
    resource = None


class EffortError(Exception):
    """The effort given to some work is spent; the text says which."""


@contextmanager
def within(
    seconds: float | None = None, megabytes: int | None = None, work: bool = False
) -> Iterator[None]:
    """Raise EffortError in the block once so many seconds are over or so much memory is taken.

    None sets no bound; `work` counts seconds of the processor, however busy the machine is. Time is
    asked again each second, should a callback swallow it. Where the system has no such bounds, or
    outside of the main thread, the block runs to its end.
    """
    with _memory(megabytes), _time(seconds, work):
        try:
            yield
        except MemoryError:
            raise EffortError(f"{megabytes} MB" if megabytes else "the memory there is") from None


@contextmanager
def _time(seconds, work):
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not able:
        yield
        return

    def stop(*_):
        raise EffortError(f"{seconds:g} s")

    timer = signal.ITIMER_PROF if work else signal.ITIMER_REAL
    sign = signal.SIGPROF if work else signal.SIGALRM
    before = signal.signal(sign, stop)
    signal.setitimer(timer, max(seconds, 0.01), 1)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(sign, before)


@contextmanager
def _memory(megabytes):
    if megabytes is None or resource is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
