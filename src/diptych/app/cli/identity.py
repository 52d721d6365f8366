"""`diptych key identify`, `disown` and `binding-message`: whose key it is."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FILE, REFERENCE


@click.command()
@click.argument("keyid", required=False, type=REFERENCE)
@click.option("--x509", type=FILE, help="PEM file of a certificate chain, leaf first.")
@click.option("--binding", type=FILE, help="Signature of `binding-message` by that certificate.")
@click.option("--did-web", type=REFERENCE, help="A DID whose document lists the key.")
@click.option("--document", type=FILE, help="The DID document (of a credential, the issuer's).")
@click.option("--fetch", is_flag=True, help="Get the DID document from its domain now.")
@click.option("--credential", type=FILE, help="A W3C Verifiable Credential: JWT or JSON.")
@click.option(
    "--revocation-list",
    "lists",
    multiple=True,
    type=FILE,
    help="A CRL of the chain's issuers, or a status list of the credential's. Repeatable.",
)
@framed
def identify(
    keyid: str | None,
    did_web: str | None,
    *,
    x509: Path | None,
    binding: Path | None,
    document: Path | None,
    fetch: bool,
    credential: Path | None,
    lists: tuple[Path, ...],
) -> Output:
    """Say in the log whom KEYID belongs to, by default the key that signs now.

    The evidence becomes public: it travels in every bundle that the key signed.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.identity import GivenEvidence
    from diptych.app.verbs.identity import identify as log_identity
    from diptych_verify.wording import quoted

    given = GivenEvidence(x509, binding, did_web or "", document, fetch, credential, lists)
    done = log_identity(open_workspace(), given, keyid=keyid)
    text = f"record {done.index} says that {done.keyid} is {quoted(done.name)}\n  {done.basis}"
    return Output(done.to_json(), text)


@click.command()
@click.argument("what", type=REFERENCE)
@click.option("--reason", default="", help="Why, in a few words; it is public.")
@framed
def disown(what: str, reason: str) -> Output:
    """Take back an identity: WHAT is the index or id of its record."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.identity import disown as revoke_identity

    index, keyid = revoke_identity(open_workspace(), what, reason=reason)
    return Output(
        {"index": index, "keyid": keyid}, f"record {index} takes back an identity of {keyid}"
    )


@click.command("binding-message")
@click.argument("keyid", required=False, type=REFERENCE)
@framed
def binding_message(keyid: str | None) -> Output:
    """Print what a certificate's key must sign to vouch for KEYID."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.signing import current_keyid
    from diptych.provenance.identity import message_to_bind

    book = open_workspace()
    with book.read_log() as log:
        chosen = keyid or current_keyid(book, log)
    message = message_to_bind(chosen).decode()
    return Output({"keyid": chosen, "message": message}, message.removesuffix("\n"))
