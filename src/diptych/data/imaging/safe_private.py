"""Private attributes that are known to be safe: numbers that images need to be understood.

Source: DICOM PS3.15 Table E.3.10-1 (those of it that measure); a profile may name more.
"""

SAFE_PRIVATE: frozenset[tuple[str, int, int]] = frozenset(
    {
        ("Philips PET Private Group", 0x7053, 0x00),  # SUV factor
        ("Philips PET Private Group", 0x7053, 0x09),  # activity concentration factor
        ("Philips Imaging DD 001", 0x2001, 0x03),  # diffusion b-factor
        ("Philips Imaging DD 001", 0x2001, 0x04),  # diffusion direction
        ("SIEMENS MR HEADER", 0x0019, 0x0A),  # images in mosaic
        ("SIEMENS MR HEADER", 0x0019, 0x0B),  # slice measurement duration
        ("SIEMENS MR HEADER", 0x0019, 0x0C),  # b value
        ("SIEMENS MR HEADER", 0x0019, 0x0D),  # diffusion directionality
        ("SIEMENS MR HEADER", 0x0019, 0x0E),  # diffusion gradient direction
        ("SIEMENS MR HEADER", 0x0019, 0x27),  # b matrix
        ("SIEMENS MR HEADER", 0x0019, 0x28),  # bandwidth per pixel, phase encoding
        ("GEMS_PARM_01", 0x0043, 0x39),  # b value
    }
)


def safe_tags(
    creators: dict[int, str], tags: list[int], safe: frozenset[tuple[str, int, int]]
) -> set[int]:
    """Return the tags of one data set that may stay, their creators' tags included.

    Args:
        creators: creator by its tag `(gggg,00bb)`.
        tags: private tags of the data set.
        safe: creator, group, last byte of the element.
    """
    kept = set()
    for tag in tags:
        group, element = tag >> 16, tag & 0xFFFF
        creator_tag = group << 16 | element >> 8
        creator = creators.get(creator_tag)
        if element > 0xFF and creator is not None and (creator, group, element & 0xFF) in safe:
            kept |= {tag, creator_tag}
    return kept
