"""A public seal of a table says which columns look personal; it never refuses."""

import pytest
from tests.unit.app.program import Program

from diptych.models.zoo.columns.first_look import surely_personal

PEOPLE = (
    "subject,name,e-mail,birth_date,dose\n"
    "S0001,Ada Lovelace,ada@example.org,1815-12-10,1.5\n"
    "S0002,Max Planck,max@example.org,1858-04-23,2.5\n"
)
PERSONAL = ["subject", "name", "e-mail", "birth_date"]


@pytest.mark.parametrize("verb", [("seal",), ("data", "add")])
def test_a_public_table_of_people_gets_a_note(book: Program, verb: tuple[str, ...]) -> None:
    (book.folder / "t.csv").write_text(PEOPLE)
    assert book.ok(*verb, "t.csv")["personal_columns"] == PERSONAL
    (book.folder / "u.TSV").write_text(PEOPLE.replace(",", "\t"))
    ran = book(*verb, "u.TSV")
    assert ran.code == 0
    assert "looks like personal data: subject, name, e-mail, birth_date" in ran.err
    assert "data screen" not in ran.out


@pytest.mark.parametrize("verb", [("seal",), ("data", "add")])
def test_what_gets_none(book: Program, verb: tuple[str, ...]) -> None:
    (book.folder / "m.csv").write_text("sensor_id;visit;dose\nS1;1;1,5\nS2;2;2,5\n")
    (book.folder / "t.txt").write_text(PEOPLE)
    (book.folder / "empty.csv").write_text("")
    (book.folder / "raw.csv").write_bytes(b"\x00\xff\n\x00" * 99)
    for name in ("m.csv", "t.txt", "empty.csv", "raw.csv"):
        assert book.ok(*verb, name)["personal_columns"] == []
    (book.folder / "folder.csv").mkdir()
    (book.folder / "folder.csv" / "t.csv").write_text(PEOPLE)
    assert book.ok(*verb, "folder.csv")["personal_columns"] == []


def test_a_private_seal_says_nothing(book: Program) -> None:
    (book.folder / "t.csv").write_text(PEOPLE)
    ran = book("seal", "t.csv", "--private")
    assert (ran.code, "personal" in ran.err) == (0, False)
    added = book.ok("data", "add", "t.csv", "--private", "--name", "trial")
    assert added["personal_columns"] == []


def test_many_columns_are_counted(book: Program) -> None:
    head = ",".join(f"email {place}" for place in range(12))
    (book.folder / "t.csv").write_text(f"{head}\n{','.join(['a@example.org'] * 12)}\n")
    assert "email 7 and 4 more" in book("seal", "t.csv").err


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        *(("hotel", "Ritz"), ("file_name", "a.txt"), ("gene_name", "BRCA1"), ("notes", "none yet")),
        *(("economy", "3"), ("ip_address", "none"), ("birthplace", "Rome"), ("sex", "F")),
        *(("birth_weight", "3200"), ("name", "aspirin"), ("date", "2020-01-01")),
    ],
)
def test_no_alarm_by_half_a_word(header: str, cell: str) -> None:
    assert not surely_personal(header, [cell, cell + "1"])


@pytest.mark.parametrize("header", ["Phone", "lastName", "street", "patient_name", "passport_no"])
def test_whole_words_tell(header: str) -> None:
    assert surely_personal(header, ["abc", "def"])
