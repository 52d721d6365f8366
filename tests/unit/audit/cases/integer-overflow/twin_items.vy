# pragma version ~=0.4.0
total: HashMap[uint256, uint256]
held: HashMap[address, HashMap[uint256, uint256]]
issuer: HashMap[address, bool]


@deploy
def __init__():
    self.issuer[msg.sender] = True


@external
def issue(to: address, kind: uint256, amount: uint256):
    assert self.issuer[msg.sender]
    self._count([kind], [amount])
    self.held[to][kind] = unsafe_add(self.held[to][kind], amount)


@external
def issue_many(to: address, kinds: DynArray[uint256, 8], amounts: DynArray[uint256, 8]):
    assert self.issuer[msg.sender]
    self._count(kinds, amounts)
    at: uint256 = 0
    for kind: uint256 in kinds:
        self.held[to][kind] = unsafe_add(self.held[to][kind], amounts[at])
        at = unsafe_add(at, 1)


@internal
def _count(kinds: DynArray[uint256, 8], amounts: DynArray[uint256, 8]):
    at: uint256 = 0
    for kind: uint256 in kinds:
        self.total[kind] += amounts[at]
        at = unsafe_add(at, 1)
