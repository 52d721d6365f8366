"""Lists of files: added, removed, changed, renamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.compare import CannotCompare, FileChanges, compare_files
from diptych_verify.manifest import ManifestEntry


def entry(path: str, digest: int, size: int = 1) -> ManifestEntry:
    return ManifestEntry(path, size, (digest.to_bytes(32, "big"),))


def compared(old: dict[str, int], new: dict[str, int]) -> FileChanges:
    return compare_files(
        [entry(*one) for one in sorted(old.items())], [entry(*one) for one in sorted(new.items())]
    )


def test_every_kind_of_change() -> None:
    found = compared({"a": 1, "b": 2, "c": 3, "d": 4}, {"a": 1, "b": 9, "e": 3, "f": 5})
    assert (found.changed, found.renamed) == (("b",), (("c", "e"),))
    assert (found.added, found.removed, found.unchanged) == (("f",), ("d",), 1)
    assert found.text() == "1 added, 1 removed, 1 changed, 1 renamed"
    assert found.total == 4


def test_nothing_changed() -> None:
    assert compared({"a": 1}, {"a": 1}).text() == "nothing changed"


def test_empty_files_are_never_renamed() -> None:
    found = compare_files([entry("a", 1, 0)], [entry("b", 1, 0)])
    assert (found.added, found.removed, found.renamed) == (("b",), ("a",), ())


def test_digests_in_common_are_compared() -> None:
    one = ManifestEntry("a", 1, (b"s" * 32, b"b" * 32))
    other = ManifestEntry("a", 1, (b"b" * 32,))
    both, blake = ("sha256", "blake3"), ("blake3",)
    assert compare_files([one], [other], algorithms=(both, blake)).unchanged == 1
    with pytest.raises(CannotCompare):
        compare_files([one], [other], algorithms=(("sha256",), blake))


FILES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 5))


@given(FILES, FILES)
def test_the_changes_lead_from_old_to_new(old: dict[str, int], new: dict[str, int]) -> None:
    found = compared(old, new)
    paths = set(old) - set(found.removed) - {one for one, _ in found.renamed}
    assert paths | set(found.added) | {other for _, other in found.renamed} == set(new)
    assert all(old[one] == new[other] for one, other in found.renamed)
    assert {path for path in old.keys() & new.keys() if old[path] != new[path]} == set(
        found.changed
    )
    assert found.bytes_delta == len(new) - len(old)
