"""`book.models`: what can be done with models; each verb is imported when first used."""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from diptych.app.verbs.model.alias import Noted
    from diptych.app.verbs.model.audit_pack import AuditPack
    from diptych.app.verbs.model.compare import Overlap
    from diptych.app.verbs.model.license import Grant, LicenceSet
    from diptych.app.verbs.model.publish import Published
    from diptych.app.verbs.model.reproduce import Reproduced
    from diptych.app.verbs.model.show import ModelRow, Shown
    from diptych.app.workspace import Workspace
    from diptych.models.registry.history import AliasMove
    from diptych.models.registry.registry import Registry
    from diptych.models.runtime.loaded import LoadedModel
    from diptych.models.usage import UsageWriter
    from diptych_verify.licence import Licence
    from diptych_verify.policy import TrustPolicy


class ModelVerbs:
    """The verbs of `diptych model` on one workspace.

    Args:
        workspace: where the log stands.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    @cached_property
    def registry(self) -> "Registry":
        """Where records stand in what was read of the log so far; verbs let it catch up."""
        from diptych.core.user_secret import secret_path
        from diptych.models.registry.kept import KeptIndex
        from diptych.models.registry.registry import Registry
        from diptych.models.registry.scan import LogScan

        kept = KeptIndex(self._workspace.place.registry, secret_path(os.environ))
        return Registry(LogScan(kept))

    def publish(
        self,
        path: Path | str,
        name: str,
        *,
        card: Mapping[str, Any] | Path | None = None,
        run: str | None = None,
        **references: Any,
    ) -> "Published":
        """Publish a model as the next version of a name; see `app.verbs.model.publish`.

        Args:
            path: file or folder of the model.
            name: of the model.
            card: members of its card, or a JSON file with them.
            run: reference to the record of the run that made it.
            **references: further fields of `Publishing`: `trained_on`, `tested_on`,
                `fine_tuned_from`, `licence`, `contributors`, `store`, `trust`.
        """
        from diptych.app.verbs.model.prepare import Publishing
        from diptych.app.verbs.model.publish import publish

        asked = Publishing(name, card, **references)
        return publish(self._workspace, Path(path), asked, run=run)

    def load(self, what: str, **how: Any) -> "LoadedModel":
        """Check a model in every way there is and return it; see `app.verbs.model.load`.

        Args:
            what: NAME, NAME@3, NAME:alias, an index or a record id.
            **how: fields of `Loading`: `path`, `policy`, `actor`, `action`, `purpose`,
                `territory`, `approvals`, `trust`, `threads`, `lineage`, `sources`, `record`.
        """
        from diptych.app.verbs.model.load import Loading, load

        return load(self._workspace, what, Loading(**how))

    def versions(self, name: str | None = None) -> "list[ModelRow]":
        """Return the versions of every model, or of one, with aliases and verdicts."""
        from diptych.app.verbs.model.show import list_models

        return list_models(self._workspace, name)

    def show(self, what: str) -> "Shown":
        """Return a version with its sealed card; see `app.verbs.model.show`."""
        from diptych.app.verbs.model.show import show

        return show(self._workspace, what)

    def alias(self, what: str, alias: str) -> "Noted":
        """Let an alias point to a version from now on; see `app.verbs.model.alias`."""
        from diptych.app.verbs.model.alias import set_alias

        return set_alias(self._workspace, what, alias)

    def end_alias(self, name: str, alias: str) -> "Noted":
        """Let an alias point nowhere from now on."""
        from diptych.app.verbs.model.alias import end_alias

        return end_alias(self._workspace, name, alias)

    def approve(
        self, what: str, *, role: str, verdict: str = "approved", reason: str = ""
    ) -> "Noted":
        """Approve or reject a version; the newest verdict of a role counts."""
        from diptych.app.verbs.model.alias import approve

        return approve(self._workspace, what, role=role, verdict=verdict, reason=reason)

    def revoke(self, what: str, *, reason: str) -> "Noted":
        """Say that a version or a licence no longer counts."""
        from diptych.app.verbs.model.alias import revoke

        return revoke(self._workspace, what, reason=reason)

    def history(self, name: str, alias: str) -> "tuple[AliasMove, ...]":
        """Return every move of an alias; see `app.verbs.model.history`."""
        from diptych.app.verbs.model.history import history

        return history(self._workspace, name, alias)

    def in_force(self, name: str, alias: str, at: str) -> "AliasMove | None":
        """Return the move that decided at a date or time; None before the first."""
        from diptych.app.verbs.model.history import at_time

        return at_time(self._workspace, name, alias, at)

    def compare(self, what: str, other: str | None = None) -> "list[Overlap]":
        """Compare the tensors of a model with another, or with all of them."""
        from diptych.app.verbs.model.compare import compare

        return compare(self._workspace, what, other)

    def export(
        self, what: str, target: Path | str, *, tensor: str | None = None, **how: Any
    ) -> Path:
        """Write a model, or one tensor, with its proof; see `app.verbs.model.package`.

        Args:
            what: reference to a version.
            target: folder or zip file, which must not exist.
            tensor: only this tensor.
            **how: fields of `Handing`: `licensee`, `record`.
        """
        from diptych.app.verbs.model.package import Handing, export_model, export_tensor

        if tensor is not None:
            return export_tensor(self._workspace, what, tensor, Path(target), how=Handing(**how))
        return export_model(self._workspace, what, Path(target), Handing(**how))

    def import_(
        self,
        package: Path | str,
        policy: "TrustPolicy",
        *,
        name: str | None = None,
        trust: Sequence[str] = (),
    ) -> "Published":
        """Take over an exported model under a trust policy; see `app.verbs.model.receive`."""
        from diptych.app.verbs.model.receive import import_model

        return import_model(self._workspace, Path(package), policy, name=name, trust=trust)

    def export_signature(
        self, what: str, target: Path | str, *, key: Path, certificates: Sequence[Path] = ()
    ) -> Path:
        """Write an OpenSSF model signature; see `app.verbs.model.signing`."""
        from diptych.app.verbs.model.signing import export_signature

        return export_signature(
            self._workspace, what, Path(target), key=key, certificates=certificates
        )

    def export_cyclonedx(self, what: str, target: Path | str) -> Path:
        """Write a bill of materials; see `app.verbs.model.cyclonedx`."""
        from diptych.app.verbs.model.cyclonedx import export_cyclonedx

        return export_cyclonedx(self._workspace, what, Path(target))

    def audit_pack(
        self, what: str, target: Path | str, *, reviewer: str = "", retain_years: int = 10
    ) -> "AuditPack":
        """Write everything an auditor asks for; see `app.verbs.model.audit_pack`."""
        from diptych.app.verbs.model.audit_pack import Auditing, audit_pack

        return audit_pack(self._workspace, what, Path(target), Auditing(reviewer, retain_years))

    def import_signed(
        self,
        path: Path | str,
        signature: Path,
        *,
        name: str | None = None,
        trust: Sequence[str] = (),
        **signer: Any,
    ) -> "Published":
        """Verify a model that was signed elsewhere and publish it here.

        Args:
            path: file or folder of the model.
            signature: file of its OpenSSF signature.
            name: under which to publish it.
            trust: class names that a skops file may hold.
            **signer: further fields of `SignedBy`: `key` or `certificates`, and `ignored`.
        """
        from diptych.app.verbs.model.signing import SignedBy, import_signed

        signed = SignedBy(Path(signature), **signer)
        return import_signed(self._workspace, Path(path), signed, name=name, trust=trust)

    def license(
        self, what: str, licence: "str | Path | Licence", *, own: bool | None = None
    ) -> "LicenceSet":
        """Put data or a model under a licence; see `app.verbs.model.license.set_licence`."""
        from diptych.app.verbs.model.license import load_licence, set_licence

        return set_licence(self._workspace, what, load_licence(licence), own=own)

    def grant(self, what: str, to: str, *, until: str = "", later: bool = False) -> "Grant":
        """Grant the licence of data or a model; see `app.verbs.model.license.grant_licence`."""
        from diptych.app.verbs.model.license import grant_licence

        return grant_licence(self._workspace, what, to, until=until, later=later)

    def usage(self) -> "AbstractContextManager[UsageWriter]":
        """Open the usage log for a program that serves; see `app.verbs.model.usage.open_usage`."""
        from diptych.app.verbs.model.usage import open_usage

        return open_usage(self._workspace)

    def zoo(self) -> "list[Published]":
        """Publish the models that come with diptych, once; see `app.verbs.model.zoo`."""
        from diptych.app.verbs.model.zoo import publish_zoo

        return publish_zoo(self._workspace)

    def reproduce(
        self, reference: str, *, fresh_environment: bool = False, present: bool = False
    ) -> "Reproduced":
        """Replay a recorded run and compare; see `app.verbs.model.reproduce.reproduce`."""
        from diptych.app.verbs.model.reproduce import ReplayOptions, reproduce

        return reproduce(
            self._workspace, reference, ReplayOptions(fresh=fresh_environment, present=present)
        )
