# @version ^0.3.7
dues: HashMap[address, uint256]

@external
@payable
def add():
    self.dues[msg.sender] += msg.value

@external
def out(to: address):
    n: uint256 = self.dues[msg.sender]
    self.dues[msg.sender] = 0
    ok: bool = raw_call(to, b"", value=n, revert_on_failure=False)
    assert ok
