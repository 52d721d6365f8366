# pragma version 0.4.0
signer: immutable(address)
used: HashMap[bytes32, bool]

@deploy
def __init__(s: address):
    assert s != empty(address)
    signer = s

@external
def claim(n: uint256, v: uint8, r: bytes32, s: bytes32):
    h: bytes32 = keccak256(abi_encode(self, chain.id, msg.sender, n))
    who: address = ecrecover(h, v, r, s)  # fault
    assert who != empty(address) and who == signer
    send(msg.sender, n)
