"""Croissant descriptions: read strictly, held against local files, written and read back."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.errors import DiptychError
from diptych.data.interop.croissant_files import copy_local
from diptych.data.interop.croissant_read import read_croissant
from diptych.data.interop.croissant_write import Described, DescribedFile, dump_croissant

SAMPLES = Path("../shared/data/trust/croissant")
CSV = b"a,b\n1,x\n"
ABOUT = Described("d", 2, "ab" * 32, "diptych.log/x", "2026-11-23", "MIT", (("Ada", "collector"),))
FILE = DescribedFile("t.csv", len(CSV), hashlib.sha256(CSV).hexdigest(), (("a", "integer"),))


def made(change: Callable[[dict[str, Any]], object] | None = None) -> bytes:
    value = json.loads(dump_croissant(ABOUT, [FILE]))
    if change is not None:
        change(value)
    return json.dumps(value).encode()


def refused(raw: bytes, folder: Path | None = None) -> str:
    def read() -> None:
        found = read_croissant(raw)
        if folder is not None:
            copy_local(found, folder, None)

    with pytest.raises(DiptychError) as caught:
        read()
    return caught.value.code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_bytes(CSV)
    return tmp_path


def test_what_is_written_is_read_back(folder: Path) -> None:
    found = read_croissant(made())
    assert (found.name, found.version, found.licence, found.creators) == (
        *("d", "2.0.0", "MIT"),
        ("Ada",),
    )
    assert [one.column for one in found.record_sets[0].fields] == ["a"]
    local = copy_local(found, folder, folder / "copy")
    assert local.paths == ("t.csv",)
    assert (folder / "copy/t.csv").read_bytes() == CSV
    assert local.notes == ()


def test_prefixes_and_single_values_mean_the_same() -> None:
    def rename(value: dict[str, Any]) -> None:
        value["sc:name"] = value.pop("name")
        value["http://mlcommons.org/croissant/recordSet"] = value.pop("recordSet")[0]
        value["@context"]["sha256"] = "sc:sha256"

    assert refused(made(rename)) == "Croissant.Unsupported"

    def without(value: dict[str, Any]) -> None:
        rename(value)
        del value["@context"]["sha256"]

    assert read_croissant(made(without)).record_sets[0].id == "table/t.csv"


def test_a_changed_or_missing_file_is_named(folder: Path) -> None:
    (folder / "t.csv").write_bytes(CSV + b"2,y\n")
    assert refused(made(), folder) == "Verify.DigestMismatch"
    (folder / "t.csv").unlink()
    assert refused(made(), folder) == "Verify.DigestMismatch"
    (folder / "real.csv").write_bytes(CSV)
    (folder / "t.csv").symlink_to("real.csv")
    assert refused(made(), folder) == "Verify.DigestMismatch"


def first(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda one: one["distribution"][0].__setitem__(key, value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda v: v.update(conformsTo="http://mlcommons.org/croissant/9"), "Unsupported"),
        (lambda v: v.pop("name"), "Bad"),
        (lambda v: v.update({"@type": "sc:Person"}), "Bad"),
        (lambda v: v["@context"].update(sc="https://evil.example/"), "Unsupported"),
        (lambda v: v["@context"].update(recordSet="cr:examples"), "Unsupported"),
        (lambda v: v.update({"@context": "https://evil.example/c.json"}), "Unsupported"),
        (lambda v: v["distribution"].append(v["distribution"][0]), "Bad"),
        (first("containedIn", {"@id": "nowhere"}), "Bad"),
        (first("containedIn", {"@id": "t.csv"}), "Bad"),
        (lambda v: v["distribution"][0].pop("sha256"), "Bad"),
        (lambda v: v["distribution"][0].pop("contentUrl"), "Bad"),
        (lambda v: v["distribution"][0].pop("encodingFormat"), "Bad"),
        (lambda v: v["recordSet"][0]["field"][0].pop("source"), "Bad"),
        (lambda v: v["recordSet"][0]["field"][0].pop("dataType"), "Bad"),
        (
            lambda v: v["recordSet"][0]["field"][0]["source"].update(fileObject={"@id": "x"}),
            "Bad",
        ),
        (lambda v: v.update({"sc:name": "twice"}), "Bad"),
        (lambda v: v.update(distribution="t.csv"), "Bad"),
    ],
)
def test_descriptions_that_break_the_rules(change: Any, code: str) -> None:
    assert refused(made(change)) == f"Croissant.{code}"


@pytest.mark.parametrize(
    "url", ["../t.csv", "/etc/passwd", "a/../../t.csv", "c:/t.csv", "..\\t.csv", "file:/etc/passwd"]
)
def test_paths_that_leave_the_folder(folder: Path, url: str) -> None:
    assert refused(made(first("contentUrl", url)), folder) == "Croissant.Bad"


def test_remote_files_are_named_and_not_fetched(folder: Path) -> None:
    raw = made(first("contentUrl", "https://host.invalid/t.csv"))
    assert copy_local(read_croissant(raw), folder, None).remote == ("t.csv",)


def test_sets_take_what_their_patterns_match(folder: Path) -> None:
    (folder / "d/e").mkdir(parents=True)
    (folder / "d/e/x.bin").write_bytes(b"x")

    def as_set(pattern: str) -> bytes:
        one = {"@type": "cr:FileSet", "@id": "s", "encodingFormat": "x", "includes": pattern}
        return made(lambda v: v["distribution"].append(one))

    assert copy_local(read_croissant(as_set("**/*.bin")), folder, None).paths[0] == "d/e/x.bin"
    assert refused(as_set("*.bin"), folder) == "Verify.DigestMismatch"
    assert refused(as_set("../*.bin"), folder) == "Croissant.Bad"


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_garbage_is_refused(raw: bytes) -> None:
    with pytest.raises(DiptychError):
        read_croissant(raw)


@given(
    st.recursive(
        st.none() | st.integers(-9, 9) | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["@id", "name", "field", "source", "x"]), inner)
        ),
        max_leaves=6,
    ),
    st.sampled_from(["distribution", "recordSet", "creator", "license", "@context", "conformsTo"]),
)
def test_any_json_in_any_member_is_read_or_refused(value: Any, member: str) -> None:
    with contextlib.suppress(DiptychError):
        read_croissant(made(lambda v: v.update({member: value})))


@pytest.mark.skipif(not SAMPLES.exists(), reason="samples are not here")
def test_upstream_samples() -> None:
    folders = [path for path in sorted(SAMPLES.iterdir()) if path.is_dir()]
    for folder in folders:
        found = read_croissant((folder / "metadata.json").read_bytes())
        local = copy_local(found, folder, None)
        assert local.paths or local.remote
    assert len(folders) >= 5
