# @version 0.3.7
bal: HashMap[address, uint256]

@external
@payable
def put():
    self.bal[msg.sender] += msg.value

@external
def take(n: uint256):
    self.bal[msg.sender] = self.bal[msg.sender] - n
    send(msg.sender, n)
