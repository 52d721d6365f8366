"""Read one file as a hostile one: size, depth and number of elements are bounded."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from diptych.core.errors import DiptychError
from diptych.core.files import system_error
from diptych.data.imaging.errors import Refused

_DEFLATED = "1.2.840.10008.1.2.1.99"
_DICOMDIR = "1.2.840.10008.1.3.10"
_ENCAPSULATED = "1.2.840.10008.5.1.4.1.1.104."
_DIRECTORY_RECORDS = 0x00041220
_DOCUMENT = 0x00420011


@dataclass(frozen=True)
class Limits:
    """What one file may have at most; `elements` counts those of sequences, too."""

    size_bytes: int = 1 << 30
    elements: int = 500_000
    depth: int = 24


@dataclass(frozen=True)
class Instance:
    """One file that could be read.

    Attributes:
        dataset: its pydicom data set, with `file_meta`.
        preamble: whether it began with a preamble and `DICM`.
        transfer_syntax: UID, guessed from the encoding if the file does not say.
    """

    dataset: Any
    preamble: bool
    transfer_syntax: str


def read_instance(path: Path, limits: Limits | None = None) -> Instance:
    """Read one file.

    Raises:
        Refused: it is no DICOM, a directory, truncated, or goes beyond a limit.
        CannotUse: the operating system refuses it.
    """
    limits = limits or Limits()
    try:
        size = path.stat().st_size
        if size > limits.size_bytes:
            raise Refused("too-large", f"got {size:,} bytes, expected up to {limits.size_bytes:,}")
        return parse_instance(path.read_bytes(), limits)
    except OSError as error:
        raise system_error(error) from error


def parse_instance(raw: bytes, limits: Limits) -> Instance:
    """Read one file from its bytes.

    Raises:
        Refused: it is no DICOM, a directory, truncated, or goes beyond a limit.
    """
    preamble = raw[128:132] == b"DICM"
    _check_inflated(raw, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = _parse(raw)
        with undecodable():
            _refuse_kinds(dataset, preamble=preamble)
            _check_extent(dataset, limits)
            _check_character_sets(dataset)
            return Instance(dataset, preamble, _transfer_syntax(dataset))


@contextmanager
def undecodable() -> Iterator[None]:
    """Refuse a file with a value that pydicom cannot decode, which it tries when first asked.

    What pydicom says is left out: it can quote the value.

    Raises:
        Refused: the value cannot be decoded.
    """
    try:
        yield
    except DiptychError:
        raise
    except Exception as error:
        what = type(error).__name__
        raise Refused("unreadable", f"a value cannot be decoded: {what}") from None


def _parse(raw: bytes) -> Any:
    import pydicom

    try:
        return pydicom.dcmread(BytesIO(raw), force=True)
    except EOFError as error:
        raise Refused("truncated", "the file ends within an element") from error
    except RecursionError as error:
        raise Refused("too-deep", "sequences are nested too deeply") from error
    except MemoryError as error:
        raise Refused("too-large", "an element claims more memory than there is") from error
    except Exception as error:  # pydicom raises what it meets; any of it means: unreadable
        raise Refused("unreadable", f"pydicom cannot read it: {type(error).__name__}") from error


def _check_inflated(raw: bytes, limits: Limits) -> None:
    """Refuse a deflated file that is a bomb, before pydicom inflates it as a whole."""
    if raw[128:132] != b"DICM" or _DEFLATED.encode() not in raw[:4096]:
        return
    if raw[132:136] != b"\x02\x00\x00\x00" or len(raw) < 144:
        raise Refused("unreadable", "deflated without the length of its header")
    start = 144 + int(struct.unpack_from("<L", raw, 140)[0])
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflater.decompress(raw[start:], limits.size_bytes)
    except zlib.error as error:
        raise Refused("unreadable", "its deflated part is damaged") from error
    if inflater.unconsumed_tail:
        raise Refused("too-large", f"it inflates beyond {limits.size_bytes:,} bytes")


def _refuse_kinds(dataset: Any, *, preamble: bool) -> None:
    meta = getattr(dataset, "file_meta", {})
    kind = str(meta.get("MediaStorageSOPClassUID", dataset.get("SOPClassUID", "")))
    if kind == _DICOMDIR or _DIRECTORY_RECORDS in dataset:
        raise Refused(
            "dicomdir",
            "a DICOMDIR lists patients and files of a medium; it would name them",
            hint="leave it out; de-identify the files it lists and index those anew",
        )
    if kind.startswith(_ENCAPSULATED) or _DOCUMENT in dataset:
        raise Refused(
            "encapsulated-document",
            "it holds a whole document (PDF, CDA, 3D model), whose content nobody has cleaned",
            hint="take the document out and redact it, or leave the file out",
        )
    if not preamble and not any(map(_is_known, tags_of(dataset))):
        raise Refused("not-dicom", "none of its elements is in the data dictionary")


def _is_known(tag: int) -> bool:
    from pydicom.datadict import dictionary_has_tag

    return dictionary_has_tag(int(tag)) and int(tag) & 0xFFFF != 0


def _check_extent(dataset: Any, limits: Limits) -> None:
    """Count elements and depth without recursion; sequences are decoded on the way."""
    waiting, count = [(dataset, 1)], 0
    while waiting:
        level, depth = waiting.pop()
        if depth > limits.depth:
            raise Refused("too-deep", f"sequences are nested deeper than {limits.depth}")
        for tag in tags_of(level):
            count += 1
            if count > limits.elements:
                raise Refused("too-many", f"it has more than {limits.elements:,} elements")
            _check_whole(level.get_item(tag))
            waiting.extend((item, depth + 1) for item in items_of(level, tag))


def tags_of(level: Any) -> list[int]:
    """Return the tags of a data set, in order; its values stay undecoded."""
    return sorted(map(int, level.keys()))


def _check_whole(element: Any) -> None:
    """Refuse a value that is shorter than its length says; pydicom reads it all the same."""
    length, value = getattr(element, "length", None), element.value
    if length not in {None, 0xFFFFFFFF} and isinstance(value, bytes) and len(value) < length:
        raise Refused("truncated", f"got {len(value):,} bytes of an element of {length:,}")


def items_of(level: Any, tag: int) -> list[Any]:
    """Return the items of a sequence, nothing for another element.

    Raises:
        Refused: the sequence cannot be decoded.
    """
    raw = level.get_item(tag)
    if raw.VR not in {"SQ", "UN", None} or (raw.VR == "UN" and not _maybe_sequence(level, tag)):
        return []
    if raw.VR is None and not _maybe_sequence(level, tag):
        return []
    try:
        element = level[tag]
        return list(element.value) if element.VR == "SQ" and element.value is not None else []
    except RecursionError as error:
        raise Refused("too-deep", "sequences are nested too deeply") from error
    except Exception as error:
        raise Refused("unreadable", f"sequence {tag} cannot be decoded") from error


def _maybe_sequence(level: Any, tag: int) -> bool:
    from pydicom.datadict import dictionary_VR

    try:
        return bool(dictionary_VR(tag) == "SQ")
    except KeyError:
        raw = level.get_item(tag)
        return bool(getattr(raw, "length", 0) == 0xFFFFFFFF)


def _check_character_sets(dataset: Any) -> None:
    from pydicom.charset import python_encoding

    said = dataset.get("SpecificCharacterSet")
    terms = [said] if isinstance(said, str) else list(said or ())
    for term in terms:
        if term and str(term).replace("_", " ").upper() not in _plain(python_encoding):
            raise Refused("character-set", f"got unknown character set '{str(term)[:32]}'")


def _plain(known: Any) -> set[str]:
    return {str(one).replace("_", " ").upper() for one in known}


def _transfer_syntax(dataset: Any) -> str:
    said = str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID", ""))
    if said:
        return said
    implicit, little = dataset.original_encoding
    if implicit:
        return "1.2.840.10008.1.2"
    return "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"
