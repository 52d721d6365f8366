"""What content is: a script that loads or runs code, a shell command, a program, an address."""

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Sign", "has_magic", "is_picture", "signs"]


class Sign(NamedTuple):
    """What a stretch of bytes was recognised as.

    `kind` is script, command, program or address. `sure` says whether the content alone shows it;
    what is not sure needs a reason from elsewhere.
    """

    kind: str
    what: str
    start: int
    end: int
    sure: bool = True


def _of(*patterns: str) -> re.Pattern[bytes]:
    return re.compile("|".join(patterns).encode(), re.IGNORECASE)


# Prose names these things too, so each pattern asks for the syntax around the name.
_RUNS = _of(
    r"\beval\s*\(\s*[\w'\"`]",
    r"\[\s*['\"]eval['\"]\s*\]",
    r"\bnew\s+Function\s*\(",
    r"\bFunction\s*\(\s*['\"`]",
    r"\bsetTimeout\s*\(\s*['\"`]",
    r"\bdocument\.write(?:ln)?\s*\(",
    r"\bimportScripts\s*\(",
    r"\.constructor\s*\(\s*['\"`]",
)
_ADDS = _of(r"createElement\s*\(\s*['\"]script")
_DECODES_TEXT = _of(r"\b(?:atob|unescape|fromCharCode)\s*\(\s*['\"\d]")
_DECODES = _of(
    r"\batob\s*\(",
    r"\[\s*['\"]atob['\"]\s*\]",
    r"\bunescape\s*\(",
    r"fromCharCode\s*\(",
    r"Buffer\.from\s*\([^)]{0,600},\s*['\"](?:base64|hex)",
    r"\bb64decode\s*\(",
    r"return this",
)
_FETCHES = _of(
    r"\bfetch\s*\(\s*['\"`]?(?:https?:|wss?:|//|\w+\s*[,)+])",
    r"\bXMLHttpRequest\s*\(",
    r"\bnew\s+WebSocket\s*\(",
    r"\$\.(?:get|post|ajax|getScript)\s*\(",
    r"\baxios(?:\.\w+)?\s*\(",
    r"\.src\s*=\s*['\"`](?:https?:)?//",
    r"\.src\s*=\s*(?:atob|unescape|decodeURIComponent|String\.fromCharCode)\s*\(",
    r"\bimport\s*\(\s*['\"`]https?:",
    r"<iframe[^>]{0,300}\bsrc\s*=\s*['\"]?(?:https?:)?//",
)
_REMOTE_TAG = _of(r"<script[^>]{0,300}\bsrc\s*=\s*['\"]?(?:https?:)?//")
_HIDDEN_FRAME = _of(
    r"<iframe(?=[^>]{0,300}\bsrc\s*=\s*['\"]?(?:https?:)?//)"
    r"(?=[^>]{0,300}(?:display\s*:\s*none|visibility\s*:\s*hidden|\b(?:width|height)\W{1,3}[01]\b))"
)
_WALLET = _of(
    r"\bethereum\.(?:request|send|sendAsync)\s*\([^)]{0,200}"
    r"(?:eth_sendTransaction|eth_signTypedData|personal_sign|eth_sign\b)"
)
_OTHER_SCRIPTS = (
    (_REMOTE_TAG, "a script from another host"),
    (_HIDDEN_FRAME, "a hidden frame from another host"),
    (_WALLET, "a script that asks wallets to sign"),
)
_SYSTEM = _of(
    r"require\s*\(\s*['\"`](?:node:)?child_process",
    r"\bos\.(?:system|popen)\s*\(",
    r"\bsubprocess\.(?:run|call|Popen|check_output)\s*\(",
    r"\b(?:WScript\.Shell|Shell\.Application|MSXML2\.XMLHTTP|ADODB\.Stream)\b",
    r"\bexec\s*\(\s*(?:__import__|base64|requests\.get|urllib|compile)",
    r"\bRuntime\.getRuntime\(\)\.exec\s*\(",
)
_COMMAND = _of(
    r"\b(?:powershell|pwsh)(?:\.exe)?['\"]?\s+(?:-|/|\$|&|i(?:ex|wr)\b)",
    r"\biex\s*[(&$]",
    r"\bInvoke-(?:Expression|WebRequest|RestMethod)\b\s*[\w(-]",
    r"\.Download(?:String|File|Data)\s*\(",
    r"\bFromBase64String\s*\(",
    r"\bcmd(?:\.exe)?['\"]?\s*/[ckq]\s",
    r"\bmshta(?:\.exe)?\s+['\"]?(?:https?:|vbscript:|javascript:)",
    r"\b(?:curl|wget)\s[^|\r\n]{0,300}\|\s*(?:sudo\s+)?(?:/bin/)?(?:ba|z|da|k)?sh\b",
    r"\b(?:curl|wget)\s+-\w*[^;&\r\n]{0,300}(?:;|&&)\s*(?:chmod|sh|bash|\./)",
    r"\b(?:ba|z)?sh\s+(?:-c|-i)\s+['\"<>&$(\w]",
    r"\bpython[23]?\s+-c\s+['\"]",
    r"/dev/(?:tcp|udp)/[\w.$-]+/\d+",
    r"\bnc(?:at)?\s+(?:-\w+\s+)*-e\s",
    r"\bcertutil(?:\.exe)?\s+-(?:urlcache|decode)",
    r"\bregsvr32(?:\.exe)?\s[^\r\n]{0,200}scrobj",
    r"\brundll32(?:\.exe)?\s+\S{1,200},",
    r"\bbitsadmin(?:\.exe)?\s+/",
    r"\A\s*#!\s*/(?:usr/)?bin/",
)
_PICTURE = _of(
    r"<svg\b",
    r"<canvas\b",
    r"<(?:html|body|style)\b",
    r"<!doctype\b",
    r"getContext\s*\(",
    r"requestAnimationFrame",
    r"createCanvas\s*\(",
)
_HOST = r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]{2,45}\]|(?:[a-z0-9_-]{1,63}\.)+[a-z]{2,24})"
_ONE = rf"(?:(?P<scheme>[a-z][a-z0-9+.-]{{1,11}})://)?(?:[^\s/@]{{1,64}}@)?(?P<host>{_HOST})"
_REST = r"(?P<port>:\d{1,5})?(?P<path>/[^\s,;|\"'<>{}]{0,2000})?"
_ADDRESS = re.compile((_ONE + _REST).encode(), re.IGNORECASE)
_SEPARATORS = re.compile(rb"[\s,;|\x00]+")
_NUMERIC = re.compile(rb"\d{1,3}(?:\.\d{1,3}){3}\Z|\[")
_WEB = frozenset({b"http", b"https"})
_SOCKETS = frozenset(
    {b"tcp", b"udp", b"ws", b"wss", b"socks", b"socks4", b"socks5", b"ssh", b"ftp", b"tls", b"quic"}
)
_DROP = re.compile(
    rb"\.(?:exe|dll|ps1|hta|sh|bat|cmd|vbs|vbe|jse?|php|apk|jar|msi|scr|bin|elf|lnk)(?:[?#]|\Z)",
    re.IGNORECASE,
)
_HIDDEN_HOST = re.compile(rb"\.(?:onion|i2p)\Z", re.IGNORECASE)
_LOOPBACK = re.compile(rb"127\.|0\.0\.0\.0\Z|localhost\Z", re.IGNORECASE)
_USUAL_PORTS = frozenset({b"", b":80", b":443"})
_MAX_ADDRESSES = 64

_MAGIC = (
    ("ELF program", re.compile(rb"\A\x7fELF|\x7fELF[\x01\x02][\x01\x02]\x01")),
    (
        "Windows program",
        re.compile(rb"\AMZ(?:\x90\x00|.{6}[\x02\x04]\x00|.{58,2000}?PE\0\0)", re.S),
    ),
    ("Windows program", re.compile(rb"This program (?:cannot|must) be run (?:in DOS|under Win)")),
    (
        "Mach-O program",  # the magic number, then x86 or ARM
        re.compile(
            rb"\A(?:\xfe\xed\xfa[\xce\xcf][\x00\x01]\x00\x00[\x07\x0c]"
            rb"|[\xce\xcf]\xfa\xed\xfe[\x07\x0c]\x00\x00[\x00\x01])"
        ),
    ),
    ("Java class", re.compile(rb"\A\xca\xfe\xba\xbe\x00\x00\x00[\x2d-\x50]")),
    ("Android program", re.compile(rb"\Adex\n03\d\x00")),
    ("Windows shortcut", re.compile(rb"\AL\x00\x00\x00\x01\x14\x02\x00")),
    ("machine code", re.compile(rb"\A\xfc(?:\xe8[\x82\x89\x8f]\x00\x00\x00|\x48\x83\xe4\xf0\xe8)")),
)


def has_magic(data: bytes) -> bool:
    """Whether bytes are a program for a computer, by the head of their format."""
    return any(pattern.search(data) for _, pattern in _MAGIC)


def is_picture(data: bytes) -> bool:
    """Whether a text is shown: SVG, a page, or a script on a canvas."""
    return _PICTURE.search(data) is not None


def signs(data: bytes) -> Iterator[Sign]:
    """Yield what content is recognised as, at most one of each kind.

    A script is one that runs what it decodes or fetches; a drawing may run what it decodes, for
    on-chain art unpacks its own libraries that way, but not what it fetches. An address counts
    where the text is nothing but addresses.
    """
    for what, pattern in _MAGIC:
        found = pattern.search(data)
        if found:
            yield Sign("program", what, *found.span())
            return
    command = _COMMAND.search(data) or _SYSTEM.search(data)
    if command:
        yield Sign("command", "a command for a shell", *command.span())
    script = _script(data)
    if script is not None:
        yield script
    address = None if command or script else _addresses(data)
    if address is not None:
        yield address


def _script(data: bytes) -> Sign | None:
    runs, adds = _RUNS.search(data), _ADDS.search(data)
    acts = runs or adds
    if acts and _FETCHES.search(data):
        return Sign("script", "a script that runs what it fetches", *acts.span())
    if is_picture(data):
        return None
    decodes = _DECODES if runs else _DECODES_TEXT
    if acts and decodes.search(data):
        return Sign("script", "a script that runs what it decodes", *acts.span())
    for pattern, what in _OTHER_SCRIPTS:
        found = pattern.search(data)
        if found:
            return Sign("script", what, *found.span())
    if runs:
        return Sign("script", "a script that runs text as code", *runs.span(), sure=False)
    return None


def _addresses(data: bytes) -> Sign | None:
    """Return a sign where a text consists of network addresses and nothing else."""
    text = data.strip(b"\x00 \t\r\n\"'[]")
    parts = _SEPARATORS.split(text, _MAX_ADDRESSES)
    if not text or len(text) > _MAX_ADDRESSES * 256 or len(parts) > _MAX_ADDRESSES:
        return None
    found = [_ADDRESS.fullmatch(part.strip(b"\"'")) for part in parts]
    if not all(found):
        return None
    matches = [each for each in found if each is not None]
    if all(_LOOPBACK.match(each["host"]) for each in matches):
        return None
    if not any(each["scheme"] or each["port"] or _is_numeric(each) for each in matches):
        return None
    several = len(matches) > 1 and all(each["scheme"] for each in matches)
    sure = several or any(_is_odd(each) for each in matches)
    return Sign("address", "an address to connect to", 0, len(data), sure)


def _is_numeric(match: re.Match[bytes]) -> bool:
    return _NUMERIC.match(match["host"]) is not None


def _is_odd(match: re.Match[bytes]) -> bool:
    """Whether an address is none that a web page or an image has."""
    scheme = (match["scheme"] or b"").lower()
    port = match["port"] or b""
    web = scheme in _WEB
    if scheme in _SOCKETS or _HIDDEN_HOST.search(match["host"]):
        return True
    if _is_numeric(match):
        return web or bool(port)
    if web:
        return port not in _USUAL_PORTS or _DROP.search(match["path"] or b"") is not None
    return not scheme and len(port) > 2 and not match["path"]
