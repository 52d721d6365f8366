"""Pictures of held images: what is drawn is there, and what is not all there says so."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from tests.unit.imaging.maker import image, written

from diptych.data.imaging.frames import count_frames
from diptych.data.imaging.pictures import EDGE_PIXELS, draw_picture, encode_png
from diptych.data.imaging.review import HeldImage, page_name, render_page


def decode(png: bytes) -> Any:
    """Read a PNG as its standard says, filter 0 only."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, body = 8, b""
    columns = rows = colour = 0
    while place < len(png):
        size, kind = struct.unpack_from(">L4s", png, place)
        data = png[place + 8 : place + 8 + size]
        assert zlib.crc32(kind + data) == struct.unpack_from(">L", png, place + 8 + size)[0]
        if kind == b"IHDR":
            columns, rows, _, colour = struct.unpack_from(">LLBB", data)
        body += data if kind == b"IDAT" else b""
        place += 12 + size
    lines = np.frombuffer(zlib.decompress(body), np.uint8).reshape(rows, -1)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape((rows, columns, 3) if colour == 2 else (rows, columns))


def drawn(**changes: Any) -> Any:
    """Return what is drawn of a changed image."""
    return draw_picture(written(image(**changes)))


@pytest.mark.parametrize("shape", [(3, 5), (4, 2, 3), (1, 1)])
def test_a_png_holds_the_pixels(shape: tuple[int, ...]) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    assert (decode(encode_png(pixels)) == pixels).all()


def test_faint_and_strong_letters_can_both_be_told_from_what_is_around() -> None:
    pixels = np.full((40, 40), 1000, "<u2")
    pixels[:20] = 40  # air
    pixels[5:8, 5:30] = 41  # faint letters in air
    pixels[25:28, 5:30] = 4095  # strong letters on bone
    found = decode(
        drawn(Rows=40, Columns=40, PixelData=pixels.tobytes(), BitsStored=16, HighBit=15).png
    ).astype(int)
    assert found[6, 6] - found[0, 0] >= 4
    assert found[26, 6] - found[39, 39] >= 60


def test_a_large_image_is_made_smaller_and_says_so() -> None:
    side = 2 * EDGE_PIXELS + 2
    pixels = np.zeros((4, side), "<u2")
    pixels[:, : side // 2] = 7
    found = drawn(Rows=4, Columns=side, PixelData=pixels.tobytes())
    assert (found.step, found.whole) == (3, False)
    picture = decode(found.png)
    assert picture.shape == (2, -(-side // 3))
    assert (picture[0, 0], picture[0, -1]) == (255, 0)
    half = np.zeros((4, 2 * EDGE_PIXELS), "<u2")
    found = drawn(Rows=4, Columns=2 * EDGE_PIXELS, PixelData=half.tobytes())
    assert (found.step, found.whole) == (2, True)


def test_dark_is_bright_where_the_image_says_so() -> None:
    dark = decode(drawn().png)
    bright = decode(drawn(PhotometricInterpretation="MONOCHROME1").png)
    assert (bright == 255 - dark).all()


def test_colours_are_shown_as_colours() -> None:
    raw = bytes(range(72))
    colour = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    found = decode(drawn(PixelData=raw, **colour, **bits).png)
    assert found.tobytes() == raw


@pytest.mark.parametrize("said", [2, None, 1])
def test_more_frames_than_are_shown_are_never_whole(said: int | None) -> None:
    extra = {} if said is None else {"NumberOfFrames": said}
    found = drawn(PixelData=bytes(range(96)), **extra)
    assert (found.frames, found.whole) == (2, False)


@pytest.mark.parametrize(("pictures", "fragments"), [(1, 1), (1, 3), (2, 1)])
def test_pictures_are_counted_and_not_their_fragments(pictures: int, fragments: int) -> None:
    from pydicom.encaps import encapsulate

    one = b"\xff\xd8\xff\xfe\x00\x06abcd\xff\xd9"
    made = image()
    made.PixelData = encapsulate([one] * pictures, fragments_per_frame=fragments, has_bot=False)
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    assert count_frames(made, "1.2.840.10008.1.2.4.50") == pictures


def test_what_cannot_be_decoded_is_not_shown() -> None:
    made = image()
    made.BitsAllocated = 13
    assert draw_picture(written(made)) is None
    assert draw_picture(b"no image") is None
    assert drawn(Rows=60_000, Columns=60_000) is None


def test_a_page_runs_nothing_that_a_file_says() -> None:
    held = HeldImage(7, "a/b.dcm", "modality '<script>x'", whole=False)
    page = render_page([(held, None)], 2, more=True)
    assert "<script" not in page
    assert "cannot be shown here" in page
    assert all(f'href="{page_name(one)}"' in page for one in (1, 3))
    assert "review-4.html" not in render_page([(held, None)], 3, more=False)
