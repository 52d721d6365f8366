# @version 0.2.12
struct Lock:
    amount: int128
    end: uint64

locks: HashMap[address, Lock]

@external
def lock(amount: uint256, end: uint256):
    self.locks[msg.sender].amount += convert(amount, int128)
    self.locks[msg.sender].end = convert(end, uint64)
