"""One line on a terminal: what is done, how much of it, and how long the rest takes."""

import sys
from time import monotonic


class Progress:
    """Says how far some work is; nothing where nobody looks."""

    work, begun, said = "", 0.0, 0.0

    def __call__(self, work: str, done: float, total: float, now: str = "") -> None:
        """Say it, twice a second at the most; `now` is the part of the work that is being done."""
        clock = monotonic()
        if work != self.work:
            self.work, self.begun, self.said = work, clock, 0.0
        if sys.stderr.isatty() and clock - self.said > 0.5:
            much = f": {done:,.0f} of {total:,.0f}" if total else ""
            left = f", {(clock - self.begun) * (total - done) / done:,.0f} s left" if done else ""
            self.write(f"{work}{much}{left}{now} ")
            self.said = clock

    def write(self, text: str = "") -> None:
        """The line anew; nothing clears it."""
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
