"""Execute the pages that are not in the cache before Sphinx reads them, several at once.

MyST-NB executes each page when Sphinx comes to read it, one after another. Most of a page's time
is a kernel that starts and imports libraries, so a machine with two processors is half idle. Here
the same pages go through the same executor into the same cache, side by side; reading then finds
them there. A page that fails is not put into the cache: MyST-NB meets it again and reports it.
"""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging
from warm import WarmKernels

log = logging.getLogger(__name__)


def read_page(env, docname):
    """Read a page as MyST-NB will; None for a page without cells."""
    path = env.doc2path(docname)
    text = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    return reader and reader.read(text)


def is_cached(cache, notebook):
    """Tell whether the outputs of these cells are there."""
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def execute(path, notebook, config, kernels=None):
    """Execute one page in its own folder, as MyST-NB does; the outputs go into `notebook`.

    Into a kernel that is warm already where there are `kernels` to fork.
    """
    folder = str(Path(path).parent)
    settings = {"allow_errors": config.execution_allow_errors, "timeout": config.execution_timeout}
    if kernels is None:
        return single_nb_execution(notebook, cwd=folder, **settings)
    with kernels.kernel(folder) as manager:
        return single_nb_execution(notebook, cwd=folder, km=manager, **settings)


def join_streams(outputs):
    """Make one of what a cell prints in a row: the kernel cuts it where its clock happens to."""
    joined = []
    for output in outputs:
        if joined and output.get("name") and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def settle(notebook):
    """Take out, in place, what differs from run to run: no build would equal another.

    pandas names each table that it styles at random; here they are numbered. Objects without
    words of their own are printed with their address in memory.
    """
    known = {}
    for cell in notebook.cells:
        if "outputs" in cell:
            cell["outputs"] = join_streams(cell["outputs"])
        for output in cell.get("outputs", ()):
            for kind in {"text/html", "text/plain"} & output.get("data", {}).keys():
                text = re.sub(r" at 0x[0-9a-f]+(?=>)", "", output["data"][kind])
                output["data"][kind] = re.sub(
                    r"\bT_[0-9a-f]{5}",
                    lambda name: known.setdefault(name[0], f"T_{len(known) + 1}"),
                    text,
                )


def warm_kernels(pages):
    """Forks of one process that has imported the libraries; None where that does not pay.

    Only on Linux: elsewhere a fork of a process with these libraries is not safe.
    """
    return WarmKernels() if pages > 2 and sys.platform == "linux" else nullcontext()


def execute_pages(app, env, docnames):
    """Fill the cache with the pages about to be read.

    Threads are enough, the work is in the kernels; and within one process the ports of kernels
    that start at the same moment do not collide.
    """
    config = env.mystnb_config
    if config.execution_mode != "cache":
        return
    cache = get_cache(config.execution_cache_path)
    pages = {env.doc2path(docname): read_page(env, docname) for docname in docnames}
    missing = {path: page for path, page in pages.items() if page and not is_cached(cache, page)}
    with warm_kernels(len(missing)) as kernels, ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {
            pool.submit(execute, path, page, config, kernels): path
            for path, page in missing.items()
        }
        for done in as_completed(running):
            path, result = running[done], done.result()
            name = Path(path).relative_to(app.srcdir)
            if result.err is None:
                log.info("executed %s in %.1f s", name, result.time)
                settle(result.nb)
                entry = CacheBundleIn(result.nb, path, data={"execution_seconds": result.time})
                cache.cache_notebook_bundle(entry, check_validity=False, overwrite=True)
            else:
                log.info("executed %s: failed", name)
