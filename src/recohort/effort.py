"""Work that ends after so many seconds."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class EffortError(Exception):
    """The effort given to some work is spent."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """EffortError after so many seconds of this process's work, however busy the machine is.

    Only a process's first thread can be stopped so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise EffortError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
