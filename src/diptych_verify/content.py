"""Untampered: the artefact compared with what the record says about it."""

import io
from dataclasses import dataclass
from pathlib import Path

from diptych_verify.bundle import Bundle, ShownTensor
from diptych_verify.compare import IgnoreRules, scan_summary, verify_tree
from diptych_verify.disclosed import disclosed_files, verify_disclosed, verify_disclosed_files
from diptych_verify.errors import DigestMismatch, MalformedError
from diptych_verify.evidence import NOT_SHOWN, PROVEN, SELF_ASSERTED, Answer
from diptych_verify.manifest import ManifestEntry, read_manifest
from diptych_verify.scan import ScanOptions, scan
from diptych_verify.statement import ManifestClaim, ModelClaim, PrivateClaim, Statement
from diptych_verify.wording import counted

_WITHOUT_ARTEFACT = frozenset({"key", "erased"})
_PLAIN = ("sha256", "blake3")
_NOTHING_PRIVATE = "the record is intact; its private content was not shown"


@dataclass(frozen=True)
class ContentView:
    """What was compared: `shown` if an artefact was, and a sentence that says which."""

    shown: bool
    text: str


def verify_content(
    bundle: Bundle, statement: Statement, path: Path | None, rules: IgnoreRules | None
) -> ContentView:
    """Compare manifest, disclosed fields and, if given, the files at `path` with the record.

    Raises:
        DigestMismatch: files or the manifest differ; `details` names the files.
        NotIncluded: a disclosed field is not what was sealed.
        MalformedError: the bundle carries parts that do not belong to this kind of record.
        CannotScan: `path` cannot be read.
    """
    if bundle.manifest is not None and statement.manifest is None:
        raise MalformedError("bundle.manifest: the subject record seals no manifest")
    if bundle.disclosed and statement.private is None:
        raise MalformedError("bundle.disclosed: the subject record is no private seal")
    if bundle.tensors:
        return _verify_tensors(bundle.tensors, statement.model, path)
    if statement.manifest is not None:
        return _verify_dataset(bundle.manifest, statement, statement.manifest, (path, rules))
    if statement.private is not None:
        return _verify_fields(bundle, statement, statement.private, path)
    if path is not None:
        _verify_plain(statement, path)
        return ContentView(True, f"{path.name!a} matches the digest in the record")
    if statement.kind in _WITHOUT_ARTEFACT:
        return ContentView(True, "the record is intact, and it seals no files")
    return ContentView(False, "the record is intact; the artefact was not shown")


def _verify_dataset(
    manifest: bytes | None,
    statement: Statement,
    claim: ManifestClaim,
    files: tuple[Path | None, IgnoreRules | None],
) -> ContentView:
    if manifest is not None:
        _verify_manifest(manifest, statement, claim)
    path, rules = files
    size = f"{counted(claim.files, 'file')}, {counted(claim.total_bytes, 'byte')}"
    if path is None:
        return ContentView(False, f"the record is intact ({size}); the files were not shown")
    if manifest is not None:
        verify_tree(path, io.BytesIO(manifest), root=claim.root, rules=rules)
    else:
        _verify_root(path, claim)
    if claim.files == 1 and not path.is_dir():
        _verify_plain(statement, path, required=False)
    return ContentView(True, f"{size}, all re-read and unchanged")


def _verify_manifest(manifest: bytes, statement: Statement, claim: ManifestClaim) -> None:
    reader = read_manifest(io.BytesIO(manifest))
    first: ManifestEntry | None = None
    for entry in reader:
        first = first or entry
    summary = reader.summary()
    actual = ManifestClaim(
        summary.algorithms, summary.root, summary.files, summary.total_bytes, summary.object_digest
    )
    if actual != claim:
        raise DigestMismatch(
            f"the manifest has root {actual.root.hex()} and object {actual.object_digest.hex()}, "
            f"the record says {claim.root.hex()} and {claim.object_digest.hex()}",
            hint="fetch the manifest object that belongs to this record",
        )
    if first is not None and claim.files == 1:
        _require_plain(statement, dict(zip(claim.algorithms, first.digests, strict=True)))


def _verify_root(path: Path, claim: ManifestClaim) -> None:
    actual = scan_summary(path, ScanOptions(algorithms=claim.algorithms))
    if actual.root != claim.root:
        raise DigestMismatch(
            f"the files have root {actual.root.hex()} ({counted(actual.files, 'file')}), "
            f"the record says {claim.root.hex()} ({counted(claim.files, 'file')})",
            hint="ask for a bundle with the manifest: it names the files that differ",
        )


def _verify_plain(statement: Statement, path: Path, *, required: bool = True) -> None:
    """Compare one file with the plain digests in the statement's subject."""
    named = tuple(name for name in _PLAIN if name in statement.subjects[0].digests)
    if named and not path.is_dir():
        entry = next(scan(path, ScanOptions(algorithms=named)))
        _require_plain(statement, dict(zip(named, entry.digests, strict=True)))
    elif required:
        raise DigestMismatch(f"the record names no digest that {path.name!a} could be checked by")


def _require_plain(statement: Statement, actual: dict[str, bytes]) -> None:
    for name, digest in actual.items():
        stated = statement.subjects[0].digests.get(name, digest.hex())
        if stated != digest.hex():
            raise DigestMismatch(
                f"the file has {name} {digest.hex()}, the record says {stated}",
                changed=[statement.subjects[0].name],
                added=[],
                removed=[],
                total=1,
            )


def _verify_tensors(
    shown: tuple[ShownTensor, ...], model: ModelClaim | None, path: Path | None
) -> ContentView:
    from diptych_verify.tensors import verify_tensor_bytes, verify_tensors

    claim = None if model is None else model.tensors
    if claim is None:
        raise MalformedError("bundle.tensors: the subject record names no tensors")
    verify_tensors([(one.leaf, one.index, one.proof) for one in shown], claim)
    named = ", ".join(one.leaf.text() for one in shown[:3])
    named += "" if len(shown) <= 3 else f" and {len(shown) - 3} more"
    if path is None:
        return ContentView(False, f"the record names {named}; the values were not shown")
    if len(shown) != 1:
        raise MalformedError(f"bundle.tensors: got {len(shown)}, expected 1 to compare with a file")
    verify_tensor_bytes(path, shown[0].leaf)
    return ContentView(True, f"{named} of {claim.count:,} tensors re-read and unchanged")


def _verify_readings(bundle: Bundle, claim: PrivateClaim, path: Path | None) -> ContentView:
    from diptych_verify.readings import described, verify_readings

    if path is not None:
        raise DigestMismatch(
            f"the bundle is about readings, which {path.name!a} cannot be checked by",
            hint="leave the path out",
        )
    verify_disclosed(bundle.disclosed, claim.root)
    shown = verify_readings(bundle.disclosed)
    if not shown:
        return ContentView(False, "the record is intact; no reading was shown")
    if len(shown) == 1:
        return ContentView(True, described(shown[0]))
    return ContentView(True, f"{counted(len(shown), 'reading')} shown, each signed by its device")


def _verify_fields(
    bundle: Bundle, statement: Statement, claim: PrivateClaim, path: Path | None
) -> ContentView:
    if statement.kind == "readings":
        return _verify_readings(bundle, claim, path)
    if "table" in statement.predicate and path is None:
        from diptych_verify.table import verify_table

        text = verify_table(bundle.disclosed, statement, claim.root)
        return ContentView(bool(text), text or _NOTHING_PRIVATE)
    return _verify_private(bundle, claim, path)


def _verify_private(bundle: Bundle, claim: PrivateClaim, path: Path | None) -> ContentView:
    fields = bundle.disclosed
    verify_disclosed(fields, claim.root)
    entries = disclosed_files(fields)
    if path is not None:
        if not entries:
            raise DigestMismatch(
                f"the bundle discloses no file that {path.name!a} could be checked by",
                hint="ask for a bundle that discloses the file",
            )
        verify_disclosed_files(path, entries)
        return ContentView(True, f"{counted(len(entries), 'disclosed file')} re-read and unchanged")
    if fields:
        return ContentView(True, f"{len(fields)} of {fields[0].leaves} fields shown, all as sealed")
    return ContentView(False, _NOTHING_PRIVATE)


def answer_untampered(content: ContentView, *, vouched: bool) -> Answer:
    """Return the answer to `untampered`.

    Args:
        content: what was compared.
        vouched: True if the policy covers the log, the signer or the anchor; without it somebody
            could have made record and log anew.
    """
    evidence = {"artefact_shown": content.shown, "vouched": vouched}
    if not content.shown:
        return Answer("untampered", NOT_SHOWN, content.text, dict(evidence))
    if vouched:
        return Answer("untampered", PROVEN, content.text, dict(evidence))
    text = f"{content.text}; the policy covers neither log nor signer nor anchor"
    return Answer("untampered", SELF_ASSERTED, text, dict(evidence))
