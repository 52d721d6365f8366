"""`diptych model export`, `import` and `compare`: models that travel, and where they come from."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych.app.cli.printing import table
from diptych.core.errors import JsonValue, UsageError

if TYPE_CHECKING:
    from diptych.app.verbs.model.compare import Overlap
    from diptych.app.verbs.model.publish import Published


class NeedsPolicy(UsageError):
    """A model is imported under a trust policy only: without one, anybody could have made it."""

    code = "Model.NeedsPolicy"


class NeedsPrivateKey(UsageError):
    """A signature for another system is by a key given for it, not by the keys of the log."""

    code = "Signing.NeedsPrivateKey"


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option("--output", "-o", type=ANY_PATH, help="Folder, or a file that ends in .zip.")
@click.option("--tensor", help="Only this tensor, with the proof that it is the model's.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["diptych", "model-signing", "cyclonedx"]),
    default="diptych",
    help="Package, OpenSSF signature over its files, or bill of materials.",
)
@click.option("--licensee", default="", help="Who gets it, for the usage log; default: us.")
@click.option("--key", type=FILE, help="PEM private key that signs (model-signing).")
@click.option(
    "--certificate",
    "certificates",
    type=FILE,
    multiple=True,
    help="PEM certificate of that key, then of its issuers; may be repeated.",
)
@framed
def export(
    *,
    what: str,
    output: Path | None,
    tensor: str | None,
    form: str,
    licensee: str,
    key: Path | None,
    certificates: tuple[Path, ...],
) -> Output:
    """Write a version with card and proof, for somebody else to verify and import."""
    name = what.replace("/", "-").replace(":", "-")
    if form == "model-signing":
        return _export_signature(what, output or Path(f"{name}.sig"), key, certificates)
    if form == "cyclonedx":
        bill = output or Path(f"{name}.cdx.json")
        written = open_workspace().models.export_cyclonedx(what, bill)
        return Output({"path": str(written), "reference": what}, f"listed {what} in {bill}")
    target = output or Path(f"{name}.diptych-model")
    place = open_workspace().models.export(what, target, tensor=tensor, licensee=licensee)
    shown = f"tensor {tensor!a} of {what}" if tensor else what
    return Output({"path": str(place), "reference": what}, f"wrote {shown} to {target}")


def _export_signature(
    what: str, target: Path, key: Path | None, certificates: tuple[Path, ...]
) -> Output:
    if key is None:
        raise NeedsPrivateKey(
            "a signature for model signing needs a private key of its own",
            hint="openssl ecparam -name prime256v1 -genkey -noout -out key.pem, then --key key.pem",
        )
    place = open_workspace().models.export_signature(
        what, target, key=key, certificates=certificates
    )
    return Output(
        {"path": str(place), "reference": what}, f"wrote a signature of {what} to {target}"
    )


@click.command("import")
@click.argument("package", type=ANY_PATH)
@click.option("--policy", "policy_file", type=FILE, help="Trust policy: whom to believe.")
@click.option("--name", type=REFERENCE, help="Name here; by default its own.")
@click.option("--trust", multiple=True, help="Class that a skops file may hold; may be repeated.")
@click.option("--signature", type=FILE, help="OpenSSF signature over PACKAGE, any folder or file.")
@click.option("--key", type=FILE, help="PEM public key of its signer.")
@click.option(
    "--certificate-chain",
    "roots",
    type=FILE,
    multiple=True,
    help="PEM certificates to believe for a signature by certificate; may be repeated.",
)
@click.option("--ignore", multiple=True, help="Path below PACKAGE that is no part of the model.")
@framed
def import_(
    *,
    package: Path,
    policy_file: Path | None,
    name: str | None,
    trust: tuple[str, ...],
    signature: Path | None,
    key: Path | None,
    roots: tuple[Path, ...],
    ignore: tuple[str, ...],
) -> Output:
    """Verify an exported model under a trust policy and publish it here.

    With --signature, PACKAGE is a model that somebody signed with OpenSSF model signing.
    """
    if signature is not None:
        done = open_workspace().models.import_signed(
            package,
            signature,
            key=key,
            certificates=roots,
            ignored=ignore,
            name=name,
            trust=trust,
        )
    else:
        done = _import_package(package, policy_file, name, trust)
    verb = "imported" if done.new else "already imported:"
    return Output(done.to_json(), f"{verb} {done.name}@{done.version} as record {done.index}")


def _import_package(
    package: Path, policy_file: Path | None, name: str | None, trust: tuple[str, ...]
) -> "Published":
    from diptych_verify.__main__ import read_policy

    policy = read_policy(None if policy_file is None else frame().folder / policy_file)
    if policy is None:
        raise NeedsPolicy(
            "a model is imported under a trust policy",
            hint="ask its publisher for the output of: diptych export policy",
        )
    return open_workspace().models.import_(package, policy, name=name, trust=trust)


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("other", metavar="[OTHER]", required=False, type=REFERENCE)
@framed
def compare(*, what: str, other: str | None) -> Output:
    """Compare the tensors of REF with OTHER, or find the registered models that it comes from.

    REF is a version or the path of model files that are not registered.
    """
    found = open_workspace().models.compare(what, other)
    shown: list[JsonValue] = [one.to_json() for one in found]
    header = ("model", "verdict", "identical", "share of values", "closeness")
    text = table([_row(one) for one in found], header)
    return Output({"compared": shown}, text if found else "no tensor in common with any model")


def _row(one: "Overlap") -> tuple[str, ...]:
    found = one.comparison
    closeness = "-" if found.closeness is None else f"{found.closeness:.3f}"
    return (
        f"{one.name}@{one.version}",
        found.verdict,
        f"{len(found.identical)}",
        f"{found.share:.1%}",
        closeness,
    )
