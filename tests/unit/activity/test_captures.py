"""Environment, code and entry of a run are found cheaply and read back strictly."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.activity.code import Code, take_code
from diptych.provenance.activity.entry import Entry, function_entry, take_entry
from diptych.provenance.activity.environment import Environment, take_environment
from diptych.provenance.activity.hardware import Hardware, take_hardware
from diptych.provenance.activity.redact import Redactor
from diptych_verify.jsonio import ObjectReader


def test_environment_agrees_with_importlib_metadata() -> None:
    from importlib.metadata import distributions

    found = dict(take_environment().distributions)
    for one in distributions():
        name = one.metadata["Name"].lower().replace("_", "-").replace(".", "-")
        assert found[name] == one.version


def test_environment_reads_folder_names_only(tmp_path: Path) -> None:
    for name in ("Foo_Bar-1.2.0.dist-info", "old-0.1-py3.11.egg-info", "not-a-dist", "x.dist-info"):
        (tmp_path / name).mkdir()
    (tmp_path / "Foo_Bar-1.2.0.dist-info" / "direct_url.json").write_text("{}")
    environ = {
        "PYTHONHASHSEED": "0",
        "OPENBLAS_CORETYPE": "Haswell",
        "OMP_NUM_THREADS": "1\nsecret",
        "MKL_SECRET": "x",
        "API_KEY": "x",
        "PATH": "/usr/bin",
    }
    found = take_environment(path=[str(tmp_path), str(tmp_path / "missing")], environ=environ)
    assert found.distributions == (("foo-bar", "1.2.0"), ("old", "0.1"))
    assert found.local == ("foo-bar",)
    assert found.variables == {"PYTHONHASHSEED": "0", "OPENBLAS_CORETYPE": "Haswell"}
    assert found.lock() == "foo-bar==1.2.0\nold==0.1\n"
    assert Environment.parse(ObjectReader(found.to_json(), "run")) == found


def test_environment_with_another_lock_is_refused() -> None:
    said = take_environment(path=[], environ={}).to_json()
    with pytest.raises(MalformedError, match="lock"):
        Environment.parse(ObjectReader({**said, "lock": "0" * 64}, "run"))


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "PYTHONPATH"])
def test_environment_that_would_set_other_variables_is_refused(name: str) -> None:
    said = take_environment(path=[], environ={}).to_json()
    with pytest.raises(MalformedError, match="variables"):
        Environment.parse(ObjectReader({**said, "variables": {name: "x"}}, "run"))


def test_hardware_of_described_machines(tmp_path: Path) -> None:
    cpuinfo, card = tmp_path / "cpuinfo", tmp_path / "gpus" / "0000:01"
    cpuinfo.write_text("model name\t: Fast 9000\nflags\t\t: fpu avx2 fma\n")
    card.mkdir(parents=True)
    (card / "information").write_text("Model: \t\t H100\nIRQ: 7\n")
    found = take_hardware(cpuinfo=cpuinfo, gpus=tmp_path / "gpus")
    assert (found.cpu, found.flags, found.gpus) == ("Fast 9000", ("avx2", "fma"), ("H100",))
    assert Hardware.parse(ObjectReader(found.to_json(), "run")) == found
    assert take_hardware(cpuinfo=tmp_path / "none", gpus=tmp_path / "none").gpus == ()


def test_code_outside_a_repository_is_the_loaded_source_files(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("x = 1\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "lib.py").write_text("")
    modules = {}
    for name in ("train.py", ".venv/lib.py", "gone.py"):
        module = ModuleType(name)
        module.__file__ = str(tmp_path / name)
        modules[name] = module
    found = take_code(tmp_path).loaded(tmp_path, modules)
    assert found.commit == ""
    assert [path for path, _ in found.sources] == ["train.py"]
    assert Code.parse(ObjectReader(found.to_json(), "run")) == found


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a//b.py", ""])
def test_source_path_that_leaves_the_project_is_refused(path: str) -> None:
    said: JsonValue = {"commit": "", "diff": "", "sources": [[path, "0" * 64]]}
    with pytest.raises(MalformedError):
        Code.parse(ObjectReader(said, "run"))


def _main(file: Path | None, spec: str = "") -> ModuleType:
    module = ModuleType("__main__")
    if file is not None:
        module.__file__ = str(file)
    if spec:
        from importlib.machinery import ModuleSpec

        module.__spec__ = ModuleSpec(spec, None)
    return module


def test_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train.py", "--token", "x"])
    redactor = Redactor({})
    script = take_entry(tmp_path, redactor, main=_main(tmp_path / "train.py"))
    assert script == Entry("script", "train.py", ("--token", "********"))
    assert script.masked
    module = take_entry(
        tmp_path, redactor, main=_main(tmp_path / "p" / "__main__.py", "p.__main__")
    )
    assert (module.kind, module.target) == ("module", "p")
    for main in (_main(None), _main(Path(sys.prefix, "bin", "x.py")), _main(Path("/elsewhere.py"))):
        assert take_entry(tmp_path, redactor, main=main).kind == "none"
    assert Entry.parse(ObjectReader(script.to_json(), "run")) == script


def test_entry_of_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = Entry("script", "train.py")
    entry = function_entry("steps:clean", {"src": "a"}, project=tmp_path, fallback=script)
    assert (entry.kind, entry.target, dict(entry.arguments)) == (
        "function",
        "steps:clean",
        {"src": "a"},
    )
    for name in ("__main__:clean", "steps:outer.<locals>.clean"):
        assert function_entry(name, {}, project=tmp_path, fallback=script) == script


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "shell"},
        {"target": "../train.py"},
        {"folder": "/tmp"},
        {"kind": "module", "target": "os; x"},
        {"kind": "function", "target": "os:system('x')"},
        {"words": "--lr"},
        {"more": 1},
    ],
)
def test_hostile_entry_is_refused(change: dict[str, str]) -> None:
    said = {**Entry("script", "train.py").to_json(), **change}
    with pytest.raises(MalformedError):
        Entry.parse(ObjectReader(said, "run"))
