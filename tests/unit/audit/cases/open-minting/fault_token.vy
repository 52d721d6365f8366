# pragma version ~=0.4.1

supply: public(uint256)
held: public(HashMap[address, uint256])


@external
def issue(to: address, amount: uint256):
    self.supply += amount
    self.held[to] += amount  # fault


@external
def destroy(amount: uint256):
    self.held[msg.sender] -= amount
    self.supply -= amount
