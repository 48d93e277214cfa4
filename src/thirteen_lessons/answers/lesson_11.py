"""Lesson 11: reading a paper critically."""

import numpy as np
from scipy.stats import norm

from recohort.paper.reading import number_of
from thirteen.data import read_data
from thirteen.text import number
from thirteen_lessons.reading import page_of_slips

CELL = "table3.metastases.six_or_more"
RATIO = "results.hazard_ratio.nsclc"


def answers(_patients) -> dict:
    """By exercise, from the paper's printed numbers."""
    published = read_data()[0]
    value = published.set_index("id")["printed"].map(number_of)
    return {
        "11.2": _smallest_n(value),
        "11.3": _p_value(*(float(value[f"{RATIO}{end}"]) for end in ("", ".lower", ".upper"))),
        "11.4": _page(page_of_slips(published)),
    }


def _smallest_n(value):
    cell = value[f"{CELL}.percent"]
    shares = {n: 100 * np.arange(n + 1) / n for n in range(1, 200)}
    fits = [n for n, all_of in shares.items() if cell in map(number, all_of)]
    near = [n for n, all_of in shares.items() if round(float(cell)) in np.round(all_of)]
    return {
        "right": fits[0],
        "second": fits[1],
        "group": int(value["table3.n"]),
        "near": near[0],
        "count": int(value[f"{CELL}.n"]),
    }


def _p_value(ratio, lower, upper):
    edge = norm.isf(0.025)
    z = np.log(ratio) / np.log(upper / lower) * 2 * edge
    return {
        "right": 2 * norm.sf(z),
        "one_side": norm.sf(z),
        "z": z,
        "unlogged": 2 * norm.sf((ratio - 1) / (upper - lower) * 2 * edge),
        "one_error": 2 * norm.sf(z / 2),
    }


def _page(lines):
    same, percent = lines["unit"] == "same", lines["times"] == 100
    right = lines["rounded"] & same
    cut = lines["cut"] & same
    return {
        "right": right.tolist(),
        "arithmetic": lines["rounded"].tolist(),
        "cut": (right | (cut & percent)).tolist(),
        "both_cut": (right | cut).tolist(),
        "turned": (~right).tolist(),
    }
