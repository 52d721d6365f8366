"""State that was read before a token calls its receiver back is written after it."""

from collections.abc import Iterator

from diptych.audit.analysis.calls import is_hook, is_locked, is_trusted
from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.reentry import leaving_calls, stale_writes
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="reentrancy-token-hook",
    title="State changes after a token tells its receiver",
    category="reentrancy",
    severity="medium",
    swc="SWC-107",
    cwe="CWE-841",
    owasp="SC05:2025",
    description="ERC-721, ERC-1155 and ERC-777 tokens call the receiver back. State that was read "
    "before such a transfer or mint is written only after it, with no lock around it.",
    scenario="The receiver is a contract; in onERC721Received it mints again before its first mint "
    "is counted, and passes the limit on each account.",
    fix="Count first and transfer or mint last, or hold a lock.",
    reference="https://eips.ethereum.org/EIPS/eip-721",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield each transfer or mint with a hook after which what was read before is written."""
    for view, call in leaving_calls(contract):
        if not is_hook(call) or is_locked(view, call) or is_trusted(view, call):
            continue
        written = next(stale_writes(view, call), None)
        if written is not None and written.place.variable is not None:
            name = written.place.variable.name
            text = f"the receiver is called back before '{name}', read before this, is written"
            yield Match(call, text, (written,))


RULE = Rule(INFO, check)
