# @version 0.3.7
secret: bytes32
admin: address
@external
@payable
def spin():
    assert msg.value == 10 ** 17
    assert msg.sender == self.admin
    n: uint256 = convert(self.secret, uint256) % 2
    if n == 1:
        send(msg.sender, 2 * 10 ** 17)
