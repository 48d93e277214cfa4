"""Larger papers of known truth: what the committed table says of them, and the first ones again."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from tiers import first

HERE = Path(__file__).parent
FINISHED = ("complete", "counted")
TOGETHER = 3  # papers a test


@pytest.fixture(scope="module")
def larger():
    """The command that makes the table."""
    path = HERE.parent / "benchmarks" / "larger.py"
    spec = importlib.util.spec_from_file_location("larger", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def table(larger):
    """The committed rows, by number of the paper."""
    return pd.read_csv(larger.TABLE, dtype=str, keep_default_na=False).set_index("number")


def test_no_true_paper_is_called_impossible(table):
    """The papers are honest: none is answered "none", and the truth is let through."""
    assert set(table["answer"]) <= {"found", "open"}
    assert "False" not in set(table["truth"])
    finished = table[table["status"].isin(FINISHED)]
    assert (finished["truth"] == "True").all()
    whole = finished[finished["status"] == "complete"]
    assert (whole["listed"] == "True").all()


def test_four_in_five_papers_of_up_to_13_patients_finish(larger, table):
    """All solutions listed or counted within a minute."""
    small = table[table["size"].astype(int) <= larger.SMALL]
    assert len(small) == 95
    assert small["status"].isin(FINISHED).mean() >= 0.8


@pytest.mark.parametrize("start", first(1, range(0, 12, TOGETHER)))
def test_the_first_papers_again(larger, table, start):
    """Quickly: what the search says is honest, and the same where it comes to its end."""
    for number in range(start, start + TOGETHER):
        row, told = larger.searched(number, seconds=20), table.loc[str(number)]
        assert row["answer"] != "none"
        assert row["truth"] is True
        assert row["status"] != "complete" or row["listed"] is True
        if {row["status"], told["status"]} <= {*FINISHED}:
            assert str(row["solutions"]) == told["solutions"]
        assert row["solutions"] <= (int(told["most"]) if told["most"] else float("inf"))
