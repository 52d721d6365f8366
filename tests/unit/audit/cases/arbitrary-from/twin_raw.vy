# @version 0.3.10
token: immutable(address)
shares: HashMap[address, uint256]

@external
def __init__(_token: address):
    token = _token

@external
def put(to: address, amount: uint256):
    self.shares[to] += amount
    raw_call(
        token,
        concat(
            method_id("transferFrom(address,address,uint256)"),
            convert(msg.sender, bytes32),
            convert(self, bytes32),
            convert(amount, bytes32),
        ),
    )

@external
def put_encoded(amount: uint256):
    self.shares[msg.sender] += amount
    raw_call(token, _abi_encode(msg.sender, self, amount, method_id=method_id("transferFrom(address,address,uint256)")))
