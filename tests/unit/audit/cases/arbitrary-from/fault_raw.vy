# @version 0.3.10
token: immutable(address)
other: immutable(address)
shares: HashMap[address, uint256]

@external
def __init__(_token: address, _other: address):
    token = _token
    other = _other

@external
def pull(holder: address, to: address, amount: uint256):
    raw_call(  # fault
        token,
        concat(
            method_id("transferFrom(address,address,uint256)"),
            convert(holder, bytes32),
            convert(to, bytes32),
            convert(amount, bytes32),
        ),
    )

@external
def pull_encoded(holder: address, amount: uint256):
    raw_call(other, _abi_encode(holder, msg.sender, amount, method_id=method_id("transferFrom(address,address,uint256)")))  # fault
