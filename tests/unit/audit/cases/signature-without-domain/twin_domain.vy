# pragma version 0.4.0
signer: immutable(address)
used: HashMap[uint256, bool]

@deploy
def __init__(s: address):
    signer = s

@external
def claim(n: uint256, nonce: uint256, v: uint8, r: bytes32, s: bytes32):
    h: bytes32 = keccak256(abi_encode(self, chain.id, msg.sender, n, nonce))
    assert not self.used[nonce]
    self.used[nonce] = True
    who: address = ecrecover(h, v, r, s)
    assert who != empty(address) and who == signer
    send(msg.sender, n)
