"""Keep secrets out of what is recorded: passwords in names, arguments, URLs and known tokens.

A net, not a proof: it knows the usual names and shapes of secrets, and every value that stands in
the environment under such a name. What it masks reads `********`.
"""

import re
from collections.abc import Mapping, Sequence

MASK = "********"
_NAMED = re.compile(
    r"(?:^|_)(?:pass(?:word|wd|phrase|code)?|pwd|secret|credential|authorization|cookie|dsn|pin"
    r"|mnemonic|seed_phrase|connection_string|api_?key|bearer|jwt"
    r"|(?:access|private|secret|signing|encryption|ssh|wallet|service|account|auth)_key)s?(?:_|$)"
)
_TOKEN = re.compile(r"(?:^|_)tokens?$")
_VOCABULARY = re.compile(r"(?:bos|eos|pad|unk|sep|cls|mask)_tokens?$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_USERINFO = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]{0,31}://)[^\s/@]{1,1024}@")
_QUERY = re.compile(
    r"([?&;](?:[\w.-]{0,32}(?:token|sig|signature|secret|password|passwd|pwd|key|code"
    r"|credential))=)[^&\s;#]{1,4096}",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"\bgh[pousr]_\w{20,255}|\bgithub_pat_\w{20,255}|\bglpat-[\w-]{16,255}|\bhf_[A-Za-z]{20,64}"
    r"|\bsk-[\w-]{16,255}|\bxox[abeoprs]-[\w-]{10,255}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{8,4096}\.[\w-]{8,4096}\.[\w-]{0,4096}|\bAGE-SECRET-KEY-1[0-9A-Z]{20,100}"
    r"|-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]{0,8192}"
)
_SHORTEST_SECRET = 6
_MOST_KNOWN = 64


def is_secret_name(name: str, value: object = "") -> bool:
    """Tell whether something of this name must not be recorded.

    >>> [is_secret_name(n) for n in ("password", "apiKey", "hf_token", "max_depth")]
    [True, True, True, False]
    >>> is_secret_name("max_tokens", 512), is_secret_name("pad_token", "[PAD]")
    (False, False)
    """
    if isinstance(value, bool) or value is None:
        return False
    plain = re.sub(r"[^A-Za-z0-9]+", "_", _CAMEL.sub("_", name)).lower()
    if _NAMED.search(plain):
        return True
    is_token = _TOKEN.search(plain) is not None and _VOCABULARY.search(plain) is None
    return is_token and not isinstance(value, int | float)


class Redactor:
    """Masks secrets in texts and in arguments of a program.

    Args:
        environ: environment, whose secrets are masked wherever their value turns up.
        home: the user's home folder, which reads `~` because its path names a person.
    """

    def __init__(self, environ: Mapping[str, str], *, home: str = "") -> None:
        values = {
            value
            for name, value in environ.items()
            if len(value) >= _SHORTEST_SECRET and is_secret_name(name, value)
        }
        known = sorted(values, key=len, reverse=True)[:_MOST_KNOWN]
        self._known = re.compile("|".join(map(re.escape, known))) if known else None
        self._home = home if len(home) > 1 else ""

    def text(self, text: str) -> str:
        """Return the text without passwords in URLs, known tokens, and the home folder's path.

        >>> Redactor({}).text("postgres://me:pw@db/x?sslmode=on")
        'postgres://********@db/x?sslmode=on'
        """
        if self._known is not None:
            text = self._known.sub(MASK, text)
        text = _SHAPES.sub(MASK, text)
        if "://" in text:
            text = _USERINFO.sub(rf"\1{MASK}@", text)
        if "=" in text:
            text = _QUERY.sub(rf"\1{MASK}", text)
        return text.replace(self._home, "~") if self._home else text

    def named(self, name: str, text: str) -> str:
        """Return the text, or a mask if the name says that it is a secret."""
        return MASK if is_secret_name(name, text) else self.text(text)

    def words(self, words: Sequence[str]) -> list[str]:
        """Return the arguments of a program; `--token X` and `--token=X` are masked.

        >>> Redactor({}).words(["--lr", "0.1", "--password", "pw", "--api-key=k"])
        ['--lr', '0.1', '--password', '********', '--api-key=********']
        """
        shown: list[str] = []
        secret_next = False
        for word in words:
            option, equals, value = word.partition("=")
            if secret_next and not (word.startswith("-") and is_secret_name(option)):
                shown.append(MASK)
                secret_next = False
                continue
            secret_next = not equals and word.startswith("-") and is_secret_name(option)
            shown.append(f"{option}={self.named(option, value)}" if equals else self.text(word))
        return shown
