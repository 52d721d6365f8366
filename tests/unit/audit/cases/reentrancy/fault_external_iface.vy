# pragma version 0.4.1
interface Receiver:
    def onLoan(amount: uint256) -> bool: nonpayable

pot: uint256
debts: HashMap[address, uint256]

@external
@payable
def fill():
    self.pot += msg.value
    self.debts[msg.sender] += msg.value

@external
def quit(to: address):
    amount: uint256 = self.debts[msg.sender]
    extcall Receiver(to).onLoan(amount)  # fault
    send(msg.sender, amount)
    self.debts[msg.sender] = 0
