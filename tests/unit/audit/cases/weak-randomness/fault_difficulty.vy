# @version 0.3.7
@external
@payable
def spin():
    assert msg.value == 10 ** 17
    n: uint256 = block.difficulty % 2  # fault
    if n == 1:
        send(msg.sender, 2 * 10 ** 17)
