"""A signature is valid for other contracts and other chains as well."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.signatures import digest_sources, has_effect, marked, recoveries
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="signature-without-domain",
    title="Signature does not say for which contract and chain",
    category="access_control",
    severity="medium",
    swc="SWC-121",
    cwe="CWE-347",
    owasp="SC01:2025",
    description="The signed digest holds neither the contract's address nor the chain's id, nor a "
    "stored domain separator.",
    scenario="An order signed for one deployment is submitted to another one: on a second chain, "
    "or to the next version of the contract, where its nonce is still unused.",
    fix="Sign EIP-712 data: a domain with chainId and verifyingContract in front of the message.",
    reference="https://eips.ethereum.org/EIPS/eip-712",
)
_HASH_BITS = 256


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield recoveries of digests without a domain."""
    for view in contract.entries:
        for recovery in recoveries(view):
            digest = digest_sources(view, recovery)
            if not any(each.kind == "builtin" for each in digest) or _has_domain(digest):
                continue
            if not has_effect(view, recovery) and next(marked(view, digest), None) is None:
                continue
            named = {str(each.attribute) for each in digest if each.kind == "env"}
            if "this" not in named and "block.chainid" not in named:
                yield Match(recovery.op, "valid for any contract, on any chain")
            elif "this" not in named:
                yield Match(recovery.op, "valid for any contract on this chain", (), "low")
            elif "block.chainid" not in named:
                yield Match(recovery.op, "valid on any chain with this address", (), "low")


def _has_domain(digest: tuple[Op, ...]) -> bool:
    """Whether a stored hash goes into the digest, or something that cannot be seen."""
    return any(
        each.kind in ("call", "unknown", "modifier")
        or (each.kind == "assembly" and each.attribute == "chainid")
        or (
            each.kind == "load"
            and each.type.kind == "fixed_bytes"
            and each.type.bits == _HASH_BITS
            and each.place.where in ("storage", "immutable", "memory")
        )
        for each in digest
    )


RULE = Rule(INFO, check)
