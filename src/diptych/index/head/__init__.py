"""The head of the chain: a hash-linked ring of the newest blocks, and where branches part."""
