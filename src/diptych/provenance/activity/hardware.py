"""The machine, as far as the operating system tells it at no cost."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import JsonValue
from diptych_verify.jsonio import ObjectReader

_FLAGS = ("avx", "avx2", "avx512f", "fma", "asimd", "sve")
_GPUS = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True)
class Hardware:
    """What a result can depend on.

    Attributes:
        machine: architecture, for example `x86_64`.
        cpu: model name.
        flags: vector instructions that numeric libraries choose their code by.
        cores: how many this process may use.
        memory_bytes: of the machine; 0 if unknown.
        gpus: model names, in order.
    """

    machine: str
    cpu: str
    flags: tuple[str, ...]
    cores: int
    memory_bytes: int
    gpus: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return its part of the run document."""
        return {
            "machine": self.machine,
            "cpu": self.cpu,
            "flags": list(self.flags),
            "cores": self.cores,
            "memory_bytes": self.memory_bytes,
            "gpus": list(self.gpus),
        }

    @classmethod
    def parse(cls, reader: ObjectReader) -> "Hardware":
        """Read its part of a run document.

        Raises:
            MalformedError: a field is missing or wrong.
        """
        made = cls(
            reader.text("machine", max_characters=64),
            reader.text("cpu", max_characters=256),
            reader.texts("flags", maximum=64, max_characters=32),
            reader.integer("cores"),
            reader.integer("memory_bytes"),
            reader.texts("gpus", maximum=64, max_characters=256),
        )
        reader.done()
        return made


def take_hardware(*, cpuinfo: Path = Path("/proc/cpuinfo"), gpus: Path = _GPUS) -> Hardware:
    """Return the machine that this process runs on.

    Args:
        cpuinfo: where Linux describes processors.
        gpus: where NVIDIA's driver describes its cards.
    """
    cpu, flags = _cpu(cpuinfo)
    return Hardware(
        platform.machine()[:64], cpu[:256], flags, _cores(), _memory_bytes(), tuple(_gpus(gpus))
    )


def _cpu(cpuinfo: Path) -> tuple[str, tuple[str, ...]]:
    model, flags = "", set[str]()
    try:
        with cpuinfo.open("rb") as stream:
            head = stream.read(8_192).decode(errors="replace")
    except OSError:
        return platform.processor(), ()
    for line in head.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name" and not model:
            model = value.strip()
        elif name.strip() in {"flags", "Features"} and not flags:
            flags = set(value.split())
    return model or platform.processor(), tuple(flag for flag in _FLAGS if flag in flags)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 0


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0


def _gpus(folder: Path) -> Iterator[str]:
    try:
        cards = sorted(folder.iterdir())[:64]
    except OSError:
        return
    for card in cards:
        try:
            text = (card / "information").read_text(errors="replace")[:4_096]
        except OSError:
            continue
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "Model":
                yield value.strip()[:256]
