"""Lines are counted as code only where code stands on them."""

import pytest

from diptych.audit.source.text import SourceText


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("a.sol", b"// one\n\ncontract C { // two\n/* three\n four */ uint x;\n}\n", 3),
        ("a.sol", b'string s = "// no comment /*";\nuint y;\n', 2),
        ("a.sol", b"uint x;\n/* never closed\nuint y;\n", 1),
        ("a.vy", b'# one\n"""\ntwo\n"""\nx: uint256 # three\n\ny: String[3]\n', 2),
        ("a.vy", b'x: constant(String[9]) = "# code"\n', 1),
    ],
)
def test_comments_are_no_code(path: str, text: bytes, lines: int) -> None:
    assert SourceText(path, text).code_lines == lines
