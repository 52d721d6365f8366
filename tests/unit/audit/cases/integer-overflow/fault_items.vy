# pragma version ~=0.4.0
total: HashMap[uint256, uint256]
held: HashMap[address, HashMap[uint256, uint256]]


@external
def issue(to: address, kinds: DynArray[uint256, 8], amounts: DynArray[uint256, 8], others: DynArray[uint256, 8]):
    at: uint256 = 0
    for kind: uint256 in kinds:
        self.total[kind] += others[at]
        self.held[to][kind] = unsafe_add(self.held[to][kind], amounts[at])  # fault
        at = unsafe_add(at, 1)
