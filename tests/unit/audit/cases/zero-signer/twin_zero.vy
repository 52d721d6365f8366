# @version 0.3.7
signer: public(address)
used: HashMap[bytes32, bool]

@external
def setSigner(s: address):
    assert msg.sender == self.signer
    self.signer = s

@external
def claim(n: uint256, nonce: uint256, v: uint256, r: uint256, s: uint256):
    h: bytes32 = keccak256(_abi_encode(self, chain.id, msg.sender, n, nonce))
    assert not self.used[h]
    who: address = ecrecover(h, v, r, s)
    assert who != empty(address)
    assert who == self.signer
    self.used[h] = True
    send(msg.sender, n)
