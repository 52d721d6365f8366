"""Is a value that identifies somebody still anywhere in the bytes of a cleaned file?"""

import re
from io import BytesIO
from typing import Any

from diptych.data.imaging.profile import Profile
from diptych.data.imaging.tokens import SHORTEST, identifiers

_LONG = 8
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "iso2022_jp", "euc_kr", "gb18030")


def find_residuals(original: Any, cleaned: bytes, profile: Profile) -> list[str]:
    """Return the keywords whose original value is still in the cleaned bytes.

    Names are looked for as a whole and part by part, other values as a whole: from 4 characters
    outside of pixels, from 8 inside them, too. What an option keeps is not looked for.

    Args:
        original: pydicom data set before cleaning, untouched.
        cleaned: bytes of the file after.
        profile: under which it was cleaned.
    """
    outside = _without_kept(original, cleaned, uids="uids" in profile.retain).lower()
    if "modified-dates" in profile.retain:
        outside = _without_dates(cleaned, outside)
    everything = cleaned.lower()
    found = []
    for keyword, token in sorted(identifiers(original, profile)):
        where = everything if len(token) >= _LONG and not token.isdigit() else outside
        if any(_occurs(raw, where, bounded=len(token) <= _LONG) for raw in _encoded(token)):
            found.append(keyword)
    return sorted(set(found))


def _encoded(token: str) -> set[bytes]:
    variants = set()
    for encoding in _ENCODINGS:
        try:
            variants.add(token.encode(encoding).lower())
        except UnicodeEncodeError:
            continue
    return {raw for raw in variants if len(raw) >= SHORTEST}


def _occurs(raw: bytes, where: bytes, *, bounded: bool) -> bool:
    if raw not in where:
        return False
    if not bounded:
        return True
    return re.search(rb"(?<![0-9a-z])" + re.escape(raw) + rb"(?![0-9a-z])", where) is not None


def _without_dates(cleaned: bytes, outside: bytes) -> bytes:
    """Return the bytes without moved dates: one may fall on another date of the original.

    That each date differs from its own original is checked attribute by attribute.
    """
    from pydicom import dcmread

    for element in dcmread(BytesIO(cleaned), force=True).iterall():
        if element.VR in {"DA", "DT"} and element.value:
            outside = outside.replace(str(element.value).encode(), b"")
    return outside


def _without_kept(original: Any, cleaned: bytes, *, uids: bool) -> bytes:
    """Return the bytes without large binary values and kept UIDs, which hold short tokens."""
    for element in original:
        value = element.value
        if element.VR in {"OB", "OW", "OF", "OD", "UN"} and isinstance(value, bytes):
            start = cleaned.find(value) if len(value) > 64 else -1
            if start >= 0:
                cleaned = cleaned[:start] + cleaned[start + len(value) :]
    if uids:
        kept = {str(one.value) for one in original.iterall() if one.VR == "UI" and one.value}
        for uid in sorted(kept, key=len, reverse=True):
            cleaned = cleaned.replace(uid.encode(), b"")
    return cleaned
