"""`index init` writes manifests that run, whatever the ABI."""

import json
from pathlib import Path

import pytest
from eth_hash.auto import keccak
from tests.unit.index.chains import HandMadeChain, Log, account
from tests.unit.index.emitting import emit
from tests.unit.index.test_ready_tokens import index

import diptych
from diptych.app.verbs.index.origin import NoOrigin, Origin
from diptych.app.verbs.index.starting import IndexFileExists, NotRecognised, Wish, start_manifest
from diptych.core.secret import Secret
from diptych.index.abi import known_abi, read_abi
from diptych.index.abi.known import known_names
from diptych.index.manifest.contract import BadContract
from diptych.index.manifest.loading import load_manifest
from diptych.index.manifest.ready import READY, NoReadyMade
from diptych.index.manifest.recognised import recognised_abi, recognised_code
from diptych.index.manifest.started import Start, python_text, yaml_text

ADDRESS = "0x" + "ab" * 20
ODD = [
    "event from(address from, uint8 id, int96 tokenId, uint256 TokenID, bytes4 _x$)",
    "event Manifest(string indexed note, (uint8 kind, string note)[] items, uint64 timestamp)",
    "event Paid(address indexed who)",
    "event Paid(address indexed who, uint256 amount)",
    "event paid(bool and, bytes raw, string)",
    "event _(bytes32 indexed h) anonymous",
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> diptych.Workspace:
    folder = tmp_path_factory.mktemp("book")
    return diptych.create(folder, prompt=lambda reason: Secret("of a test"))


@pytest.mark.parametrize(("suffix", "text"), [("py", python_text), ("yaml", yaml_text)])
@pytest.mark.parametrize("name", [*known_names(), "odd"])
def test_manifest_of_any_abi_runs(tmp_path: Path, name: str, suffix: str, text: object) -> None:
    abi = read_abi(ODD, "odd") if name == "odd" else known_abi(name)
    path = tmp_path / f"it.{suffix}"
    assert callable(text)
    path.write_text(text(Start("it", [ADDRESS], None, abi)))
    manifest = load_manifest(path)
    assert len(manifest.handlers) == len(manifest.entities) == len(abi.events)


@pytest.mark.parametrize("text", [python_text, yaml_text])
def test_rows_are_what_the_events_say(tmp_path: Path, text: object) -> None:
    path = tmp_path / ("it.py" if text is python_text else "it.yaml")
    assert callable(text)
    path.write_text(text(Start("it", [ADDRESS], None, read_abi(ODD, "odd"))))
    chain = HandMadeChain()
    topic = read_abi(ODD, "odd").event("Paid(address,uint256)").topic0
    topics = (topic, bytes(12) + account(1))
    chain.mine(Log(bytes.fromhex("ab" * 20), topics, (1 << 255).to_bytes(32, "big")))
    with index(chain, load_manifest(path)) as store:
        row = store.query("select * from paid2").to_pylist()[0]
        assert (row["id"], row["who"]) == ("0-0", "0x" + account(1).hex())
        assert (row["amount"], row["contract"]) == (str(1 << 255), ADDRESS)


@pytest.mark.parametrize("use", READY)
@pytest.mark.parametrize("in_yaml", [True, False])
def test_ready_made_manifests_are_written(
    book: diptych.Workspace, tmp_path: Path, use: str, in_yaml: bool
) -> None:
    done = start_manifest(book, tmp_path, Wish(ADDRESS, use=use, in_yaml=in_yaml), Origin())
    assert load_manifest(done.path).name == use
    with pytest.raises(IndexFileExists):
        start_manifest(book, tmp_path, Wish(use=use, in_yaml=in_yaml), Origin())


def test_an_abi_file_is_recognised_or_written_out(book: diptych.Workspace, tmp_path: Path) -> None:
    for name, events, use in (
        ("nft", [one.declaration for one in known_abi("erc721").events], "erc721"),
        ("mine", ["event Paid(address indexed who)"], None),
    ):
        (tmp_path / f"{name}.txt").write_text(json.dumps(events))
        wish = Wish(f"{name}.txt", name=name)
        done = start_manifest(book, tmp_path, wish, Origin())
        assert done.use == use
        assert load_manifest(done.path).name == name


def test_what_cannot_be_begun_is_refused(book: diptych.Workspace, tmp_path: Path) -> None:
    for wish, error in (
        (Wish(ADDRESS, use="erc21"), NoReadyMade),
        (Wish("0x12", use="erc20"), BadContract),
        (Wish(), NotRecognised),
    ):
        with pytest.raises(error):
            start_manifest(book, tmp_path, wish, Origin())
    with pytest.raises(NoOrigin):
        start_manifest(book, tmp_path, Wish(ADDRESS), Origin(paths=[tmp_path]))


def _code(*, topics: list[str], functions: list[str]) -> bytes:
    pushed = b"".join(b"\x7f" + keccak(one.encode()) for one in topics)
    compared = b"".join(
        b"\x80\x63" + keccak(one.encode())[:4] + b"\x14\x61\x00\x10\x57" for one in functions
    )
    return compared + pushed


NFT = ["ownerOf(uint256)", "balanceOf(address)", "approve(address,uint256)"]
MOVED = "Transfer(address,address,uint256)"


@pytest.mark.parametrize(
    ("topics", "functions", "use"),
    [
        ([MOVED], ["balanceOf(address)"], "erc20"),
        ([MOVED], [*NFT, "transferFrom(address,address,uint256)"], "erc721"),
        (["TransferSingle(address,address,address,uint256,uint256)"], [], "erc1155"),
        (["PairCreated(address,address,address,uint256)"], [], "uniswap-v2"),
        (["Paused(address)"], [], None),
        ([], [], None),
    ],
)
def test_code_tells_the_standard(topics: list[str], functions: list[str], use: str | None) -> None:
    found = recognised_code([_code(topics=topics, functions=functions)])
    assert found.use == use
    assert bool(found.abi.events) == bool(topics)


def test_events_beyond_the_standard_are_noticed() -> None:
    both = [*known_abi("erc20").events, *known_abi("pausable").events]
    assert not recognised_abi(known_abi("erc20")).more
    assert recognised_abi(read_abi([one.declaration for one in both], "both")).more
    assert emit(account(1), "erc20", "Transfer", account(1), account(2), 3).topics
