"""A cohort's Kaplan-Meier curve as a drawing in a page, in the page's own colors."""

import numpy as np
import pandas as pd

from recohort.paper.estimates import kaplan_meier

WIDTH, HEIGHT, LEFT, TOP = 640, 260, 44, 14  # pixels; the margins left and above
MARKS = 8  # times on the axis, at the most


def marks_for(cohort: pd.DataFrame, landmarks: tuple) -> list[float]:
    """The times on the axis: zero and the landmarks, or as many as there is room for."""
    last = float(cohort["time"].max())
    marks = [0.0, *map(float, landmarks)] if landmarks else [0.0, last / 2, last]
    return marks[:: -(-len(marks) // MARKS)]


def curve(cohort: pd.DataFrame, marks: list[float]) -> str:
    """The curve as SVG: a step a death, a tick a censored patient; survival in percent."""
    end = max([float(cohort["time"].max()), *marks]) or 1.0

    def at(time: float, survival: float) -> tuple[float, float]:
        return LEFT + time / end * (WIDTH - 2 * LEFT), TOP + (1 - survival) * (HEIGHT - 4 * TOP)

    table = kaplan_meier(cohort)
    times, rates = table["time"].to_numpy(), table["survival"].to_numpy()
    lost = cohort.loc[~cohort["event"].astype(bool), "time"].to_numpy()
    then = rates[np.searchsorted(times, lost, side="right") - 1]
    steps = "".join(
        f"H{x:.1f}V{y:.1f}" for x, y in (at(t, s) for t, s in zip(times, rates, strict=True))
    )
    start, floor = at(0, 1), at(0, 0)
    parts = [f'<path d="M{start[0]:.1f} {start[1]:.1f}{steps}"/>']
    parts += [f'<path d="M{floor[0]:.1f} {start[1]:.1f}V{floor[1]:.1f}H{at(end, 0)[0]:.1f}"/>']
    for x, y in (at(t, s) for t, s in zip(lost, then, strict=True)):
        parts.append(f'<path d="M{x:.1f} {y - 5:.1f}v10"/>')
    for mark in marks:
        x, y = at(mark, 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{mark:g}</text>')
    for share in (0, 0.5, 1):
        x, y = at(0, share)
        parts.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    label = "Kaplan-Meier curve; each death, and each patient no longer followed, in the table"
    return f'<svg {size} role="img" aria-label="{label}">{"".join(parts)}</svg>'
