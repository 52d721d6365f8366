# @version 0.3.7
holders: DynArray[address, 1000]
part: HashMap[address, uint256]

@external
@payable
def join():
    self.holders.append(msg.sender)
    self.part[msg.sender] += msg.value

@external
def share(start: uint256):
    n: uint256 = self.part[msg.sender]
    self.part[msg.sender] = 0
    send(msg.sender, n)
