"""For each rewrite: members of a contract where it fits, what it writes, and twins without it."""

from typing import NamedTuple

__all__ = ["CASES", "Case"]


class Case(NamedTuple):
    """Members of a contract `C`, words that the rewrite makes of them, and hard negatives."""

    rewrite: str
    members: str
    becomes: str
    twins: tuple[str, ...]
    pragma: str = "0.8.20"


CASES = (
    Case(
        "constant-variable",
        "uint256 public fee = 3;",
        "uint256 public constant fee = 3;",
        (
            "uint256 public fee = 3; function f(uint256 a) external { fee = a; }",
            "uint256 public fee = block.number;",
            "uint256 public fee;",
        ),
    ),
    Case(
        "immutable-variable",
        "address owner; constructor() { owner = msg.sender; }",
        "address immutable owner;",
        (
            "address owner; constructor() { owner = msg.sender; } function f() external"
            " { delete owner; }",
            "string name; constructor() { name = 'a'; }",
            "address owner; function f() external { owner = msg.sender; }",
        ),
    ),
    Case(
        "state-packing",
        "uint128 a; uint256 b; uint128 c;",
        "uint128 a; uint128 c; uint256 b;",
        ("uint128 a; uint128 c; uint256 b;", "uint128 a; uint256 b = gasleft(); uint128 c;"),
    ),
    Case(
        "struct-packing",
        "struct S { uint128 a; uint256 b; uint128 c; } S s;",
        "struct S { uint128 a; uint128 c; uint256 b; }",
        (
            "struct S { uint128 a; uint256 b; uint128 c; } S s; function f() external"
            " { s = S(1, 2, 3); }",
            "struct S { uint256 a; uint128 b; uint128 c; } S s;",
            "struct S { uint128 a; uint256 b; uint128 c; } S s; function f() external view"
            " returns (bytes32) { return keccak256(abi.encode(s)); }",
        ),
    ),
    Case(
        "external-function",
        "function f(uint256[] memory a) public pure returns (uint256) { return a[0]; }",
        "function f(uint256[] calldata a) external pure",
        (
            "function f(uint256 a) public {} function g() external { f(1); }",
            "function f(uint256[] memory a) public pure { a[0] = 1; }",
            "function f(uint256 a) public virtual {}",
            "function f(uint256[] memory a) public pure returns (uint256) { g(a); return a[0]; }"
            " function g(uint256[] memory a) internal pure { a[0] = 9; }",
        ),
    ),
    Case(
        "calldata-parameters",
        "function f(uint256[] memory a) external pure returns (uint256) { return a[0]; }",
        "uint256[] calldata a",
        (
            "function f(uint256[] memory a) external pure { a[0] = 1; }",
            "function f(uint256[] memory a) internal pure returns (uint256) { return a[0]; }",
            "function f(bytes memory a) external pure returns (uint256 r)"
            " { assembly { r := mload(a) } }",
            "function f(uint256[] memory a) external pure returns (uint256)"
            " { uint256[] memory b = a; b[0] = 1; return a[0]; }",
            "function f(uint256[] memory a) external pure returns (uint256) { g(a); return a[0]; }"
            " function g(uint256[] memory a) internal pure { a[0] = 9; }",
            "struct S { uint256 a; } function f(S[] memory s) external pure returns (uint256)"
            " { S memory one = s[0]; one.a = 7; return s[0].a; }",
            "function f(uint256[] memory a, uint256[] memory b, bool c) external pure returns"
            " (uint256) { uint256[] memory d; d = c ? a : b; d[0] = 1; return a[0] + b[0]; }",
            "struct S { uint256[] a; } function f(uint256[] memory a) external pure returns"
            " (uint256) { S memory s = S(a); s.a[0] = 1; return a[0]; }",
        ),
    ),
    Case(
        "calldata-parameters",
        "struct S { string a; uint256 b; } S[] all; string name; event E(string a);"
        " function f(string memory a) external returns (bytes32) { name = a;"
        " all.push(S(a, 1)); emit E(a); return keccak256(abi.encode(a, bytes(a).length)); }",
        "string calldata a",
        (
            "struct S { string a; } S last; function g(string memory a) internal pure"
            " returns (string memory) { bytes(a)[0] = 'x'; return a; } function f(string memory a)"
            " external returns (string memory) { last = S(g(a)); return a; }",
        ),
    ),
    Case(
        "storage-reference",
        "struct S { uint256 a; uint256 b; } S[] all; function f(uint256 i) external view"
        " returns (uint256) { S memory one = all[i]; return one.a; }",
        "S storage one = all[i];",
        (
            "struct S { uint256 a; uint256 b; } S[] all; function f(uint256 i) external"
            " returns (uint256) { S memory one = all[i]; all.pop(); return one.a; }",
            "struct S { uint256 a; uint256 b; } S[] all; function f(uint256 i) external view"
            " returns (uint256) { S memory one = all[i]; one.a = 2; return one.a; }",
            "struct S { uint256 a; uint256 b; } S[] all; function f(uint256 i) external view"
            " returns (S memory) { S memory one = all[i]; return one; }",
            "struct S { uint256[] a; uint256 b; } S[] all; function f(uint256 i) external view"
            " returns (uint256) { S memory one = all[i]; uint256[] memory l = one.a; l[0] = 9;"
            " return one.a[0]; }",
        ),
    ),
    Case(
        "storage-pointer",
        "struct S { uint256 a; uint256 b; } mapping(address => S) all; function f(uint256 x)"
        " external { all[msg.sender].a += x; all[msg.sender].b = x; }",
        "S storage all_ = all[msg.sender];",
        (
            "struct S { uint256 a; uint256 b; } mapping(uint256 => S) all; function f(uint256 x)"
            " external { all[x].a = 1; x++; all[x].b = 2; }",
            "struct S { uint256 a; uint256 b; } mapping(uint256 => S) all; function f(uint256 x)"
            " external { all[x].a = 1; delete all[x]; all[x].b = 1; }",
            "struct S { uint256 a; } mapping(uint256 => S) all; function f(uint256 x)"
            " external { all[x].a = 1; }",
        ),
    ),
    Case(
        "cached-length",
        "uint256[] xs; function f() external view returns (uint256 r)"
        " { for (uint256 i; i < xs.length; ++i) { r += xs[i]; } }",
        "i < xsLength;",
        (
            "uint256[] xs; function f() external"
            " { for (uint256 i; i < xs.length; ++i) { xs.pop(); } }",
            "uint256[] xs; function f(address a) external"
            ' { for (uint256 i; i < xs.length; ++i) { a.call(""); } }',
            "uint256[] xs; function f() external { for (uint256 i; i < xs.length; ++i) { g(); } }"
            " function g() internal { xs.push(); }",
        ),
    ),
    Case(
        "hoisted-read",
        "uint256 k; function f(uint256 n) external view returns (uint256 r)"
        " { for (uint256 i; i < n; ++i) { r += k; } }",
        "uint256 k_ = k;",
        (
            "uint256 k; function f(uint256 n) external"
            " { for (uint256 i; i < n; ++i) { k = k * 2; } }",
            "uint256 k; function f(uint256 n) external view returns (uint256 r) { r = k; }",
        ),
    ),
    Case(
        "cached-read",
        "uint256 k; function f(uint256 n) external view returns (uint256)"
        " { require(n < k); return k - n; }",
        "return k_ - n;",
        (
            "uint256 k; function f(uint256 n) external { require(n < k); k = k - n; }",
            "uint256 k; function f(address a) external returns (uint256)"
            ' { require(k > 1); a.call(""); return k; }',
            "uint256 k; modifier m() { k++; _; } function f(uint256 n) external m returns (uint256)"
            " { require(n < k); return k - n; }",
        ),
    ),
    Case(
        "cached-element",
        "mapping(address => uint256) m; function f(address a) external view returns (uint256)"
        " { require(m[a] > 1); return m[a]; }",
        "uint256 m_ = m[a];",
        (
            "mapping(address => uint256) m; function f(address a) external returns (uint256)"
            " { require(m[a] > 1); m[msg.sender] = 3; return m[a]; }",
            "mapping(address => uint256) m; function f(address a, address b) external view"
            " returns (uint256) { require(m[a] > 1); return m[b]; }",
        ),
    ),
    Case(
        "written-value",
        "address owner; event E(address a); function f(address a) external"
        " { owner = a; emit E(owner); }",
        "emit E(a);",
        (
            "address owner; event E(address a); function f(address a) external"
            " { emit E(owner); owner = a; }",
            "uint128 k; event E(uint128 a); function f(uint64 a) external { k = a; emit E(k); }",
        ),
    ),
    Case(
        "short-circuit",
        "bool open; function f(uint256 a) external view returns (bool) { return open && a > 3; }",
        "return a > 3 && open;",
        (
            "bool open; function f(uint256 a) external view returns (bool)"
            " { return a > 3 && open; }",
            "bool[] open; function f(uint256 a) external view returns (bool)"
            " { return open[1] && a > 3; }",
            "bool open; function f(uint256 a) external view returns (bool)"
            " { return open && 10 / a > 3; }",
        ),
    ),
    Case(
        "redundant-check",
        "uint256 k; function f(uint256 a) external { require(a >= 0); k = a; }",
        "external {  k = a; }",
        (
            "uint256 k; function f(int256 a) external { require(a >= 0); k = uint256(a); }",
            "uint256 k; function f(uint256 a) external { require(a >= 1); k = a; }",
            "uint256[] k; function f(uint256 a) external { require(k[a] >= 0); }",
        ),
    ),
    Case(
        "bool-comparison",
        "bool k; function f() external view { require(k == false); }",
        "require(!k);",
        ("bool k; bool j; function f() external view { require(k == j); }",),
    ),
    Case(
        "nonzero-test",
        "uint256 k; function f() external view { require(k > 0); }",
        "require(k != 0);",
        (
            "int256 k; function f() external view { require(k > 0); }",
            "uint256 k; function f() external view { require(k > 1); }",
        ),
    ),
    Case(
        "shift-division",
        "function f(uint256 a) external pure returns (uint256) { return a / 8; }",
        "(a >> 3)",
        (
            "function f(int256 a) external pure returns (int256) { return a / 8; }",
            "function f(uint256 a) external pure returns (uint256) { return a / 6; }",
            "function f(uint256 a) external pure returns (uint256) { return a / 1; }",
        ),
    ),
    Case(
        "unchecked-increment",
        "uint256 k; function f(uint256 n) external { for (uint256 i; i < n; i++) { k = i;\n } }",
        "unchecked { ++i; }",
        (
            "uint256 k; function f(uint256 n) external"
            " { for (uint256 i; i != n; i++) { if (i == 2) continue; k = i; } }",
            "uint256 k; function f(uint256 n) external { for (uint8 i; ; i++) { k = i; } }",
        ),
    ),
    Case(
        "unchecked-arithmetic",
        "function f(uint256 a, uint256 b) external pure returns (uint256)"
        " { require(a >= b); return a - b; }",
        "unchecked { return a - b; }",
        (
            "function f(uint256 a, uint256 b) external pure returns (uint256)"
            " { require(a <= b); return a - b; }",
            "function f(uint256 a, uint256 b) external pure returns (uint256)"
            " { require(a >= b); return a - b + a; }",
            "function f(uint256 a, uint256 b) external pure returns (uint256)"
            " { require(a >= b); return g(a, b); } function h(uint256 a) external pure"
            " returns (uint256) { return g(a, 7); } function g(uint256 a, uint256 b) internal pure"
            " returns (uint256) { return a - b; }",
        ),
    ),
    Case(
        "kept-value",
        "mapping(address => uint256) m; function f(uint256 a) external {"
        " require(m[msg.sender] >= a); m[msg.sender] -= (a + 1); }",
        "uint256 m_ = m[msg.sender];",
        (
            "mapping(address => uint256) m; function g() internal returns (uint256)"
            " { return m[msg.sender]++; } function f(uint256 a) external"
            " { require(m[msg.sender] >= a); m[msg.sender] -= g(); }",
            "mapping(address => uint256) m; function g() internal returns (bool)"
            " { m[msg.sender] = 1; return true; } function f(uint256 a) external"
            " { require(m[msg.sender] >= a && g()); m[msg.sender] -= a; }",
            "mapping(address => uint256) m; function f(uint256 a, address b) external"
            " { require(m[b] >= a); b = msg.sender; m[b] -= a; }",
            "mapping(address => uint256) m; function f(uint256 a, address b) external"
            " { require(m[b] >= a); m[msg.sender] = 0; m[b] -= a; }",
            "mapping(address => uint256) m; function f(uint256 a) external"
            " { if (m[msg.sender] >= a) a = 1; m[msg.sender] -= a; }",
            "struct S { uint256 x; } mapping(address => uint256) m; S t; function f(uint256 a,"
            " mapping(address => uint256) storage p) internal { require(m[msg.sender] >= a);"
            " p[msg.sender] = 1; m[msg.sender] -= a; } function g() external { f(1, m); }",
        ),
    ),
    Case(
        "kept-value",
        "mapping(address => mapping(address => uint256)) m; error Low(uint256 had); function f("
        "address b, uint256 a) external { if (m[b][msg.sender] < a) revert Low(m[b][msg.sender]);"
        " m[b][msg.sender] -= a; }",
        "m[b][msg.sender] = m_ - a;",
        (),
    ),
    Case(
        "kept-value",
        "mapping(address => uint256) m; uint256 total; function f(uint256 a) external {"
        " require(m[msg.sender] >= a); total = total - a; m[msg.sender] -= a; }",
        "total = total - a; m[msg.sender] = m_ - a;",
        (),
    ),
    Case(
        "compound-assignment",
        "uint256 k; function f(uint256 a) external { k += a; }",
        "k = k + a;",
        (
            "uint256 k; function f() external { k += g(); } function g() internal returns (uint256)"
            " { return k++; }",
            "function f(uint256 a) external pure { a += 1; }",
        ),
    ),
    Case(
        "prefix-increment",
        "uint256 k; function f() external { k++; }",
        "++k;",
        ("uint256 k; function f() external returns (uint256 r) { r = k++; ++k; }",),
    ),
    Case(
        "default-value",
        "function f() external pure returns (uint256) { uint256 k = 0; k++; return k; }",
        "uint256 k;",
        ("function f() external pure returns (uint256) { uint256 k = 1; k++; return k; }",),
    ),
    Case(
        "named-return",
        "function f(uint256 a) external pure returns (uint256)"
        " { uint256 r = a * 2;\n r++;\n return r;\n }",
        "returns (uint256 r)",
        (
            "function f(uint256 a) external pure returns (uint256)"
            " { if (a > 1) return 3; uint256 r = a * 2; return r; }",
            "function f(uint128 a) external pure returns (uint256)"
            " { uint128 r = a * 2; return r; }",
        ),
    ),
    Case(
        "split-condition",
        'function f(uint256 a) external pure { require(a > 1 && a < 9, "no"); }',
        'require(a < 9, "no");',
        (
            "function f(uint256 a) external pure { require(a > 1 || a < 9); }",
            "function f(uint256 a) external pure { require((a > 1 && a < 9)); }",
        ),
    ),
    Case(
        "custom-error",
        'function f(uint256 a) external pure { require(a > 1, "too small"); }',
        "if (a <= 1) revert TooSmall();",
        (
            "function f(uint256 a) external pure { require(a > 1); }",
            "error Small(); function f(uint256 a) external pure { if (a < 2) revert Small(); }",
            'function f(uint256 a) external pure { require(a > 1, "too small"); } function g()'
            " external view returns (uint256) { try this.f(1) { return 1; } catch Error(string"
            " memory told) { return bytes(told).length; } }",
        ),
    ),
)
