"""`python -m diptych_verify BUNDLE [PATH]`: verify a bundle without network and workspace.

Exit codes: 0 verified, 1 verification failed, 2 usage, 3 environment.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from diptych_verify.errors import DiptychError, MalformedError

if TYPE_CHECKING:
    import argparse

    from diptych_verify.evidence import Evidence
    from diptych_verify.policy import TrustPolicy

_MAX_READ_BYTES = (32 << 20) + 1  # MAX_BUNDLE_BYTES, whose module is slow to import


class CannotRead(DiptychError):
    """A file given on the command line cannot be read."""

    code: ClassVar[str] = "Verify.CannotRead"
    exit_code: ClassVar[int] = 3


class NoSuchFile(DiptychError):
    """A file given on the command line does not exist."""

    code: ClassVar[str] = "Verify.NoSuchFile"
    exit_code: ClassVar[int] = 2


class BadPolicy(DiptychError):
    """The trust policy given on the command line cannot be parsed."""

    code: ClassVar[str] = "Verify.BadPolicy"
    exit_code: ClassVar[int] = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        evidence = _verify(options)
    except DiptychError as error:
        _show_error(error, as_json=options.json)
        return error.exit_code
    if options.json:
        print(json.dumps(evidence.to_json(), indent=2))
    else:
        _show(evidence)
    return 0


def _parser() -> "argparse.ArgumentParser":
    import argparse  # our own program needs only what reads files here

    parser = argparse.ArgumentParser(
        prog="diptych-verify",
        description="Verify a diptych bundle offline.",
        epilog="Exit codes: 0 verified, 1 verification failed, 2 usage, 3 environment.",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the *.diptych.json file")
    parser.add_argument(
        "path", type=Path, nargs="?", metavar="PATH", help="the sealed file or folder, re-read"
    )
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="trust policy, TOML or JSON; else self-asserted"
    )
    parser.add_argument(
        "--lineage", action="store_true", help="insist that all ancestor records are there"
    )
    parser.add_argument("--json", action="store_true", help="print evidence or error as JSON")
    return parser


def _verify(options: "argparse.Namespace") -> "Evidence":
    from diptych_verify.verify import verify_bundle

    if options.path is not None and not options.path.exists():
        raise NoSuchFile(f"there is no {options.path}")
    return verify_bundle(
        read_file(options.bundle),
        policy=read_policy(options.policy),
        path=options.path,
        lineage=options.lineage,
    )


def read_policy(path: Path | None) -> "TrustPolicy | None":
    """Read a trust policy file, TOML or JSON; no path, no policy.

    Raises:
        BadPolicy: it cannot be parsed.
        NoSuchFile: there is none.
    """
    if path is None:
        return None
    from diptych_verify.policy import TrustPolicy

    try:
        return TrustPolicy.parse(read_file(path))
    except MalformedError as error:
        raise BadPolicy(f"{path}: {error.message}", hint="docs/formats.md shows a policy") from None


def read_file(path: Path) -> bytes:
    """Read a file that a person named, at most one byte above what is accepted.

    Raises:
        NoSuchFile: there is none.
        CannotRead: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_READ_BYTES)
    except FileNotFoundError:
        raise NoSuchFile(f"there is no {path}") from None
    except OSError as error:
        raise CannotRead(f"cannot read {path}: {error.strerror}") from None


def _show(evidence: "Evidence") -> None:
    print(
        f"record {evidence.record_id.hex()} ({evidence.kind} {_plain(evidence.subject)!a}), "
        f"index {evidence.index} of {evidence.origin}, size {evidence.size}"
    )
    for answer in evidence.answers:
        print(f"{answer.question:<13} {answer.status:<14} {_plain(answer.text)}")
    for node in evidence.lineage:
        print(f"  lineage     {node['index']!s:>8}  {node['kind']} {node['name']!a}")


def _show_error(error: DiptychError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": error.to_json()}, indent=2))
        return
    print(f"error {error.code}: {_plain(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"hint: {error.hint}", file=sys.stderr)


def _plain(text: str) -> str:
    """Return hostile text without characters that could drive a terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


if __name__ == "__main__":
    sys.exit(main())
