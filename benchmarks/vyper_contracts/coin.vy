# pragma version ~=0.4.1
# A fungible token with permits.

from ethereum.ercs import IERC20

implements: IERC20

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

name: public(constant(String[16])) = "Coin"
symbol: public(constant(String[8])) = "COIN"
decimals: public(constant(uint8)) = 18
PERMIT: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
HALF: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

minter: public(address)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
nonces: public(HashMap[address, uint256])


@deploy
def __init__():
    self.minter = msg.sender


@internal
def _move(sender: address, to: address, amount: uint256):
    assert to != empty(address), "nobody"
    assert self.balanceOf[sender] >= amount, "too much"
    self.balanceOf[sender] -= amount
    self.balanceOf[to] += amount
    log Transfer(sender=sender, receiver=to, value=amount)


@external
def transfer(to: address, amount: uint256) -> bool:
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    self.allowance[owner][msg.sender] -= amount
    self._move(owner, to, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, value=amount)
    return True


@external
def mint(to: address, amount: uint256):
    assert msg.sender == self.minter, "only the minter"
    self.totalSupply += amount
    self.balanceOf[to] += amount
    log Transfer(sender=empty(address), receiver=to, value=amount)


@external
def burn(amount: uint256):
    assert self.balanceOf[msg.sender] >= amount, "too much"
    self.balanceOf[msg.sender] -= amount
    self.totalSupply -= amount
    log Transfer(sender=msg.sender, receiver=empty(address), value=amount)


@external
def set_minter(minter: address):
    assert msg.sender == self.minter, "only the minter"
    self.minter = minter


@view
@internal
def _domain() -> bytes32:
    return keccak256(
        abi_encode(
            keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)"),
            keccak256("Coin"),
            chain.id,
            self,
        )
    )


@external
def permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    assert block.timestamp <= deadline, "too late"
    assert convert(s, uint256) <= HALF, "malleable"
    nonce: uint256 = self.nonces[owner]
    told: bytes32 = keccak256(abi_encode(PERMIT, owner, spender, amount, nonce, deadline))
    digest: bytes32 = keccak256(concat(b"\x19\x01", self._domain(), told))
    signer: address = ecrecover(digest, v, r, s)
    assert signer != empty(address), "no signature"
    assert signer == owner, "not the owner"
    self.nonces[owner] = nonce + 1
    self.allowance[owner][spender] = amount
    log Approval(owner=owner, spender=spender, value=amount)
