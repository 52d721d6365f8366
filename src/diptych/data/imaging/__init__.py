"""DICOM: series, de-identification by PS3.15 Table E.1-1, and the check of what came out."""

from diptych.data.imaging.checking import verify_cleaned
from diptych.data.imaging.errors import BadFolder, BadProfile, NotClean, Refused
from diptych.data.imaging.instance import Cleaned, clean_instance
from diptych.data.imaging.keyed import Keyed
from diptych.data.imaging.profile import Profile
from diptych.data.imaging.reading import read_instance

__all__ = [
    "BadFolder",
    "BadProfile",
    "Cleaned",
    "Keyed",
    "NotClean",
    "Profile",
    "Refused",
    "clean_instance",
    "read_instance",
    "verify_cleaned",
]
