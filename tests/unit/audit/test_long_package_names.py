"""An import of a package whose name no file system can hold is one that is not there."""

from pathlib import Path

from diptych.audit.source.packages import package_paths


def test_a_name_too_long_names_no_file(tmp_path: Path) -> None:
    said = "@scope" + "a" * 5_000 + "/package/file.sol"
    assert list(package_paths(said, tmp_path / "x.sol", tmp_path, lambda _: None)) == []
