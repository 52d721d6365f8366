"""`model import`: take over an exported model, verified under a trust policy first."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from diptych.app.verbs.model.license import terms_record
from diptych.app.verbs.model.prepare import PreparedModel, Publishing, prepare_model
from diptych.app.verbs.model.publish import Published, publish_prepared
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.files import make_folder
from diptych.models.card.agreement import sealed_card
from diptych.models.card.schema import Card
from diptych.models.errors import LicenceRefused, NotOurs, UntrustedTypes
from diptych.models.folder import plain_sha256
from diptych.models.package import Package, read_package
from diptych.provenance.statement import Edge
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.bundle import parse_bundle
from diptych_verify.dsse import parse_envelope
from diptych_verify.evidence import Evidence
from diptych_verify.licence import Licence, parse_licence
from diptych_verify.policy import TrustPolicy
from diptych_verify.statement import Statement, statement_of
from diptych_verify.verify import verify_bundle

_FROM_CARD = ("summary", "task", "intended_use", "limits", "seed", "code", "metrics")


def import_model(
    workspace: Workspace,
    package: Path,
    policy: TrustPolicy,
    *,
    name: str | None = None,
    trust: Sequence[str] = (),
) -> Published:
    """Verify an exported model and publish it here as a version that says where it came from.

    The new record names log, record and bundle of the origin, and the bundle is kept, so that the
    origin can be proven again. The licence that held there holds here, as the one it was received
    under. Whether the origin revoked it since cannot be known here.

    Args:
        workspace: that takes it over.
        package: folder or zip that `model export` wrote.
        policy: what to believe about its origin.
        name: under which to publish it, by default its own.
        trust: class names that a skops file may hold besides those that skops trusts.

    Raises:
        NoSuchFile: there is no such export.
        BadPackage: it is incomplete or holds what does not belong.
        VerificationError: it does not verify under the policy.
        UntrustedTypes: it needs classes that `trust` does not name.
        LicenceRefused: it is licensed, and the terms are not in the export.
    """
    place = workspace.start / package
    if not place.exists():
        raise NoSuchFile(f"there is no {package}")
    parts = read_package(place)
    with TemporaryDirectory(prefix="diptych-import-") as scratch:
        files = _unpack(parts, Path(scratch))
        evidence, statement = _verify(parts, policy, files)
        assert statement.model is not None
        card = sealed_card(parts.card, statement, statement.model)
        _require_trusted(card, trust)
        terms = _terms(parts, evidence, statement, card)
        asked = Publishing(name or card.name, trust=card.trusted_types)
        prepared = _as_stated(prepare_model(workspace, files, asked), card)
    prepared = _received(workspace, prepared, terms)
    imported: dict[str, JsonValue] = {
        "log": evidence.origin,
        "record": evidence.record_id.hex(),
        "bundle": workspace.objects.put([parts.bundle]),
    }
    return publish_prepared(workspace, prepared, imported=imported)


def _unpack(parts: Package, scratch: Path) -> Path:
    """Write the files into a folder of ours; all paths were checked when they were read."""
    folder = scratch / "model"
    make_folder(folder)
    for path, raw in parts.content.items():
        make_folder((folder / path).parent)
        (folder / path).write_bytes(raw)
    return folder


def _verify(parts: Package, policy: TrustPolicy, files: Path) -> tuple[Evidence, Statement]:
    statement = statement_of(parse_envelope(parse_bundle(parts.bundle).records[0].envelope))
    single = statement.manifest is not None and "sha256" in statement.subjects[0].digests
    named = next(iter(parts.content))
    path = files / named if single and len(parts.content) == 1 else files
    evidence = verify_bundle(parts.bundle, policy=policy, path=path)
    if statement.kind != "model" or statement.model is None or statement.manifest is None:
        raise NotOurs(f"the bundle is about a record of kind '{statement.kind}', expected a model")
    return evidence, statement


def _terms(
    parts: Package, evidence: Evidence, statement: Statement, card: Card
) -> tuple[Licence, ...]:
    """Return the licences that hold for the model, as the bundle proves them.

    Raises:
        LicenceRefused: it is licensed, and the terms are not shown: nobody could keep to them.
    """
    found = evidence.answer("use").evidence.get("licences")
    listed = found if isinstance(found, list) else []
    named = {str(one["digest"]) for one in listed if isinstance(one, dict)}
    documents = parse_bundle(parts.bundle).licences
    terms = tuple(parse_licence(raw) for raw in documents if plain_sha256(raw) in named)
    licensed = any(edge.relation == "licensedUnder" for edge in statement.edges)
    if len(terms) < len(named) or (not named and (licensed or card.licence)):
        raise LicenceRefused(
            f"'{card.name}' is under the licence '{card.licence}', whose terms the export lacks",
            hint="ask for a new export: diptych model export writes the terms too",
        )
    return terms


def _received(
    workspace: Workspace, prepared: PreparedModel, terms: tuple[Licence, ...]
) -> PreparedModel:
    """Put the version under the licence that it came with."""
    if not terms:
        return prepared
    with workspace.write_log() as log:
        records = [terms_record(workspace, log, one, own=False) for one in terms]
    edges = tuple(Edge("licensedUnder", one) for one in records)
    facts: dict[str, JsonValue] = {"licence_record": records[0], "licence": terms[0].spdx}
    return replace(prepared, edges=(*edges, *prepared.edges), facts={**prepared.facts, **facts})


def _require_trusted(card: Card, trust: Sequence[str]) -> None:
    unknown = sorted(set(card.trusted_types) - set(trust))
    if unknown:
        raise UntrustedTypes(
            f"'{card.name}' needs {', '.join(unknown[:5])} to be trusted",
            hint=f"if you know them: --trust {unknown[0]}",
            types=list(unknown),
        )


def _as_stated(prepared: PreparedModel, card: Card) -> PreparedModel:
    """Keep what the card says of use, limits and people; its references are of another log."""
    members = card.to_json()
    said = {key: members[key] for key in _FROM_CARD}
    data: list[JsonValue] = [{"name": one.name, "role": one.role} for one in card.data]
    facts = {key: members[key] for key in ("contributors", "inputs", "outputs")}
    people = [
        Edge("attributedTo", extra={"agent": one.name, "role": one.role, "share": one.share})
        for one in card.contributors
    ]
    return replace(
        prepared,
        stated={**said, "data": data},
        facts={**prepared.facts, **facts},
        edges=tuple(people),
    )
