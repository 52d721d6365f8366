"""Where records stand is kept between processes; no writer of the workspace can leave one out."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model_attacks.files import small_onnx
from tests.unit.models.conftest import NOW, at_time

from diptych.app.verbs.licences import open_licences
from diptych.app.verbs.model.resolve import registry_of
from diptych.app.verbs.model.show import list_models
from diptych.app.verbs.records import find_record
from diptych.app.workspace import Workspace
from diptych.core.user_secret import secret_path
from diptych.models.errors import HistoryEdited, ModelRevoked
from diptych.models.registry import scan
from diptych.models.registry.index import ROW_BYTES, RecordIndex, key_of
from diptych.models.registry.kept import KeptIndex, _tag
from diptych.models.registry.logged import Logged, parse_logged
from diptych.provenance.graph.states import State
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import LogReader
from diptych.provenance.log.errors import Corrupt
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.merkle import Frontier, leaf_hash

SIGNER = Ed25519Signer(bytes(32))


@pytest.fixture
def kept(book: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A revoked and a good version, and every reading of the log kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(scan, "_WORTH_KEEPING", 1)
    project = book.place.project
    for seed in (1, 2):
        (project / "m.onnx").write_bytes(small_onnx(seed))
        book.models.publish("m.onnx", "m", licence="MIT")
    book.models.revoke("m@1", reason="wrong")
    assert again(book).models.load("m").version == 2
    return again(book)


def again(book: Workspace) -> Workspace:
    """Return the workspace as another process sees it."""
    return at_time(book.place.project, NOW)


def secret(tmp_path: Path) -> Path:
    return tmp_path / "state/diptych/cache.secret"


def test_another_process_reads_only_what_is_new(
    kept: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (kept.place.registry, secret(tmp_path)):
        assert path.stat().st_mode & 0o777 == 0o600
    starts: list[int] = []
    real = LogReader.entries

    def entries(self: LogReader, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        starts.append(start)
        return real(self, start, stop)

    monkeypatch.setattr(LogReader, "entries", entries)
    assert again(kept).models.load("m").version == 2
    assert starts == []
    with kept.read_log() as log:
        size = log.size
    kept.models.alias("m", "production")
    starts.clear()
    assert again(kept).models.load("m:production").version == 2
    assert starts in ([], [size])


def _leave_out(raw: bytes, record: str) -> bytes:
    """Return the file without what it says about revocations of a record."""
    at = raw.index(key_of(("revocation", record)))
    return raw[:at] + raw[at + ROW_BYTES :]


@pytest.mark.parametrize("tag", ["old", "forged", "none"])
def test_a_revocation_cannot_be_left_out(kept: Workspace, tag: str) -> None:
    with pytest.raises(ModelRevoked):
        kept.models.load("m@1")
    raw = kept.place.registry.read_bytes()
    with kept.read_log() as log:
        poisoned = _leave_out(raw, find_record(kept, log, "m@1").record)
    start = raw.index(b"\n") + 1
    body = poisoned[start + 32 :]
    tags = {"old": raw[start : start + 32], "none": bytes(32), "forged": _tag(b"guessed", body)}
    kept.place.registry.write_bytes(raw[:start] + tags[tag] + body)
    with pytest.raises(ModelRevoked):
        again(kept).models.load("m@1")


def test_with_the_secret_it_could_be_left_out(kept: Workspace, tmp_path: Path) -> None:
    """The negative twin: it is the secret, outside the workspace, that the last test rests on."""
    raw = kept.place.registry.read_bytes()
    with kept.read_log() as log:
        poisoned = _leave_out(raw, find_record(kept, log, "m@1").record)
    start = raw.index(b"\n") + 1
    tag = _tag(secret(tmp_path).read_bytes(), poisoned[start + 32 :])
    kept.place.registry.write_bytes(raw[:start] + tag + poisoned[start + 32 :])
    assert again(kept).models.load("m@1").version == 1


def test_an_index_of_other_kinds_is_not_relied_on(
    kept: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = KeptIndex(kept.place.registry, secret(tmp_path))
    with kept.read_log() as log:
        assert found.load(log.origin) is not None
        monkeypatch.setattr("diptych.models.registry.kept.KINDS", frozenset({"model"}))
        assert found.load(log.origin) is None


@given(st.data())
def test_no_changed_byte_is_believed(data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        place = KeptIndex(Path(folder) / "registry.index", Path(folder) / "secret")
        frontier = Frontier()
        frontier.extend([bytes(32)] * 5)
        place.save("log", frontier, RecordIndex(bytes(ROW_BYTES)))
        assert place.load("log") is not None
        assert place.load("other") is None
        raw = bytearray(place.path.read_bytes())
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        place.path.write_bytes(raw)
        assert place.load("log") is None


@pytest.mark.parametrize("damage", [b"", b"diptych registry 1\n", b"x" * 100, None])
def test_a_damaged_file_is_made_again(kept: Workspace, damage: bytes | None) -> None:
    before = kept.place.registry.read_bytes()
    if damage is None:
        kept.place.registry.unlink()
        kept.place.registry.mkdir()  # cannot even be replaced
    else:
        kept.place.registry.write_bytes(damage)
    with pytest.raises(ModelRevoked):
        again(kept).models.load("m@1")
    assert damage is None or kept.place.registry.read_bytes() == before


def test_a_pipe_is_not_waited_for(kept: Workspace) -> None:
    kept.place.registry.unlink()
    os.mkfifo(kept.place.registry)
    with pytest.raises(ModelRevoked):
        again(kept).models.load("m@1")
    assert kept.place.registry.is_file()


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_a_secret_that_others_can_read_keeps_nothing(
    kept: Workspace, tmp_path: Path, mode: int
) -> None:
    secret(tmp_path).chmod(mode)
    assert again(kept).models.load("m").version == 2
    assert not kept.place.registry.exists()


def test_a_state_folder_that_cannot_be_written_keeps_nothing(
    kept: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.place.registry.unlink()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert again(kept).models.load("m").version == 2
    assert not kept.place.registry.exists()
    assert secret_path({}).parts[-4:] == (".local", "state", "diptych", "cache.secret")


def test_an_edited_entry_is_noticed_when_it_is_used(kept: Workspace) -> None:
    """The index names the revocation; that the entry says something else now changes no answer."""
    with kept.read_log() as log:
        found = kept.models.registry
        found.catch_up(log)
        index = next(found.about("revocation", find_record(kept, log, "m@1").record)).index
        other = log.entry(index - 1)
    with closing(sqlite3.connect(kept.place.log)) as database, database:
        database.execute("UPDATE entries SET envelope=? WHERE idx=?", (other, index))
    with pytest.raises(HistoryEdited, match="signed root"):
        list_models(again(kept))
    with pytest.raises(Corrupt):
        again(kept).models.load("m@1")


def test_a_log_that_went_back_is_read_again(kept: Workspace) -> None:
    before = kept.place.log.read_bytes()
    kept.models.alias("m", "production")
    assert again(kept).models.load("m:production").version == 2
    for path in kept.place.home.glob("log.sqlite-*"):
        path.unlink()
    kept.place.log.write_bytes(before)
    fresh = again(kept)
    assert fresh.models.load("m").version == 2
    with fresh.read_log() as log:
        assert fresh.models.registry.size == log.size


def test_a_first_reading_that_is_cut_short_goes_on(
    kept: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.place.registry.unlink()
    monkeypatch.setattr(scan, "_BATCH", 2)
    monkeypatch.setattr(scan, "_BETWEEN_SAVES", 2)
    real, calls = scan._read_batch, []

    def cut(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(scan, "_read_batch", cut)
    with pytest.raises(KeyboardInterrupt):
        again(kept).models.load("m")
    monkeypatch.setattr(scan, "_read_batch", real)
    with kept.read_log() as log:
        found = KeptIndex(kept.place.registry, secret_path(os.environ)).load(log.origin)
    assert found is not None
    assert found[0].size == 4
    with pytest.raises(ModelRevoked):
        again(kept).models.load("m@1")


def test_a_graph_without_revocations_changes_no_licence_answer(
    book: Workspace, tmp_path: Path
) -> None:
    """Licences were once found by the graph file; what ends them is not left to it."""
    project = book.place.project
    (project / "m.onnx").write_bytes(small_onnx(1))
    book.models.publish("m.onnx", "m")
    book.models.license("m", "CC-BY-4.0")
    book.models.grant("m", to="Clinic")
    assert book.may("Clinic", "execute", "m").allowed
    book.lineage("m")
    from diptych.app.verbs.model.license import revoke_licence

    revoke_licence(book, "m", to="Clinic")
    revoke_licence(book, "m")
    book.lineage("m")
    with closing(sqlite3.connect(book.place.graph)) as database, database:
        database.execute("DELETE FROM edges")
    fresh = again(book)
    assert not fresh.may("Clinic", "execute", "m").allowed
    with fresh.read_log() as log, open_licences(fresh, log) as licences:
        held = licences.held(find_record(fresh, log, "m"))
    assert held is not None
    assert held.revoked_s is not None


def _logged(index: int, kind: str, targets: list[int]) -> Logged:
    ids = [f"{target:064x}" for target in targets]
    draft = Draft(
        kind,
        (Subject("n", {"sha256": "00" * 32}),),
        0.0,
        tuple(Edge("used", one) for one in ids),
        {kind: {"model": "m", "name": f"a{index % 3}"}},
    )
    (raw,) = sign_statements([draft], SIGNER)
    logged = parse_logged(index, raw, leaf_hash(raw + json.dumps(index).encode()))
    assert logged is not None
    return logged


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["alias", "approval", "grant"]),
            st.lists(st.integers(0, 3), max_size=3),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_the_index_finds_what_a_search_finds(
    records: list[tuple[str, list[int], bool]],
) -> None:
    index, logged = RecordIndex(), []
    for at, (kind, targets, pack) in enumerate(records):
        logged.append(_logged(at, kind, targets))
        index.add(logged[-1])
        if pack:
            index = RecordIndex(index.pack())
    for kind in ("alias", "approval", "grant"):
        for target in range(4):
            record = f"{target:064x}"
            expected = [
                one.index
                for one in logged
                if one.statement.kind == kind and record in one.targets("used")
            ]
            assert [place.index for place in index.find((kind, record))] == expected
    first = {one.moved_alias(): one.index for one in reversed(logged) if one.moved_alias()}
    found = [place.index for place in index.find(("aliases", "m"))]
    assert found == sorted(first.values())


def test_a_graph_without_revocations_changes_no_state(kept: Workspace) -> None:
    states = {node.shown_name: node.state for node in kept.lineage("m@1").nodes}
    assert states["m@1"] is State.REVOKED
    with closing(sqlite3.connect(kept.place.graph)) as database, database:
        database.execute("DELETE FROM edges")
    states = {node.shown_name: node.state for node in again(kept).lineage("m@1").nodes}
    assert states["m@1"] is State.REVOKED
    before = again(kept).lineage("m@1", as_of="3").nodes[0]
    assert before.state is State.VERIFIED


def test_a_view_outlives_another_that_is_opened_within_it_and_closed(kept: Workspace) -> None:
    with kept.read_log() as outer:
        first = registry_of(kept, outer)
        with kept.read_log() as inner:
            registry_of(kept, inner)
        assert first.names() == ["m"]
        assert first.size == outer.size
