# @version 0.3.7
bal: HashMap[address, uint256]

@external
@payable
def put():
    self.bal[msg.sender] += msg.value

@external
def take(n: uint256):
    self.bal[msg.sender] = unsafe_sub(self.bal[msg.sender], n)  # fault
    send(msg.sender, n)
