"""Gas: what rewrites save on 20 open contracts, and whether what is shown holds with other calls.

Contracts of npm packages, each compiled by the newest version that its pragmas allow. Every saving
that is shown was measured with two seeds of calls; here it is measured again, from its two texts,
with a third one and more calls. Imports are rewritten with each contract;
at most 24 places are tried. Mean savings are over all contracts, those without any included.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean

from diptych.audit.compile import NotCompiled
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.fixes.errors import Withheld
from diptych.audit.gas import Effort, GasMeter, Measured, Saving
from diptych.audit.replay import ReplayNode, replay_node
from diptych.audit.source.load import load_program
from harness import Row, arguments, peer_node, report, row

PACKAGES = (
    "@openzeppelin/contracts@4.9.6",
    "@uniswap/v2-core@1.0.1",
    "@axelar-network/axelar-gmp-sdk-solidity@6.2.0",
    "erc721a@4.3.0",
)
CONTRACTS = (
    "@openzeppelin/contracts/finance/PaymentSplitter.sol",
    "@openzeppelin/contracts/finance/VestingWallet.sol",
    "@openzeppelin/contracts/governance/TimelockController.sol",
    "@openzeppelin/contracts/metatx/MinimalForwarder.sol",
    "@openzeppelin/contracts/proxy/beacon/UpgradeableBeacon.sol",
    "@openzeppelin/contracts/proxy/transparent/ProxyAdmin.sol",
    "@openzeppelin/contracts/token/ERC1155/ERC1155.sol",
    "@openzeppelin/contracts/token/ERC1155/presets/ERC1155PresetMinterPauser.sol",
    "@openzeppelin/contracts/token/ERC20/ERC20.sol",
    "@openzeppelin/contracts/token/ERC20/presets/ERC20PresetFixedSupply.sol",
    "@openzeppelin/contracts/token/ERC20/presets/ERC20PresetMinterPauser.sol",
    "@openzeppelin/contracts/token/ERC721/ERC721.sol",
    "@openzeppelin/contracts/token/ERC721/presets/ERC721PresetMinterPauserAutoId.sol",
    "@openzeppelin/contracts/token/ERC777/ERC777.sol",
    "@openzeppelin/contracts/utils/escrow/Escrow.sol",
    "@openzeppelin/contracts/utils/escrow/RefundEscrow.sol",
    "@uniswap/v2-core/contracts/UniswapV2ERC20.sol",
    "@uniswap/v2-core/contracts/UniswapV2Factory.sol",
    "@axelar-network/axelar-gmp-sdk-solidity/contracts/utils/InterchainAddressTracker.sol",
    "erc721a/contracts/ERC721A.sol",
)
MOST = 24
AGAIN = Effort(sequences=20, seeds=(11,))


@dataclass
class Told:
    """What became of one contract: savings, whether each held, gas before and after."""

    name: str
    savings: list[Saving] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    total: Measured | None = None
    tried: int = 0

    def share(self, what: str) -> float:
        """Return the part of `runtime` or `deployment` gas that is saved."""
        if self.total is None:
            return 0.0
        before, after = self.total.runtime if what == "runtime" else self.total.deployment
        return (before - after) / before if before else 0.0


def told(node: ReplayNode, toolchain: Toolchain, path: Path) -> Told:
    """Rewrite one file, and measure all that is shown again."""
    found = Told(path.name)
    loaded = load_program([path])
    loaded = replace(loaded, scanned=tuple(loaded.texts))  # what it imports is part of it
    meter = GasMeter(loaded, node, toolchain=toolchain, most=MOST)
    try:
        for saving in meter.savings(str(path)):
            found.tried += 1
            if saving.gas is not None:
                found.savings.append(saving)
        found.total = meter.total(str(path), loaded)
    except (NotCompiled, Withheld) as error:
        print(f"{path.name}: {error.message.splitlines()[0]}", file=sys.stderr)
        return found
    for saving in found.savings:
        try:
            meter.again(saving, AGAIN)
            found.held.append(True)
        except Withheld as error:
            print(f"{path.name} {saving.rewrite.id}: {error.message}", file=sys.stderr)
            found.held.append(False)
    calls, built = found.share("runtime"), found.share("deployment")
    print(
        f"{path.name}: {len(found.savings)} of {found.tried} shown, "
        f"calls {calls:.2%}, deployment {built:.2%}",
        file=sys.stderr,
    )
    return found


def rows(found: Sequence[Told]) -> Iterator[Row]:
    """Yield what holds and what is saved."""
    held = [each for one in found for each in one.held]
    share = sum(held) / max(len(held), 1)
    yield row("shown savings that hold with other calls", share, f"of {len(held)}", at_least=1)
    count = f"of gas, {len(found)} contracts"
    yield row("mean saving, calls", mean(each.share("runtime") for each in found), count)
    yield row("mean saving, deployment", mean(each.share("deployment") for each in found), count)
    most = max(found, key=lambda each: each.share("runtime"))
    yield row(f"greatest saving, calls: {most.name}", most.share("runtime"), "of gas")
    yield row("contracts with a saving", sum(bool(each.savings) for each in found), "contracts")
    tried = sum(each.tried for each in found)
    yield row("rewrites shown", len(held), f"of {tried} tried")


def main() -> int:
    """Rewrite every contract."""
    asked = arguments(__doc__)
    folder = peer_node("audit-gas", *PACKAGES) / "node_modules"
    chosen = CONTRACTS[:3] if asked.quick else CONTRACTS
    with replay_node() as node, Toolchain(compiled_cache()) as toolchain:
        found = [told(node, toolchain, folder / each) for each in chosen]
    return report("audit_gas", list(rows(found)), asked)


if __name__ == "__main__":
    sys.exit(main())
