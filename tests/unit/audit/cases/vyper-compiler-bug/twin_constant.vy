# pragma version ~=0.3.7

kept: Bytes[64]


@external
def keep(data: Bytes[64], start: uint256, size: uint256):
    self.kept = slice(data, 0, 32)
