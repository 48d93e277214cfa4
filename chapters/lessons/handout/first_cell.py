"""The first cell of each notebook that is handed out."""

# In the book's folder the lessons' helper is there. Anywhere else it comes from
# thirteen.zip, which lies beside this notebook or one folder up.
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

if find_spec("thirteen") is None:
    places = [Path(place) for place in ("thirteen.zip", "../thirteen.zip")]
    found = [place for place in places if place.exists()]
    assert found, (
        "Put thirteen.zip, from the handout, beside this notebook, and run the cell again."
    )
    ZipFile(found[0]).extractall("thirteen_helper")
    sys.path.insert(0, "thirteen_helper/src")
    needed = "lifelines statsmodels matplotlib seaborn scipy jinja2 IPython".split()
    missing = [name for name in needed if find_spec(name) is None]
    if missing:  # only now is the network needed
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing], check=True)
