"""Generated bindings, one module per contract."""
