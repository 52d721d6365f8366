"""Show an image to a person: one frame as a picture of 8 bits, in PNG, made without a codec.

Only what pydicom decodes here is shown; everything else is said not to be.
"""

import struct
import warnings
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from diptych.data.imaging.frames import count_frames

EDGE_PIXELS = 1280
_MAX_FRAME_BYTES = 1 << 26
_BITS_8 = 256
_READABLE_STEP = 2


@dataclass(frozen=True)
class Picture:
    """One frame of an image.

    Attributes:
        png: 8 bits a sample, grey or RGB.
        frame: which one, from 1.
        frames: how many the image has.
        step: so many pixels along each side became one.
    """

    png: bytes = field(repr=False)
    frame: int
    frames: int
    step: int

    @property
    def whole(self) -> bool:
        """Whether it shows all frames of the image, and at half its size at least."""
        return self.frames == 1 and self.step <= _READABLE_STEP


def draw_picture(content: bytes) -> Picture | None:
    """Return the middle frame of an image, None if it cannot be decoded here.

    Args:
        content: bytes of the DICOM file.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _draw(content)
        except Exception:  # whatever a decoder meets, nobody has seen the image
            return None


def _draw(content: bytes) -> Picture | None:
    import pydicom
    from pydicom.pixels.utils import pixel_array

    dataset: Any = pydicom.dcmread(BytesIO(content))
    frames = count_frames(dataset, str(dataset.file_meta.TransferSyntaxUID))
    shown = int(dataset.get("NumberOfFrames") or 1) // 2
    samples = int(dataset.get("SamplesPerPixel") or 1)
    bits = int(dataset.BitsAllocated)
    if int(dataset.Rows) * int(dataset.Columns) * samples * bits // 8 > _MAX_FRAME_BYTES:
        return None
    pixels: Any = pixel_array(dataset, index=shown)
    if "PALETTE" in str(dataset.get("PhotometricInterpretation")):
        from pydicom.pixels.processing import apply_color_lut

        pixels = apply_color_lut(pixels, dataset)
    step = -(-max(pixels.shape[:2]) // EDGE_PIXELS)
    grey = _levels(_shrunk(pixels, step))  # small first: levels need memory
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        grey = 255 - grey
    return Picture(encode_png(grey), shown + 1, frames, step)


def _levels(pixels: Any) -> Any:
    """Bring values to 0 … 255 so that both strong and faint differences can be seen.

    The mean of a linear scale and of the rank of a value (histogram equalisation): the first shows
    letters brighter than anything else, the second those hardly brighter than what is around.
    """
    import numpy as np

    if pixels.dtype == np.uint8 and pixels.ndim == 3:
        return pixels
    values, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    values = np.nan_to_num(values.astype(np.float64))
    linear = (values - values.min()) / ((values.max() - values.min()) or 1)
    ranks = (np.cumsum(counts) - counts[0]) / ((counts.sum() - counts[0]) or 1)
    scaled = (_BITS_8 - 1) * (linear + ranks) / 2
    return np.rint(scaled).astype(np.uint8)[places].reshape(pixels.shape)


def _shrunk(pixels: Any, step: int) -> Any:
    """Return the mean of each square of `step` x `step` pixels."""
    import numpy as np

    if step == 1:
        return pixels
    margins = [(0, -size % step) for size in pixels.shape[:2]] + [(0, 0)] * (pixels.ndim - 2)
    padded = np.pad(pixels, margins, mode="edge")
    rows, columns = padded.shape[0] // step, padded.shape[1] // step
    squares = padded.reshape(rows, step, columns, step, *pixels.shape[2:])
    means = squares.mean(axis=(1, 3))
    return means if pixels.dtype.kind == "f" else np.rint(means).astype(pixels.dtype)


def encode_png(pixels: Any) -> bytes:
    """Return a PNG file (ISO/IEC 15948) of 8 bits a sample.

    Args:
        pixels: `uint8` array of shape (rows, columns), or (rows, columns, 3) for RGB.
    """
    import numpy as np

    rows, columns = pixels.shape[:2]
    colour = 2 if pixels.ndim == 3 else 0
    lines = np.zeros((rows, 1 + columns * (3 if colour else 1)), np.uint8)  # filter 0 first
    lines[:, 1:] = pixels.reshape(rows, -1)
    header = struct.pack(">LLBBBBB", columns, rows, 8, colour, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">L", zlib.crc32(kind + body))
    return struct.pack(">L", len(body)) + kind + body + check
