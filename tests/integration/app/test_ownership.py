"""`model register`, `transfer` and `royalty` on the embedded chain of one workspace."""

from collections.abc import Iterator

import pytest
from tests.integration.app.desk import Desk, desk
from tests.unit.app.program import Program

from diptych.ledger.account import LocalAccount

OTHER = LocalAccount(b"\x07" * 32).address


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("ownership")) as made:
        yield made


@pytest.fixture
def book(
    shared: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Program:
    return Program(shared.folder, dict(shared.environ), capsys, monkeypatch)


def fresh(book: Program, name: str, versions: int = 1) -> None:
    """Seal some versions of a file."""
    for number in range(versions):
        (book.folder / name).write_text(f"{name} {number}\n")
        book.ok("seal", name)


def one(book: Program, *words: str) -> dict[str, object]:
    """Run `model register` for one asset."""
    found: list[dict[str, object]] = book.ok("model", "register", *words)["assets"]
    (asset,) = found
    return asset


def test_all_versions_are_registered_once(book: Program) -> None:
    fresh(book, "a.csv", versions=3)
    first = one(book, "a.csv")
    assert (first["kind"], first["versions"]) == ("dataset", 3)
    assert first["gas_used"] != 0
    assert first["owner"] == first["receiver"]
    again = one(book, "a.csv")
    assert again == {**first, "gas_used": 0}
    assert "nothing to send" in book("model", "register", "a.csv").out
    fresh(book, "a.csv")
    assert one(book, "a.csv")["versions"] == 4


def test_a_changed_licence_goes_on_chain(book: Program) -> None:
    fresh(book, "b.csv")
    assert one(book, "b.csv")["versions"] == 1
    book.ok("data", "license", "set", "b.csv", "CC-BY-4.0")
    assert one(book, "b.csv")["versions"] == 2
    assert one(book, "b.csv")["gas_used"] == 0


def test_many_assets_share_transactions(book: Program) -> None:
    names = [f"many-{number}.csv" for number in range(5)]
    for name in names:
        fresh(book, name)
    assets = book.ok("model", "register", *names)["assets"]
    assert len({asset["asset"] for asset in assets}) == 5
    assert [asset["gas_used"] > 0 for asset in assets] == [True] + 4 * [False]


def test_a_royalty_is_shown_set_and_never_raised(book: Program) -> None:
    fresh(book, "c.csv")
    book.ok("model", "register", "c.csv", "--kind", "work")
    shown = book.ok("model", "royalty", "c.csv", "--kind", "work")
    assert (shown["basis_points"], shown["gas_used"]) == (250, 0)
    changed = book.ok(
        *("model", "royalty", "c.csv", "--kind", "work", "--receiver", OTHER, "--percent", "10")
    )
    assert (changed["receiver"], changed["basis_points"]) == (OTHER, 1_000)
    refused = book.refused("model", "royalty", "c.csv", "--kind", "work", "--percent", "11", code=1)
    assert refused["code"] == "Registry.NotRoyaltyReceiver"
    for percent in ("26", "-1", "1.234"):
        refused = book.refused("model", "royalty", "c.csv", "--percent", percent, code=2)
        assert refused["code"] == "Ownership.BadRoyalty"


def test_a_transfer_changes_the_owner_once(book: Program) -> None:
    fresh(book, "d.csv")
    mine = one(book, "d.csv")
    given = book.ok("model", "transfer", "d.csv", OTHER)
    assert (given["owner"], given["receiver"]) == (OTHER, mine["owner"])
    assert book.ok("model", "transfer", "d.csv", OTHER)["gas_used"] == 0
    fresh(book, "d.csv", versions=2)
    assert book.refused("model", "register", "d.csv", code=1)["code"] == "Registry.NotAuthorized"
    assert book.refused("model", "transfer", "d.csv", str(mine["owner"]), code=1)["code"] == (
        "Registry.ERC721InsufficientApproval"
    )


def test_what_is_not_registered_is_named(book: Program) -> None:
    fresh(book, "e.csv")
    refused = book.refused("model", "transfer", "e.csv", OTHER, code=2)
    assert (refused["code"], refused["hint"]) == ("Ownership.Missing", "diptych model register REF")
    assert book.refused("model", "transfer", "e.csv", "0x12", code=2)["code"] in (
        "Ownership.Missing",
        "Account.BadAddress",
    )


def test_publishers_of_the_log_come_and_go(book: Program) -> None:
    assert book.refused("anchor", "publisher", code=1)["code"] == "Anchor.NotAnchored"
    anchored = book.ok("anchor")
    assert book.ok("anchor", "write")["new"] is False
    shown = book.ok("anchor", "publisher")
    assert (shown["log_id"], shown["publishers"]) == (anchored["log_id"], [])
    allowed = book.ok("anchor", "publisher", OTHER)
    assert (allowed["publishers"], allowed["gas_used"] > 0) == ([OTHER], True)
    assert book.ok("anchor", "publisher", OTHER)["gas_used"] == 0
    assert book.ok("anchor", "publisher", OTHER, "--forbid")["publishers"] == []
    assert book.ok("anchor", "publisher", OTHER)["publishers"] == [OTHER]
    assert book.refused("anchor", "publisher", "0x12", code=2)["code"] == "Account.BadAddress"


def test_a_log_changes_hands_in_two_steps(book: Program) -> None:
    book.ok("anchor")
    owner = book.ok("anchor", "publisher")["owner"]
    assert book.refused("anchor", "accept", code=1)["code"] == "Anchor.NotProposed"
    assert book.ok("anchor", "offer", OTHER)["owner"] == owner
    assert book.ok("anchor", "offer", OTHER)["gas_used"] == 0
    assert book.ok("anchor", "offer", owner)["gas_used"] > 0
    taken = book.ok("anchor", "accept")
    assert (taken["owner"], taken["publishers"]) == (owner, [])
    book.environ["DIPTYCH_CHAIN__LOG_OWNER"] = OTHER
    refused = book.refused("anchor", "publisher", code=1)
    assert refused["code"] == "Anchor.NotAnchored"
