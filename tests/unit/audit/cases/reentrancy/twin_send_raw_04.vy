# pragma version ~=0.4.0
credits: HashMap[address, uint256]

@external
@payable
def fund():
    self.credits[msg.sender] += msg.value

@external
def redeem():
    due: uint256 = self.credits[msg.sender]
    assert due > 0, "nothing"
    self.credits[msg.sender] = 0
    raw_call(msg.sender, b"", value=due)
