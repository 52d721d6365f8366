"""Chain profiles: names for endpoints, each with the chain id it must serve.

`private/chains.json` is 0600 because URLs may hold API keys; a URL may instead name an environment
variable as `${NAME}`, which is filled in at use and never stored. `embedded` is always there.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from diptych.core.canonical import canonical_json
from diptych.core.errors import ConfigError, JsonValue
from diptych.core.files import make_folder, write_durably
from diptych.ledger.keystore import require_private
from diptych.ledger.masking import checked_url, masked_url
from diptych_verify.errors import MalformedError
from diptych_verify.jsonio import ObjectReader, strict_json

_FORMAT = "diptych-chains/1"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MAX_BYTES = 1 << 20
_MAX_PROFILES = 1_000
EMBEDDED = "embedded"


class UnknownProfile(ConfigError):
    """No chain profile has this name."""

    code = "Chain.UnknownProfile"


class BadProfile(ConfigError):
    """A chain profile or the profiles file cannot be used."""

    code = "Chain.BadProfile"


@dataclass(frozen=True)
class ChainProfile:
    """A named way to a chain.

    Attributes:
        name: lower case, at most 64 characters.
        url: endpoint, perhaps with `${NAME}`; empty for the embedded chain. Never shown as it is.
        chain_id: the chain it must serve; None for the embedded chain, which knows its own.
        plugin: entry point of `diptych.chains` that opens it.
    """

    name: str
    url: str = field(repr=False, default="")
    chain_id: int | None = None
    plugin: str = "rpc"

    @property
    def shown_url(self) -> str:
        """The URL with its secrets masked."""
        if _VARIABLE.search(self.url):
            return masked_url(_VARIABLE.sub("variable", self.url))
        return masked_url(self.url) if self.url else "-"

    def resolved_url(self, environ: Mapping[str, str] | None = None) -> str:
        """Return the URL with environment variables filled in.

        Raises:
            BadProfile: a variable is not set.
            BadEndpoint: the result is no URL.
        """
        values = os.environ if environ is None else environ
        missing = [name for name in _VARIABLE.findall(self.url) if not values.get(name)]
        if missing:
            raise BadProfile(
                f"chain profile '{self.name}' needs the environment variable {missing[0]}",
                hint=f"export {missing[0]}=...",
            )
        return checked_url(_VARIABLE.sub(lambda match: values[match[1]], self.url))


class ProfileBook:
    """The chain profiles of a workspace."""

    def __init__(self, path: Path) -> None:
        """Name the file; it need not exist.

        Args:
            path: `private/chains.json`.
        """
        self._path = path

    def profiles(self) -> list[ChainProfile]:
        """Return every profile, the embedded one first.

        Raises:
            UnsafePermissions: others can read the file.
            BadProfile: the file is damaged.
        """
        return [ChainProfile(EMBEDDED, plugin=EMBEDDED), *self._read()]

    def get(self, name: str) -> ChainProfile:
        """Return one profile.

        Raises:
            UnknownProfile: there is none of that name.
        """
        every = self.profiles()
        for profile in every:
            if profile.name == name:
                return profile
        known = ", ".join(profile.name for profile in every)
        raise UnknownProfile(
            f"got chain profile '{name[:64]}', expected one of: {known}",
            hint="diptych chain add NAME URL",
        )

    def add(self, profile: ChainProfile) -> None:
        """Store a profile, replacing one of the same name.

        Raises:
            BadProfile: the name or chain id cannot be used.
            BadEndpoint: the URL cannot be used.
        """
        require_name(profile.name)
        if profile.chain_id is None or not 0 < profile.chain_id < 1 << 53:
            raise BadProfile(f"got chain id {profile.chain_id}, expected 1 to 2^53-1")
        checked_url(_VARIABLE.sub("variable", profile.url))
        self._write([p for p in self._read() if p.name != profile.name] + [profile])

    def remove(self, name: str) -> None:
        """Forget a profile.

        Raises:
            UnknownProfile: there is none of that name.
            BadProfile: the embedded chain cannot be removed.
        """
        if self.get(name).name == EMBEDDED:
            raise BadProfile("the embedded chain's profile cannot be removed")
        self._write([p for p in self._read() if p.name != name])

    def _read(self) -> list[ChainProfile]:
        if not self._path.exists():
            return []
        require_private(self._path)
        try:
            raw = self._path.read_bytes()
            content = ObjectReader(strict_json(raw, max_bytes=_MAX_BYTES, max_depth=3), "chains")
            if content.text("format") != _FORMAT:
                raise content.wrong("format", f"'{_FORMAT}'")
            profiles = [_profile(r) for r in content.objects("chains", maximum=_MAX_PROFILES)]
            content.done()
        except (OSError, MalformedError) as error:
            raise BadProfile(
                f"cannot read {self._path}: {error}", hint="remove it and add the chains again"
            ) from None
        return profiles

    def _write(self, profiles: list[ChainProfile]) -> None:
        chains: list[JsonValue] = [asdict(p) for p in sorted(profiles, key=lambda p: p.name)]
        content = canonical_json({"format": _FORMAT, "chains": chains})
        make_folder(self._path.parent, mode=0o700)
        write_durably(self._path, content, mode=0o600)


def require_name(name: str) -> None:
    """Refuse a name that no profile can have.

    Raises:
        BadProfile: it has other characters, or is the embedded chain's.
    """
    if not _NAME.fullmatch(name) or name == EMBEDDED:
        raise BadProfile(
            f"got the profile name '{name[:64]}', expected lower-case letters, digits, "
            "'.', '_' or '-', and not 'embedded'"
        )


def _profile(reader: ObjectReader) -> ChainProfile:
    profile = ChainProfile(
        name=reader.text("name"),
        url=reader.text("url"),
        chain_id=reader.integer("chain_id", minimum=1),
        plugin=reader.text("plugin"),
    )
    reader.done()
    return profile
