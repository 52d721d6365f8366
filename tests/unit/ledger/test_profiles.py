"""Chain profiles: kept private, shown masked, refused when malformed."""

from pathlib import Path

import pytest

from diptych.core.plugins import UnknownPlugin
from diptych.ledger.errors import BadEndpoint
from diptych.ledger.keystore import UnsafePermissions
from diptych.ledger.masking import masked_url
from diptych.ledger.profiles import BadProfile, ChainProfile, ProfileBook, UnknownProfile
from diptych.ledger.providers import ChainPlace, open_chain

URL = "https://user:pw@rpc.example/v3/0123456789?key=abc"


@pytest.fixture
def book(tmp_path: Path) -> ProfileBook:
    return ProfileBook(tmp_path / "private" / "chains.json")


class TestBook:
    def test_embedded_is_always_there(self, book: ProfileBook) -> None:
        assert [p.name for p in book.profiles()] == ["embedded"]
        assert book.get("embedded").plugin == "embedded"

    def test_added_profiles_come_back(self, book: ProfileBook) -> None:
        book.add(ChainProfile("main", URL, 1))
        book.add(ChainProfile("alpha", "http://127.0.0.1:8545", 5))
        assert [p.name for p in book.profiles()] == ["embedded", "alpha", "main"]
        assert book.get("main") == ChainProfile("main", URL, 1)
        assert book.get("main").url == URL

    def test_same_name_replaces(self, book: ProfileBook) -> None:
        book.add(ChainProfile("main", URL, 1))
        book.add(ChainProfile("main", URL, 10))
        assert book.get("main").chain_id == 10

    def test_removed_is_gone(self, book: ProfileBook) -> None:
        book.add(ChainProfile("main", URL, 1))
        book.remove("main")
        with pytest.raises(UnknownProfile, match="embedded"):
            book.get("main")

    def test_file_is_private(self, book: ProfileBook, tmp_path: Path) -> None:
        book.add(ChainProfile("main", URL, 1))
        path = tmp_path / "private" / "chains.json"
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)
        with pytest.raises(UnsafePermissions):
            book.profiles()

    @pytest.mark.parametrize("name", ["", "Main", "embedded", "a b", "a/b", "x" * 65, "-a"])
    def test_unusable_name(self, book: ProfileBook, name: str) -> None:
        with pytest.raises(BadProfile):
            book.add(ChainProfile(name, URL, 1))

    @pytest.mark.parametrize("chain_id", [None, 0, -1, 2**53])
    def test_unusable_chain_id(self, book: ProfileBook, chain_id: int | None) -> None:
        with pytest.raises(BadProfile):
            book.add(ChainProfile("main", URL, chain_id))

    @pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://a b"])
    def test_unusable_url(self, book: ProfileBook, url: str) -> None:
        with pytest.raises(BadEndpoint):
            book.add(ChainProfile("main", url, 1))

    def test_embedded_cannot_be_removed(self, book: ProfileBook) -> None:
        with pytest.raises(BadProfile):
            book.remove("embedded")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b'{"format":"diptych-chains/2","chains":[]}',
            b'{"format":"diptych-chains/1"}',
            b'{"format":"diptych-chains/1","chains":[{"name":"a"}]}',
            b'{"format":"diptych-chains/1","chains":[],"more":1}',
            b'{"format":"diptych-chains/1","chains":' + b"[" * 10_000,
            b"\xff",
        ],
    )
    def test_damaged_file(self, book: ProfileBook, tmp_path: Path, content: bytes) -> None:
        book.add(ChainProfile("main", URL, 1))
        (tmp_path / "private" / "chains.json").write_bytes(content)
        with pytest.raises(BadProfile):
            book.profiles()


class TestUrl:
    def test_repr_and_shown_url_keep_secrets(self) -> None:
        profile = ChainProfile("main", URL, 1)
        for secret in ("pw", "0123456789", "abc"):
            assert secret not in repr(profile)
            assert secret not in profile.shown_url.removeprefix("https://***@rpc.example")

    def test_variables_are_filled_in_at_use(self) -> None:
        profile = ChainProfile("main", "https://rpc.example/v3/${RPC_KEY}", 1)
        assert profile.resolved_url({"RPC_KEY": "s3"}) == "https://rpc.example/v3/s3"
        assert "RPC_KEY" not in profile.shown_url

    def test_missing_variable_is_named(self) -> None:
        profile = ChainProfile("main", "https://rpc.example/${RPC_KEY}", 1)
        with pytest.raises(BadProfile, match="RPC_KEY"):
            profile.resolved_url({})

    def test_variable_cannot_break_out(self) -> None:
        profile = ChainProfile("main", "https://rpc.example/${RPC_KEY}", 1)
        with pytest.raises(BadEndpoint):
            profile.resolved_url({"RPC_KEY": "x\r\nHost: evil"})

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
            ("https://eth.example/rpc", "https://eth.example/rpc"),
            ("https://eth.example/k3y", "https://eth.example/***"),
            ("wss://a:b@eth.example", "wss://***@eth.example"),
            ("http://[::1]:8545/#x", "http://[::1]:8545/?***"),
            ("nonsense", "***"),
            ("http://[", "***"),
        ],
    )
    def test_masking(self, url: str, shown: str) -> None:
        assert masked_url(url) == shown


class TestOpening:
    def test_profile_names_its_plugin(self, tmp_path: Path) -> None:
        profile = ChainProfile("main", "http://127.0.0.1:1/${KEY}", 1)
        chain = open_chain(profile, ChainPlace(tmp_path, environ={"KEY": "k"}))
        assert chain.rpc.shown_url == "http://127.0.0.1:1/***"

    def test_unknown_plugin(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownPlugin):
            open_chain(ChainProfile("main", URL, 1, plugin="none"), ChainPlace(tmp_path))
