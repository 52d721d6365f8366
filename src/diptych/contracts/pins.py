"""Digests of the committed artefacts and of their compiler. Written by build.py."""

SOLC_VERSION = "0.8.34"
SOLC_INTEGRITY = (
    "sha512-qf8HajA1sHhXRV0hMSDXLjVbc4v3Q+SQbL9zok+1Wmg"
    "Vj7Z4oMjMHxaysCzfGtFVqjZdfDDJWyZI+tcx5bO7Dw=="
)
SOLJSON_SHA256 = "4d847e9615868981cd44a5d7b1896779e6dda323b88e9c693099e0aa8320f70d"
ARTEFACTS = {
    "Anchor": "3d3d920f98940a228d82ae4f40607a1198357be6cc35ec29659acadb3b319704",
    "Identity": "7b7d5868a0c43f7dfb4344d156c3bb31cf66d2acdedcbba996987f1a2ac17123",
    "Registry": "aec9f5ce808d3a3eb8dd19be5f3b1caae048f16413fa1cc9984678df16a20616",
}
