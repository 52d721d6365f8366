"""Other people's formats for models: signatures, bills of materials, audit packs."""
