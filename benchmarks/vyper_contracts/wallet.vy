# pragma version ~=0.4.1
# A wallet of several owners: what enough of them signed is carried out.

event Done:
    nonce: uint256
    target: indexed(address)

MAX_OWNERS: constant(uint256) = 8
HALF: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

owners: public(DynArray[address, MAX_OWNERS])
is_owner: public(HashMap[address, bool])
needed: public(uint256)
nonce: public(uint256)
library: public(address)
retired: public(bool)


@deploy
def __init__(owners: DynArray[address, MAX_OWNERS], needed: uint256):
    assert needed > 0 and needed <= len(owners), "odd threshold"
    for owner: address in owners:
        assert owner != empty(address), "nobody"
        assert not self.is_owner[owner], "twice"
        self.is_owner[owner] = True
        self.owners.append(owner)
    self.needed = needed


@external
@payable
def __default__():
    pass


@view
@internal
def _digest(target: address, amount: uint256, data: Bytes[1024], nonce: uint256) -> bytes32:
    return keccak256(abi_encode(chain.id, self, target, amount, data, nonce))


@external
@nonreentrant
def execute(
    target: address,
    amount: uint256,
    data: Bytes[1024],
    signatures: DynArray[Bytes[65], MAX_OWNERS],
):
    nonce: uint256 = self.nonce
    digest: bytes32 = self._digest(target, amount, data, nonce)
    last: uint256 = 0
    count: uint256 = 0
    for signature: Bytes[65] in signatures:
        r: bytes32 = convert(slice(signature, 0, 32), bytes32)
        s: bytes32 = convert(slice(signature, 32, 32), bytes32)
        v: uint256 = convert(slice(signature, 64, 1), uint256)
        assert convert(s, uint256) <= HALF, "malleable"
        signer: address = ecrecover(digest, v, r, s)
        assert signer != empty(address), "no signature"
        assert self.is_owner[signer], "no owner"
        assert convert(signer, uint256) > last, "not in order"
        last = convert(signer, uint256)
        count += 1
    assert count >= self.needed, "too few"
    self.nonce = nonce + 1
    raw_call(target, data, value=amount)
    log Done(nonce=nonce, target=target)


@external
@nonreentrant
def extend(data: Bytes[1024]):
    assert self.is_owner[msg.sender], "no owner"
    raw_call(self.library, data, is_delegate_call=True)


@external
def set_library(library: address):
    assert msg.sender == self, "only by execute"
    self.library = library


@external
def set_needed(needed: uint256):
    assert msg.sender == self, "only by execute"
    assert needed > 0 and needed <= len(self.owners), "odd threshold"
    self.needed = needed


@external
def retire():
    assert msg.sender == self, "only by execute"
    self.retired = True
    selfdestruct(self.owners[0])
