"""Apply Table E.1-1 to one data set, sequences included."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from diptych.data.imaging.dates import shift_value
from diptych.data.imaging.dummies import dummy
from diptych.data.imaging.errors import Refused
from diptych.data.imaging.formats import LIMITED, is_formed
from diptych.data.imaging.keyed import Keyed
from diptych.data.imaging.outside import content_action, outside_action
from diptych.data.imaging.profile import Profile
from diptych.data.imaging.reading import items_of, tags_of
from diptych.data.imaging.safe_private import is_safe
from diptych.data.imaging.table import Table, load_table, resolve
from diptych.data.imaging.words import clean_words

PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
_TIMES = {"DA", "DT", "TM"}
_STANDARD_UIDS = "1.2.840.10008."


@dataclass
class Cleaning:
    """One data set that is being cleaned.

    Attributes:
        profile: options.
        keyed: new UIDs and offsets.
        sop_class: of the object.
        patient: by what its patient is told apart.
        done: how often which action was applied to which keyword.
        uids: new UID by old one.
    """

    profile: Profile
    keyed: Keyed
    sop_class: str = ""
    patient: str = ""
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    uids: dict[str, str] = field(default_factory=dict, repr=False)
    table: Table = field(default_factory=load_table, repr=False)

    def clean(self, dataset: Any) -> None:
        """Clean a data set in place, without recursion into deep sequences of Python calls."""
        waiting = [(dataset, self.sop_class)]
        while waiting:
            level, sop_class = waiting.pop()
            nested = level is not dataset
            kept_private = self._safe_private(level)
            for tag in tags_of(level):
                action = (
                    "C" if tag in kept_private else self._element(level, tag, sop_class, nested)
                )
                if action not in {"X", "D"}:  # a dummy has nothing to clean
                    waiting.extend((item, "") for item in items_of(level, tag))

    def _element(self, level: Any, tag: int, sop_class: str, nested: bool) -> str:
        vr = vr_of(level, tag)
        rule = self.table.find(tag)
        if rule is None:
            action, keyword = outside_action(tag, vr, self.profile.retain, nested=nested)
        else:
            drawn = tag >> 16 & 1 or tag >> 24 in {0x50, 0x60}  # no rule cleans what is inside
            said = rule.basic if drawn else rule.action(self.profile.retain)
            action, keyword = resolve(said, tag, sop_class), rule.keyword
        if action == "C" and not self._clean_value(level, tag, vr):
            action = "D" if rule is None else resolve(rule.basic, tag, sop_class)
        action = content_action(level, tag, self.profile.retain) or action
        if action == "K" and vr in LIMITED and not _is_formed(level, tag, vr):
            action = "D"
        if action != "K":
            self._count(keyword, action)
        self._act(level, tag, action, keyword)
        return action

    def _act(self, level: Any, tag: int, action: str, keyword: str) -> None:
        vr = vr_of(level, tag)
        if action == "X":
            del level[tag]
        elif action == "Z":
            _put(level, tag, vr, self._stand_in(tag))
        elif action == "D" and vr != "UI":
            _put(level, tag, vr, self._stand_in(tag) or dummy(vr, keyword))
        elif action in {"U", "D"}:
            _put(level, tag, "UI", self._new_uids(level, tag))

    def _stand_in(self, tag: int) -> Any:
        if self.profile.pseudonyms and tag in {PATIENT_NAME, PATIENT_ID}:
            return self.keyed.pseudonym(self.patient)
        return None

    def _new_uids(self, level: Any, tag: int) -> Any:
        new = [self._new_uid(one) for one in texts_of(level, tag)]
        return new[0] if len(new) == 1 else new

    def _new_uid(self, uid: str) -> str:
        if not uid or is_standard_uid(uid):
            return uid
        self.uids[uid] = self.keyed.uid(uid)
        return self.uids[uid]

    def _clean_value(self, level: Any, tag: int, vr: str) -> bool:
        """Clean a value by what it is; False if no rule can, then the basic profile holds."""
        if vr == "SQ":
            return True  # its items are cleaned like every data set
        cleaned: list[str] | None = None
        if vr in _TIMES:
            days = self.keyed.days(self.patient)
            if not is_formed(vr, level[tag].value):
                return False
            cleaned = _all(shift_value(vr, one, days) for one in texts_of(level, tag))
        elif vr in {"LO", "SH", "ST", "LT", "UT", "UC", "CS"}:
            more = self.profile.words
            cleaned = _all(clean_words(one, more) or None for one in texts_of(level, tag))
        if cleaned:
            _put(level, tag, vr, cleaned[0] if len(cleaned) == 1 else cleaned)
        return bool(cleaned)

    def _safe_private(self, level: Any) -> set[int]:
        """Return the private tags of one level that may stay, their creators' tags included."""
        if "private" not in self.profile.retain:
            return set()
        kept = set()
        for tag in tags_of(level):
            group, block, last = tag >> 16, (tag & 0xFFFF) >> 8, tag & 0xFF
            creator_tag = group << 16 | block
            if not group & 1 or block < 0x10 or creator_tag not in level:
                continue
            creator = (texts_of(level, creator_tag) or [""])[0]
            if is_safe((creator, group, last), str(level[tag].VR), self.profile.safe_private):
                kept |= {tag, creator_tag}
        return kept

    def _count(self, keyword: str, action: str) -> None:
        self.done[(keyword, action)] += 1


def vr_of(level: Any, tag: int) -> str:
    """Return the value representation of an element, by the dictionary if the file does not say."""
    from pydicom.datadict import dictionary_VR

    said = level.get_item(tag).VR
    if said in {None, "UN"}:
        try:
            said = dictionary_VR(tag)
        except KeyError:
            return "UN"
        said = level[tag].VR if said == "SQ" else said
    return str(said).partition(" or ")[0]


def texts_of(level: Any, tag: int) -> list[str]:
    """Return the values of an element as texts, decoded.

    Raises:
        Refused: they cannot be decoded.
    """
    try:
        value = level[tag].value
    except Exception as error:
        raise Refused("unreadable", f"element {tag:08x} cannot be decoded") from error
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple) or type(value).__name__ == "MultiValue":
        return [str(one) for one in value]
    return [value.decode("latin-1") if isinstance(value, bytes) else str(value)]


def _is_formed(level: Any, tag: int, vr: str) -> bool:
    try:
        return is_formed(vr, level[tag].value)
    except Exception:  # what pydicom cannot make a number or date of is none
        return False


def is_standard_uid(uid: str) -> bool:
    """Tell whether the standard itself registers a UID (classes, syntaxes, known frames)."""
    from pydicom._uid_dict import UID_dictionary

    return uid.startswith(_STANDARD_UIDS) and uid in UID_dictionary


def _all(values: Any) -> list[str] | None:
    found = list(values)
    return None if any(one is None for one in found) else found


def _put(level: Any, tag: int, vr: str, value: Any) -> None:
    from pydicom.dataelem import DataElement, empty_value_for_VR

    if value is None:
        value = empty_value_for_VR(vr)
    level[tag] = DataElement(tag, vr, value)
