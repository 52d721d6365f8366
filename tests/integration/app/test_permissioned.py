"""The allow-list of a log on the embedded chain: refused, allowed, anchored, removed, refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.app.desk import Desk, desk
from tests.unit.app.program import PASSPHRASE, Program

import diptych
from diptych.app.verbs.ledger import open_account
from diptych.core.secret import Secret
from diptych.ledger import devchain
from diptych.ledger.account import LocalAccount

STRANGER = LocalAccount(b"\x07" * 32).address


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("permissioned")) as made:
        yield made


@pytest.fixture
def book(
    shared: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Program:
    return Program(shared.folder, dict(shared.environ), capsys, monkeypatch)


class Accounts:
    """Two accounts of one workspace, both funded by its chain; one of them is in use."""

    def __init__(self, folder: Path) -> None:
        self._used = folder / ".diptych" / "private" / "account.json"
        self._kept = folder / "accounts"
        self._kept.mkdir()
        book = diptych.open(folder, prompt=lambda _: Secret(PASSPHRASE))
        self.addresses = {}
        for name in ("publisher", "owner"):
            self.addresses[name] = open_account(book).address
            self._used.rename(self._kept / name)
        self._now = "owner"
        (self._kept / "owner").rename(self._used)
        devchain.reset(book.place.chain, funded=list(self.addresses.values()))

    def use(self, name: str) -> None:
        """Let an account act from now on."""
        self._used.rename(self._kept / self._now)
        (self._kept / name).rename(self._used)
        self._now = name


def _seal(book: Program, number: int) -> None:
    (book.folder / "study" / "a.csv").write_text(f"{number}\n")
    book.ok("seal", "study")


def test_only_who_is_on_the_list_may_anchor(book: Program) -> None:
    accounts = Accounts(book.folder)
    owner, publisher = accounts.addresses["owner"], accounts.addresses["publisher"]
    book.ok("anchor")
    assert book.ok("anchor", "publisher")["owner"] == owner

    accounts.use("publisher")
    book.environ["DIPTYCH_CHAIN__LOG_OWNER"] = owner
    _seal(book, 1)
    assert book.refused("anchor", code=1)["code"] == "Anchor.NotPublisher"

    accounts.use("owner")
    assert book.ok("anchor", "publisher", publisher)["publishers"] == [publisher]

    accounts.use("publisher")
    assert book.ok("anchor")["new"] is True
    assert book.ok("verify", "study", "--online")["answers"]
    assert book.refused("anchor", "publisher", STRANGER, code=1)["code"] == "Anchor.NotOwner"

    accounts.use("owner")
    assert book.ok("anchor", "publisher", publisher, "--forbid")["publishers"] == []

    accounts.use("publisher")
    _seal(book, 2)
    assert book.refused("anchor", code=1)["code"] == "Anchor.NotPublisher"
