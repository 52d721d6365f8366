# pragma version 0.4.0
dues: HashMap[address, uint256]

@external
@payable
def add():
    self.dues[msg.sender] += msg.value

@external
def out(to: address):
    n: uint256 = self.dues[msg.sender]
    self.dues[msg.sender] = 0
    ok: bool = False
    res: Bytes[32] = b""
    ok, res = raw_call(to, b"", value=n, max_outsize=32, revert_on_failure=False)
    assert ok, "failed"
    log Paid(to=to, amount=n)

event Paid:
    to: address
    amount: uint256
