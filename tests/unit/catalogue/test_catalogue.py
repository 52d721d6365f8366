"""The public catalogue: its script in node against golden bundles, ours, and altered ones."""

import base64
import copy
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.conftest import book, made_workspace, program, stretched_once
from tests.unit.app.program import Program

__all__ = ["book", "made_workspace", "program", "stretched_once"]

JUDGE = Path(__file__).with_name("judge.js")
GOLDEN = Path(__file__).parents[2] / "golden"
BUNDLES = sorted(GOLDEN.glob("v1*/*.diptych.json"))
ENDED_KEYS = {"v1/revoked.diptych.json", "v1/rotated-away.diptych.json"}
SIGNED_BY_SECP256K1 = "secp256k1:"
Case = dict[str, Any]


def node(cases: list[Case], *, without: bool = False) -> list[Any]:
    """Run the script of the page on some catalogues, in a node without Ed25519 if asked."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    script = files("diptych.app.web.catalogue").joinpath("check.js").read_text()
    asked = json.dumps({"script": script, "without": without, "cases": cases})
    ran = subprocess.run(
        [found, str(JUDGE)], input=asked, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    answers: list[Any] = json.loads(ran.stdout)
    return answers


@pytest.fixture
def site(book: Program) -> Path:
    """The catalogue of a workspace with data, terms, a share, and its revocation."""
    pytest.importorskip("pyrage")
    book.ok("data", "add", "study", "--name", "study", "--store")
    book.ok("data", "license", "set", "study", "CC-BY-4.0", "--own")
    key = book.ok("data", "identity", "-o", "age.key")["recipient"]
    done = book.ok("data", "share", "study", "--to", key, "-o", "out.share", "--purpose", "<b>é")
    book.ok("data", "revoke", done["record"], "--reason", "over")
    book.ok("data", "add", "study/a.csv", "--name", "other")
    made = book.ok("data", "catalogue", "--to", "site")
    assert (made["assets"], made["entries"]) == (2, 5)
    return book.folder / "site"


def catalogue(site: Path) -> Case:
    found: Case = json.loads((site / "catalogue.json").read_bytes())
    return found


def test_every_golden_bundle_checks_in_the_browser_as_it_does_offline() -> None:
    cases = [json.loads(path.read_bytes()) for path in BUNDLES]
    for path, found in zip(BUNDLES, node(cases), strict=True):
        assert "error" not in found, path.name
        states = {one["index"]: one for one in found["entries"]}
        if path.relative_to(GOLDEN).as_posix() in ENDED_KEYS:
            assert "failed" in {one["state"] for one in states.values()}, path.name
            continue
        for one in states.values():
            signers = [text for name, text in one["facts"] if name == "signed by"]
            other = any(text.startswith(SIGNED_BY_SECP256K1) for text in signers)
            assert one["state"] == ("unchecked" if other else "ok"), (path.name, one)


def test_own_catalogue_checks_and_shows_exactly_what_the_records_say(site: Path) -> None:
    (found,) = node([catalogue(site)])
    assert {one["state"] for one in found["entries"]} == {"ok"}
    page = (site / "index.html").read_text()
    shown = {
        int(article[1]): [
            [unescape(name), unescape(text)]
            for name, text in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", article[2], re.DOTALL)
        ]
        for article in re.finditer(r'<article data-index="(\d+)">(.*?)</article>', page, re.DOTALL)
    }
    kinds = []
    for one in found["entries"]:
        if one["index"] in shown:
            assert shown[one["index"]] == one["facts"]
            kinds += [text for name, text in one["facts"] if name == "kind"]
    assert sorted(kinds) == ["dataset", "dataset", "licence", "revocation", "share"]


def altered(make: Callable[[Case], None]) -> Callable[[Case], Case]:
    def change(case: Case) -> Case:
        found = copy.deepcopy(case)
        make(found)
        return found

    return change


def _envelope(case: Case, change: Callable[[Case], None]) -> None:
    envelope = json.loads(case["records"][-1]["envelope"])
    change(envelope)
    case["records"][-1]["envelope"] = json.dumps(envelope, separators=(",", ":"), sort_keys=True)


def _flip(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[-1] ^= 1
    return base64.b64encode(raw).decode()


def _payload(case: Case) -> None:
    def change(envelope: Case) -> None:
        payload = base64.b64decode(envelope["payload"]).replace(b"other", b"0ther")
        envelope["payload"] = base64.b64encode(payload).decode()

    _envelope(case, change)


def _swap(case: Case) -> None:
    one, two = case["records"][-1], case["records"][-2]
    one["envelope"], two["envelope"] = two["envelope"], one["envelope"]


ENTRY_CHANGES = {
    "payload": _payload,
    "signature": lambda c: _envelope(
        c, lambda e: e["signatures"][0].update(sig=_flip(e["signatures"][0]["sig"]))
    ),
    "signer": lambda c: _envelope(
        c, lambda e: e["signatures"][0].update(keyid="ed25519:" + "ab" * 32)
    ),
    "no signer": lambda c: _envelope(c, lambda e: e.update(signatures=[])),
    "proof": lambda c: c["records"][-1].update(proof=_flip(c["records"][-1]["proof"])),
    "shorter proof": lambda c: c["records"][-1].update(proof=""),
    "index": lambda c: c["records"][-1].update(index=c["records"][-1]["index"] - 1),
    "beyond": lambda c: c["records"][-1].update(index=10**6),
    "swapped": _swap,
    "not JSON": lambda c: c["records"][-1].update(envelope="{"),
    "no key record": lambda c: c["records"].pop(0),
}
HEAD_CHANGES = {
    "root": lambda c: c.update(
        checkpoint=re.sub(r"\n([^\n]{43}=)\n", "\n" + "A" * 43 + "=\n", c["checkpoint"], count=1)
    ),
    "size": lambda c: c.update(checkpoint=re.sub(r"\n(\d+)\n", "\n9\n", c["checkpoint"], count=1)),
    "note signature": lambda c: c.update(
        checkpoint=re.sub(r"([^ ]+)\n$", lambda m: _flip(m[1]) + "\n", c["checkpoint"])
    ),
    "no signature": lambda c: c.update(checkpoint=c["checkpoint"].split("\n\n")[0] + "\n\n"),
    "another key": lambda c: c.update(log=_flip_key(c["log"])),
    "no note": lambda c: c.update(checkpoint="x"),
}


def _flip_key(text: str) -> str:
    name, digest, key = text.split("+", 2)
    return f"{name}+{digest}+{_flip(key)}"


def test_altered_entries_and_checkpoints_fail(site: Path) -> None:
    case = catalogue(site)
    changes = {**ENTRY_CHANGES, **HEAD_CHANGES}
    cases = [altered(make)(case) for make in changes.values()]
    for name, found in zip(changes, node(cases), strict=True):
        if name in HEAD_CHANGES:
            assert "error" in found, name
            continue
        assert "failed" in {one["state"] for one in found["entries"]}, name


def test_browser_without_ed25519_says_what_it_could_not_check(site: Path) -> None:
    case = catalogue(site)
    bad = altered(ENTRY_CHANGES["payload"])(case)
    good, refused = node([case, bad], without=True)
    assert {one["state"] for one in good["entries"]} == {"unchecked"}
    assert all("cannot check" in one["reason"] for one in good["entries"])
    assert "failed" in {one["state"] for one in refused["entries"]}


def test_page_loads_nothing_and_runs_only_its_own_scripts(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert "<b>é" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert (site / "log" / "checkpoint").exists()
    digest = re.findall(r"sha256-[A-Za-z0-9+/=]{44}", page.split("<title>")[0])
    assert len(digest) == 3


def rendered(page: Path) -> str:
    """Return the document after its script ran in a browser without a window."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000")
    words = [found, *options, f"--user-data-dir={page.parent.parent / 'chromium'}", "--dump-dom"]
    ran = subprocess.run(
        [*words, page.as_uri()], capture_output=True, text=True, timeout=60, check=False
    )
    return ran.stdout


def test_changed_text_of_the_page_shows_in_a_browser(site: Path) -> None:
    page = site / "index.html"
    assert "5 verified, 0 partly checked, 0 failed" in rendered(page)
    text = page.read_text()
    for old, new in (
        ("<dt>kind</dt><dd>share</dd>", "<dt>kind</dt><dd>grant</dd>"),
        ("<h2>study@1</h2>", "<h2>study@2</h2>"),
        ("Revoked ·", "Approval ·"),
    ):
        assert old in text
        page.write_text(text.replace(old, new, 1))
        assert "1 failed" in rendered(page), old
    page.write_text(re.sub(r"(<pre data-terms>.*?)CC-BY", r"\1CC-NO", text, count=1))
    assert "the terms are not those of the record" in rendered(page)


def test_catalogue_is_brought_up_to_date_but_never_written_over_something_else(
    site: Path, book: Program
) -> None:
    book.ok("data", "add", "study/b.csv", "--name", "third")
    assert book.ok("data", "catalogue", "--to", "site")["assets"] == 3
    assert book.ok("data", "catalogue", "third", "--to", "one")["assets"] == 1
    error = book.refused("data", "catalogue", "--to", "study", code=2)
    assert error["code"] == "Catalogue.ForeignFolder"


def test_empty_log_has_nothing_to_show(book: Program) -> None:
    assert book.refused("data", "catalogue", "--to", "site", code=2)["code"] == "Catalogue.Empty"
