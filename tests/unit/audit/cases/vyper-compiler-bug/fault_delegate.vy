# @version 0.3.10

library: immutable(address)


@external
def __init__(_library: address):
    library = _library


@external
@payable
def pass_on(data: Bytes[256]):
    raw_call(library, data, value=msg.value, is_delegate_call=True)  # fault
