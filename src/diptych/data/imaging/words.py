"""Clean Descriptors: a descriptor keeps only words that say something about an examination."""

import re

_WORD = re.compile(r"[A-Za-z0-9]+")
_LISTED = """
    abdomen ankle aorta arm axial axt1 axt2 ap b0 b1000 bone bolus brain breast bw c cardiac carotid
    cerebral cervical chest clavicle contrast cor coronal coro ct cta cube diff diffusion dwi adc
    dynamic dx cr ecg echo elbow epi face fast femur field finger flair foot fov fse gd gradient gre
    hand head heart hip hr image images inversion iso joint kidney knee lat lateral left leg liver
    localizer localiser loc lower lumbar lung mammography mip mlo mpr mr mra mri mpr2 multi neck nm
    oblique off on orbit pa pancreas pd pelvis perfusion pet phase portal post pre prostate ray
    recon reconstruction rest rib right sag sagittal scan scout sequence series shoulder sinus skull
    slice slices soft spin spine spleen standard stir stress study survey swi t1 t1w t2 t2w thin
    thick thorax thoracic thyroid tibia tissue tof topogram tra transverse trauma tse ultrasound
    upper us vein venous vertebra vessel vibe view volume w weighted whole with without wo wrist xa
    x and of the body
    """
_KNOWN = frozenset(_LISTED.split())


def clean_words(text: str, more: frozenset[str]) -> str:
    """Return the known words of a text in their order; numbers of up to two digits stay.

    >>> clean_words("T1 SAG Brain, J. Smith 12.3.1950", frozenset())
    'T1 SAG Brain 12 3'
    """
    kept = [one for one in _WORD.findall(text) if _is_known(one, more)]
    return " ".join(kept)


def _is_known(word: str, more: frozenset[str]) -> bool:
    folded = word.casefold()
    return folded in _KNOWN or folded in more or (word.isdigit() and len(word) <= 2)
