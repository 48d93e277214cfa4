"""Limits of a Kaplan-Meier rate from Greenwood's sum, by the formulas in use.

`greenwood` is the sum of d / (n (n - d)) over the deaths so far: the standard error of the rate is
the rate times its root. Checked against R's `survfit(conf.type = ...)`.
"""

import numpy as np

from recohort.paper.estimates import Z

KINDS = ("linear", "log", "log-log", "arcsine")


def survival_limits(survival, greenwood, kind: str, z: float = Z):
    """Lower and upper limits, as shares cut to 0-1; `survival` and `greenwood` alike in shape.

    `kind` is one of `KINDS`. Where nobody has died, or nobody is left, Greenwood's formula has no
    answer and the limits are the rate itself. Raises ValueError for another kind.
    """
    s, root = np.asarray(survival, float), np.sqrt(np.asarray(greenwood, float))
    inside = np.clip(s, 1e-12, 1 - 1e-12)  # the logarithms' formulas need it
    sides = z * np.array([-1.0, 1.0]).reshape(2, *[1] * s.ndim)
    if kind == "linear":
        found = s + sides * s * root
    elif kind == "log":
        found = s * np.exp(sides * root)
    elif kind == "log-log":
        found = inside ** np.exp(sides * root / np.log(inside))
    elif kind == "arcsine":
        half = 0.5 * root * np.sqrt(inside / (1 - inside))
        angle = np.arcsin(np.sqrt(inside)) + sides * half
        found = np.sin(np.clip(angle, 0, np.pi / 2)) ** 2
    else:
        raise ValueError(f"survival_limits: kind={kind!r}, expected one of {', '.join(KINDS)}")
    lower, upper = np.where((s <= 0) | (s >= 1), s, np.clip(found, 0, 1))
    return lower, upper
