"""The program graph: every input as functions of blocks of operations, names resolved."""
