"""Does one attribute look as an action of Table E.1-1 leaves it?"""

import re
from typing import Any

from diptych.data.imaging.outside import outside_action
from diptych.data.imaging.profile import Profile
from diptych.data.imaging.safe_private import is_safe
from diptych.data.imaging.table import Rule
from diptych.data.imaging.words import clean_words

_DUMMIES = {"ANONYMIZED", "000Y", "19000101", "19000101000000", "000000", "0", "0.0", "about:blank"}
_PSEUDONYM = re.compile(r"P-[0-9A-F]{16}")
_NEW_UID = re.compile(r"2\.25\.[1-9][0-9]{0,38}")


class Judge:
    """The rules of one profile.

    Args:
        profile: under which files were cleaned.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def allowed(self, rule: Rule, tag: int) -> list[str]:
        """Return the actions any of which satisfies the table."""
        basic = rule.basic.split("/")
        if tag >> 16 & 1 or tag >> 24 in {0x50, 0x60}:
            return basic
        action = rule.action(self._profile.retain)
        return ["C", *basic] if action == "C" else action.split("/")

    def outside(self, element: Any, *, nested: bool) -> list[str]:
        """Return the actions that are fine for an attribute that the table does not name."""
        tag, retained = int(element.tag), self._profile.retain
        action, _ = outside_action(tag, element.VR, retained, nested=nested)
        return ["C", "D"] if action == "C" else [action]

    def applied(self, code: str, old: Any, new: Any) -> bool:
        """Tell whether one action was applied; `new` is None where nothing is left."""
        if code == "X" or new is None:
            return new is None and code in {"X", "C", "U*"}
        if code == "D" and new.VR != old.VR and "SQ" in {old.VR, new.VR}:
            return False
        if code == "Z":
            return _is_empty(new) or _is_pseudonym(new)
        if code == "D":
            return self.is_dummy_sequence(new) if new.VR == "SQ" else _is_dummy(new)
        if code == "U":
            return _is_new_uid(old, new)
        if code == "C":
            return self._is_clean(old, new)
        return new.VR == "SQ" or same(old, new)  # K and U*: items are judged one by one

    def is_dummy_sequence(self, element: Any) -> bool:
        """Tell whether a sequence is one item that says nothing."""
        if len(element.value) != 1:
            return False
        fixed = {"99DIPTYCH", "CONTAINS", "TEXT"}
        return all(_texts(one) <= _DUMMIES | fixed for one in element.value[0])

    def safe_private(self, level: Any) -> set[int]:
        """Return the private tags of a level that the profile may keep."""
        if "private" not in self._profile.retain:
            return set()
        kept, named = set(), self._profile.safe_private
        for element in level:
            tag = int(element.tag)
            creator = element.private_creator if element.tag.is_private else None
            place = str(creator), tag >> 16, tag & 0xFF
            if creator and is_safe(place, element.VR, named):
                kept |= {tag, tag >> 16 << 16 | (tag & 0xFFFF) >> 8}
        return kept

    def _is_clean(self, old: Any, new: Any) -> bool:
        if new.VR == "SQ":
            return True
        if new.VR == "TM":
            return same(old, new)
        if new.VR in {"DA", "DT"}:
            return not (_texts(old) & _texts(new)) and not _is_empty(new)
        more = self._profile.words
        return all(clean_words(one, more) == one for one in _texts(new))


def same(old: Any, new: Any) -> bool:
    """Tell whether two elements have the same values, whatever their encoding."""
    if old.value == new.value:
        return True
    return _stripped(old) == _stripped(new)


def _stripped(element: Any) -> object:
    value = element.value
    if isinstance(value, bytes):
        return value.rstrip(b"\0")
    return str(value if value is not None else "").rstrip(" \0")


def _texts(element: Any) -> set[str]:
    value = element.value
    many = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
    texts = {
        one.rstrip(b"\0").decode("latin-1") if isinstance(one, bytes) else str(one) for one in many
    }
    return {one for one in texts if one not in {"", "None"}}


def _is_empty(element: Any) -> bool:
    return element.is_empty or not _texts(element)


def _is_dummy(element: Any) -> bool:
    texts = _texts(element)
    if element.VR == "UI":
        return bool(texts) and all(_NEW_UID.fullmatch(one) for one in texts)
    if isinstance(element.value, bytes):
        return not texts and len(element.value) > 0
    return bool(texts) and (texts <= _DUMMIES or _is_pseudonym(element))


def _is_pseudonym(element: Any) -> bool:
    texts = _texts(element)
    return bool(texts) and all(_PSEUDONYM.fullmatch(one) for one in texts)


def _is_new_uid(old: Any, new: Any) -> bool:
    from pydicom._uid_dict import UID_dictionary

    standard = {one for one in _texts(old) if one in UID_dictionary}
    return all(_NEW_UID.fullmatch(one) for one in _texts(new) - standard) and (
        not (_texts(old) - standard) & _texts(new) or not _texts(old)
    )
