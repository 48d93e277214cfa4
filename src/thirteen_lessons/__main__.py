"""What a class takes home, from a terminal: `python -m thirteen_lessons`."""

import argparse
import sys
from pathlib import Path

from thirteen.data import DATA
from thirteen_lessons.handout import pages_with_figures, write_figures, write_handout

HANDOUT = DATA.parent / "_build" / "handout"


def main(arguments=None) -> int:
    """Write the lessons as notebooks, and all figures as PNG and SVG; returns the exit status."""
    parser = argparse.ArgumentParser(prog="thirteen_lessons", description=__doc__)
    parser.add_argument("--out", default=HANDOUT, help="folder to write to")
    out = Path(parser.parse_args(arguments).out)
    archive = write_handout(out)
    print(f"The handout (notebooks, R scripts, data, a sheet) in {out}, in one file: {archive}.")
    print(
        f"{len(write_figures(out / 'figures', pages_with_figures()))} figures in {out / 'figures'}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
