"""Files as they come back from a spreadsheet, a mail or a full disk: each fault names its file."""

import csv
import re

import pytest

from made_up import made_up, write
from recohort.__main__ import main

FILES = ("published", "statements", "conventions", "dictionary", "rules")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The files of a made-up paper of eight patients, by name."""
    folder = tmp_path_factory.mktemp("sound")
    made = made_up(folder, 3, 8)
    rows = [(switch, option, switch) for switch, option in made.conventions.items()]
    write(folder / "conventions.csv", ["convention", "option", "meaning"], rows)
    rule = ("late", "patients", "event=True", "time>=0", "Who died was followed.")
    write(folder / "rules.csv", "id table if then rule".split(), [rule])
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def lines(change):
    """A change of the lines of a file."""
    return lambda content: b"\n".join(change(content.split(b"\n")))


def table(change):
    """A change of the rows of cells of a file."""

    def changed(content):
        rows = list(csv.reader(content.decode().splitlines()))
        return "\n".join(",".join(f'"{cell}"' for cell in row) for row in change(rows)).encode()

    return changed


KINDS = {
    "empty": lambda _: b"",
    "no header": lines(lambda own: own[1:]),
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "latin letters": lines(lambda own: [own[0], own[1] + b"\xe9", *own[2:]]),
    "two bytes a letter": lambda content: content.decode().encode("utf-16"),
    "zero byte": lambda content: content[:90] + b"\0" + content[90:],
    "arabic digits": lambda content: content + "\N{ARABIC-INDIC DIGIT ONE}".encode(),
    "wide digits": lambda content: content + "\N{FULLWIDTH DIGIT ONE}".encode(),
    "semicolons": lambda content: content.replace(b",", b";"),
    "tabs": lambda content: content.replace(b",", b"\t"),
    "a cell more": lines(lambda own: [own[0], own[1] + b",x", *own[2:]]),
    "a cell less": lines(lambda own: [own[0], own[1].rpartition(b",")[0], *own[2:]]),
    "a column more": table(lambda rows: [[*row, f"more{i}"] for i, row in enumerate(rows)]),
    "first column lost": table(lambda rows: [row[1:] for row in rows]),
    "a column twice": table(lambda rows: [[*row, row[0]] for row in rows]),
    "a column renamed": table(lambda rows: [["x" + rows[0][0], *rows[0][1:]], *rows[1:]]),
    "capitals": table(lambda rows: [[name.upper() for name in rows[0]], *rows[1:]]),
    "spaces": table(lambda rows: [[f" {name}" for name in rows[0]], *rows[1:]]),
    "blank line": lines(lambda own: [own[0], b"", *own[1:]]),
    "open quote": lines(lambda own: [own[0], b'"' + own[1], *own[2:]]),
    "long cell": lambda content: content + b'"' + 140_000 * b"x",
    "a web page": lambda _: b"<!DOCTYPE html><html><body>Not found</body></html>\n",
    "a pointer": lambda _: b"version https://example.org/spec\noid sha256:0\nsize 12\n",
    "bytes": lambda _: bytes(range(256)),
}


def told(folder, files, capsys):
    """Status and words of `recohort check` on a folder of these files."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return main(["check", "--data", str(folder)]), capsys.readouterr().err


def test_the_made_up_paper_is_sound(sound, tmp_path, capsys):
    """Or nothing below would mean anything."""
    assert told(tmp_path, sound, capsys) == (0, "")


@pytest.mark.parametrize("name", [f"{name}.csv" for name in FILES])
@pytest.mark.parametrize("kind", KINDS)
def test_a_corrupted_file_is_named(sound, tmp_path, capsys, kind, name):
    """In one sentence, with the row where there is one; the status is 1."""
    status, said = told(tmp_path, sound | {name: KINDS[kind](sound[name])}, capsys)
    assert status == 1
    assert re.search(rf"{name}(, row \d+|: no table of cells)", said)
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 2


@pytest.mark.parametrize("sign", ["\N{ARABIC-INDIC DIGIT ONE}", "\0"])
def test_the_row_is_that_of_the_file(sound, tmp_path, capsys, sign):
    """Counted from the header, which is row 1."""
    added = lines(lambda own: [*own[:2], own[2] + sign.encode(), *own[3:]])
    files = sound | {"published.csv": added(sound["published.csv"])}
    assert "published.csv, row 3: found the" in told(tmp_path, files, capsys)[1]


@pytest.mark.parametrize("row", [2, 4, 7])
def test_the_row_of_a_ragged_line_is_that_of_the_file(sound, tmp_path, capsys, row):
    """Near the header and far from it."""
    longer = lines(lambda own: [*own[: row - 1], own[row - 1] + b",x", *own[row:]])
    files = sound | {"published.csv": longer(sound["published.csv"])}
    assert f"published.csv, row {row}, column " in told(tmp_path, files, capsys)[1]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("table", "Z99", "rules.csv, row 2, column 'table': found 'Z99', expected one of"),
        ("if", "event is True", "rules.csv, row 2, column 'if': found 'event is True'"),
        ("then", "time>={time} or", "rules.csv, row 2, column 'then'"),
        ("then", "time>={time} - 3", "rules.csv, row 2, column 'then'"),
        ("then", "tiem>=0", "found 'patients.tiem', expected columns of dictionary.csv"),
        ("if", "organs.rows=1", "found 'organs.rows', expected columns of dictionary.csv"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_named(sound, tmp_path, capsys, column, cell, said):
    """Before anything is searched: its tables, its columns, and how it is written."""
    header, rule = csv.reader(sound["rules.csv"].decode().splitlines())
    rule[header.index(column)] = cell
    write(tmp_path / "rules.csv", header, [rule])
    files = sound | {"rules.csv": (tmp_path / "rules.csv").read_bytes()}
    status, words = told(tmp_path, files, capsys)
    assert (status, said in words) == (1, True), words


@pytest.mark.parametrize("name", [f"{name}.csv" for name in FILES if name != "rules"])
def test_a_missing_file_is_named(sound, tmp_path, capsys, name):
    """Each of the four is needed."""
    files = {other: content for other, content in sound.items() if other != name}
    status, said = told(tmp_path, files, capsys)
    assert (status, f"{name}: no such file\n" in said) == (1, True)
