"""`chain` and `anchor` on the embedded chain of one workspace."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.app.desk import Desk, desk
from tests.unit.app.program import Program


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("embedded")) as made:
        yield made


@pytest.fixture
def book(
    shared: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Program:
    return Program(shared.folder, dict(shared.environ), capsys, monkeypatch)


def _when(book: Program, *words: str) -> dict[str, Any]:
    answers: list[dict[str, Any]] = book.ok("verify", *words)["answers"]
    return next(answer for answer in answers if answer["question"] == "when")


def test_without_a_chain_its_state_names_the_next_command(book: Program) -> None:
    if (book.folder / ".diptych" / "chain").exists():
        pytest.skip("another test of this module made the chain first")
    shown = book.refused("chain", "status", code=3)
    assert (shown["code"], shown["hint"]) == ("Chain.NotCreated", "diptych chain up")
    assert book("chain", "down").out == "it was not running\n"


def test_a_missing_binary_says_how_to_get_one(book: Program) -> None:
    book.ok("chain", "down")
    book.environ["DIPTYCH_CHAIN__ANVIL"] = "/nonexistent/anvil"
    for words in (("chain", "up"), ("anchor",), ("contracts", "deploy", "--plan")):
        shown = book.refused(*words, code=3)
        assert shown["code"] == "Chain.BinaryMissing"
        assert "DIPTYCH_CHAIN__ANVIL" in shown["hint"]
    examined = book("chain", "doctor", "--json")
    assert examined.code == 1
    assert "Chain.BinaryMissing" in json.loads(examined.out)["checks"][0]["detail"]


def test_up_and_down_can_be_repeated(book: Program) -> None:
    first = book.ok("chain", "up")
    assert book.ok("chain", "up") == first
    state = book.ok("chain", "status")
    assert (state["running"], state["chain_id"]) == (True, first["chain_id"])
    assert state["supervisor_pid"] > 0
    assert book("chain", "down").out == "stopped\n"
    down = book("chain", "status")
    assert (down.code, f"chain {first['chain_id']} down, block " in down.out) == (0, True)
    assert book.ok("chain", "down") == {"stopped": False}


def test_anchor_starts_the_chain_and_repeats_for_nothing(book: Program) -> None:
    book.ok("chain", "down")
    (book.folder / "more").write_text("more\n")
    book.ok("seal", "more")
    first = book.ok("anchor")
    assert (first["new"], first["size"]) == (True, book.ok("checkpoint")["size"])
    head = book.ok("chain", "status")["head"]
    again = book.ok("anchor")
    assert again == {**first, "new": False}
    assert book("anchor").out.startswith("nothing to anchor: ")
    assert book.ok("chain", "status")["head"] == head
    assert "not anchored" not in book("status").err
    shown = _when(book, "study")
    assert shown["status"] == "self-asserted"
    assert "embedded chain" in shown["text"]


def test_the_next_anchor_covers_all_and_costs_less(book: Program) -> None:
    book.ok("anchor")
    for number in range(3):
        (book.folder / f"n{number}").write_text("x\n")
        book.ok("seal", f"n{number}")
    assert f"not anchored yet: 3 of {book.ok('checkpoint')['size']} records" in book("status").err
    ran = book("anchor")
    assert ran.out.startswith(f"anchored {book.ok('checkpoint')['size']} records in block ")
    assert book.ok("anchor")["gas_used"] <= 40_000
    for number in range(3):
        assert _when(book, f"n{number}")["status"] == "self-asserted"


def test_an_anchored_bundle_is_judged_by_what_the_policy_covers(book: Program) -> None:
    book.ok("anchor")
    book.ok("bundle", "study", "--manifest")
    book.ok("export", "policy", "policy.toml")
    words = ("study.diptych.json", "study", "--policy", "policy.toml")
    assert _when(book, *words)["status"] == "self-asserted"  # even if the policy names the block
    path = book.folder / "policy.toml"
    text = path.read_text()
    contract = book.ok("anchor")["contract"]
    path.write_text(
        text.replace(contract, f"0x{'11' * 20}").replace(contract.lower(), "0x" + "11" * 20)
    )
    assert path.read_text() != text
    assert book.refused("verify", *words, code=1)["code"] == "Verify.AnchorMismatch"


def test_damaged_evidence_is_named_and_made_again(book: Program) -> None:
    size = book.ok("anchor")["size"]
    path = book.folder / ".diptych" / "anchors" / f"{size}.diptych.json"
    path.write_bytes(path.read_bytes()[:-20])
    shown = book.refused("status", code=1)
    assert shown["code"] == "Anchor.BadEvidence"
    assert str(path) in shown["hint"]
    path.unlink()
    assert book.ok("anchor")["size"] == size
    book.ok("status")


def test_doctor_and_plan_examine_and_send_nothing(book: Program) -> None:
    book.ok("anchor")
    head = book.ok("chain", "status")["head"]
    examined = book.ok("chain", "doctor")
    assert {check["name"] for check in examined["checks"]} >= {"endpoint", "funding", "fees"}
    assert {check["outcome"] for check in examined["checks"]} == {"ok"}
    (step,) = book.ok("contracts", "deploy", "Anchor", "--plan")["steps"]
    assert (step["name"], step["action"], step["cost_wei"]) == ("Anchor", "present", "0")
    steps = book.ok("contracts", "deploy", "--plan")["steps"]
    assert [one["action"] for one in steps] == ["present", "deploy", "deploy"]
    done = book.ok("contracts", "deploy", "Anchor")["contracts"]
    assert [one["gas_used"] for one in done] == [0]
    assert book.ok("chain", "status")["head"] == head
    assert "Anchor" in book("contracts", "list").out


def test_a_backup_older_than_the_chain_refuses_to_grow(
    book: Program, shared: Desk, tmp_path: Path
) -> None:
    backup = tmp_path / "b.tar"
    book.ok("anchor")
    old = book.ok("checkpoint")["size"]
    book.ok("backup", str(backup))
    (book.folder / "later").write_text("later\n")
    book.ok("seal", "later")
    book.ok("anchor")

    home, chain = book.folder / ".diptych", tmp_path / "chain"
    kept = tmp_path / "kept"
    book.ok("chain", "down")
    home.rename(kept)
    try:
        book.ok("restore", str(backup))
        assert book.ok("verify")["size"] == old
        # The chain lived on; only the workspace came from the backup.
        shutil.rmtree(home / "chain")
        shutil.copytree(kept / "chain", home / "chain")
        book.ok("chain", "up")
        for words in (("verify", "--online"), ("verify", "study", "--online"), ("anchor",)):
            assert book.refused(*words, code=1)["code"] == "Log.Rollback", words
        (book.folder / "other").write_text("other\n")
        for words in (("seal", "other"), ("seal", "other", "--private"), ("key", "add")):
            assert book.refused(*words, code=1)["code"] == "Log.Rollback", words
        assert book.ok("log")["records"][0]["index"] == old - 1
        book.ok("chain", "down")
    finally:
        shutil.rmtree(home)
        kept.rename(home)
    assert not chain.exists()
    book.ok("verify", "--online")


def test_a_log_that_grew_otherwise_than_the_chain_saw_is_a_split_view(
    book: Program, tmp_path: Path
) -> None:
    backup = tmp_path / "b.tar"
    book.ok("anchor")
    book.ok("backup", str(backup))
    (book.folder / "truth").write_text("truth\n")
    book.ok("seal", "truth")
    book.ok("anchor")
    home, kept = book.folder / ".diptych", tmp_path / "kept"
    book.ok("chain", "down")
    home.rename(kept)
    try:
        book.ok("restore", str(backup))
        for name in ("lie one", "lie two"):
            (book.folder / name).write_text(name)
            book.ok("seal", name)
        shutil.rmtree(home / "chain")
        shutil.copytree(kept / "chain", home / "chain")
        shown = book.refused("anchor", code=1)
        assert shown["code"] == "Log.SplitView"
        assert shown["details"]["seen_root"] != shown["details"]["local_root"]
        assert book.refused("verify", "--online", code=1)["code"] == "Log.SplitView"
        book.ok("chain", "down")
    finally:
        shutil.rmtree(home)
        kept.rename(home)


def test_reset_asks_and_then_makes_another_chain(book: Program) -> None:
    before = book.ok("chain", "up")["chain_id"]
    shown = book.refused("chain", "reset", code=2)
    assert (shown["code"], shown["hint"]) == ("Chain.NeedsYes", "--yes")
    after = book.ok("chain", "reset", "--yes")["chain_id"]
    assert after != before
    anchored = book.ok("anchor")
    assert (anchored["chain_id"], anchored["new"]) == (after, True)
    book.ok("verify", "study", "--online")
