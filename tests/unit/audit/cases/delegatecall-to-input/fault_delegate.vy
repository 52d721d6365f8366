# pragma version ~=0.4.0
owner: address
logic: address

@deploy
def __init__(_logic: address):
    self.owner = msg.sender
    self.logic = _logic

@external
def run(code: address, data: Bytes[1024]) -> Bytes[32]:
    return raw_call(code, data, max_outsize=32, is_delegate_call=True)  # fault
