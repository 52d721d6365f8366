# @version 0.3.7
holders: DynArray[address, 1000]
part: HashMap[address, uint256]

@external
@payable
def join():
    self.holders.append(msg.sender)
    self.part[msg.sender] += msg.value

@external
def share():
    for h in self.holders:
        n: uint256 = self.part[h]
        self.part[h] = 0
        send(h, n)  # fault
