"""Kernels that start with their libraries imported: forks of one process that imported them.

Run as a script, this is that process: it reads lines of a connection file and a folder, forks a
kernel for each and answers with its process number. `WarmKernels` is the other end.
"""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from jupyter_client import AsyncKernelManager

LIBRARIES = (
    *("ipykernel.ipkernel", "matplotlib.pyplot", "lifelines", "myst_nb", "scipy.stats"),
    *("statsmodels.duration.api", "thirteen", "thirteen.text", "thirteen.figures"),
)


class Forked(AsyncKernelManager):
    """A kernel that someone else started, known by its process number."""

    has_kernel = True
    pid = 0
    known = None

    def client(self, **settings):
        """Remember the client, which whoever lent the kernel has to close."""
        self.known = super().client(**settings)
        return self.known

    async def _async_is_alive(self):
        """Tell whether the process is there, so that nobody waits for a dead one."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return True
        return False

    is_alive = _async_is_alive  # clients ask for the first, others for the second


class WarmKernels:
    """A process to fork from, for as long as the block lasts."""

    def __init__(self, libraries=LIBRARIES):
        """Remember what the process is to import."""
        self.libraries = libraries

    def __enter__(self):
        """Start the process; its imports take their time while the first kernel is asked for."""
        self.lock, self.folder, self.started = Lock(), TemporaryDirectory(), 0
        command = [sys.executable, __file__, *self.libraries]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, bufsize=1, **pipes)
        return self

    def __exit__(self, *_):
        """Let the process end, which it does when nothing more can come."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    @contextmanager
    def kernel(self, folder):
        """Manage one kernel that works in `folder`; it ends with the block."""
        with self.lock:
            self.started += 1
            # Sockets that are files: ports that two kernels choose at one moment can be the same.
            name = str(Path(self.folder.name) / f"kernel{self.started}")
            manager = Forked(owns_kernel=False, transport="ipc", ip=name)
            manager.connection_file = f"{name}.json"
            manager.write_connection_file()
            print(manager.connection_file, folder, sep="\t", file=self.process.stdin)
            manager.pid = int(self.process.stdout.readline())
        try:
            yield manager
        finally:
            with suppress(ProcessLookupError):
                os.kill(manager.pid, signal.SIGKILL)
            if manager.known:
                manager.known.stop_channels()


def serve(libraries):
    """Import the libraries, then fork a kernel for each line that comes in."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads is not to be forked
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # a kernel ends when this process does
    for name in libraries:
        with suppress(Exception):  # the page that needs it will say what is wrong
            import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        connection_file, folder = line.rstrip("\n").split("\t")
        pid = os.fork()
        if not pid:
            run_kernel(connection_file, folder)
        print(pid, flush=True)


def run_kernel(connection_file, folder):
    """Become the kernel: what `python -m ipykernel_launcher -f connection_file` would be."""
    from ipykernel.kernelapp import IPKernelApp

    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)  # the answers of the process that was forked are not this one's
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(folder)
    IPKernelApp.launch_instance(["-f", connection_file])
    os._exit(0)


if __name__ == "__main__":
    del sys.path[0]  # this folder, which no page is to import from
    serve(sys.argv[1:])
