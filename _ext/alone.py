"""Run a command while nobody else builds: two builds at once would leave a site half finished.

    python _ext/alone.py SITE COMMAND...

Waits for another build of SITE to end, removes what it left, and becomes the command. The lock is
the system's: it ends with the process that holds it, however that ends.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path


def hold(site):
    """Take the lock beside the site, waiting for whoever has it; the commands run with it."""
    site.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(site.with_name(f".{site.name}.lock"), os.O_CREAT | os.O_RDWR)
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another build is at work here; this one waits for it to end.", file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)


def run(site, command):
    """Become the command, once it may begin, with no site left over."""
    hold(Path(site))
    shutil.rmtree(site, ignore_errors=True)
    os.execv(command[0], command)


if __name__ == "__main__":
    try:
        run(sys.argv[1], sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit("Interrupted while waiting for another build; nothing was built.")
